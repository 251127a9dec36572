"""The library: open it, search it. The only place where rows become passages."""

import json
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from policyqa import store
from policyqa.encoders import Encoder, Vectors
from policyqa.errors import LibraryError, QuestionError
from policyqa.indexing import EncoderSource
from policyqa.japanese import clean, matching_spans, query_lemmas, tokenise
from policyqa.models import Chunk, Citation, Passage, SearchResult, Sentence, TextSpan
from policyqa.search import Hit
from policyqa.search.dense import DenseIndex
from policyqa.search.fusion import WEIGHTS, fuse
from policyqa.search.lexical import LexicalIndex

LONGEST_QUESTION = 1000
"""Characters."""
CANDIDATES = 100
"""How many rows each ranker hands to the fusion, at least."""
FIELDS = ("body", "title")
"""Each chunk has a row in these; the sentences have rows of their own."""

_PASSAGE_QUERY = """
SELECT chunks.row, chunks.id, chunks.text, chunks.start, chunks.end, chunks.first_page,
    chunks.last_page, sections.path, documents.id, documents.title, documents.path,
    documents.metadata, documents.page_labels
FROM chunks JOIN sections ON sections.id = chunks.section
    JOIN documents ON documents.id = sections.document
WHERE chunks.row IN ({marks})
"""
_SPANS_QUERY = """
SELECT chunks.row, max(spans.start - chunks.start, 0),
    min(spans.end, chunks.end) - chunks.start, spans.page, spans.x0, spans.y0, spans.x1, spans.y1,
    spans.kind
FROM chunks JOIN spans ON spans.section = chunks.section
    AND spans.start < chunks.end AND spans.end > chunks.start
WHERE chunks.row IN ({marks}) ORDER BY chunks.row, spans.rowid
"""

_SENTENCE_QUERY = """
SELECT row, chunk, start, end FROM sentences WHERE chunk IN ({marks}) ORDER BY row
"""
_ROWS_OF_DOCUMENTS = """
SELECT chunks.row FROM chunks JOIN sections ON sections.id = chunks.section
WHERE sections.document IN ({marks})
"""
_PLACE_QUERY = """
SELECT sections.first_page, sections.last_page, sections.path, documents.id, documents.title,
    documents.path, documents.metadata, documents.page_labels
FROM sections JOIN documents ON documents.id = sections.document ORDER BY sections.id
"""


class Library:
    """A live generation, opened. Safe to use from several threads."""

    def __init__(
        self,
        generation: store.Generation,
        encoder: Encoder,
        dense: Mapping[str, DenseIndex],
        lexical: Mapping[str, LexicalIndex],
        database: sqlite3.Connection,
    ) -> None:
        self.generation = generation
        self.encoder = encoder
        self._dense = dense
        self._lexical = lexical
        self._database = database
        self._database_lock = threading.Lock()

    @classmethod
    def open(cls, folder: Path, encoder: EncoderSource) -> "Library":
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
            database = _open_database(generation.folder / store.DATABASE)
        except Exception as error:  # each loader fails at a damaged file in ways of its own
            raise LibraryError(
                f"the library at {folder} is damaged ({type(error).__name__} while opening it); "
                "build it again with `policyqa index --rebuild PATH...`"
            ) from error
        loaded = encoder.load()
        sentences = generation.manifest["counts"]["sentences"]
        for field, index in dense.items():
            expected = sentences if field == "sentence" else rows
            if index.rows != expected or index.dimension != loaded.dimension:
                raise LibraryError(
                    f"the library at {folder} is damaged ({field} vectors do not fit); "
                    "build it again with `policyqa index --rebuild PATH...`"
                )
        return cls(generation, loaded, dense, lexical, database)

    def close(self) -> None:
        self._database.close()

    @property
    def documents(self) -> list[dict[str, Any]]:
        """Id, title and path of every document, by path."""
        rows = self._fetch("SELECT id, title, path FROM documents ORDER BY path")
        return [{"id": row[0], "title": row[1], "path": row[2]} for row in rows]

    @property
    def places(self) -> list[Citation]:
        """A citation of every section in the library."""
        return [_citation(*record) for record in self._fetch(_PLACE_QUERY)]

    def search(self, question: str, top_k: int = 10, without: Collection[str] = ()) -> SearchResult:
        """The passages for `question`, best first, at most `top_k`, as if the documents with the
        ids `without` were not in the library.

        Raises QuestionError when the question is empty or too long.
        """
        question = checked_question(question)
        steps: dict[str, float] = {}
        began = time.perf_counter()
        with _timed(steps, "encode"):
            vector = self.encoder.encode_queries([question])[0]
        hidden = self._rows_of(without)
        # Deep enough to have as many rows left when the hidden ones are gone.
        depth = max(CANDIDATES, top_k) + len(hidden)
        with _timed(steps, "dense"):
            signals: dict[str, list[Hit]] = {
                "dense": self._dense["body"].search(vector, depth),
                "dense_title": self._dense["title"].search(vector, depth),
            }
        with _timed(steps, "lexical"):
            lemmas = tokenise(question)
            signals["lexical"] = self._lexical["body"].search(lemmas, depth)
            signals["lexical_title"] = self._lexical["title"].search(lemmas, depth)
        with _timed(steps, "fuse"):
            signals = {
                name: [hit for hit in hits if hit[0] not in hidden]
                for name, hits in signals.items()
            }
            ranked = fuse(signals, WEIGHTS)[:top_k]
        with _timed(steps, "fetch"):
            passages = self._passages(question, vector, ranked, signals)
        took = (time.perf_counter() - began) * 1000
        return SearchResult(question, passages, (), took, steps)

    def _passages(
        self,
        question: str,
        vector: Vectors,
        ranked: Sequence[Hit],
        signals: Mapping[str, Sequence[Hit]],
    ) -> tuple[Passage, ...]:
        lemmas = query_lemmas(question)
        given = {name: dict(hits) for name, hits in signals.items()}
        rows = self._rows([row for row, _ in ranked])
        sentences = self._sentences([row for row, _ in ranked], vector)
        passages = []
        for rank, (row, score) in enumerate(ranked, start=1):
            chunk_id, chunk, citation = rows[row]
            passages.append(
                Passage(
                    id=chunk_id,
                    rank=rank,
                    chunk=chunk,
                    citation=citation,
                    score=min(1.0, score),
                    signals={name: hits[row] for name, hits in given.items() if row in hits},
                    highlights=matching_spans(chunk.text, lemmas),
                    sentences=tuple(sentences[row]),
                )
            )
        return tuple(passages)

    def _sentences(self, rows: Sequence[int], vector: Vectors) -> dict[int, list[Sentence]]:
        """The sentences of each of the chunk `rows`."""
        records = self._fetch(_SENTENCE_QUERY, rows)
        cosines = self._dense["sentence"].scores(vector, [record[0] - 1 for record in records])
        found: dict[int, list[Sentence]] = {row: [] for row in rows}
        for (_, chunk, start, end), cosine in zip(records, cosines, strict=True):
            found[chunk].append(Sentence(start, end, cosine))
        return found

    def _rows_of(self, documents: Collection[str]) -> frozenset[int]:
        """The chunk rows of the documents with these ids."""
        if not documents:
            return frozenset()
        records = self._fetch(_ROWS_OF_DOCUMENTS, list(documents))
        return frozenset(row for (row,) in records)

    def _rows(self, rows: Sequence[int]) -> dict[int, tuple[str, Chunk, Citation]]:
        spans: dict[int, list[TextSpan]] = {}
        for row, start, end, page, x0, y0, x1, y1, kind in self._fetch(_SPANS_QUERY, rows):
            spans.setdefault(row, []).append(TextSpan(start, end, page, (x0, y0, x1, y1), kind))
        return {
            record[0]: _from_record(record, tuple(spans.get(record[0], ())))
            for record in self._fetch(_PASSAGE_QUERY, rows)
        }

    def _fetch(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """The records of a query whose {marks} stand for `values`."""
        try:
            with self._database_lock:
                filled = query.format(marks=",".join("?" * len(values)))
                return self._database.execute(filled, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise LibraryError(
                f"the library's {store.DATABASE} is damaged ({error}); "
                "build it again with `policyqa index --rebuild PATH...`"
            ) from error


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


def _from_record(record: Sequence[Any], spans: tuple[TextSpan, ...]) -> tuple[str, Chunk, Citation]:
    _, chunk_id, text, start, end, *place = record
    citation = _citation(*place)
    pages = (citation.page, citation.page_last)
    return chunk_id, Chunk(citation.section, text, start, end, *pages, spans), citation


def _citation(
    first_page: int | None,
    last_page: int | None,
    path: str,
    document_id: str,
    title: str,
    file: str,
    metadata_json: str,
    labels_json: str,
) -> Citation:
    metadata = json.loads(metadata_json)
    return Citation(
        document_id=document_id,
        title=title,
        file=Path(file).name,
        section=tuple(json.loads(path)),
        page=first_page,
        page_last=last_page,
        url=metadata.get("url"),
        date=metadata.get("date"),
        publisher=metadata.get("publisher"),
        page_labels={int(page): label for page, label in json.loads(labels_json).items()},
    )


def _open_database(path: Path) -> sqlite3.Connection:
    # A generation never changes once it is published.
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
    connection.execute("SELECT count(*) FROM chunks")
    return connection


@contextmanager
def _timed(steps: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    steps[name] = (time.perf_counter() - began) * 1000
