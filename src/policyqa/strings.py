"""Every word a user of the page reads, in Japanese, in one place."""

APP_TITLE = "政策文書検索"
APP_LEAD = "政策文書に質問すると、根拠となる記述を出典つきで示します。"
QUESTION_LABEL = "質問"
QUESTION_PLACEHOLDER = "例：この施策の目標は何ですか。"
ASK = "検索する"
ANSWER = "回答"
ANSWER_SOURCE = "出典"
PASSAGES = "関連する記述"
PASSAGES_FOR_REFERENCE = "参考：近い記述"
NOT_FOUND = "該当する記述は見つかりませんでした"
NOT_FOUND_HINT = "言葉を変えて質問するか、下の近い記述を参考にしてください。"
NOTHING_NEAR = "文書名や条番号を確かめるか、言葉を変えて質問してください。"
EMPTY_QUESTION = "質問を入力してください。"
QUESTION_TOO_LONG = "質問が長すぎます。{limit}文字以内にしてください（現在{length}文字）。"
FAILED = "検索できませんでした。しばらくしてからもう一度お試しください。"
LIBRARY_STATE = "収録文書 {documents}件・{updated} 更新"

SLIDE = "スライド{number}"
"""What a slide without a title is called."""
NOT_IN_FORCE = "（未施行）"
"""Behind the citation of a statute's version that comes into force later."""
NOTICES = {
    "filters-empty": "絞り込みの条件に合う文書がありません。条件を見直してください。",
    "outside-filters": "「{name}」は絞り込みの対象に含まれていません。",
    "statute-missing": "「{name}」はこの文書庫に収録されていません。",
    "place-missing": "「{name}」に当たる箇所は収録文書にありません。",
    "place-ambiguous": "「{name}」に当たる箇所が複数あります：{candidates}",
}
