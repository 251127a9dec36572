"""A generation's database, read: documents, sections, and the texts cut out of them."""

import json
import sqlite3
import threading
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policyqa.errors import LibraryError
from policyqa.models import Chunk, Heading, Provision, Span, TextSpan
from policyqa.word_table import PackedWords, WordKind

_DOCUMENTS = "SELECT id, path, title, metadata, pages, page_labels FROM documents ORDER BY path"
_FILE = "SELECT file, sha256 FROM documents WHERE id = ?"
_PLACES = """
SELECT sections.id, unit, sections.document, path, place, kind, start, end, last, first_page,
    last_page FROM sections
"""
_OUTLINE = """
SELECT path, first_page FROM sections
WHERE document = ? AND kind NOT IN ('paragraph', 'item', 'subitem', 'rest') ORDER BY id
"""
_CHUNKS = """
SELECT chunks.row, chunks.id, chunks.section, sections.unit, chunks.start, chunks.end, chunks.lead,
    chunks.numbers, chunks.runs FROM chunks JOIN sections ON sections.id = chunks.section
"""
_OWNERS = """
SELECT sections.document FROM chunks JOIN sections ON sections.id = chunks.section
ORDER BY chunks.row
"""
_WORDS = "SELECT chunk, packed FROM words WHERE chunk IN ({marks})"
_WORD_KINDS = "SELECT lemma, pos, pos2, name FROM word_kinds ORDER BY number"
_SENTENCES = "SELECT count(*) FROM sentences GROUP BY chunk ORDER BY chunk"
_SPANS = """
SELECT start, end, page, x0, y0, x1, y1, kind FROM spans
WHERE unit = ? AND start < ? AND end > ? ORDER BY rowid
"""
_PAGE = """
SELECT spans.unit, min(spans.start), max(spans.end) FROM spans
    JOIN sections ON sections.id = spans.unit
WHERE spans.page = ? AND sections.document = ? GROUP BY spans.unit ORDER BY spans.unit
"""
# A unit is a section that begins a running text; it has its row.
_UNITS = f"{_PLACES} WHERE sections.document = ? AND sections.id = unit"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document without its text."""

    id: str
    path: str
    title: str
    metadata: Mapping[str, str]
    page_count: int | None
    page_labels: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A section without its text, which is its unit's from `start` to `end`. The sections inside
    it have the rows up to `last`."""

    row: int
    unit: int
    document: str
    path: tuple[str, ...]
    place: str
    kind: str
    start: int
    end: int
    last: int
    first_page: int | None
    last_page: int | None

    @property
    def extent(self) -> "Extent":
        return Extent(self.row, self.unit, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Extent:
    """A stretch of a unit's text, the section it is in, and what stands in front of it."""

    section: int
    unit: int
    start: int
    end: int
    lead: tuple[Span, ...] = ()

    @property
    def body_shift(self) -> int:
        """From an offset in the whole text, below the lead, to the place in the unit."""
        return self.start - sum(end - start + 1 for start, end in self.lead)

    def holds(self, unit: int, start: int, end: int) -> bool:
        """Whether a stretch of a unit's text lies inside."""
        return self.unit == unit and self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """`numbers` and `runs` are those of its duplicates.Fingerprint."""

    row: int
    id: str
    extent: Extent
    numbers: str
    runs: int


class Catalogue:
    """The documents, sections and chunks of a generation. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        # A generation never changes once it is published.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        self._name = path.name
        self.documents = {row.id: row for row in map(_document, self._fetch(_DOCUMENTS))}
        numbers = {identity: number for number, identity in enumerate(self.documents)}
        owners = [numbers[identity] for (identity,) in self._fetch(_OWNERS)]
        self._owners = np.asarray(owners, np.int32)
        self._word_kinds = [_word_kind(record) for record in self._fetch(_WORD_KINDS)]
        # Sentences stand in the order of their chunks; so where each begins is enough.
        counts = [count for (count,) in self._fetch(_SENTENCES)]
        self._first_sentences = np.cumsum([0, *counts], dtype=np.int64)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def names(self) -> list[tuple[str, str]]:
        """All names of the documents, in one form, and the document's id."""
        return self._fetch("SELECT key, document FROM names")

    def places(self, rows: Collection[int] | None = None) -> list[Place]:
        """The sections with these rows; all of them where none are given."""
        if rows is None:
            return [_place(record) for record in self._fetch(f"{_PLACES} ORDER BY sections.id")]
        query = f"{_PLACES} WHERE sections.id IN ({{marks}}) ORDER BY sections.id"
        return [_place(record) for record in self._fetch(query, list(rows))]

    def outline(self, document: str) -> list[Heading]:
        """A document's headings down to its 条, in reading order."""
        found = [(json.loads(path), page) for path, page in self._fetch(_OUTLINE, (document,))]
        return [Heading(path[-1], len(path), page) for path, page in found if path and path[-1]]

    def named(self, keys: Sequence[str], documents: Container[str]) -> list[tuple[str, int]]:
        """The rows of these documents' sections that have one of these names, with it; in reading
        order."""
        # Every statute has a 第一条: sections are read only once it is clear which are wanted.
        query = "SELECT section, key, document FROM keys WHERE key IN ({marks})"
        found = self._fetch(query, keys)
        return sorted(
            ((key, row) for row, key, document in found if document in documents),
            key=lambda named: named[1],
        )

    def provisions(self, units: Collection[int]) -> list[Place]:
        """All 条, 項 and 号 in these units, the wider before the narrower."""
        query = f"{_PLACES} WHERE place != '' AND unit IN ({{marks}}) ORDER BY sections.id"
        return [_place(record) for record in self._fetch(query, list(units))]

    def beside(self, place: Place, step: int) -> Place | None:
        """The 条 or 号 `step` places after one (before, if negative), among its siblings."""
        sign, order = ("<", "DESC") if step < 0 else (">", "ASC")
        query = (
            f"{_PLACES} WHERE kind = ? AND sections.document = ? AND sections.id {sign} ?"
            f" ORDER BY sections.id {order} LIMIT ?"
        )
        values = (place.kind, place.document, place.row, abs(step))
        found = [_place(record) for record in self._fetch(query, values)]
        siblings = [other for other in found if _above(other) == _above(place)]
        return siblings[-1] if len(siblings) == abs(step) else None

    def chunks(self, rows: Sequence[int]) -> dict[int, ChunkRow]:
        """The chunks with these rows, by row."""
        found = self._chunks("chunks.row IN ({marks})", rows)
        return {chunk.row: chunk for chunk in found}

    def chunk(self, identity: str) -> ChunkRow | None:
        """The chunk with this id."""
        return next(iter(self._chunks("chunks.id = ?", [identity])), None)

    def file_of(self, document: str) -> tuple[str | None, str]:
        """Where a document's file is, from the library's folder, and the SHA-256 it had."""
        ((file, sha256),) = self._fetch(_FILE, [document])
        return file, sha256

    def first_section(self, document: str) -> int:
        """The row of a document's first section; the others follow it."""
        query = "SELECT min(id) FROM sections WHERE document = ?"
        ((row,),) = self._fetch(query, [document])
        return int(row)

    def units(self, document: str) -> list[Place]:
        """The sections of a document that begin a running text, in reading order."""
        return [_place(record) for record in self._fetch(f"{_UNITS} ORDER BY unit", [document])]

    def unit_beside(self, place: Place, step: int) -> Place | None:
        """The next running text after that of a place (before it, if `step` is negative) that is
        not empty."""
        sign, order = ("<", "DESC") if step < 0 else (">", "ASC")
        query = (
            f"{_UNITS} AND sections.id {sign} ? AND end > 0 ORDER BY sections.id {order} LIMIT 1"
        )
        found = self._fetch(query, (place.document, place.unit))
        return next((_place(record) for record in found), None)

    def chunks_of_units(self, units: Collection[int]) -> list[ChunkRow]:
        """The chunks cut out of these units, in reading order."""
        return self._chunks("sections.unit IN ({marks})", list(units))

    def chunks_inside(self, place: Place) -> list[ChunkRow]:
        """The chunks of a section and of all sections inside it, in reading order."""
        return self._chunks(f"chunks.section BETWEEN {place.row} AND {place.last}")

    def rows_of(self, documents: AbstractSet[str]) -> NDArray[np.bool_]:
        """For each chunk row whether it is of one of these documents."""
        wanted = np.asarray([identity in documents for identity in self.documents], np.bool_)
        return wanted[self._owners]

    def on_page(self, page: int, document: str) -> list[Extent]:
        """What stands on a page of a document, in reading order."""
        found = self._fetch(_PAGE, (page, document))
        return [Extent(unit, unit, start, end) for unit, start, end in found]

    def sentences(self, rows: Sequence[int]) -> list[tuple[int, int, int, int]]:
        """The sentences of these chunks: own row, chunk row, start and end in the chunk's text."""
        query = "SELECT row, chunk, start, end FROM sentences WHERE chunk IN ({marks}) ORDER BY row"
        return self._fetch(query, rows)

    def words(self, rows: Sequence[int]) -> dict[int, PackedWords]:
        """The content words of these chunks, by row."""
        return {
            row: PackedWords(words, self._word_kinds) for row, words in self._fetch(_WORDS, rows)
        }

    def sentence_rows(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The sentences of these chunks as rows of their vectors, and where each chunk's begin
        among them. Every chunk has at least one."""
        begin, counts = self._first_sentences[rows], self._first_sentences[rows + 1]
        counts = counts - begin
        firsts = np.cumsum(counts) - counts
        return np.arange(counts.sum()) + np.repeat(begin - firsts, counts), firsts

    def read(self, extents: Sequence[Extent]) -> list[Chunk]:
        """The texts of these extents, with their places on pages and in statutes."""
        units = {extent.unit for extent in extents}
        query = "SELECT id, text FROM units WHERE id IN ({marks})"
        texts = dict(self._fetch(query, list(units)))
        places = {place.row: place for place in self.places({e.section for e in extents})}
        provisions: dict[int, list[Place]] = {unit: [] for unit in units}
        for provision in self.provisions(units):
            provisions[provision.unit].append(provision)
        return [
            self._chunk(extent, places[extent.section], texts[extent.unit], provisions[extent.unit])
            for extent in extents
        ]

    def _chunk(self, extent: Extent, place: Place, text: str, provisions: Sequence[Place]) -> Chunk:
        spans = tuple(
            TextSpan(
                max(start - extent.start, 0),
                min(end, extent.end) - extent.start,
                page,
                (x0, y0, x1, y1),
                kind,
            )
            for start, end, page, x0, y0, x1, y1, kind in self._fetch(
                _SPANS, (extent.unit, extent.end, extent.start)
            )
        )
        pages = [span.page for span in spans]
        pieces = (*extent.lead, (extent.start, extent.end))
        return Chunk(
            place.path,
            "\n".join(text[start:end] for start, end in pieces),
            extent.start,
            extent.end,
            min(pages, default=place.first_page),
            max(pages, default=place.last_page),
            spans,
            extent.lead,
            tuple(_in_chunk(provisions, pieces)),
        )

    def _chunks(self, where: str, values: Sequence[Any] = ()) -> list[ChunkRow]:
        found = self._fetch(f"{_CHUNKS} WHERE {where} ORDER BY chunks.row", values)
        return [_chunk_row(record) for record in found]

    def _fetch(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """The records of a query; {marks} in it stands for `values`."""
        try:
            with self._lock:
                filled = query.replace("{marks}", ",".join("?" * len(values)))
                return self._connection.execute(filled, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise LibraryError(
                f"the library's {self._name} is damaged ({error}); "
                "build it again with `policyqa index --rebuild PATH...`"
            ) from error


def _document(record: Sequence[Any]) -> DocumentRow:
    identity, path, title, metadata, pages, labels = record
    numbered = {int(page): label for page, label in json.loads(labels).items()}
    # Publishers, kinds and days are few, and kept once.
    said = {intern(key): intern(value) for key, value in json.loads(metadata).items()}
    return DocumentRow(identity, path, title, said, pages, numbered)


def _word_kind(record: Sequence[str]) -> WordKind:
    lemma, *others = record
    # Parts of speech are few, and kept once.
    pos, pos2, name = map(intern, others)
    return lemma, pos, pos2, name


def _place(record: Sequence[Any]) -> Place:
    row, unit, document, path, *rest = record
    return Place(row, unit, document, tuple(json.loads(path)), *rest)


def _above(provision: Place) -> str:
    """What a 条 or 号 stands in: the 附則 or the 項, empty in the main provisions."""
    return provision.place.removesuffix(provision.path[-1].split("　")[0])


def _chunk_row(record: Sequence[Any]) -> ChunkRow:
    row, identity, section, unit, start, end, lead, numbers, runs = record
    spans = tuple((first, last) for first, last in json.loads(lead))
    return ChunkRow(row, identity, Extent(section, unit, start, end, spans), numbers, runs)


def _in_chunk(provisions: Sequence[Place], pieces: Sequence[Span]) -> Iterator[Provision]:
    """The provisions whose text is in a chunk made of `pieces` of their unit, a line each."""
    offset = 0
    for start, end in pieces:
        for place in provisions:
            first, last = max(place.start, start), min(place.end, end)
            if first < last:
                yield Provision(
                    first - start + offset, last - start + offset, place.place, place.path
                )
        offset += end - start + 1
