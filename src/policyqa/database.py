"""What a library knows of its documents, as SQLite rows."""

import hashlib
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from policyqa.duplicates import fingerprint
from policyqa.models import Chunk, Document, Span
from policyqa.places import keys_of, names_of, path_of, place_of
from policyqa.units import Part, Unit, units
from policyqa.word_table import WordKind

_SCHEMA = """
CREATE TABLE documents (id TEXT PRIMARY KEY, path TEXT NOT NULL, title TEXT NOT NULL,
    metadata TEXT NOT NULL, sha256 TEXT NOT NULL, pages INTEGER,
    page_labels TEXT NOT NULL, file TEXT);
-- `file` counts from the library's folder, so that both can be moved together; null: it has none.
-- The names of a document, in one form (japanese.place_key).
CREATE TABLE names (key TEXT NOT NULL, document TEXT NOT NULL REFERENCES documents);
-- A section's text is text[start:end] of its unit; `last` is the row of the last one inside it.
CREATE TABLE sections (id INTEGER PRIMARY KEY, document TEXT NOT NULL REFERENCES documents,
    path TEXT NOT NULL, label TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL,
    place TEXT NOT NULL, unit INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    last INTEGER NOT NULL, first_page INTEGER, last_page INTEGER);
CREATE INDEX sections_of_document ON sections (document);
CREATE INDEX sections_of_unit ON sections (unit);
CREATE TABLE units (id INTEGER PRIMARY KEY REFERENCES sections, text TEXT NOT NULL);
-- The names of a section, in one form (japanese.place_key).
CREATE TABLE keys (key TEXT NOT NULL, document TEXT NOT NULL REFERENCES documents,
    section INTEGER NOT NULL REFERENCES sections, PRIMARY KEY (key, document, section))
    WITHOUT ROWID;
-- A chunk's text is its unit's from `start` to `end`, after the spans of `lead`, a line each.
-- `numbers` and `runs` are those of its duplicates.Fingerprint.
CREATE TABLE chunks (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    section INTEGER NOT NULL REFERENCES sections, start INTEGER NOT NULL, end INTEGER NOT NULL,
    lead TEXT NOT NULL, numbers TEXT NOT NULL, runs INTEGER NOT NULL);
CREATE INDEX chunks_of_section ON chunks (section);
-- The rows count from 1, in the order of the vectors; offsets are those of the chunk's text.
CREATE TABLE sentences (row INTEGER PRIMARY KEY, chunk INTEGER NOT NULL REFERENCES chunks,
    start INTEGER NOT NULL, end INTEGER NOT NULL);
CREATE INDEX sentences_of_chunk ON sentences (chunk);
-- The content words of each chunk, as word_table packs them; kinds count from 0.
CREATE TABLE words (chunk INTEGER PRIMARY KEY REFERENCES chunks, packed BLOB NOT NULL);
CREATE TABLE word_kinds (number INTEGER PRIMARY KEY, lemma TEXT NOT NULL, pos TEXT NOT NULL,
    pos2 TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE spans (unit INTEGER NOT NULL REFERENCES units,
    start INTEGER NOT NULL, end INTEGER NOT NULL, page INTEGER NOT NULL,
    x0 REAL NOT NULL, y0 REAL NOT NULL, x1 REAL NOT NULL, y1 REAL NOT NULL, kind TEXT NOT NULL);
CREATE INDEX spans_of_unit ON spans (unit, start);
"""

SectionIds = dict[tuple[str, ...], list[tuple[int, str]]]
"""Path of headings to the rows of the sections there, and the texts of their units."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to index. `path` is relative to the folder all given paths share; `overrides` is what
    metadata.toml says of it. What was made without a file of its own has none."""

    file: Path | None
    path: str
    sha256: str
    overrides: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Another one when the file, or what is said of it, is another."""
        if not self.overrides:
            return self.sha256
        said = json.dumps([self.sha256, sorted(self.overrides.items())])
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def document_id(self) -> str:
        return hashlib.sha256(self.path.encode()).hexdigest()[:12]

    def seen_from(self, folder: Path) -> str | None:
        """Where the file is, from `folder`."""
        if self.file is None:
            return None
        try:
            return os.path.relpath(self.file.resolve(), folder.resolve())
        except ValueError:  # on another drive
            return str(self.file.resolve())


class Words(Protocol):
    """Those of every chunk, as `word_table` packs them."""

    @property
    def rows(self) -> Iterable[bytes]: ...
    @property
    def kinds(self) -> Iterable[WordKind]: ...


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document and the chunks cut out of each of its units."""

    source: Source
    document: Document
    units: list[list[Chunk]]

    @property
    def chunks(self) -> list[Chunk]:
        return [chunk for unit in self.units for chunk in unit]

    def titles(self, chunk: Chunk) -> str:
        return " ".join((self.document.title, *chunk.section))


def write_database(
    path: Path,
    parts: Sequence[ReadDocument],
    spans: Sequence[Sequence[Span]],
    words: Words,
    library: Path,
) -> int:
    """Write the rows; the chunk rows count from 0 in the order of the vectors, of `spans` (their
    sentences) and of `words`. Where the documents' files are counts from the folder `library`.
    Returns how many sections have a heading."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_SCHEMA)
        headed = 0
        rows = iter(range(sum(len(part.chunks) for part in parts)))
        for part in parts:
            document, source = part.document, part.source
            connection.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    source.document_id,
                    source.path,
                    document.title,
                    json.dumps(dict(document.metadata), ensure_ascii=False),
                    source.sha256,
                    document.page_count,
                    json.dumps(dict(document.page_labels), ensure_ascii=False),
                    source.seen_from(library),
                ),
            )
            connection.executemany(
                "INSERT INTO names VALUES (?, ?)",
                [(key, source.document_id) for key in names_of(document.title, document.metadata)],
            )
            section_ids: SectionIds = {}
            for unit in units(document):
                for row, inner in _insert_unit(connection, source.document_id, unit):
                    headed += bool(inner.section.heading)
                    section_ids.setdefault(path_of(inner.chain), []).append((row, unit.text))
            _insert_chunks(connection, part, section_ids, rows)
        connection.executemany(
            "INSERT INTO sentences VALUES (NULL, ?, ?, ?)",
            [(row, start, end) for row, found in enumerate(spans) for start, end in found],
        )
        connection.executemany("INSERT INTO words VALUES (?, ?)", enumerate(words.rows))
        connection.executemany(
            "INSERT INTO word_kinds VALUES (?, ?, ?, ?, ?)",
            [(number, *kind) for number, kind in enumerate(words.kinds)],
        )
        connection.commit()
    return headed


def passage_id(document: str, chunk: Chunk, number: int = 1) -> str:
    """The id of the `number`th passage with this text in its section."""
    identity = json.dumps([document, chunk.section, chunk.text])
    return hashlib.sha256(f"{identity}{number}".encode()).hexdigest()[:16]


def _insert_unit(
    connection: sqlite3.Connection, document: str, unit: Unit
) -> Iterator[tuple[int, Part]]:
    """Write a unit's sections; yield their rows, which follow each other."""
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM sections").fetchone()
    first = last + 1
    for row, part in enumerate(unit.whole.walk(), start=first):
        section = part.section
        connection.execute(
            "INSERT INTO sections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row,
                document,
                json.dumps(path_of(part.chain), ensure_ascii=False),
                section.label,
                section.title,
                section.kind,
                place_of(part.chain),
                first,
                part.start,
                part.end,
                row + sum(1 for _ in section.walk()) - 1,
                section.first_page,
                section.last_page,
            ),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO keys VALUES (?, ?, ?)",
            [(key, document, row) for key in keys_of(part.chain)],
        )
        yield row, part
    connection.execute("INSERT INTO units VALUES (?, ?)", (first, unit.text))
    connection.executemany(
        "INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(first, span.start, span.end, span.page, *span.box, span.kind) for span in unit.spans],
    )


def _insert_chunks(
    connection: sqlite3.Connection,
    part: ReadDocument,
    section_ids: SectionIds,
    rows: Iterator[int],
) -> None:
    seen: Counter[str] = Counter()
    for chunk in part.chunks:
        # The same words may stand twice in a section.
        seen[passage_id(part.source.document_id, chunk)] += 1
        number = seen[passage_id(part.source.document_id, chunk)]
        print_ = fingerprint(chunk.text)
        connection.execute(
            "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                next(rows),
                passage_id(part.source.document_id, chunk, number),
                _section_of(chunk, section_ids),
                chunk.start,
                chunk.end,
                json.dumps(chunk.lead),
                print_.numbers,
                print_.runs,
            ),
        )


def _section_of(chunk: Chunk, section_ids: SectionIds) -> int | None:
    # Two sections of a document may have the same path.
    return next(
        identity
        for identity, text in section_ids[chunk.section]
        if text[chunk.start : chunk.end] == chunk.text[chunk.start - chunk.end :]
    )
