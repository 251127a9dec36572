"""What users said of answers, in SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Literal

from policyqa.errors import PolicyQAError

FILE = "feedback.sqlite"
_WAIT = 10.0
"""Seconds for another writer to be done."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (id INTEGER PRIMARY KEY, time TEXT NOT NULL,
    question TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL, passage TEXT,
    citation TEXT, generation TEXT NOT NULL)
"""

Verdict = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a user said of an answer. `time` is ISO 8601 in UTC, `generation` the library's that
    gave the answer; without a passage nothing was found."""

    time: str
    question: str
    verdict: Verdict
    reason: str
    passage: str | None
    citation: str | None
    generation: str


class Feedback:
    """The opinions kept in a file. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, opinion: Opinion) -> None:
        """Keep an opinion. Raises PolicyQAError when the file cannot be written."""
        with self._connected() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_SCHEMA)
            connection.execute(
                "INSERT INTO feedback VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", astuple(opinion)
            )
            connection.commit()

    def all(self) -> list[Opinion]:
        """All opinions, the oldest first; none where there is no file yet."""
        if not self._path.exists():
            return []
        columns = ", ".join(field.name for field in fields(Opinion))
        with self._connected() as connection:
            rows = connection.execute(f"SELECT {columns} FROM feedback ORDER BY id")  # noqa: S608
            return [Opinion(*row) for row in rows]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=_WAIT)) as connection:
                yield connection
        except sqlite3.Error as error:
            raise PolicyQAError(
                f"the feedback in {self._path} cannot be used ({error}); "
                "give another file with POLICYQA_FEEDBACK"
            ) from error


def beside(library: Path) -> Path:
    """Where feedback is kept unless said otherwise. Not in the library's folder, which may be
    deleted and built anew at any time."""
    return library.resolve().parent / FILE
