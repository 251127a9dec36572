"""Which documents a search is limited to."""

from datetime import date

import numpy as np
import pytest

from fakes import FakeSource
from policyqa import indexing
from policyqa.answering import answer
from policyqa.catalogue import DocumentRow
from policyqa.database import Source
from policyqa.filters import Selector
from policyqa.library import Library
from policyqa.models import Document, Filters, Section
from policyqa.search.dense import DenseIndex
from policyqa.search.lexical import LexicalIndex
from statutes import OPENNESS


def row(identity, path, title, **metadata):
    return DocumentRow(identity, path, title, metadata, None, {})


DOCUMENTS = [
    row("a", "roads/white-paper.pdf", "道路白書", publisher="国土交通省", date="2024-04-01"),
    row("b", "bridges.txt", "橋梁ガイドライン", publisher="国土交通省", date="2023-03-31"),
    row("c", "law.xml", "道路法", kind="statute"),
    row("d", "faq.csv", "よくある質問", publisher="ＡＢＣ市", kind="faq", date="2024-12-31"),
]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), "abcd"),
        (Filters(documents=("道路白書",)), "a"),
        (Filters(documents=("white-paper.pdf",)), "a"),
        (Filters(documents=("roads/white-paper.pdf", "c")), "ac"),
        (Filters(documents=("白書",)), ""),
        (Filters(publishers=("国土交通省",)), "ab"),
        (Filters(publishers=("ABC市",)), "d"),
        (Filters(publishers=("国土交通省", "ABC市")), "abd"),
        (Filters(kinds=("statute",)), "c"),
        (Filters(kinds=("statute", "faq")), "cd"),
        (Filters(date_from=date(2024, 4, 1)), "ad"),
        (Filters(date_from=date(2024, 4, 2)), "d"),
        (Filters(date_to=date(2024, 4, 1)), "ab"),
        (Filters(date_from=date(2024, 1, 1), date_to=date(2024, 6, 30)), "a"),
        (Filters(publishers=("国土交通省",), date_to=date(2023, 12, 31)), "b"),
        (Filters(publishers=("国土交通省",), kinds=("statute",)), ""),
        # Which version counts is for `versions` to say.
        (Filters(as_of=date(1990, 1, 1)), "abcd"),
    ],
)
def test_documents_are_selected(filters, expected):
    assert Selector(DOCUMENTS).selected(filters) == set(expected)


MASK = np.asarray([False, True, True, False])


def test_only_allowed_rows_are_near():
    vectors = np.eye(4, 8, dtype=np.float32)
    index = DenseIndex.build(vectors)
    assert sorted(index.search(vectors[0], 3, MASK)) == [(1, 0.0), (2, 0.0)]
    assert index.search(vectors[2], 1, MASK) == [(2, 1.0)]
    assert index.search(vectors[0], 3, np.zeros(4, np.bool_)) == []


def test_only_allowed_rows_have_the_words():
    index = LexicalIndex.build([["道路"], ["道路", "橋"], ["橋"], ["道路"]])
    assert [found for found, _ in index.search(["道路"], 4, MASK)] == [1]
    assert index.search(["道路"], 4, np.zeros(4, np.bool_)) == []


def text(title, *sections, **metadata):
    children = tuple(Section(f"{n}．", "節", words) for n, words in enumerate(sections, 1))
    return Document(title, Section("", "", "", children), metadata)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filters")
    files = {
        "a.txt": text("道路白書", *["道路を整備する。"] * 150, date="2024-04-01"),
        "b.txt": text("橋梁白書", "道路と橋を点検する。", date="2023-04-01", publisher="国"),
        "c.xml": OPENNESS,
    }
    documents = [(Source(folder / name, name, name), made) for name, made in files.items()]
    indexing.build_documents(documents, folder / "index", FakeSource())
    library = Library.open(folder / "index", FakeSource())
    yield library
    library.close()


def test_filters_come_before_the_ranking(opened):
    # A hundred and fifty passages of another document are nearer.
    result = opened.search("道路を整備する", 5, filters=Filters(publishers=("国",)))
    assert [passage.citation.title for passage in result.passages] == ["橋梁白書"]
    assert result.filters.publishers == ("国",)


def test_a_filter_that_leaves_nothing_says_so(opened):
    result = opened.search("道路", filters=Filters(kinds=("faq",)))
    (notice,) = result.notices
    assert notice.code == "filters-empty"
    assert notice.message == "絞り込みの条件に合う文書がありません。条件を見直してください。"
    assert result.passages == ()
    assert not answer(result).found


def test_a_place_outside_the_filters_is_not_called_missing(opened):
    result = opened.search("公開手続法第一条", filters=Filters(documents=("道路白書",)))
    (notice,) = result.notices
    assert notice.code == "outside-filters"
    assert notice.message == "「公開手続法」は絞り込みの対象に含まれていません。"
    assert result.passages == ()


def test_a_place_inside_the_filters(opened):
    result = opened.search("第一条", filters=Filters(kinds=("statute",)))
    assert str(result.passages[0].citation) == "公開手続法第一条"


def test_filters_do_not_outlast_their_search(opened):
    def titles(**options):
        passages = opened.search("道路を整備し点検する", 200, **options).passages
        return {passage.citation.title for passage in passages}

    roads, bridges = "道路白書", "橋梁白書"
    everything = titles()
    assert {roads, bridges} < everything
    assert titles(filters=Filters(documents=(roads,))) == {roads}
    assert titles(filters=Filters(documents=(bridges,))) == {bridges}
    bridge = next(d.id for d in opened.documents if d.title == bridges)
    assert titles(without={bridge}) == everything - {bridges}
    # A place that was shown is hidden from that search alone.
    assert opened.search("公開手続法第一条").passages
    assert titles() == everything
