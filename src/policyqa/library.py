"""The library: open it, search it. The only place where rows become passages."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from policyqa import store, strings
from policyqa.catalogue import Catalogue, ChunkRow, DocumentRow, Extent, Place
from policyqa.database import passage_id
from policyqa.encoders import Encoder, Vectors
from policyqa.errors import LibraryError, QuestionError
from policyqa.filters import Selector
from policyqa.indexing import EncoderSource
from policyqa.japanese import clean, matching_spans, query_lemmas, tokenise
from policyqa.lookup import Lookup
from policyqa.models import (
    Chunk,
    Citation,
    Filters,
    Law,
    Notice,
    Passage,
    Reference,
    SearchResult,
    Sentence,
)
from policyqa.search import Hit, Mask
from policyqa.search.dense import DenseIndex
from policyqa.search.fusion import WEIGHTS, fuse
from policyqa.search.lexical import LexicalIndex
from policyqa.versions import is_future, not_in_force, versions_of

LONGEST_QUESTION = 1000
"""Characters."""
CANDIDATES = 100
"""How many rows each ranker hands to the fusion, at least."""
_KEPT_SCOPES = 4
EVERYTHING = Filters()
FIELDS = ("body", "title")
"""Each chunk has a row in these; the sentences have rows of their own."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A text on its way to be a passage; `row` is that of a chunk."""

    extent: Extent
    score: float
    signals: Mapping[str, float]
    id: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class _Scope:
    """The day asked for, the documents that count on it, and a mask of their chunks' rows."""

    day: date
    documents: AbstractSet[str]
    rows: Mask


class Library:
    """A live generation, opened. Safe to use from several threads."""

    def __init__(
        self,
        generation: store.Generation,
        encoder: Encoder,
        dense: Mapping[str, DenseIndex],
        lexical: Mapping[str, LexicalIndex],
        catalogue: Catalogue,
        today: Callable[[], date],
    ) -> None:
        self.generation = generation
        self.encoder = encoder
        self._dense = dense
        self._lexical = lexical
        self._catalogue = catalogue
        self._lookup = Lookup(catalogue)
        self._versions = versions_of(catalogue.documents.values())
        self._selector = Selector(catalogue.documents.values())
        self._today = today
        # Most searches have no filters, or those of the search before.
        self._scope_of = lru_cache(_KEPT_SCOPES)(self._new_scope)

    @classmethod
    def open(
        cls, folder: Path, encoder: EncoderSource, today: Callable[[], date] = date.today
    ) -> "Library":
        """Open the live generation of the library at `folder`.

        Raises LibraryError when there is none, it is damaged, or it was built with another encoder.
        """
        generation = store.current(folder)
        built_with = generation.manifest["encoder"]
        if built_with["id"] != encoder.id:
            raise LibraryError(
                f"the library at {folder} was built with the encoder {built_with['id']}, the "
                f"settings say {encoder.id}; build it again with `policyqa index PATH...`"
            )
        rows = generation.manifest["counts"]["chunks"]
        try:
            dense = {
                field: DenseIndex.load(generation.folder / "dense" / f"{field}.faiss")
                for field in (*FIELDS, "sentence")
            }
            lexical = {
                field: LexicalIndex.load(generation.folder / "lexical" / field, rows)
                for field in FIELDS
            }
            catalogue = Catalogue(generation.folder / store.DATABASE)
        except Exception as error:  # each loader fails at a damaged file in ways of its own
            raise LibraryError(
                f"the library at {folder} is damaged ({type(error).__name__} while opening it); "
                "build it again with `policyqa index --rebuild PATH...`"
            ) from error
        loaded = encoder.load()
        sentences = generation.manifest["counts"]["sentences"]
        for field, index in dense.items():
            expected = (sentences if field == "sentence" else rows, loaded.dimension)
            kind = generation.manifest["dense"][field]
            if (index.rows, index.dimension) != expected or index.kind != kind:
                raise LibraryError(
                    f"the library at {folder} is damaged ({field} vectors do not fit); "
                    "build it again with `policyqa index --rebuild PATH...`"
                )
        return cls(generation, loaded, dense, lexical, catalogue, today)

    def close(self) -> None:
        self._catalogue.close()

    @property
    def documents(self) -> list[DocumentRow]:
        """Every document, by path."""
        return list(self._catalogue.documents.values())

    @property
    def places(self) -> list[Citation]:
        """A citation of every section in the library."""
        today = self._today()
        return [self._citation(place, today) for place in self._catalogue.places()]

    def search(
        self,
        question: str,
        top_k: int = 10,
        without: Collection[str] = (),
        filters: Filters = EVERYTHING,
    ) -> SearchResult:
        """The passages for `question`, best first, at most `top_k`, of the documents that pass
        `filters`, as if those with the ids `without` were not in the library.

        A place that the question names comes first, above all that is like the question. Of a
        statute in several versions the one in force on the day asked for (today) is searched.
        Raises QuestionError when the question is empty or too long.
        """
        question = checked_question(question)
        steps: dict[str, float] = {}
        began = time.perf_counter()
        scope = self._scope(filters, without)
        if not scope.documents:
            nothing = Notice("filters-empty", strings.NOTICES["filters-empty"])
            return SearchResult(question, (), (nothing,), 0.0, steps, question, filters=filters)
        with _timed(steps, "lookup"):
            found = self._lookup.find(question, scope.documents)
        with _timed(steps, "encode"):
            vector = self.encoder.encode_queries([question])[0]
        # What is shown as a place is not shown again.
        allowed = _masked(scope.rows, self._rows_inside(found.extents))
        depth = max(CANDIDATES, top_k)
        signals = {} if found.only else self._signals(question, vector, depth, allowed, steps)
        with _timed(steps, "fuse"):
            ranked = fuse(signals, WEIGHTS)[:top_k]
        with _timed(steps, "fetch"):
            rows = self._catalogue.chunks([row for row, _ in ranked])
            candidates = [_Candidate(extent, 1.0, {"place": 1.0}) for extent in found.extents]
            candidates += [_ranked(rows[row], score, signals) for row, score in ranked]
            # 第, 条 and 項 of a place that is shown are no words to mark.
            words = query_lemmas(found.rest if found.extents else question)
            passages = self._passages(words, vector, candidates[:top_k], scope)
        took = (time.perf_counter() - began) * 1000
        return SearchResult(
            question, passages, found.notices, took, steps, found.rest, found.missing, filters
        )

    def _scope(self, filters: Filters, without: Collection[str]) -> _Scope:
        return self._scope_of(filters.as_of or self._today(), filters, frozenset(without))

    def _new_scope(self, day: date, filters: Filters, without: frozenset[str]) -> _Scope:
        hidden = without | not_in_force(self._versions, day, without)
        documents = self._selector.selected(filters) - hidden
        return _Scope(day, documents, self._catalogue.rows_of(documents))

    def _signals(
        self,
        question: str,
        vector: Vectors,
        depth: int,
        allowed: Mask,
        steps: dict[str, float],
    ) -> dict[str, list[Hit]]:
        """What each ranker gives of the allowed rows."""
        with _timed(steps, "dense"):
            signals: dict[str, list[Hit]] = {
                "dense": self._dense["body"].search(vector, depth, allowed),
                "dense_title": self._dense["title"].search(vector, depth, allowed),
            }
        with _timed(steps, "lexical"):
            lemmas = tokenise(question)
            signals["lexical"] = self._lexical["body"].search(lemmas, depth, allowed)
            signals["lexical_title"] = self._lexical["title"].search(lemmas, depth, allowed)
        return signals

    def _passages(
        self,
        words: Collection[str],
        vector: Vectors,
        candidates: Sequence[_Candidate],
        scope: _Scope,
    ) -> tuple[Passage, ...]:
        extents = [candidate.extent for candidate in candidates]
        places = {
            place.row: place for place in self._catalogue.places({e.section for e in extents})
        }
        sentences = self._sentences(candidates, vector)
        passages = []
        chunks = self._catalogue.read(extents)
        for rank, (candidate, chunk) in enumerate(zip(candidates, chunks, strict=True), start=1):
            place = places[candidate.extent.section]
            citation = self._citation(place, scope.day)
            passages.append(
                Passage(
                    id=candidate.id or passage_id(place.document, chunk),
                    rank=rank,
                    chunk=chunk,
                    citation=replace(citation, page=chunk.first_page, page_last=chunk.last_page),
                    score=min(1.0, candidate.score),
                    signals=candidate.signals,
                    highlights=matching_spans(chunk.text, words),
                    sentences=sentences[candidate.extent],
                    references=self._references(chunk, place.document, scope),
                )
            )
        return tuple(passages)

    def _sentences(
        self, candidates: Sequence[_Candidate], vector: Vectors
    ) -> dict[Extent, tuple[Sentence, ...]]:
        """The sentences in each candidate's text. What is no chunk has those of the chunks that
        are cut out of the same text."""
        ranked = {item.row: item.extent for item in candidates if item.row is not None}
        whole = [item.extent for item in candidates if item.row is None]
        beside = self._catalogue.chunks_of_units({extent.unit for extent in whole})
        extents = {chunk.row: chunk.extent for chunk in beside} | ranked
        records = self._catalogue.sentences(list(extents))
        cosines = self._dense["sentence"].scores(vector, [record[0] - 1 for record in records])
        found: dict[Extent, list[Sentence]] = {item.extent: [] for item in candidates}
        for (_, row, start, end), cosine in zip(records, cosines, strict=True):
            if row in ranked:
                found[ranked[row]].append(Sentence(start, end, cosine))
            for extent in whole:
                own, shift = extents[row], extents[row].body_shift
                if start + shift >= own.start and extent.holds(
                    own.unit, start + shift, end + shift
                ):
                    at = shift - extent.start
                    found[extent].append(Sentence(start + at, end + at, cosine))
        return {extent: tuple(own) for extent, own in found.items()}

    def _rows_inside(self, extents: Sequence[Extent]) -> list[int]:
        """The rows of the chunks that are part of these texts."""
        return [
            chunk.row
            for chunk in self._catalogue.chunks_of_units({extent.unit for extent in extents})
            if any(
                extent.holds(chunk.extent.unit, chunk.extent.start, chunk.extent.end)
                for extent in extents
            )
        ]

    def _references(self, chunk: Chunk, document: str, scope: _Scope) -> tuple[Reference, ...]:
        found = self._lookup.references(chunk, document, scope.documents)
        return tuple(
            Reference(start, end, self._citation(place, scope.day)) for start, end, place in found
        )

    def _citation(self, place: Place, day: date) -> Citation:
        document = self._catalogue.documents[place.document]
        metadata = document.metadata
        return Citation(
            document_id=document.id,
            title=document.title,
            file=Path(document.path).name,
            section=place.path,
            page=place.first_page,
            page_last=place.last_page,
            url=metadata.get("url"),
            date=metadata.get("date"),
            publisher=metadata.get("publisher"),
            page_labels=document.page_labels,
            place=place.place,
            law=_law(document, day),
        )


def _masked(mask: Mask, rows: Sequence[int]) -> Mask:
    """The mask without these rows; itself where there are none."""
    if not rows:
        return mask
    masked = mask.copy()
    masked[rows] = False
    return masked


def _ranked(chunk: ChunkRow, score: float, signals: Mapping[str, Sequence[Hit]]) -> _Candidate:
    given = {
        name: value for name, hits in signals.items() for row, value in hits if row == chunk.row
    }
    return _Candidate(chunk.extent, score, given, chunk.id, chunk.row)


def _law(document: DocumentRow, day: date) -> Law | None:
    metadata = document.metadata
    if metadata.get("kind") != "statute":
        return None
    return Law(
        metadata.get("law_id", ""),
        metadata.get("law_number", ""),
        metadata.get("promulgated", ""),
        metadata.get("in_force", ""),
        strings.NOT_IN_FORCE if is_future(document, day) else "",
    )


def checked_question(question: str) -> str:
    """The question cleaned and trimmed. Raises QuestionError when it is empty or too long."""
    question = " ".join(clean(question).split())
    if not question:
        raise QuestionError("the question is empty; write a question")
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            f"the question has {len(question)} characters; write at most {LONGEST_QUESTION}"
        )
    return question


@contextmanager
def _timed(steps: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    steps[name] = (time.perf_counter() - began) * 1000
