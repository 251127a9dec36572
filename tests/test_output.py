"""Results as the JSON that other tools rely on."""

from datetime import date

from policyqa import output
from policyqa.models import Chunk, Citation, Filters, Law, Passage, Reference, SearchResult

LAW = Law("405AC0000000088", "平成五年法律第八十八号", "1993-11-12", "")
REFERRED = Citation(
    "a", "行政手続法", "a.xml", ("第一条",), place="第一条", law=LAW, url="https://example.go.jp/a"
)
CITATION = Citation(
    "b", "白書", "b.pdf", ("１．道路",), page=3, page_last=3, publisher="内閣府", date="2024-04-01"
)
PASSAGE = Passage(
    "id",
    1,
    Chunk(("１．道路",), "行政手続法第一条による。", 0, 12),
    CITATION,
    0.5,
    {},
    (),
    references=(Reference(0, 8, REFERRED),),
)


def test_a_citation_goes_out_whole():
    result = SearchResult("道路", (PASSAGE,), (), 1.0, {}, filters=Filters(as_of=date(2024, 4, 1)))
    given = output.search_json(result)
    assert given["filters"]["as_of"] == "2024-04-01"
    citation = given["passages"][0]["citation"]
    assert citation["text"] == "「白書」１．道路（p.3）"
    assert citation["full"] == "「白書」１．道路（p.3）（内閣府、2024年4月1日）"
    assert citation["law"] is None
    (reference,) = citation["references"]
    assert reference["text"] == "行政手続法第一条"
    assert reference["citation"]["full"] == "行政手続法第一条https://example.go.jp/a"
    assert reference["citation"]["law"] == {
        "id": "405AC0000000088",
        "number": "平成五年法律第八十八号",
        "promulgated": "1993-11-12",
        "in_force": None,
        "not_in_force_yet": False,
    }
