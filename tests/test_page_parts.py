"""What the page offers and how its address is read: queries, choices, examples, documents."""

from datetime import date

import pytest

from policyqa import strings
from policyqa.catalogue import DocumentRow
from policyqa.models import Filters, Heading
from policyqa.web.choices import choices, chosen
from policyqa.web.documents import MOST_DOCUMENTS, documents_html, matching, outline_html
from policyqa.web.examples import topics
from policyqa.web.query import Query


def document(identity, title, **metadata):
    return DocumentRow(identity, f"folder/{identity}.html", title, metadata, None, {})


LAW = document("a", "検疫法", kind="statute", in_force="2025-06-01")
OLD = document("b", "検疫法", kind="statute", in_force="2020-04-01")
PAPER = document("c", "ＡＩ白書", kind="白書", publisher="内閣府", date="2025-06-10")
ALL = [LAW, OLD, PAPER]


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("", Query()),
        ("?q=%E9%83%BD%E5%B8%82", Query("都市")),
        ("?q=a&q=b&unknown=1", Query("a")),
        (
            (
                "?q=a+b&from=2025-01-01&to=2025-12-31&as_of=2024-04-01&document=x&document=y"
                "&publisher=%E5%BA%81&kind=statute&passage=0f"
            ),
            Query(
                "a b",
                ["x", "y"],
                ["庁"],
                ["statute"],
                "2025-01-01",
                "2025-12-31",
                "2024-04-01",
                "0f",
            ),
        ),
    ],
)
def test_an_address_is_read_and_written(address, query):
    assert Query.from_address(address) == query
    assert Query.from_address(query.address) == query


def test_the_question_comes_first_in_an_address():
    assert Query("都市＆", kinds=["白書"], as_of="2025-04-01").address == (
        "?q=%E9%83%BD%E5%B8%82%EF%BC%86&kind=%E7%99%BD%E6%9B%B8&as_of=2025-04-01"
    )


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (Query("都市"), None),
        (Query("都市", date_from="2025-01-01", date_to="2025-01-01"), None),
        (Query(" 　"), strings.EMPTY_QUESTION),
        (
            Query("あ" * 1001),
            "質問が長すぎます。1000文字以内にしてください（現在1001文字）。",
        ),
        (
            Query("都市", date_to="令和7年"),
            (
                "日付（この日まで）「令和7年」は日付として読めません。"
                "2025-04-01 のように入力してください。"
            ),
        ),
        # Half a surrogate pair cannot be sent to the page.
        (
            Query("都市", as_of="\ud800明日"),
            "基準日「明日」は日付として読めません。2025-04-01 のように入力してください。",
        ),
        (Query("都市", date_from="2025-01-02", date_to="2025-01-01"), strings.DAYS_REVERSED),
    ],
)
def test_problems(query, problem):
    assert query.problem == problem


def test_filters():
    query = Query("都市", ["x"], ["庁"], ["白書"], "2025-01-01", " 2025-12-31 ", "2024-04-01")
    assert query.filters == Filters(
        ("x",), ("庁",), ("白書",), date(2025, 1, 1), date(2025, 12, 31), date(2024, 4, 1)
    )
    assert Query("都市").filters == Filters()


def test_choices():
    offered = choices(ALL)
    assert offered.documents == [
        ("検疫法（a.html）", "a"),
        ("検疫法（b.html）", "b"),
        ("ＡＩ白書", "c"),
    ]
    assert offered.publishers == [("内閣府", "内閣府")]
    assert offered.kinds == [("法令", "statute"), ("白書", "白書")]
    assert (offered.dated, offered.in_force) == (True, True)


def test_no_choices():
    offered = choices([document("d", "メモ")])
    assert (offered.publishers, offered.kinds, offered.dated, offered.in_force) == (
        [],
        [],
        False,
        False,
    )


@pytest.mark.parametrize(
    ("names", "ids"),
    [(["a"], ["a"]), (["検疫法"], ["a", "b"]), (["c.html"], ["c"]), (["x"], []), ([], [])],
)
def test_documents_chosen_in_an_address(names, ids):
    assert chosen(ALL, names) == ids


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("１．スマートシティ", ["スマートシティ"]),
        ("第２章　人材の育成", ["人材の育成"]),
        ("（３）地域の交通", ["地域の交通"]),
        ("第一章　第二節　検疫の実施", ["検疫の実施"]),
        ("第三十六条", []),
        ("第一条　（目的）", []),
        ("はじめに", []),
        ("基本方針等", []),
        ("ＡＩをめぐる動き、その二", []),
        ("長" * 19, []),
    ],
)
def test_topics_of_examples(heading, topic):
    assert topics([Heading(heading, 1, None)]) == topic


def test_topics_are_told_from_the_top_and_once():
    headings = [
        Heading("下の見出し", 2, 1),
        Heading("上の見出し", 1, 1),
        Heading("下の見出し", 2, 3),
    ]
    assert topics(headings) == ["上の見出し", "下の見出し"]


@pytest.mark.parametrize(
    ("words", "ids"),
    [("", "abc"), ("検疫", "ab"), ("AI 内閣", "c"), ("法令　B.HTML", "b"), ("検疫 白書", "")],
)
def test_documents_are_found_by_words(words, ids):
    assert "".join(found.id for found in matching(ALL, words)) == ids


def test_a_document_in_the_list():
    assert documents_html([PAPER], "2026年1月2日") == (
        '<section class="pq-documents"><h2>文書一覧</h2>'
        '<p class="pq-state">1件の文書（2026年1月2日 時点の収録内容）</p><ol>'
        '<li class="pq-document"><h3>ＡＩ白書</h3><dl>'
        "<div><dt>発行者</dt><dd>内閣府</dd></div><div><dt>種別</dt><dd>白書</dd></div>"
        "<div><dt>日付</dt><dd>2025年6月10日</dd></div>"
        "<div><dt>ファイル</dt><dd>c.html</dd></div></dl>"
        '<div class="pq-acts"><a class="pq-act pq-open" href="source/document/c">原文を開く'
        '<span class="pq-aside">（新しいタブ）</span></a></div>'
        '<details class="pq-outline" id="pq-outline-c"><summary>目次</summary><div></div>'
        "</details></li></ol></section>"
    )


def test_a_long_list_says_how_many_are_left():
    page = documents_html([LAW] * (MOST_DOCUMENTS + 7), "")
    assert page.count("<li") == MOST_DOCUMENTS
    assert "ほか7件あります。" in page


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ([], "<p>見出しはありません。</p>"),
        ([("甲", 1, None)], "<ul><li>甲<span></span></li></ul>"),
        ([("甲", 1, 4)], "<ul><li>甲<span> p.4</span></li></ul>"),
        ([("<b>", 1, None)], "<ul><li>&lt;b&gt;<span></span></li></ul>"),
        (
            [("甲", 1, None), ("子", 3, None), ("乙", 1, None)],
            (
                "<ul><li>甲<span></span><ul><li>子<span></span></li></ul></li>"
                "<li>乙<span></span></li></ul>"
            ),
        ),
        (
            [("子", 2, None), ("甲", 1, None)],
            "<ul><li>子<span></span></li></ul><ul><li>甲<span></span></li></ul>",
        ),
    ],
)
def test_outlines(headings, expected):
    assert outline_html([Heading(*heading) for heading in headings]) == expected
