"""Files to a library: read, cut, embed, index, publish."""

import hashlib
import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np

from policyqa import __version__, chunking, store
from policyqa.encoders import Encoder
from policyqa.errors import LibraryError, ReadError
from policyqa.japanese import sentences, tokenise
from policyqa.models import Chunk, Document, Span
from policyqa.readers import read
from policyqa.search.dense import DenseIndex
from policyqa.search.lexical import LexicalIndex
from policyqa.vectors import VectorCache, Vectors

# What decides a library's content besides the files: a change in any of these modules makes it
# stale, so a newer policyqa never serves what an older one cut.
_RECIPE_MODULES = ("readers/**/*.py", "chunking.py", "indexing.py", "japanese.py", "search/*.py")

_SCHEMA = """
CREATE TABLE documents (id TEXT PRIMARY KEY, path TEXT NOT NULL, title TEXT NOT NULL,
    metadata TEXT NOT NULL, sha256 TEXT NOT NULL, pages INTEGER,
    page_labels TEXT NOT NULL);
CREATE TABLE sections (id INTEGER PRIMARY KEY, document TEXT NOT NULL REFERENCES documents,
    path TEXT NOT NULL, label TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    first_page INTEGER, last_page INTEGER);
CREATE INDEX sections_of_document ON sections (document);
CREATE TABLE chunks (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    section INTEGER NOT NULL REFERENCES sections, text TEXT NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, first_page INTEGER, last_page INTEGER);
-- The rows count from 1, in the order of the vectors; offsets are those of the chunk's text.
CREATE TABLE sentences (row INTEGER PRIMARY KEY, chunk INTEGER NOT NULL REFERENCES chunks,
    start INTEGER NOT NULL, end INTEGER NOT NULL);
CREATE INDEX sentences_of_chunk ON sentences (chunk);
CREATE TABLE spans (section INTEGER NOT NULL REFERENCES sections,
    start INTEGER NOT NULL, end INTEGER NOT NULL, page INTEGER NOT NULL,
    x0 REAL NOT NULL, y0 REAL NOT NULL, x1 REAL NOT NULL, y1 REAL NOT NULL, kind TEXT NOT NULL);
CREATE INDEX spans_of_section ON spans (section, start);
"""

Progress = Callable[[str, int, int], None]
"""step ("read", "embed"), how many are done, of how many."""


SectionIds = dict[tuple[str, ...], list[tuple[int | None, str]]]
"""Path of headings to the rows of the sections there, and their texts."""


class EncoderSource(Protocol):
    """An encoder not yet loaded. `id` names its vectors: equal ids mean equal vectors."""

    @property
    def id(self) -> str: ...

    def load(self) -> Encoder: ...


@dataclass(frozen=True, slots=True)
class Source:
    """A file to index. `path` is relative to the folder all given paths share."""

    file: Path
    path: str
    sha256: str

    @property
    def document_id(self) -> str:
        return hashlib.sha256(self.path.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run of `index` did. `embedded` and `reused` count vectors."""

    library: str
    generation: str
    up_to_date: bool
    documents: int
    sections: int
    chunks: int
    sentences: int
    embedded: int
    reused: int
    added: list[str]
    changed: list[str]
    removed: list[str]
    skipped: list[dict[str, str]]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Job:
    library: Path
    encoder: EncoderSource
    chunk_tokens: int
    rebuild: bool
    progress: Progress
    say: Callable[[str], None]


ReadAll = Callable[[], tuple[list[tuple[Source, Document]], list[dict[str, str]]]]
"""Gives the documents, and the files skipped with path and reason."""


@dataclass(frozen=True, slots=True)
class _Read:
    source: Source
    document: Document
    chunks: list[Chunk]

    def titles(self, chunk: Chunk) -> str:
        return " ".join((self.document.title, *chunk.section))


def build(
    paths: Sequence[Path],
    library: Path,
    encoder: EncoderSource,
    *,
    chunk_tokens: int = chunking.DEFAULT_BUDGET,
    rebuild: bool = False,
    progress: Progress = lambda step, done, of: None,
    say: Callable[[str], None] = lambda message: None,
) -> Summary:
    """Make the library equal to `paths` (files and folders). Unchanged input builds nothing.

    Raises LibraryError when a path is missing or nothing can be indexed; the live generation is
    then left as it was.
    """
    sources = find_sources(paths, library)
    job = _Job(library, encoder, chunk_tokens, rebuild, progress, say)
    return _update(job, sources, lambda: _read_all(sources, progress))


def build_documents(
    documents: Sequence[tuple[Source, Document]],
    library: Path,
    encoder: EncoderSource,
    *,
    chunk_tokens: int = chunking.DEFAULT_BUDGET,
    progress: Progress = lambda step, done, of: None,
    say: Callable[[str], None] = lambda message: None,
) -> Summary:
    """Make the library equal to documents that are already read, as `build` does with files."""
    job = _Job(library, encoder, chunk_tokens, False, progress, say)
    return _update(job, [source for source, _ in documents], lambda: (list(documents), []))


def _update(job: _Job, sources: Sequence[Source], read_all: ReadAll) -> Summary:
    began = time.perf_counter()
    library = job.library
    waiting = f"another process is building {library}; waiting for it"
    try:
        with store.building(library, waiting, job.say):
            previous = _previous(library, job.say)
            inputs = _inputs_digest(sources, job.encoder.id, job.chunk_tokens)
            if previous and previous.manifest["inputs"] == inputs and not job.rebuild:
                return _summary(library, previous, previous, 0, 0, True, began)
            return _build(job, read_all, inputs, previous, began)
    except (OSError, sqlite3.OperationalError) as error:
        place = getattr(error, "filename", None) or library
        raise LibraryError(
            f"the library cannot be written ({place}: {getattr(error, 'strerror', error)}); "
            "free space or give another folder with --library"
        ) from error


def find_sources(paths: Sequence[Path], library: Path) -> list[Source]:
    """The files under `paths`, sorted; hidden ones, `library` and other libraries are left out."""
    for path in paths:
        if not path.exists():
            raise LibraryError(f"{path} does not exist; give a file or a folder of documents")
    shared = Path(os.path.commonpath([_folder_of(path) for path in paths]))
    files = {file.resolve(): file for path in paths for file in _files(path, library)}
    sources = [
        Source(file, os.path.relpath(real, shared), _sha256_of(file))
        for real, file in files.items()
    ]
    if not sources:
        raise LibraryError(f"no file in {', '.join(map(str, paths))}; put documents there first")
    return sorted(sources, key=lambda source: source.path)


def _is_library(folder: Path, library: Path) -> bool:
    # `library` may have been begun and never finished.
    return store.exists(folder) or folder.resolve() == library.resolve()


def _sha256_of(file: Path) -> str:
    # A file that cannot be read is skipped and named when its turn to be read comes.
    try:
        return store.sha256_of(file)
    except OSError:
        return ""


def _folder_of(path: Path) -> Path:
    return path.resolve() if path.is_dir() else path.resolve().parent


def _files(path: Path, library: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, names, files in os.walk(path):
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".") and not _is_library(Path(folder, name), library)
        )
        yield from (
            Path(folder, name) for name in sorted(files) if not name.startswith((".", "~$"))
        )


def _previous(library: Path, say: Callable[[str], None]) -> store.Generation | None:
    if not store.exists(library):
        return None
    try:
        return store.current(library)
    except LibraryError as error:
        say(f"{error}: building it anew")
        return None


def _inputs_digest(sources: Sequence[Source], encoder_id: str, chunk_tokens: int) -> str:
    package = Path(__file__).parent
    recipe = hashlib.sha256()
    for pattern in _RECIPE_MODULES:
        for module in sorted(package.glob(pattern)):
            recipe.update(module.read_bytes())
    inputs = [recipe.hexdigest(), encoder_id, chunk_tokens]
    return _digest_of([*inputs, *((source.path, source.sha256) for source in sources)])


def _digest_of(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _build(
    job: _Job,
    read_all: ReadAll,
    inputs: str,
    previous: store.Generation | None,
    began: float,
) -> Summary:
    documents, skipped = read_all()
    if not documents:
        first = skipped[0]
        raise LibraryError(
            f"none of {len(skipped)} files could be indexed ({first['path']}: {first['reason']})"
        )
    encoder = job.encoder.load()
    parts = [
        _Read(source, document, chunking.chunk(document, encoder.count_tokens, job.chunk_tokens))
        for source, document in documents
    ]
    titles = [part.titles(chunk) for part in parts for chunk in part.chunks]
    texts = [chunk.text for part in parts for chunk in part.chunks]
    if not texts:
        raise LibraryError(f"no text in {', '.join(source.path for source, _ in documents)}")
    bodies = [f"{title}\n{text}" for title, text in zip(titles, texts, strict=True)]
    spans = [sentences(text) for text in texts]
    said = [
        text[start:end] for text, found in zip(texts, spans, strict=True) for start, end in found
    ]
    with VectorCache(job.library / "vectors", job.encoder.id) as cache:
        vectors, embedded = cache.vectors(
            bodies + titles + said,
            encoder.encode_passages,
            lambda done, of: job.progress("embed", done, of),
        )
    with store.draft(job.library) as folder:
        body, title, sentence = np.split(vectors, [len(bodies), len(bodies) + len(titles)])
        _write_dense(folder, {"body": body, "title": title, "sentence": sentence})
        _write_lexical(folder, {"body": texts, "title": titles})
        sections = _write_database(folder / store.DATABASE, parts, spans)
        manifest = {
            "policyqa": __version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "encoder": {"id": job.encoder.id, "dimension": encoder.dimension},
            "chunk_tokens": job.chunk_tokens,
            "inputs": inputs,
            "corpus": _digest_of([(part.source.path, part.source.sha256) for part in parts]),
            "counts": {
                "documents": len(parts),
                "sections": sections,
                "chunks": len(texts),
                "sentences": len(said),
            },
            "sources": {part.source.path: part.source.sha256 for part in parts},
            "skipped": skipped,
        }
        generation = store.publish(job.library, folder, manifest)
    reused = len(set(bodies + titles + said)) - embedded
    return _summary(job.library, generation, previous, embedded, reused, False, began)


def _read_all(
    sources: Sequence[Source], progress: Progress
) -> tuple[list[tuple[Source, Document]], list[dict[str, str]]]:
    documents, skipped = [], []
    for index, source in enumerate(sources):
        try:
            documents.append((source, read(source.file)))
        except ReadError as error:
            skipped.append({"path": source.path, "reason": str(error)})
        progress("read", index + 1, len(sources))
    return documents, skipped


def _write_dense(folder: Path, fields: dict[str, Vectors]) -> None:
    (folder / "dense").mkdir()
    for field, vectors in fields.items():
        DenseIndex.build(vectors).save(folder / "dense" / f"{field}.faiss")


def _write_lexical(folder: Path, fields: dict[str, list[str]]) -> None:
    for field, texts in fields.items():
        # Many chunks share a title.
        lemmas = {text: tokenise(text) for text in set(texts)}
        LexicalIndex.build(lemmas[text] for text in texts).save(folder / "lexical" / field)


def _write_database(path: Path, parts: Sequence[_Read], spans: Sequence[Sequence[Span]]) -> int:
    """Write the rows; the chunk rows count from 0 in the order of the vectors. Returns how many
    sections have a heading."""
    connection = sqlite3.connect(path)
    connection.executescript(_SCHEMA)
    headed = 0
    rows = iter(range(sum(len(part.chunks) for part in parts)))
    for part in parts:
        document, source = part.document, part.source
        connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                source.document_id,
                source.path,
                document.title,
                json.dumps(dict(document.metadata), ensure_ascii=False),
                source.sha256,
                document.page_count,
                json.dumps(dict(document.page_labels), ensure_ascii=False),
            ),
        )
        section_ids: SectionIds = {}
        for section_path, section in document.root.walk():
            headed += bool(section_path)
            inserted = connection.execute(
                "INSERT INTO sections VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
                (
                    source.document_id,
                    json.dumps(section_path, ensure_ascii=False),
                    section.label,
                    section.title,
                    section.text,
                    section.first_page,
                    section.last_page,
                ),
            )
            connection.executemany(
                "INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (inserted.lastrowid, span.start, span.end, span.page, *span.box, span.kind)
                    for span in section.spans
                ],
            )
            section_ids.setdefault(section_path, []).append((inserted.lastrowid, section.text))
        _insert_chunks(connection, part, section_ids, rows)
    connection.executemany(
        "INSERT INTO sentences VALUES (NULL, ?, ?, ?)",
        [(row, start, end) for row, found in enumerate(spans) for start, end in found],
    )
    connection.commit()
    connection.close()
    return headed


def _insert_chunks(
    connection: sqlite3.Connection,
    part: _Read,
    section_ids: SectionIds,
    rows: Iterator[int],
) -> None:
    seen: Counter[str] = Counter()
    for chunk in part.chunks:
        identity = json.dumps([part.source.document_id, chunk.section, chunk.text])
        seen[identity] += 1
        chunk_id = hashlib.sha256(f"{identity}{seen[identity]}".encode()).hexdigest()[:16]
        connection.execute(
            "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                next(rows),
                chunk_id,
                _section_of(chunk, section_ids),
                chunk.text,
                chunk.start,
                chunk.end,
                chunk.first_page,
                chunk.last_page,
            ),
        )


def _section_of(chunk: Chunk, section_ids: SectionIds) -> int | None:
    # Two sections of a document may have the same path.
    return next(
        identity
        for identity, text in section_ids[chunk.section]
        if text[chunk.start : chunk.end] == chunk.text
    )


def _summary(
    library: Path,
    generation: store.Generation,
    previous: store.Generation | None,
    embedded: int,
    reused: int,
    up_to_date: bool,
    began: float,
) -> Summary:
    now = generation.manifest["sources"]
    before = previous.manifest["sources"] if previous else {}
    return Summary(
        library=str(library),
        generation=generation.name,
        up_to_date=up_to_date,
        **generation.manifest["counts"],
        embedded=embedded,
        reused=reused,
        added=sorted(now.keys() - before.keys()),
        changed=sorted(path for path in now.keys() & before.keys() if now[path] != before[path]),
        removed=sorted(before.keys() - now.keys()),
        skipped=generation.manifest["skipped"],
        seconds=round(time.perf_counter() - began, 2),
    )


def as_json(summary: Summary) -> str:
    """A summary as the JSON that `policyqa index --json` prints."""
    return json.dumps(asdict(summary), ensure_ascii=False, indent=2)
