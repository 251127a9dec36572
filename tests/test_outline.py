"""Numbered headings to a section tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyqa.models import Section
from policyqa.readers.outline import Heading, Paragraph, build_tree, parse_heading, split_label

# A line for each kind of label, from the widest to the narrowest.
KINDS = [
    ("附則", "附則", ""),
    ("第１部　総論", "第１部", "総論"),
    ("第二編　財産", "第二編", "財産"),
    ("第３章　総則", "第３章", "総則"),
    ("第２節 現状と課題", "第２節", "現状と課題"),
    ("第一款　通則", "第一款", "通則"),
    ("第一目　総則", "第一目", "総則"),
    ("第十条（定義）", "第十条", "定義"),
    ("第１ 基本方針", "第１", "基本方針"),
    ("Ⅰ．はじめに", "Ⅰ．", "はじめに"),
    ("１．スマートシティ", "１．", "スマートシティ"),
    ("1.1 背景", "1.1", "背景"),
    ("1-1-1 方法", "1-1-1", "方法"),
    ("（１）施策の方向", "（１）", "施策の方向"),
    ("① 目的", "①", "目的"),
    ("ア　対象", "ア", "対象"),
    ("（ア）範囲", "（ア）", "範囲"),
]


@pytest.mark.parametrize(("line", "label", "title"), KINDS)
def test_every_kind_of_heading(line, label, title):
    heading = parse_heading(line)
    assert heading is not None
    assert (heading.label, heading.title, heading.rest) == (label, title, "")


def test_kinds_stand_in_order_of_width():
    levels = [parse_heading(line).level for line, _, _ in KINDS]
    assert levels == sorted(set(levels))


@pytest.mark.parametrize(
    ("line", "label", "title"),
    [
        ("　２．大学を核とした産学官協創都市", "２．", "大学を核とした産学官協創都市"),
        ("1. 概要", "1.", "概要"),
        ("10. まとめ", "10.", "まとめ"),
        ("１　目的", "１", "目的"),
        ("1 目的", "1", "目的"),
        ("１．　目的　", "１．", "目的"),
        ("第３章総則", "第３章", "総則"),
        ("第３章", "第３章", ""),
        ("第百二十三章の二　特則", "第百二十三章の二", "特則"),
        ("第３章　はじめに", "第３章", "はじめに"),
        ("Ⅱ 現状", "Ⅱ", "現状"),
        ("Ⅳ現状", "Ⅳ", "現状"),
        ("１－２　課題", "１－２", "課題"),
        ("2.3.4. 手法", "2.3.4.", "手法"),
        ("(1) 施策", "(1)", "施策"),
        ("①目的", "①", "目的"),
        ("ア．対象", "ア．", "対象"),
        ("(ア) 範囲", "(ア)", "範囲"),
        ("１．" + "長" * 40, "１．", "長" * 40),
        ("１．住宅・建築物の省エネ（2030年）", "１．", "住宅・建築物の省エネ（2030年）"),
        ("附　則", "附　則", ""),
        ("附　則　（平成一七年法律第七三号）　抄", "附　則", "（平成一七年法律第七三号）　抄"),
    ],
)
def test_heading(line, label, title):
    heading = parse_heading(line)
    assert heading is not None
    assert (heading.label, heading.title, heading.rest) == (label, title, "")


@pytest.mark.parametrize(
    ("line", "title", "rest"),
    [
        ("第一条　この法律は、国の責務を定める。", "", "この法律は、国の責務を定める。"),
        ("第二条（定義）　この法律において、次をいう。", "定義", "この法律において、次をいう。"),
        ("第二条　（定義）　この法律において、次をいう。", "定義", "この法律において、次をいう。"),
        ("第二条（定義）この法律において、次をいう。", "定義", "この法律において、次をいう。"),
        ("第三条　削除", "", "削除"),
        ("第四条の二　前条の規定は、準用する。", "", "前条の規定は、準用する。"),
        ("第五条", "", ""),
    ],
)
def test_article(line, title, rest):
    heading = parse_heading(line)
    assert heading is not None
    assert (heading.title, heading.rest, heading.fixed) == (title, rest, True)


@pytest.mark.parametrize(
    "line",
    [
        # References at the start of a line of running text.
        "第三章の規定により許可を受けた者",
        "第３章の規定により、罰する",
        "第３章では次を述べる",
        "第３章から第５章まで",
        "第１章と第２章",
        "第一条の規定は",
        "第一条第二項",
        "第十条第一項各号",
        "第二条及び第三条",
        "第三条（以下「法」という。）の規定",
        "第三条（定義）の規定により",
        "第１次計画",
        "第1回会議",
        "第一に、行政の効率化である",
        "附則第三条の規定",
        # Sentences, unfinished lines, lines too long for a title.
        "１．これは文です。",
        "１．項目、",
        "１．" + "長" * 41,
        # Contents.
        "1．はじめに……………3",
        "第１章 総則 ........ 12",
        "１．スマートシティ・・・・・・・5",
        "１．総則　　　　　12",
        "第3章 概要……",
        # Dates, decimals, figures, rows of a table.
        "2022.4.1",
        "2022年4月1日",
        "２０２２年",
        "1.5倍に増加",
        "3.5",
        "3.5 ％",
        "10 20 30",
        "１　２　３",
        "1人当たり",
        "100. 百",
        # Labels of nothing, words that begin like one.
        "1.",
        "（１）",
        "②",
        "アメリカの動向",
        "３つの柱",
        "XX",
        "",
        "　",
    ],
)
def test_no_heading(line):
    assert parse_heading(line) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("２．大学を核とした産学官協創都市", ("２．", "大学を核とした産学官協創都市")),
        ("　第１章　総則 ", ("第１章", "総則")),
        ("第五条の二", ("第五条の二", "")),
        ("（３）人材", ("（３）", "人材")),
        ("1.2.3 手法", ("1.2.3", "手法")),
        ("デジタル田園都市国家構想", ("", "デジタル田園都市国家構想")),
        ("3.5倍", ("", "3.5倍")),
        ("", ("", "")),
    ],
)
def test_split_label(line, expected):
    assert split_label(line) == expected


def outline(section: Section) -> list[tuple[tuple[str, ...], str]]:
    return [(path, node.text) for path, node in section.walk()]


def items(*lines: str) -> list[Heading | Paragraph]:
    return [parse_heading(line) or Paragraph(line) for line in lines]


def test_tree_nests_by_kind():
    tree = build_tree(
        items(
            "まえがき。",
            "第１章　総論",
            "第１節　背景",
            "本文一。",
            "１．国内",
            "本文二。",
            "(1) 都市部",
            "本文三。",
            "２．国外",
            "本文四。",
            "第２章　各論",
            "本文五。",
        )
    )
    assert outline(tree) == [
        ((), "まえがき。"),
        (("第１章　総論",), ""),
        (("第１章　総論", "第１節　背景"), "本文一。"),
        (("第１章　総論", "第１節　背景", "１．国内"), "本文二。"),
        (("第１章　総論", "第１節　背景", "１．国内", "(1)都市部"), "本文三。"),
        (("第１章　総論", "第１節　背景", "２．国外"), "本文四。"),
        (("第２章　各論",), "本文五。"),
    ]


def test_a_decimal_stands_below_the_number_it_begins_with():
    tree = build_tree(
        items("1. 概要", "1.1 背景", "文一。", "1.1.1 国内", "文二。", "2. 方法", "文三。")
    )
    assert [path for path, _ in outline(tree)] == [
        (),
        ("1.概要",),
        ("1.概要", "1.1　背景"),
        ("1.概要", "1.1　背景", "1.1.1　国内"),
        ("2.方法",),
    ]


def test_a_level_may_be_left_out():
    tree = build_tree(items("第１章　総論", "ア　対象", "文一。", "(1) 期間", "文二。"))
    assert outline(tree) == [
        ((), ""),
        (("第１章　総論",), ""),
        (("第１章　総論", "ア　対象"), "文一。"),
        (("第１章　総論", "(1)期間"), "文二。"),
    ]


def test_supplementary_provisions_stand_beside_the_chapters():
    tree = build_tree(items("第一章　総則", "第一条　本則である。", "附　則", "第一条　施行する。"))
    assert outline(tree) == [
        ((), ""),
        (("第一章　総則",), ""),
        (("第一章　総則", "第一条"), "本則である。"),
        (("附　則",), ""),
        (("附　則", "第一条"), "施行する。"),
    ]


def test_headings_that_are_only_a_list_become_text():
    tree = build_tree(
        items("１．施策", "次の三つ。", "(1) 住宅", "(2) 道路", "(3) 公園", "２．期間", "文。")
    )
    assert outline(tree) == [
        ((), ""),
        (("１．施策",), "次の三つ。\n(1)住宅\n(2)道路\n(3)公園"),
        (("２．期間",), "文。"),
    ]


def test_a_list_inside_a_list_becomes_text_level_by_level():
    tree = build_tree(items("文。", "１．施策", "(1) 住宅", "(2) 道路", "２．期間"))
    assert outline(tree) == [
        ((), "文。"),
        (("１．施策",), "(1)住宅\n(2)道路"),
        (("２．期間",), "２．期間"),
    ]


def test_a_heading_with_nothing_below_it_among_others_stays_findable():
    tree = build_tree(items("１．住宅", "２．道路", "文。"))
    assert outline(tree) == [((), ""), (("１．住宅",), "１．住宅"), (("２．道路",), "文。")]


def test_chapters_are_no_list():
    tree = build_tree(items("第１章　総論", "第２章　各論"))
    assert outline(tree) == [
        ((), ""),
        (("第１章　総論",), "第１章　総論"),
        (("第２章　各論",), "第２章　各論"),
    ]


def test_pages_go_from_the_heading_to_the_last_paragraph_below_it():
    tree = build_tree(
        [
            Heading(0, "第１章", "総論", page=1),
            Heading(1, "１．", "背景", page=2),
            Paragraph("文一。", page=2),
            Paragraph("文二。", page=4),
            Heading(1, "２．", "目的", page=5),
            Paragraph("文三。", page=5),
            Heading(0, "第２章", "各論", page=7),
            Paragraph("文四。", page=7),
        ]
    )
    pages = {path: (node.first_page, node.last_page) for path, node in tree.walk() if path}
    assert pages == {
        ("第１章　総論",): (1, 5),
        ("第１章　総論", "１．背景"): (2, 4),
        ("第１章　総論", "２．目的"): (5, 5),
        ("第２章　各論",): (7, 7),
    }


LINES = st.lists(
    st.one_of(
        st.sampled_from([line for line, _, _ in KINDS]),
        st.sampled_from(
            ["第一条　この法律は", "本文である。", "第３章", "(2) 道路", "２．期間", "附則"]
        ),
    ),
    max_size=25,
)


@given(LINES)
def test_nothing_is_lost(lines):
    # Each line has a number of its own, so that a lost one cannot hide behind its double.
    numbered = items(*(f"{line}　番号{number}番" for number, line in enumerate(lines)))
    tree = build_tree(numbered)
    held = "\n".join(f"{node.heading}\n{node.text}" for _, node in tree.walk())
    for item in numbered:
        if isinstance(item, Heading):
            assert item.label in held
            assert item.title in held
            assert item.rest in held
        else:
            assert item.text in held
