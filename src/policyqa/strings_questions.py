"""What the columns of question tables are called, in Japanese and as the keys of JSON."""

from collections.abc import Mapping

ID = "番号"
QUESTION = "質問"
ANSWERABLE = "答えの有無"
DOCUMENT = "文書"
FILE = "ファイル"
SECTION = "章節"
PAGE = "ページ"
ANSWERS = "答え"
KIND = "種別"
TAGS = "タグ"

COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("id", "ID", ID), "id"),
    **dict.fromkeys(("question", QUESTION, "質問文"), "question"),
    **dict.fromkeys(("answerable", ANSWERABLE), "answerable"),
    **dict.fromkeys(("document", DOCUMENT, "文書名"), "document"),
    **dict.fromkeys(("file", FILE, "ファイル名"), "file"),
    **dict.fromkeys(("section", SECTION), "section"),
    **dict.fromkeys(("page", PAGE), "page"),
    **dict.fromkeys(("answers", "answer", ANSWERS, "回答"), "answers"),
    **dict.fromkeys(("kind", KIND), "kind"),
    **dict.fromkeys(("tags", TAGS), "tags"),
}
"""A column's name to the key it stands for."""
YES = frozenset({"true", "1", "yes", "有", "あり", "はい", "○", "〇"})
NO = frozenset({"false", "0", "no", "無", "なし", "いいえ", "×"})
"""What may stand under 答えの有無, in NFKC and lower case."""
