"""Embeddings kept by content, so that an unchanged text is never embedded twice."""

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]

_BATCH = 128
_KEYS_PER_QUERY = 500
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
"""What SQLite says of a damaged file; SQLITE_ERROR where the schema is another."""


class VectorCache:
    """A file of vectors by the hash of their text, for one encoder. Use as a context manager.

    Every batch is committed as soon as it is computed, so an interrupted run loses nothing. A
    damaged entry (wrong CRC) counts as missing.
    """

    def __init__(self, folder: Path, encoder_id: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^0-9A-Za-z._@-]", "_", encoder_id)
        self._connection = _open(folder / f"{name}.sqlite")

    def __enter__(self) -> "VectorCache":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def vectors(
        self, texts: Sequence[str], encode: Encode, progress: Callable[[int, int], None]
    ) -> tuple[Vectors, int]:
        """The vectors of `texts`, shape (texts, dimension), and how many had to be computed.

        `progress(done, of)` is called as missing ones are computed.
        """
        keys = [_key(text) for text in texts]
        known = self._read(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        # Texts of like length together waste no padding.
        ordered = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(ordered), _BATCH):
            batch = ordered[start : start + _BATCH]
            computed = encode([text for _, text in batch])
            rows = list(zip((key for key, _ in batch), computed, strict=True))
            self._write(rows)
            known.update(rows)
            progress(start + len(batch), len(ordered))
        return np.stack([known[key] for key in keys]), len(missing)

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        known = {}
        distinct = list(dict.fromkeys(keys))
        for start in range(0, len(distinct), _KEYS_PER_QUERY):
            some = distinct[start : start + _KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, crc, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608
            for key, crc, raw in self._connection.execute(query, some):
                if isinstance(raw, bytes) and zlib.crc32(raw) == crc:
                    known[key] = np.frombuffer(raw, dtype=np.float32)
        return known

    def _write(self, rows: Sequence[tuple[bytes, Vectors]]) -> None:
        raw = [(key, vector.astype(np.float32).tobytes()) for key, vector in rows]
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(key, zlib.crc32(vector), vector) for key, vector in raw],
            )


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]


class _DamagedError(Exception):
    """A file is no database of vectors, or not any more."""


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except _DamagedError:
        # Only a cache, so it is made anew. The journal, if a killed run left one, would be played
        # into the new file.
        for file in (path, path.with_name(f"{path.name}-journal")):
            file.unlink(missing_ok=True)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    try:
        # Damaged columns may claim to be text that is none.
        connection.text_factory = bytes
        if connection.execute("PRAGMA quick_check").fetchone()[0] != b"ok":
            raise _DamagedError
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors"
            " (key BLOB PRIMARY KEY, crc INTEGER NOT NULL, vector BLOB NOT NULL) WITHOUT ROWID"
        )
        # The schema may be damaged, too.
        connection.execute("SELECT key, crc, vector FROM vectors LIMIT 0")
    except _DamagedError:
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        # The lowest byte is the kind of error, the others say more of it.
        if error.sqlite_errorcode & 0xFF in _DAMAGE:
            raise _DamagedError from error
        raise
    return connection
