"""Japanese text: cleaning, normalising, words, sentences, wrapped lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyqa import japanese

# Signs that make trouble: marks that combine, one sign that becomes several, controls, breaks.
TROUBLE = (
    "ｶﾞﾊﾟか\u3099が①㈱㍻㍿ﬁİée\u0301👨\u200d👩🇯🇵漢字Ab12。．.！？!「」（）"
    "\x00\x01\t\n\x0b\x0c\r\x85\u2028\u00a0　\ufeff\u200b"
)
TEXTS = st.text(st.one_of(st.sampled_from(TROUBLE), st.characters()), max_size=30)


def pieces(text, spans):
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一行目\r\n二行目\r三行目\n", "一行目\n二行目\n三行目\n"),
        ("デジタル\ufeff田園\u200b都市", "デジタル田園都市"),
        ("総合戦略\ufffdに位置づける", "総合戦略に位置づける"),
        ("制御\x00文字\x07と\x7f\x85\x9f", "制御文字と"),
        ("見え\u00adない\u2060区切り\u2028と\u202e向き", "見えない区切りと向き"),
        ("半分\ud83dの\udc00絵文字", "半分の絵文字"),
        ("タブ\t改頁\f全角　空白\u00a0は残る", "タブ\t改頁\f全角　空白\u00a0は残る"),
        ("取組👍を推進", "取組👍を推進"),
        ("", ""),
    ],
)
def test_clean(text, expected):
    assert japanese.clean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("政策", ("政策", [0, 1, 2])),
        ("ＡＩ１００", ("ai100", [0, 1, 2, 3, 4, 5])),
        ("ｶﾞｷﾞﾊﾟ", ("ガギパ", [0, 2, 4, 6])),
        ("ｽﾏｰﾄｼﾃｨ", ("スマートシティ", [0, 1, 2, 3, 4, 5, 6, 7])),
        ("①㈱", ("1(株)", [0, 1, 1, 1, 2])),
        ("㍻元年", ("平成元年", [0, 0, 1, 2, 3])),
        ("か\u3099き", ("がき", [0, 2, 3])),
        ("e\u0301tat", ("état", [0, 2, 3, 4, 5])),
        ("ﾞ", ("\u3099", [0, 1])),
        ("", ("", [0])),
    ],
)
def test_normalise_with_offsets(text, expected):
    assert japanese.normalise_with_offsets(text) == expected
    assert japanese.normalise(text) == expected[0]


@given(TEXTS)
def test_offsets_are_in_range_and_in_order(text):
    normal, offsets = japanese.normalise_with_offsets(text)
    assert len(offsets) == len(normal) + 1
    assert offsets == sorted(offsets)
    assert all(0 <= offset < len(text) for offset in offsets[:-1])
    assert offsets[-1] == len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" １．　スマート\nシティ ", "1.スマートシティ"),
        ("第１条　目的", "第1条目的"),
        ("　\t\n", ""),
    ],
)
def test_squeeze(text, expected):
    assert japanese.squeeze(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "スマートシティの定着・発展を図る。",
            [
                ("スマート", "スマート", "形状詞"),
                ("シティ", "シティー", "名詞"),
                ("の", "の", "助詞"),
                ("定着", "定着", "名詞"),
                ("・", "・", "補助記号"),
                ("発展", "発展", "名詞"),
                ("を", "を", "助詞"),
                ("図る", "図る", "動詞"),
                ("。", "。", "補助記号"),
            ],
        ),
        ("ｶｰﾄﾞ を", [("ｶｰﾄﾞ", "カード", "名詞"), ("を", "を", "助詞")]),
        ("政策\n目的", [("政策", "政策", "名詞"), ("目的", "目的", "名詞")]),
        ("政策\x00目的", [("政策", "政策", "名詞"), ("目的", "目的", "名詞")]),
        ("\ud83d政策", [("政策", "政策", "名詞")]),
        ("\x0b政策\x0c\x85\u2028", [("政策", "政策", "名詞")]),
        ("　 \n\t", []),
        ("", []),
    ],
)
def test_words(text, expected):
    found = [(text[word.start : word.end], word.lemma, word.pos) for word in japanese.words(text)]
    assert found == expected


def test_words_of_one_sign_that_stands_for_several_cover_that_sign():
    assert [(word.start, word.end, word.lemma) for word in japanese.words("㍿日立")] == [
        (0, 1, "株式"),
        (0, 1, "会社"),
        (1, 3, "ヒタチ"),
    ]


@given(TEXTS)
def test_words_are_in_order_and_share_no_sign_but_one_that_stands_for_several(text):
    found = japanese.words(text)
    for word in found:
        assert 0 <= word.start < word.end <= len(text)
        assert text[word.start : word.end].strip()
    for before, after in zip(found, found[1:], strict=False):
        assert before.start <= after.start
        assert before.end <= after.end
        shared = text[after.start : before.end]
        assert not shared or len(japanese.normalise(shared)) > 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("デジタル田園都市国家構想", ["デジタル", "田園", "都市", "国家", "構想"]),
        ("カードを使った", ["カード", "使う"]),
        ("使わない", ["使う"]),
        ("取り組む 取組", ["取り組む", "取り組み"]),
        ("ＳＤＧｓとDX", ["sdgs", "dx"]),
        ("令和４年２月", ["2022", "年", "2", "月"]),
        ("二〇二二年二月", ["2022", "年", "2", "月"]),
        ("令和5年の予算", ["2023", "年", "予算"]),
        ("2023年の予算", ["2023", "年", "予算"]),
        ("そして、", []),
        ("。、・", []),
    ],
)
def test_tokenise(text, expected):
    assert japanese.tokenise(text) == expected


def test_loan_words_lose_the_spelling_that_unidic_adds():
    assert japanese.tokenise("スタートアップ・エコシステム") == ["スタートアップ", "エコシステム"]


def test_distinct_lemmas_are_distinct():
    assert japanese.distinct_lemmas("目的の目的は何の目的か") == frozenset({"目的", "何"})


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("スマートシティ関連事業の推進", "スマートシティの推進", ["スマートシティ", "推進"]),
        ("ｽﾏｰﾄｼﾃｨを創る", "スマートシティ", ["ｽﾏｰﾄｼﾃｨ"]),
        ("計画を策定した。", "策定する計画", ["計画", "策定し"]),
        ("㍿日立", "株式会社", ["㍿"]),
        ("この法律は、令和五年に公布", "2023年の公布", ["令和五年", "公布"]),
        ("2023年度の予算は三割増", "令和5年度の30%", ["2023年度"]),
        ("第七百九条の規定", "709条", ["七百九条"]),
        ("大学の機能強化", "道路", []),
        ("", "道路", []),
    ],
)
def test_matching_spans(text, query, expected):
    spans = japanese.matching_spans(japanese.content_words(text), japanese.tokenise(query))
    assert pieces(text, spans) == expected


@given(TEXTS)
def test_matching_spans_never_touch_each_other(text):
    spans = japanese.matching_spans(japanese.content_words(text), japanese.tokenise(text))
    for (_, end), (start, _) in zip(spans, spans[1:], strict=False):
        assert end < start


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("これは文です。次の文です。", ["これは文です。", "次の文です。"]),
        ("終わりのない文", ["終わりのない文"]),
        ("  前後空白。  次。　", ["前後空白。", "次。"]),
        ("一行目\n二行目。三行目", ["一行目", "二行目。", "三行目"]),
        ("一行目\n\n\n三行目", ["一行目", "三行目"]),
        ("", []),
        ("\n 　\n", []),
        ("。。。", ["。。。"]),
    ],
)
def test_sentences_end_at_full_stops_and_newlines(text, expected):
    assert pieces(text, japanese.sentences(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（注。括弧内。）続く。次。", ["（注。括弧内。）続く。", "次。"]),
        ("「これは。引用です。」と述べた。次。", ["「これは。引用です。」と述べた。", "次。"]),
        ("『「二重。」の括弧。』だ。次。", ["『「二重。」の括弧。』だ。", "次。"]),
        ("適用する（第三条を除く。）。次。", ["適用する（第三条を除く。）。", "次。"]),
        ("閉じない（括弧。次の文。", ["閉じない（括弧。", "次の文。"]),
        ("終わり。）残り。", ["終わり。）", "残り。"]),
        (
            "（" + "長" * 400 + "。）続く。",
            ["（" + "長" * 400 + "。）", "続く。"],
        ),
    ],
)
def test_sentences_and_brackets(text, expected):
    assert pieces(text, japanese.sentences(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("１．スマートシティ", ["１．スマートシティ"]),
        ("図1.次に示す。", ["図1.次に示す。"]),
        ("3.5％増えた。次。", ["3.5％増えた。", "次。"]),
        ("３．５％増えた．次の文．", ["３．５％増えた．", "次の文．"]),
        ("ＡＩ．これは次．", ["ＡＩ．", "これは次．"]),
        ("Yahoo!のサービスを使う。", ["Yahoo!のサービスを使う。"]),
        ("何か？と聞いた。", ["何か？と聞いた。"]),
        ("すごい！次は何？さて。", ["すごい！", "次は何？", "さて。"]),
        ("え！？本当。", ["え！？", "本当。"]),
        ("This is one. This is two.", ["This is one.", "This is two."]),
        ("for the U.S. market. Next one.", ["for the U.S. market.", "Next one."]),
        ("Ver.2.0を公開。次。", ["Ver.2.0を公開。", "次。"]),
        ("policy.go.jpで公開。", ["policy.go.jpで公開。"]),
    ],
)
def test_sentences_and_stops_that_end_none(text, expected):
    assert pieces(text, japanese.sentences(text)) == expected


@given(TEXTS)
def test_sentences_hold_everything_once(text):
    spans = japanese.sentences(text)
    assert all(start < end for start, end in spans)
    assert all(piece == piece.strip() and "\n" not in piece for piece in pieces(text, spans))
    assert all(end <= start for (_, end), (start, _) in zip(spans, spans[1:], strict=False))
    assert "".join("".join(pieces(text, spans)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("新し", "い価値", "新しい価値"),
        ("デジタル田園 ", " 　都市", "デジタル田園都市"),
        ("Central Japan", "Startup Ecosystem", "Central Japan Startup Ecosystem"),
        ("for example,", "the policy", "for example, the policy"),
        ("農業用AI", "ロボット", "農業用AIロボット"),
        ("ロボット", "AI", "ロボットAI"),
        ("20", "22年度", "2022年度"),
        ("well-", "being", "well-being"),
        ("in 2022", "the plan", "in 2022 the plan"),
        ("", "政策", "政策"),
        ("政策", "", "政策"),
    ],
)
def test_join_lines(before, after, expected):
    assert japanese.join_lines(before, after) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（協議会等", 1),
        ("「「二つ", 2),
        ("（閉じた）", 0),
        ("（「食い違い）", 2),
        ("閉じるだけ）", 0),
        ("", 0),
    ],
)
def test_open_brackets(text, expected):
    assert japanese.open_brackets(text) == expected
