"""Every word a reader of the evaluation report reads, in Japanese, in one place."""

TITLE = "評価レポート"
TITLE_OF = "評価レポート：{suite}"
LEAD = "検索と回答の質を、答えのわかっている質問で測った結果です。"
SKIP = "質問の一覧へ進む"

# --- what was measured ---

ABOUT = "何を測ったか"
SUITE = "質問の組"
MEASURED_AT = "測定日時"
JAPAN_TIME = "{year}年{month}月{day}日 {hour:02}:{minute:02}（日本時間）"
TOOK = "所要時間"
TOOK_S = "{seconds}秒"
QUESTIONS_ASKED = "質問の数"
QUESTIONS_OF = "{questions}問（答えがある質問{answerable}問、答えがない質問{unanswerable}問）"
NEGATIVES = "作った「答えのない質問」"
NEGATIVES_OF = "正解の文書を除いて聞いたもの{left_out}問、別の質問集から借りたもの{foreign}問"
CORPUS = "文書の版（ダイジェスト）"
COMPARED_WITH = "比較対象"
COMPARED_RUN = "{suite}、{created}"
SETTINGS = "設定"
SETTING_NAMES = {
    "encoder": "埋め込みモデル",
    "runtime": "実行環境",
    "chunk_tokens": "チャンクの上限（トークン）",
    "weights": "順位づけの重み",
}
VERSIONS = "使ったソフトウェアの版"

# --- summary ---

SUMMARY = "まとめ"
PASSED = "合格"
MISSED = "不合格"
NO_BARS = "合格基準は定められていません。"
ALL_PASSED = "合格基準{count}件をすべて満たしました。"
SOME_MISSED = "合格基準{count}件のうち{missed}件を満たしていません。"
RIGHT_MEANING = (
    "「正」とは、答えがある質問では「見つかった」として正しい箇所を1位に示したこと、"
    "答えがない質問では「見つからない」と答えたことです。"
)
OF = "{part} / {whole}問"
TILE_RIGHT = "正しく扱えた質問"
TILE_FIRST = "正しい箇所が1位"
TILE_CONTAINED = "最初の根拠に答えを含む"
TILE_REFUSED = "答えがないことを見抜いた"
SAID_RIGHT = "{whole}問中{part}問を正しく扱えました（{share}）。"
SAID_FIRST = (
    "答えがある{whole}問のうち、正しい箇所が1位だったのは{first}問（{share}）、"
    "10位以内だったのは{ten}問です。"
)
SAID_CONTAINED = (
    "答えの文字列が決まっている{whole}問のうち、"
    "最初の根拠がそれを含んだのは{part}問です（{share}）。"
)
SAID_REFUSALS = "答えがあるのに「見つからない」としたのは、{whole}問中{part}問です（{share}）。"
SAID_FALSE = "答えがないのに「見つかった」としたのは、{whole}問中{part}問です（{share}）。"
SAID_LATENCY = "1問にかかる時間は中央値で約{ms}ミリ秒です（各段階の中央値の合計）。"
SAID_FEW = "質問が{whole}問と少ないため、区間の広さに注意して読んでください。"
SAID_BETTER = "比較対象より確かに良くなった指標：{names}。"
SAID_WORSE = "比較対象より確かに悪くなった指標：{names}。"
SAID_SAME = "比較対象との差は、どの指標でも偶然の範囲を出ません。"
SAID_MOVED = "正誤が変わった質問は、誤→正が{better}問、正→誤が{worse}問です。"

# --- bars ---

BARS = "合格基準"
BAR = "基準"
BAR_MIN = "{bar} 以上"
BAR_MAX = "{bar} 以下"
BAR_RESULT = "判定"
BAR_TAG = "対象"
BAR_ALL = "全体"

# --- metrics ---

METRICS = "指標"
METRICS_LEAD = (
    "値の後ろは95%信頼区間です。質問を選び直しても、値はおおよそこの範囲に入ります。"
    "問数が少ないときや、すべての質問で同じ値のときは、区間の狭さを当てにしないでください。"
)
METRIC = "指標"
VALUE = "値"
INTERVAL = "95%区間"
INTERVAL_OF = "{low}〜{high}"
COUNT = "問数"
TAG = "タグ"
GROUPS = (
    ("検索の順位", ("nDCG@10", "RR@10", "P@1", "R@10", "R@100", "AP")),
    ("示した箇所", ("section hit@1", "section hit@3", "page hit@1", "page hit@3")),
    (
        "根拠の文",
        (
            "answer contained@1",
            "answer contained@2",
            "answer exact@1",
            "answer exact@2",
            "answer F1@1",
            "answer F1@2",
            "evidence length@1",
            "evidence length@2",
        ),
    ),
    (
        "見つかった／見つからないの判断",
        (
            "accuracy",
            "false answers",
            "false refusals",
            "AUROC",
            "expected calibration error",
        ),
    ),
)
OTHER_METRICS = "その他"
METRIC_NAMES = {
    "nDCG@10": ("上位10件の並びの良さ", "正しい箇所が上にあるほど1に近づきます。"),
    "RR@10": ("最初の正解の順位の逆数", "1位なら1、2位なら0.5、10位より下なら0です。"),
    "P@1": ("1位の正しさ", "1位が正しい箇所だった質問の割合です。"),
    "R@10": ("10位までの網羅率", "正しい箇所のうち10位までに出たものの割合です。"),
    "R@100": ("100位までの網羅率", "正しい箇所のうち100位までに出たものの割合です。"),
    "AP": ("平均適合率", "正しい箇所が複数あるとき、すべてが上にあるほど1に近づきます。"),
    "section hit@1": ("正しい節（1件目）", "最初の記述が正しい節のものだった質問の割合です。"),
    "section hit@3": (
        "正しい節（3件目まで）",
        "3件目までに正しい節の記述があった質問の割合です。",
    ),
    "page hit@1": ("正しいページ（1件目）", "最初の記述が正しいページだった質問の割合です。"),
    "page hit@3": (
        "正しいページ（3件目まで）",
        "3件目までに正しいページの記述があった質問の割合です。",
    ),
    "answer contained@1": ("答えを含む（1文目）", "最初の根拠が答えの文字列を含む割合です。"),
    "answer contained@2": ("答えを含む（2文目まで）", "2文目までの根拠が答えを含む割合です。"),
    "answer exact@1": ("答えと一致（1文目）", "最初の根拠が答えそのものである割合です。"),
    "answer exact@2": ("答えと一致（2文目まで）", "2文目までの根拠に答えそのものがある割合です。"),
    "answer F1@1": ("答えとの文字の重なり（1文目）", "余分な文字が少ないほど1に近づきます。"),
    "answer F1@2": (
        "答えとの文字の重なり（2文目まで）",
        "2文目までのうち重なりが大きいほうの値です。",
    ),
    "evidence length@1": ("根拠の長さ（1文目）", "文字数です。長ければ答えを含みやすくなります。"),
    "evidence length@2": ("根拠の長さ（2文の合計）", "文字数です。短いほど読む手間が減ります。"),
    "accuracy": ("判断の正しさ", "「見つかった」「見つからない」の判断が合っていた割合です。"),
    "false answers": ("誤った回答", "答えがないのに「見つかった」とした割合です。低いほど良い。"),
    "false refusals": (
        "誤った見送り",
        "答えがあるのに「見つからない」とした割合です。低いほど良い。",
    ),
    "AUROC": (
        "見分ける力",
        "答えがある質問に、ない質問より高い確率をつける割合です。0.5は当てずっぽう。",
    ),
    "expected calibration error": (
        "確率のずれ",
        "示した確率と実際の割合の差の平均です。低いほど良い。",
    ),
}
"""Metric -> its name, and what it says in one line."""

# --- plots ---

PLOTS = "図で見る"
BY_TAG_OF = "タグ別：{metric}"
BY_TAG_LEAD = "点が値、横線が95%区間、右端が問数です。"
PROBABILITIES = "「見つかった」確率の分布"
PROBABILITIES_LEAD = (
    "上の山（答えがある質問）が右、下の山（答えがない質問）が左に分かれるほど、見分けられています。"
    "高さは、それぞれの質問に占める割合です。"
)
SCORES = "1位の点数の分布"
SCORES_LEAD = "1位の記述の点数です。二つの山が重なるほど、点数だけでは見分けられません。"
CALIBRATION = "確率は当たっているか"
CALIBRATION_LEAD = (
    "点が斜めの線に近いほど、示した確率がそのまま信じられます。縦線は95%区間、下の段は問数です。"
)
LATENCY = "段階ごとの時間"
LATENCY_LEAD = "濃い棒が中央値、細い線の先が95パーセンタイル（100問中95問はこれ以内）です。"
DIFFERENCES_PLOT = "比較対象との差"
DIFFERENCES_PLOT_LEAD = (
    "右が今回の値の方が大きいこと、横線が差の95%区間です。0をまたがない線が確かな差の候補です。"
)
ANSWERABLE = "答えがある質問"
UNANSWERABLE = "答えがない質問"
THRESHOLD = "境目 {value}"
AXIS_PROBABILITY = "「見つかった」確率"
AXIS_SHARE = "実際に答えがある割合"
AXIS_SCORE = "1位の点数"
MILLISECONDS = "{value}ミリ秒"
STEP = "段階"
MEDIAN = "中央値"
P95 = "95パーセンタイル"
PROBABILITY_RANGE = "確率の範囲"
MEAN_PROBABILITY = "示した確率の平均"
TABLE_OF = "{title}（表）"
NUMBERS = "数値を表で見る"
STEPS = {
    "lookup": "場所の特定",
    "encode": "質問の埋め込み",
    "dense": "意味の検索",
    "lexical": "語の検索",
    "fuse": "順位の統合",
    "fetch": "本文の取り出し",
    "answer": "根拠と判断",
}

# --- against a baseline ---

DIFFERENCES = "比較対象との差"
DIFFERENCES_LEAD = (
    "同じ質問どうしで比べた差です。p値は多重比較の補正（Holm）後で、0.05未満を確かな差とします。"
    "勝ち・負け・分けは、今回の方が良かった・悪かった・同じだった質問の数です。"
)
BEFORE = "比較対象"
NOW = "今回"
DIFFERENCE = "差"
P_HOLM = "p値"
P_HOLM_NOTE = "p値（Holm補正後）"
WINS = "勝ち／負け／分け"
VERDICT = "判断"
VERDICTS = {"better": "改善", "worse": "悪化", "same": "偶然の範囲"}
MOVED = "最も動いた質問"
MOVED_LEAD = (
    "「見つかった」「見つからない」の判断（accuracy）が変わったもの、"
    "次いで「上位10件の並びの良さ」（nDCG@10）、「答えとの文字の重なり」（F1）の変化が大きい順です。"
)
NOTHING_MOVED = "値の変わった質問はありません。"
WARNING_CORPUS = "文書の版が比較対象と異なります。差は設定ではなく文書の違いによるかもしれません。"
WARNING_GOLD = "{count}問で、正解の定め方が比較対象と異なります。"

# --- questions ---

QUESTIONS = "質問の一覧"
QUESTIONS_LEAD = "質問を押すと、順位のついた記述、根拠、想定した答え、各信号の値が開きます。"
FILTER_TEXT = "文字で絞り込む"
FILTER_TEXT_HINT = "質問・答え・根拠・ID"
FILTER_RIGHT = "正誤"
FILTER_FOUND = "見つかったか"
FILTER_MOVED = "比較対象から"
ALL = "すべて"
RIGHT = "正"
WRONG = "誤"
FOUND = "見つかった"
NOT_FOUND = "見つからない"
MOVES = {1: "改善", 0: "変化なし", -1: "悪化"}
QUESTION = "質問"
RANK = "正解の順位"
PROBABILITY = "確率"
MOVE = "変化"
TIME = "時間"
UNIT_MS = "ms"
UNIT_COUNT = "問"
ID = "ID"
NONE = "なし"
NOT_RANKED = "圏外"
SHOWN = "{all}問中{matching}問が該当、{shown}問を表示"
SHOWN_NONE = "該当する質問はありません。条件を変えてください。"
MORE = "さらに{count}問を表示"
EXPECTED = "想定した答え"
EXPECTED_NONE = "答えはこの文書にない、と定めた質問です。"
EXPECTED_PLACE = "答えの文字列は定められていません（正しい箇所だけを見ます）。"
EVIDENCE = "示した根拠"
EVIDENCE_NONE = "根拠は示していません。"
RANKED = "順位のついた記述"
RANKED_NONE = "記述は見つかりませんでした。"
GOLD = "正しい箇所"
EXCERPT_LENGTH = "本文は先頭{count}字までを載せています。"
SCORE = "点数"
SIGNALS = {
    "dense": "意味の近さ",
    "dense_title": "見出しを含む意味の近さ",
    "sentence": "文ごとの意味の近さ",
    "lexical": "語の一致",
    "place": "名前で指定",
}
NEEDS_SCRIPT = "質問の一覧を見るには、ブラウザーのJavaScriptを有効にしてください。"
FOOTER = "policyqa {version} が作成しました。このファイルは単独で開け、外部との通信は行いません。"

# --- the workbook's sheets ---

SHEET_SUMMARY = "概要"
SHEET_METRICS = "指標"
SHEET_TAGS = "タグ別"
SHEET_QUESTIONS = "質問"
LOW = "95%区間（下）"
HIGH = "95%区間（上）"
MEANING = "意味"
TOP_CITATION = "1位の出典"
TAGS = "タグ"
IS_ANSWERABLE = "答えがあるか"
YES = "ある"
NO = "ない"
BEFORE_RIGHT = "比較対象の正誤"
ITEM = "項目"
CONTENT = "内容"
NOTE = "注"
DIFFERENCE_LOW = "差の95%区間（下）"
DIFFERENCE_HIGH = "差の95%区間（上）"
