"""The sample statutes: every 条 and 項 is found by its name. The 46 web pages are looked up by
`python benchmarks/statutes.py`, which takes minutes. The counts are those of the Article and
Paragraph elements in the files."""

import pytest

from fakes import FakeSource
from policyqa import indexing
from policyqa.japanese import place_key
from policyqa.library import Library
from policyqa.readers import read
from statutes import citable


@pytest.fixture(scope="module")
def structured(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("structured")
    indexing.build([shared / "corpus" / "statutes-xml"], folder, FakeSource())
    library = Library.open(folder, FakeSource())
    yield library
    library.close()


@pytest.mark.parametrize(
    ("file", "count"), [("405AC0000000088.xml", 157), ("334AC0000000121.json", 1115)]
)
def test_every_place_is_found_by_its_name(shared, structured, file, count):
    document = read(shared / "corpus" / "statutes-xml" / file)
    places = list(citable(document, supplements=True))
    assert len(places) == count
    missed = []
    for citation, text, label in places:
        for question in (citation + label, place_key(citation + label)):
            (first,) = structured.search(question, 1).passages
            if (str(first.citation), first.chunk.text) != (citation, text):
                missed.append(question)
    assert missed == []


@pytest.mark.parametrize(
    ("question", "citation", "beginning"),
    [
        ("行手法第2条第4号イ", "行政手続法第二条第四号イ", "イ　事実上の行為及び"),
        ("特許法第57条", "特許法第五十五条から第六十三条まで", "削除"),
        ("特許法第130条", "特許法第百二十九条及び第百三十条", "削除"),
        ("特許法別表", "特許法別表", "納付しなければならない者　金額"),
        ("行政手続法第３９条第３項", "行政手続法第三十九条第三項", "３　第一項の規定により定める"),
        (
            "特許法附則（平成五年四月二三日法律第二六号）第二条",
            "特許法附則（平成五年四月二三日法律第二六号）第二条",
            "この法律の施行の際現に",
        ),
    ],
)
def test_places_of_other_kinds(structured, question, citation, beginning):
    first = structured.search(question).passages[0]
    assert str(first.citation) == citation
    assert first.chunk.text.startswith(beginning)


def test_a_passage_brings_what_it_refers_to(structured):
    first = structured.search("行政手続法第三十九条第三項").passages[0]
    text = first.chunk.text
    assert [(text[r.start : r.end], str(r.citation)) for r in first.references] == [
        ("第一項", "行政手続法第三十九条第一項"),
        ("同項", "行政手続法第三十九条第一項"),
    ]


def test_what_the_file_does_not_say_is_unknown(structured):
    law = structured.search("行政手続法第一条").passages[0].citation.law
    assert (law.number, law.promulgated, law.in_force) == (
        "平成五年法律第八十八号",
        "1993-11-12",
        "",
    )
