"""Files to a library: read, cut, embed, index, publish."""

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from policyqa import __version__, chunking, store
from policyqa.database import ReadDocument, Source, write_database
from policyqa.encoders import Encoder
from policyqa.errors import LibraryError
from policyqa.finding import check_there, find_sources
from policyqa.japanese import content_words, sentences, tokenise
from policyqa.models import Document
from policyqa.ranking import load
from policyqa.search.dense import DenseIndex
from policyqa.search.lexical import LexicalIndex
from policyqa.snapshots import read_all
from policyqa.vectors import VectorCache, Vectors
from policyqa.word_table import WordTable

# What decides a library's content besides the files: a change in any of these modules makes it
# stale, so a newer policyqa never serves what an older one cut.
_RECIPE_MODULES = (
    "readers/**/*.py",
    "chunking.py",
    "database.py",
    "duplicates.py",
    "finding.py",
    "indexing.py",
    "japanese.py",
    "metadata.py",
    "numerals.py",
    "places.py",
    "units.py",
    "search/*.py",
    "word_table.py",
)

# How much a word counts in each field of the lexical index; docs/retrieval.md has the table.
OWN_WEIGHT, BESIDE_WEIGHT, TITLE_WEIGHT = 2, 1, 1

Progress = Callable[[str, int, int], None]
"""step ("read", "embed"), how many are done, of how many."""


class EncoderSource(Protocol):
    """An encoder not yet loaded. `id` names its vectors: equal ids mean equal vectors."""

    @property
    def id(self) -> str: ...

    def load(self) -> Encoder: ...


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
    vectors: Path


Found = tuple[Sequence[Source], list[tuple[Source, Document]], list[dict[str, str]]]
"""All sources as they were read; the documents; the files skipped with path and reason."""
ReadAll = Callable[[Sequence[Source], Path], Found]
"""Reads sources; into the folder it may write copies."""


def build(
    paths: Sequence[Path],
    library: Path,
    encoder: EncoderSource,
    *,
    chunk_tokens: int = chunking.DEFAULT_BUDGET,
    rebuild: bool = False,
    progress: Progress = lambda step, done, of: None,
    say: Callable[[str], None] = lambda message: None,
    vectors: Path | None = None,
) -> Summary:
    """Make the library equal to `paths` (files and folders). Unchanged input builds nothing.

    Embeddings are kept in the folder `vectors`, by default the library's own; libraries that
    share it embed no text twice.

    Raises LibraryError when a path is missing or nothing can be indexed; the live generation is
    then left as it was.
    """
    check_there(paths)
    job = _Job(
        library, encoder, chunk_tokens, rebuild, progress, say, vectors or library / "vectors"
    )

    def read(sources: Sequence[Source], folder: Path) -> Found:
        return read_all(sources, folder, lambda done, of: progress("read", done, of))

    return _update(job, lambda: find_sources(paths, library), read)


def build_documents(
    documents: Sequence[tuple[Source, Document]],
    library: Path,
    encoder: EncoderSource,
    *,
    chunk_tokens: int = chunking.DEFAULT_BUDGET,
    progress: Progress = lambda step, done, of: None,
    say: Callable[[str], None] = lambda message: None,
    vectors: Path | None = None,
) -> Summary:
    """Make the library equal to documents that are already read, as `build` does with files."""
    job = _Job(library, encoder, chunk_tokens, False, progress, say, vectors or library / "vectors")
    sources = [source for source, _ in documents]
    return _update(job, lambda: sources, lambda sources, _: (sources, list(documents), []))


def _update(job: _Job, find: Callable[[], Sequence[Source]], read: ReadAll) -> Summary:
    began = time.perf_counter()
    library = job.library
    waiting = f"another process is building {library}; waiting for it"
    try:
        with store.building(library, waiting, job.say):
            # Only now: while it waited, files may have changed.
            sources = find()
            previous = _previous(library, job.say)
            inputs = _inputs_digest(job, sources)
            if previous and previous.manifest["inputs"] == inputs and not job.rebuild:
                return _summary(library, previous, previous, 0, 0, True, began)
            with store.draft(library) as folder:
                found = read(sources, folder)
            return _build(job, found, previous, began)
    except (OSError, sqlite3.Error) as error:
        place = getattr(error, "filename", None) or library
        # numpy tells of a full disk without saying so.
        reason = getattr(error, "strerror", None) or error
        raise LibraryError(
            f"the library cannot be written ({place}: {reason}); "
            "free space or give another folder with --library"
        ) from error


def _previous(library: Path, say: Callable[[str], None]) -> store.Generation | None:
    if not store.exists(library):
        return None
    try:
        generation = store.current(library)
        store.verify(generation)
        return generation
    except LibraryError as error:
        say(f"{error}: building it anew")
        return None


def _inputs_digest(job: _Job, sources: Sequence[Source]) -> str:
    package = Path(__file__).parent
    recipe = hashlib.sha256()
    for pattern in _RECIPE_MODULES:
        for module in sorted(package.glob(pattern)):
            recipe.update(module.read_bytes())
    inputs = [recipe.hexdigest(), job.encoder.id, job.chunk_tokens]
    files = [(source.path, source.digest, source.seen_from(job.library)) for source in sources]
    return _digest_of([*inputs, *files])


def _digest_of(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _build(
    job: _Job,
    found: Found,
    previous: store.Generation | None,
    began: float,
) -> Summary:
    sources, documents, skipped = found
    if not documents:
        first = skipped[0]
        raise LibraryError(
            f"none of {len(skipped)} files could be indexed ({first['path']}: {first['reason']})"
        )
    encoder = job.encoder.load()
    parts = [
        ReadDocument(
            source, document, chunking.chunk(document, encoder.count_tokens, job.chunk_tokens)
        )
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
    with VectorCache(job.vectors, job.encoder.id) as cache:
        vectors, embedded = cache.vectors(
            bodies + titles + said,
            encoder.encode_passages,
            lambda done, of: job.progress("embed", done, of),
        )
    with store.draft(job.library) as folder:
        body, title, sentence = np.split(vectors, [len(bodies), len(bodies) + len(titles)])
        kinds = _write_dense(folder, {"body": body, "title": title, "sentence": sentence})
        words = _write_words(folder, parts)
        sections = write_database(folder / store.DATABASE, parts, spans, words, job.library)
        manifest = {
            "policyqa": __version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "encoder": {"id": job.encoder.id, "dimension": encoder.dimension},
            "dense": kinds,
            "chunk_tokens": job.chunk_tokens,
            "inputs": _inputs_digest(job, sources),
            "corpus": _digest_of([(part.source.path, part.source.digest) for part in parts]),
            "counts": {
                "documents": len(parts),
                "sections": sections,
                "chunks": len(texts),
                "sentences": len(said),
            },
            "sources": {part.source.path: part.source.digest for part in parts},
            "skipped": skipped,
        }
        _check_written(folder, manifest, job.library)
        generation = store.publish(job.library, folder, manifest)
    reused = len(set(bodies + titles + said)) - embedded
    return _summary(job.library, generation, previous, embedded, reused, False, began)


def _check_written(folder: Path, manifest: dict[str, Any], library: Path) -> None:
    """Open what was written as a server does: where a disk is full, numpy may leave a file cut
    short without a word."""
    try:
        catalogue, ranker = load(folder, manifest)
    except Exception as error:  # each loader fails at a damaged file in ways of its own
        raise LibraryError(
            f"the library at {library} could not be written whole ({type(error).__name__} while "
            "opening it); free space and run it again"
        ) from error
    catalogue.close()
    misfit = ranker.misfit(manifest, manifest["encoder"]["dimension"])
    if misfit:
        raise LibraryError(
            f"the library at {library} could not be written whole ({misfit} vectors do not fit); "
            "free space and run it again"
        )


def _write_dense(folder: Path, fields: dict[str, Vectors]) -> dict[str, dict[str, int | str]]:
    """Write an index of each field; returns their kinds, for the manifest."""
    (folder / "dense").mkdir()
    kinds = {}
    for field, vectors in fields.items():
        # Titles and sentences are never searched, only compared row by row.
        build = DenseIndex.build if field == "body" else DenseIndex.compact
        index = build(vectors)
        index.save(folder / "dense" / f"{field}.faiss")
        kinds[field] = index.kind
    return kinds


def _write_words(folder: Path, parts: Sequence[ReadDocument]) -> WordTable:
    """Write the index of words; returns those of the chunks."""
    words = WordTable()
    LexicalIndex.build(_found_by(parts, words)).save(folder / "lexical")
    return words


def _found_by(parts: Sequence[ReadDocument], words: WordTable) -> Iterator[list[str]]:
    """The lemmas each chunk is found by: its own, those of its title and of the chunks beside it.
    Its own go into `words` on the way, so that each text is cut into words once.

    BM25 over weighted fields (Robertson, Zaragoza and Taylor 2004): a word counts as often as its
    field weighs.
    """
    titles: dict[str, list[str]] = {}
    for part in parts:
        for unit in part.units:
            said = [content_words(chunk.text) for chunk in unit]
            for chunk_words in said:
                words.add(chunk_words)
            bodies = [[word.lemma for word in chunk_words] for chunk_words in said]
            for number, chunk in enumerate(unit):
                title = part.titles(chunk)
                if title not in titles:  # many chunks share it
                    titles[title] = tokenise(title)
                beside = [word for body in bodies[max(0, number - 1) : number + 2] for word in body]
                own = bodies[number] * (OWN_WEIGHT - BESIDE_WEIGHT)
                yield titles[title] * TITLE_WEIGHT + own + beside * BESIDE_WEIGHT


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
