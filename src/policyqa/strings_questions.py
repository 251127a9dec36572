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
HAS_ANSWER, HAS_NONE = "有", "無"
YES = frozenset({"true", "1", "yes", HAS_ANSWER, "あり", "はい", "○", "〇"})
NO = frozenset({"false", "0", "no", HAS_NONE, "なし", "いいえ", "×"})
"""What may stand under 答えの有無, in NFKC and lower case."""

# --- drafts of questions ---

DRAFTS_SHEET = "下書き"
SAID = "利用者の声"
CANDIDATE = "候補{number}"
GOLD = "正解の候補"
DRAFT_HINT = (
    "正解の候補の番号（複数は 1,3 のように）か、文書と章節・ページを書く。"
    "答えがないものは「答えの有無」に無と書く"
)
"""A comment on the column where a person says which candidates are right."""
SAID_UP = "役に立った {count}"
SAID_DOWN = "役に立たなかった {count}"
SAID_ANSWERED = "評価セットに追加（箇所あり） {count}"
SAID_UNANSWERABLE = "評価セットに追加（該当なし） {count}"
DRAFT_COLUMNS: Mapping[str, str] = {
    ID: "id",
    QUESTION: "question",
    SAID: "said",
    GOLD: "gold",
    DOCUMENT: "document",
    FILE: "file",
    SECTION: "section",
    PAGE: "page",
    ANSWERS: "answers",
    ANSWERABLE: "answerable",
    KIND: "kind",
}
"""The columns that a person reads and fills in; the candidates stand behind them."""
