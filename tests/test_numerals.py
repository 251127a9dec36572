"""Numbers and dates in one form; words that only look like numbers stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyqa.japanese import canonical_with_offsets
from policyqa.numerals import in_one_form, to_int, to_kanji

JAPANESE = st.text(
    st.sampled_from(
        "第条項号のノ一二四十百千万億〇零年月日円人分・.,ヶか箇国元令和平成表式附則0123459"
        " ア（）(、部般市町戸数%割四半期まで倍同"
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # places
        ("第七百九条", "第709条"),
        ("第709条", "第709条"),
        ("第７０９条", "第709条"),
        ("第三十六条の三第二項第一号の二", "第36条の3第2項第1号の2"),
        ("第七十六条の三の五", "第76条の3の5"),
        ("第３６条の３", "第36条の3"),
        ("第一条ノ四第二項", "第1条の4第2項"),
        ("第一条ノ規定", "第1条ノ規定"),
        ("第百二十条第一項第一号イ", "第120条第1項第1号イ"),
        ("第二章第三節", "第2章第3節"),
        ("附則第二条", "附則第2条"),
        ("附則（平成一一年一二月八日法律第一五一号）", "附則(1999年12月8日法律第151号)"),
        ("別表第一", "別表第1"),
        ("別表第一の二", "別表第1の2"),
        ("様式第二号", "様式第2号"),
        ("第一号様式", "第1号様式"),
        ("第五条の一部", "第5条の一部"),
        ("第三条の十分な検討", "第3条の十分な検討"),
        ("第四条の二つの要件", "第4条の二つの要件"),
        ("第二条の三者", "第2条の三者"),
        ("第百回国会", "第100回国会"),
        ("第1,234号", "第1234号"),
        ("第四四半期", "第4四半期"),
        # dates
        ("令和5年", "2023年"),
        ("令和五年", "2023年"),
        ("2023年", "2023年"),
        ("２０２３年", "2023年"),
        ("二〇二三年", "2023年"),
        ("令和元年", "2019年"),
        ("平成元年度", "1989年度"),
        ("昭和元年", "1926年"),
        ("㍻三十一年", "2019年"),
        ("令和零年", "令和0年"),
        ("平成一一年一二月八日法律第一五一号", "1999年12月8日法律第151号"),
        ("明治二十九年法律第八十九号", "1896年法律第89号"),
        ("令和５年０４月０１日", "2023年4月1日"),
        # amounts
        ("三か月", "3か月"),
        ("三箇月", "3か月"),
        ("3ヶ月", "3か月"),
        ("三ヵ国", "3か国"),
        ("数ヶ月", "数か月"),
        ("1,000円", "1000円"),
        ("千円", "1000円"),
        ("1000円", "1000円"),
        ("1.5億円", "150000000円"),
        ("1兆2,000億円", "1200000000000円"),
        ("3万五千円", "35000円"),
        ("3万5千", "35000"),
        ("十万円以下の罰金", "100000円以下の罰金"),
        ("三分の二", "3分の2"),
        ("百分の百八", "100分の108"),
        ("十分の一・四五", "10分の1.45"),
        ("年十四・六パーセント", "年14.6パーセント"),
        ("五〇パーセント", "50パーセント"),
        ("二十歳", "20歳"),
        ("１．三年以内の計画", "1.3年以内の計画"),
        ("3.5%", "3.5%"),
        ("5.0%", "5.0%"),
        ("2.3年", "2.3年"),
        ("1,23円", "1,23円"),
        # words
        ("一般", "一般"),
        ("三重県", "三重県"),
        ("千代田区", "千代田区"),
        ("四日市", "四日市"),
        ("十日町市", "十日町市"),
        ("八戸市", "八戸市"),
        ("統一", "統一"),
        ("統一日", "統一日"),
        ("数十人", "数十人"),
        ("十数年", "十数年"),
        ("何人も", "何人も"),
        ("十分", "十分"),
        ("一部", "一部"),
        ("第一に", "第一に"),
        ("第三者", "第三者"),
        ("万一", "万一"),
        ("百貨店", "百貨店"),
        ("100万一般家庭", "100万一般家庭"),
        ("二十三十人", "二十三十人"),
        ("一昨年", "一昨年"),
        ("", ""),
    ],
)
def test_one_form(text, expected):
    assert canonical_with_offsets(text)[0] == expected


@pytest.mark.parametrize(
    ("numeral", "expected"),
    [
        ("〇", 0),
        ("十", 10),
        ("七百九", 709),
        ("一〇九", 109),
        ("７０９", 709),
        ("1,000", 1000),
        ("3万5千", 35000),
        ("1.5億", 150_000_000),
        ("千五百万", 15_000_000),
        ("一億二千万", 120_000_000),
        ("", None),
        ("万", None),
        ("二十三十", None),
        ("百千", None),
        ("1.5", None),
        ("5.0", None),
        ("1,23", None),
        ("1234,567", None),
        ("十条", None),
        ("一" * 31, None),
    ],
)
def test_to_int(numeral, expected):
    assert to_int(numeral) == expected


@given(st.one_of(st.integers(1, 9999), st.integers(1, 10**8 - 1)))
def test_kanji_numerals_go_there_and_back(number):
    assert to_int(to_kanji(number)) == number


@given(st.integers(0, 10**12))
def test_digits_are_read_in_every_width_and_grouping(number):
    wide = str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    kanji = str(number).translate(str.maketrans("0123456789", "〇一二三四五六七八九"))
    for numeral in (str(number), wide, kanji, f"{number:,}"):
        assert to_int(numeral) == number


@pytest.mark.parametrize("number", [0, -1, 10**8])
def test_to_kanji_says_what_it_cannot_write(number):
    with pytest.raises(ValueError, match="no kanji numeral"):
        to_kanji(number)


@given(st.one_of(JAPANESE, st.text(max_size=30)))
def test_offsets_stay_in_the_original_and_in_order(text):
    form, offsets = in_one_form(text, range(len(text) + 1))
    assert len(offsets) == len(form) + 1
    assert offsets == sorted(offsets)
    assert all(0 <= offset < len(text) for offset in offsets[:-1])
    assert offsets[-1] == len(text)


@given(JAPANESE)
def test_the_one_form_has_no_other(text):
    form, _ = in_one_form(text, range(len(text) + 1))
    assert in_one_form(form, range(len(form) + 1))[0] == form


def test_offsets_point_at_the_numeral():
    form, offsets = canonical_with_offsets("民法第七百九条の二")
    assert form == "民法第709条の2"
    assert offsets == [0, 1, 2, 3, 3, 3, 6, 7, 7, 9]
