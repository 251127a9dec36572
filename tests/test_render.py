"""HTML of results: everything that comes from documents or users is escaped."""

import pytest

from policyqa.models import Answer, Chunk, Citation, Evidence, Passage, SearchResult
from policyqa.web import render

HOSTILE = '<script>alert("1")</script>\n\n# 見出し *強調* $$x^2$$ [a](javascript:b) `c`'


def _result(text: str) -> tuple[SearchResult, Passage]:
    chunk = Chunk(("１．概要",), text, 0, len(text))
    passage = Passage(
        "p1", 1, chunk, Citation("d", "戦略", "a.txt", chunk.section), 1.0, {}, ((0, 2),)
    )
    return SearchResult("質問", (passage,), (), 1.0, {}), passage


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("都市の課題", [(0, 2)], "<mark>都市</mark>の課題"),
        ("都市の課題", [(3, 5)], "都市の<mark>課題</mark>"),
        ("都市の課題", [], "都市の課題"),
        ("a<b", [(1, 2)], "a<mark>&lt;</mark>b"),
        ("一\n二", [], "一<br>二"),
        ("*_`$", [], "&#42;&#95;&#96;&#36;"),
    ],
)
def test_marked(text, spans, expected):
    assert render.marked(text, spans) == expected


@pytest.mark.parametrize(
    ("section", "pages", "expected"),
    [
        ((), (None, None), "「白書」"),
        (("１．スマートシティ",), (None, None), "「白書」１．スマートシティ"),
        (("第１章　総論", "第２節　潮流"), (4, 4), "「白書」第１章第２節（p.4）"),
        (
            ("第１部　変革", "第１章　総論", "(1) 目的"),
            (4, 5),
            "「白書」第１部第１章　(1) 目的（pp.4-5）",
        ),
        (
            ("第二編　債権", "第三章の二　特例", "第五条　定義"),
            (None, None),
            "「白書」第二編第三章の二　第五条　定義",
        ),
    ],
)
def test_a_citation_reads_as_an_official_writes_it(section, pages, expected):
    assert str(Citation("d", "白書", "a.pdf", section, *pages)) == expected


def test_found_answer_cites_and_lists():
    result, passage = _result("都市の課題を解決する。")
    page = render.result_html(result, Answer(True, 0.9, (Evidence(passage, 0, 5),)))
    assert "<blockquote>都市の課題</blockquote>" in page
    assert "出典：「戦略」１．概要" in page
    assert "関連する記述" in page
    assert "<mark>都市</mark>の課題を解決する。" in page


def test_not_found_says_so():
    result, _ = _result("都市の課題を解決する。")
    page = render.result_html(result, Answer(False, 0.1, ()))
    assert "該当する記述は見つかりませんでした" in page
    assert "参考：近い記述" in page


def test_hostile_text_stays_text_on_one_line():
    result, passage = _result(HOSTILE)
    answer = Answer(True, 0.9, (Evidence(passage, 0, len(HOSTILE)),))
    for page in (render.result_html(result, answer), render.message_html(HOSTILE)):
        assert "<script" not in page
        assert "\n" not in page
        assert "$" not in page
        assert "](" not in page
