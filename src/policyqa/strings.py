"""Every word a user of the page reads, in Japanese, in one place."""

APP_TITLE = "政策文書検索"
APP_LEAD = "政策文書に質問すると、根拠となる記述を出典つきで示します。"
LIBRARY_STATE = "収録文書 {documents}件・{updated} 更新"
VIEW_SEARCH = "検索"
VIEW_DOCUMENTS = "文書一覧"

QUESTION_LABEL = "質問"
QUESTION_PLACEHOLDER = "例：この施策の目標は何ですか。"
ASK = "検索する"
EXAMPLES = "質問の例"
EXAMPLE = "{topic}について教えてください"

FILTERS = "絞り込み"
FILTER_DOCUMENTS = "文書"
FILTER_PUBLISHERS = "発行者"
FILTER_KINDS = "種別"
FILTER_FROM = "日付（この日から）"
FILTER_TO = "日付（この日まで）"
FILTER_AS_OF = "基準日"
FILTER_AS_OF_HINT = "法令は、この日に施行されていたものを検索します。空欄なら今日です。"
CLEAR_FILTERS = "条件を消す"
SAME_TITLE = "{title}（{file}）"
KINDS = {"statute": "法令"}
"""Kinds of documents that policyqa itself gives; others are shown as they are written."""

ANSWER = "回答"
ANSWER_SOURCE = "出典"
SURE = "確からしさ"
HOW_SURE = ((0.8, "高い"), (0.5, "中くらい"), (0.0, "低い"))
"""From which probability on an answer is called what."""
PASSAGES = "関連する記述"
PASSAGES_FOR_REFERENCE = "参考：近い記述"
LEGEND_EVIDENCE = "根拠とした文"
LEGEND_WORDS = "質問の語"
NOT_FOUND = "該当する記述は見つかりませんでした"
NOT_FOUND_HINT = "言葉を変えて質問するか、下の近い記述を参考にしてください。"
NOTHING_NEAR = "文書名や条番号を確かめるか、言葉を変えて質問してください。"
SUMMARY_FOUND = "回答を示しました。関連する記述は{passages}件です。"
SUMMARY_NOT_FOUND = "該当する記述は見つかりませんでした。近い記述は{passages}件です。"
SUMMARY_MORE = "記述を{passages}件まで示しました。"
RESULT_LINK = "この検索結果へのリンク"
NOT_AMONG_RESULTS = "リンクで指定された記述は、この検索結果にありません。"

COPY = "引用をコピー"
OPEN_ORIGINAL = "原文を開く"
NEW_TAB = "（新しいタブ）"
CONTEXT = "前後を表示"
MORE = "もっと見る"
WHY = "順位の理由"
WHY_MEANING = "意味の近さ"
WHY_WORDS = "語の一致"
WHY_PLACE = "名前で指定された箇所"
WHY_RANK = "表示中の{count}件で{rank}番目"
WHY_NO_WORDS = "一致する語はありません"
DUPLICATES = "同じ内容の記述"
USEFUL = "この回答は役に立ちましたか"
UP = "役に立った"
DOWN = "役に立たなかった"
REASON = "役に立たなかった理由（任意）"
SEND = "送信する"
ADD_CASE = "評価セットに追加"
ADD_CASE_UNANSWERABLE = "答えがない質問として評価セットに追加"

DOCUMENTS_FILTER = "文書名・発行者で探す"
DOCUMENTS_STATE = "{count}件の文書（{updated} 時点の収録内容）"
DOCUMENTS_LEFT = "ほか{count}件あります。文書名か発行者で探してください。"
DOCUMENTS_NONE = "該当する文書はありません。"
DOCUMENT_PUBLISHER = "発行者"
DOCUMENT_KIND = "種別"
DOCUMENT_DATE = "日付"
DOCUMENT_IN_FORCE = "施行日"
DOCUMENT_FILE = "ファイル"
DOCUMENT_PAGES = "ページ数"
OUTLINE = "目次"
OUTLINE_LEFT = "ほか{count}項目"
OUTLINE_NONE = "見出しはありません。"
PAGE = "p.{page}"

EMPTY_QUESTION = "質問を入力してください。"
QUESTION_TOO_LONG = "質問が長すぎます。{limit}文字以内にしてください（現在{length}文字）。"
NO_DAY = "{label}「{given}」は日付として読めません。2025-04-01 のように入力してください。"
DAYS_REVERSED = "日付の範囲が逆です。「この日から」を「この日まで」以前の日にしてください。"
FAILED = "検索できませんでした。しばらくしてからもう一度お試しください。"

SCRIPT = {
    "searching": "検索しています…",
    "busy": "ただいま混み合っています。少し待ってから、もう一度「検索する」を押してください。",
    "gone": "サーバーに接続できません。通信の状態を確かめて、もう一度お試しください。",
    "failed": FAILED,
    "copied": "引用をコピーしました。",
    "notCopied": "コピーできませんでした。選択されている引用を、Ctrl+C などでコピーしてください。",
    "loading": "読み込んでいます…",
    "contextHide": "前後を隠す",
    "contextFailed": "前後の記述を表示できませんでした。しばらくしてからもう一度お試しください。",
    "outlineFailed": "目次を表示できませんでした。しばらくしてからもう一度お試しください。",
    "feedbackSent": "ご意見をありがとうございました。",
    "feedbackFailed": "ご意見を送信できませんでした。しばらくしてからもう一度お試しください。",
    "caseAdded": "評価セットに追加しました。",
    "caseFailed": "評価セットに追加できませんでした。しばらくしてからもう一度お試しください。",
}
"""What the page's script says."""

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

# The original behind a passage.
SOURCE_BACK = "検索へ戻る"
SOURCE_PATH = "文書の中の位置"
SOURCE_EVIDENCE = "根拠となる記述"
SOURCE_TEXT = "この箇所の文章"
SOURCE_PAGE_TEXT = "このページの文章"
SOURCE_OUTLINE = "目次"
SOURCE_OUTLINE_CUT = "ほかに{count}件の見出しがあります。"
SOURCE_TURN = "前後の箇所"
SOURCE_CUT_BEFORE = "（前略）"
SOURCE_CUT_AFTER = "（後略）"
SOURCE_OPENING = "冒頭"
SOURCE_NO_TEXT = "この見出しに本文はありません。"
SOURCE_PREVIOUS = {"article": "前条", "page": "前のページ", "": "前"}
SOURCE_NEXT = {"article": "次条", "page": "次のページ", "": "次"}
SOURCE_PAGE = "{page} / {pages} ページ"
SOURCE_PAGE_ALT = "「{title}」{page}ページの画像"
SOURCE_PAGE_ALT_MARKED = "{alt}。印を付けた行の文章は画像の下にあります。"
SOURCE_PDF_PAGE = "このページを画像で見る"
SOURCE_PASSAGE_PAGE = "記述のあるページ（p.{page}）へ"
SOURCE_FIRST_PAGE = "ページを画像で見る"
SOURCE_OPEN_PDF = "PDFファイルを開く"
SOURCE_DOWNLOAD = "ファイルを保存する"
SOURCE_DOCUMENT = "文書の情報と目次"
SOURCE_FILE_STATES = {
    "changed": "元のファイルは、文書庫に収録したあとで変更されています。"
    "収録したときの文章を表示しています。",
    "gone": "元のファイルが見つかりません。収録したときの文章を表示しています。",
}
SOURCE_IMAGE_FAILED = (
    "ページの画像を作れませんでした。下の文章を見るか、しばらくしてからもう一度開いてください。"
)
SOURCE_MISSING = "ページが見つかりません"
SOURCE_MISSING_HINT = (
    "文書が入れ替わったか、アドレスが違います。検索へ戻って、もう一度開いてください。"
)
SOURCE_METADATA = {
    "publisher": "発行者",
    "date": "日付",
    "law_number": "法令番号",
    "promulgated": "公布日",
    "in_force": "施行日",
    "licence": "利用条件",
    "url": "アドレス",
}
SOURCE_FILE = "ファイル"
SOURCE_PAGES = "ページ数"
CONTEXT_BEFORE = "前の記述"
CONTEXT_AFTER = "後の記述"
CONTEXT_NONE = "前後に記述はありません。"

# What the page sends to be kept.
PART_CROSS_SITE = "このページからの操作だけを受け付けます。"
PART_NOT_JSON = "送られた内容を読み取れません。ページを読み込み直してください。"
PART_TOO_LARGE = "送られた内容が大きすぎます。"
PART_UNKNOWN_PASSAGE = "この記述は文書庫にありません。ページを読み込み直してください。"
PART_NOT_KEPT = "保存できませんでした。管理者に知らせてください。"

# The API's problem details: status and title, by code.
PROBLEMS = {
    "bad-request": (422, "リクエストの内容が正しくありません。"),
    "question-empty": (422, "質問を入力してください。"),
    "question-too-long": (422, "質問が長すぎます。"),
    "body-too-large": (413, "送られた内容が大きすぎます。"),
    "headers-too-large": (431, "ヘッダーが大きすぎます。"),
    "not-json": (415, "JSON（application/json）で送ってください。"),
    "not-found": (404, "見つかりません。"),
    "method-not-allowed": (405, "この方法では呼び出せません。"),
    "key-missing": (401, "APIキーが必要です。x-api-key ヘッダーに付けてください。"),
    "key-wrong": (401, "APIキーが正しくないか、取り消されています。"),
    "origin-not-allowed": (403, "このサイトのページからは呼び出せません。"),
    "rate-limited": (
        429,
        "短い時間に多くのリクエストがありました。しばらくしてから試してください。",
    ),
    "not-kept": (503, "保存できませんでした。管理者に知らせてください。"),
    "not-ready": (503, "準備ができていません。しばらくしてから試してください。"),
    "image-failed": (503, "ページの画像を作れませんでした。"),
    "internal": (
        500,
        "サーバーで問題が起きました。管理者に、リクエストIDを添えて知らせてください。",
    ),
}
