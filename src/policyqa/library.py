"""The library: open it, search it. The only place where rows become passages."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np

from policyqa import store, strings
from policyqa.catalogue import Catalogue, ChunkRow, DocumentRow, Extent, Place
from policyqa.citations import Citations
from policyqa.duplicates import Fingerprint, fingerprint, nearly_same
from policyqa.encoders import Encoder, Vectors
from policyqa.errors import LibraryError, QuestionError
from policyqa.filters import Selector
from policyqa.indexing import EncoderSource
from policyqa.japanese import clean, content_words, distinct_lemmas, matching_spans
from policyqa.lookup import Found, Lookup
from policyqa.models import (
    Chunk,
    Citation,
    Filters,
    Heading,
    Notice,
    Passage,
    Reference,
    SearchResult,
    Sentence,
    Word,
)
from policyqa.originals import Originals
from policyqa.ranking import CANDIDATES, Ranked, Ranker, Signals, load, ranking, timed
from policyqa.search import Mask
from policyqa.search.fusion import WEIGHTS
from policyqa.versions import not_in_force, versions_of

LONGEST_QUESTION = 1000
"""Characters."""
_KEPT_SCOPES = 4
EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A text on its way to be a passage; `row` is that of a chunk."""

    extent: Extent
    score: float
    signals: Mapping[str, float]
    id: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class _Distinct:
    """A candidate with its text, and those behind it that say nearly the same."""

    candidate: _Candidate
    chunk: Chunk
    fingerprint: Fingerprint
    twins: list[tuple[_Candidate, Chunk]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The day asked for, the documents that count on it, and a mask of their chunks' rows."""

    day: date
    documents: AbstractSet[str]
    rows: Mask


class Library:
    """A generation, opened. Safe to use from several threads."""

    def __init__(
        self,
        generation: store.Generation,
        encoder: Encoder,
        catalogue: Catalogue,
        ranker: Ranker,
        today: Callable[[], date],
    ) -> None:
        self.generation = generation
        self.encoder = encoder
        self._catalogue = catalogue
        self._ranker = ranker
        self._lookup = Lookup(catalogue)
        self._citations = Citations(catalogue)
        self._versions = versions_of(catalogue.documents.values())
        self._selector = Selector(catalogue.documents.values())
        self._today = today
        self.originals = Originals(
            generation.folder.parents[1], catalogue, self._lookup, self._versions
        )
        # Most searches have no filters, or those of the search before.
        self._scope_of = lru_cache(_KEPT_SCOPES)(self._new_scope)

    @classmethod
    def open(
        cls,
        folder: Path,
        encoder: EncoderSource,
        today: Callable[[], date] = date.today,
        *,
        named: str | None = None,
    ) -> "Library":
        """Open the live generation of the library at `folder`, or the kept one that is `named`;
        every byte of it is verified.

        Raises LibraryError when there is none, it is damaged, or it was built with another encoder.
        """
        generation = store.current(folder) if named is None else store.generation(folder, named)
        built_with = generation.manifest["encoder"]
        if built_with["id"] != encoder.id:
            raise LibraryError(
                f"the library at {folder} was built with the encoder {built_with['id']}, the "
                f"settings say {encoder.id}; build it again with `policyqa index PATH...`"
            )
        store.verify(generation)
        try:
            catalogue, ranker = load(generation.folder, generation.manifest)
        except Exception as error:  # each loader fails at a damaged file in ways of its own
            raise LibraryError(
                f"the library at {folder} is damaged ({type(error).__name__} while opening it); "
                "build it again with `policyqa index --rebuild PATH...`"
            ) from error
        loaded = encoder.load()
        misfit = ranker.misfit(generation.manifest, loaded.dimension)
        if misfit:
            raise LibraryError(
                f"the library at {folder} is damaged ({misfit} vectors do not fit); "
                "build it again with `policyqa index --rebuild PATH...`"
            )
        return cls(generation, loaded, catalogue, ranker, today)

    def close(self) -> None:
        self._catalogue.close()

    @property
    def folder(self) -> Path:
        """The library's folder."""
        return self.generation.folder.parents[1]

    @property
    def today(self) -> date:
        return self._today()

    @property
    def documents(self) -> list[DocumentRow]:
        """Every document, by path."""
        return list(self._catalogue.documents.values())

    def outline(self, document: str) -> list[Heading]:
        """The headings of the document with this id, in reading order; none if there is none."""
        return self._catalogue.outline(document)

    @property
    def places(self) -> list[Citation]:
        """A citation of every section in the library."""
        today = self._today()
        return [self._citations.of(place, today) for place in self._catalogue.places()]

    def section_texts(self, wanted: Callable[[Citation], bool]) -> list[tuple[Citation, str]]:
        """The sections whose citation is `wanted`, with it and their text; in reading order."""
        cited = zip(self._catalogue.places(), self.places, strict=True)
        found = [(place, citation) for place, citation in cited if wanted(citation)]
        chunks = self._catalogue.read([place.extent for place, _ in found])
        return [(citation, chunk.text) for (_, citation), chunk in zip(found, chunks, strict=True)]

    def search(
        self,
        question: str,
        top_k: int = 10,
        without: Collection[str] = (),
        filters: Filters = EVERYTHING,
        *,
        weights: Mapping[str, float] = WEIGHTS,
        signals: Signals | None = None,
    ) -> SearchResult:
        """The passages for `question`, best first, at most `top_k`, of the documents that pass
        `filters`, as if those with the ids `without` were not in the library.

        A place that the question names comes first, above all that is like the question. Of a
        statute in several versions the one in force on the day asked for (today) is searched.
        `weights` are those of the signals; `signals` are what `self.signals` gave for the same
        question, documents and `top_k`: then nothing is encoded or compared again.
        Raises QuestionError when the question is empty or too long.
        """
        question = checked_question(question)
        steps: dict[str, float] = {}
        began = time.perf_counter()
        scope = self._scope(filters, without)
        if not scope.documents:
            nothing = Notice("filters-empty", strings.NOTICES["filters-empty"])
            return SearchResult(question, (), (nothing,), 0.0, steps, question, filters=filters)
        with timed(steps, "lookup"):
            found = self._lookup.find(question, scope.documents)
        if signals is None:
            signals = self._signals(question, top_k, found, scope)
        steps.update(signals.steps)
        ranked = ranking(signals, weights, steps)
        with timed(steps, "fetch"):
            places = [_Candidate(extent, 1.0, {"place": 1.0}) for extent in found.extents]
            # 第, 条 and 項 of a place that is shown are no words to mark.
            words = distinct_lemmas(found.rest if found.extents else question)
            distinct = self._distinct(places[:top_k], ranked.best, top_k)
            passages = self._passages(words, signals.vector, distinct, scope)
        took = (time.perf_counter() - began) * 1000
        return SearchResult(
            question,
            passages,
            found.notices,
            took,
            steps,
            found.rest,
            found.missing,
            filters,
            self._ranker.idf(distinct_lemmas(question)),
            ranked.candidates,
        )

    def signals(
        self,
        question: str,
        top_k: int = 10,
        without: Collection[str] = (),
        filters: Filters = EVERYTHING,
    ) -> Signals:
        """What `search` weighs: so that it can be weighed in more than one way."""
        question = checked_question(question)
        scope = self._scope(filters, without)
        found = self._lookup.find(question, scope.documents)
        return self._signals(question, top_k, found, scope)

    def _signals(self, question: str, top_k: int, found: Found, scope: _Scope) -> Signals:
        steps: dict[str, float] = {}
        with timed(steps, "encode"):
            vector = self.encoder.encode_queries([question])[0]
        if found.only:
            return Signals(vector, np.empty(0, np.int64), {}, steps)
        # What is shown as a place is not shown again.
        allowed = _masked(scope.rows, self._rows_inside(found.extents))
        return self._ranker.signals(question, vector, max(CANDIDATES, top_k), allowed, steps)

    def _scope(self, filters: Filters, without: Collection[str]) -> _Scope:
        return self._scope_of(filters.as_of or self._today(), filters, frozenset(without))

    def _new_scope(self, day: date, filters: Filters, without: frozenset[str]) -> _Scope:
        hidden = without | not_in_force(self._versions, day, without)
        documents = self._selector.selected(filters) - hidden
        return _Scope(day, documents, self._catalogue.rows_of(documents))

    def _distinct(
        self, places: Sequence[_Candidate], ranked: Iterator[Ranked], top_k: int
    ) -> list[_Distinct]:
        """The places and, behind them, the ranked rows that do not say the same as one before:
        `top_k` in all, if there are as many."""
        chunks = self._catalogue.read([place.extent for place in places])
        kept = [
            _Distinct(place, chunk, fingerprint(chunk.text))
            for place, chunk in zip(places, chunks, strict=True)
        ]
        while some := list(islice(ranked, top_k - len(kept))):
            rows = self._catalogue.chunks([item.row for item in some])
            candidates = [_candidate(rows[item.row], item) for item in some]
            chunks = self._catalogue.read([candidate.extent for candidate in candidates])
            for item, candidate, chunk in zip(some, candidates, chunks, strict=True):
                row = rows[item.row]
                print_ = Fingerprint(row.numbers, row.runs, chunk.text)
                twin = next((one for one in kept if nearly_same(one.fingerprint, print_)), None)
                if twin:
                    twin.twins.append((candidate, chunk))
                else:
                    kept.append(_Distinct(candidate, chunk, print_))
        return kept

    def _passages(
        self,
        words: Collection[str],
        vector: Vectors,
        distinct: Sequence[_Distinct],
        scope: _Scope,
    ) -> tuple[Passage, ...]:
        sections = {
            candidate.extent.section
            for item in distinct
            for candidate in (item.candidate, *(twin for twin, _ in item.twins))
        }
        places = {place.row: place for place in self._catalogue.places(sections)}
        sentences = self._sentences([item.candidate for item in distinct], vector)
        kept = self._catalogue.words(
            [item.candidate.row for item in distinct if item.candidate.row is not None]
        )
        passages = []
        for rank, item in enumerate(distinct, start=1):
            candidate, chunk = item.candidate, item.chunk
            own: Sequence[Word]
            marked: Sequence[Word]
            if candidate.row is None:
                own = marked = content_words(chunk.text)
            else:
                own = kept[candidate.row]
                marked = own.among(words)
            place = places[candidate.extent.section]
            passages.append(
                Passage(
                    id=candidate.id or self.originals.id_of(candidate.extent),
                    rank=rank,
                    chunk=chunk,
                    citation=self._cited(place, chunk, scope.day),
                    score=candidate.score,
                    signals=candidate.signals,
                    highlights=matching_spans(marked, words),
                    sentences=sentences[candidate.extent],
                    references=self._references(chunk, place.document, scope),
                    duplicates=tuple(
                        self._cited(places[twin.extent.section], copy, scope.day)
                        for twin, copy in item.twins
                    ),
                    words=own,
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
        cosines = self._ranker.sentence_cosines(
            vector, np.array([record[0] - 1 for record in records], np.int64)
        )
        found: dict[Extent, list[Sentence]] = {item.extent: [] for item in candidates}
        for (_, row, start, end), cosine in zip(records, cosines.tolist(), strict=True):
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
        cite = self._citations.of
        return tuple(Reference(start, end, cite(place, scope.day)) for start, end, place in found)

    def _cited(self, place: Place, chunk: Chunk, day: date) -> Citation:
        """The citation of a section, narrowed to the pages of a chunk of it."""
        citation = self._citations.of(place, day)
        return replace(citation, page=chunk.first_page, page_last=chunk.last_page)


def _candidate(chunk: ChunkRow, ranked: Ranked) -> _Candidate:
    return _Candidate(chunk.extent, ranked.score, ranked.signals, chunk.id, chunk.row)


def _masked(mask: Mask, rows: Sequence[int]) -> Mask:
    """The mask without these rows; itself where there are none."""
    if not rows:
        return mask
    masked = mask.copy()
    masked[rows] = False
    return masked


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
