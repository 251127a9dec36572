"""Words of the API's problems and of the portal's form, in Japanese."""

FIELD_MISSING = "「{field}」を指定してください。"
FIELD_UNKNOWN = "「{field}」という項目はありません。"
FIELD_WRONG = "「{field}」には、{expected}を指定してください。"
_NAMES = "1件1000文字以内、100件までの文字列"
_DAY = "2025-04-01 の形の日付"
EXPECTED = {
    "q": "1000文字以内の質問",
    "question": "1000文字以内の質問",
    "top_k": "1から100までの整数",
    "document": _NAMES,
    "publisher": _NAMES,
    "kind": _NAMES,
    "from": _DAY,
    "to": _DAY,
    "as_of": _DAY,
    "limit": "1から100までの整数",
    "offset": "0以上の整数",
    "page": "ページの番号",
    "verdict": "up か down",
    "reason": "2000文字以内の文字列",
    "passage": "記述のID",
    "inputs": "質問を含むオブジェクト",
}
NO_OBJECT = "JSONのオブジェクトを送ってください。"
BROKEN_JSON = "JSONとして読み取れません。"
UNKNOWN_DOCUMENT = "この文書は文書庫にありません。"
UNKNOWN_PASSAGE = "この記述は文書庫にありません。"
UNKNOWN_PAGE = "このページの画像はありません。"

# The portal's form (`policyqa genai-form`) and its answer.
FORM_QUESTION = "知りたいことを、文で入力してください。1000文字以内です。"
FORM_ANY = "選ばなければ、すべてを検索します。"
FORM_DAY = "2025-04-01 のように入力してください。空欄でもかまいません。"
ANSWER_SURE = "{sure}：**{word}**（{percent}%）"
ANSWER_SOURCE = "出典：{citation}"
ANSWER_NOTICE = "ご注意：{message}"
