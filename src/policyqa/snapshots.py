"""Reading files that others may write to meanwhile: what is recorded is what was read."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from policyqa import metadata
from policyqa.database import Source
from policyqa.errors import ReadError
from policyqa.models import Document
from policyqa.readers import reader_for

_PIECE = 1 << 20
"""Bytes."""
_ATTEMPTS = 5
"""At a file that changes while it is copied."""


def read_all(
    sources: Sequence[Source], folder: Path, progress: Callable[[int, int], None]
) -> tuple[list[Source], list[tuple[Source, Document]], list[dict[str, str]]]:
    """Read the sources' files, one after the other, from copies made in `folder`.

    Returns all sources, each with the hash of what was read (none where it could not be); the
    documents; and what was skipped, with path and reason. Raises OSError when `folder` cannot be
    written to.
    """
    seen, documents, skipped = [], [], []
    for number, source in enumerate(sources, start=1):
        source, found = _read(source, folder)
        seen.append(source)
        if isinstance(found, Document):
            documents.append((source, found))
        else:
            skipped.append({"path": source.path, "reason": str(found)})
        progress(number, len(sources))
    return seen, documents, skipped


def _read(source: Source, folder: Path) -> tuple[Source, Document | ReadError]:
    file = source.file
    assert file is not None  # noqa: S101 - found on disk
    # A document may be called as its file is.
    copy = folder / file.name
    try:
        read_file = reader_for(copy)
        source = replace(source, sha256="")
        source = replace(source, sha256=_copy(file, copy))
        return source, metadata.with_metadata(read_file(copy), source.overrides)
    except ReadError as error:
        return source, error
    finally:
        copy.unlink(missing_ok=True)


def _copy(file: Path, copy: Path) -> str:
    """Copy a file; returns the SHA-256 of the copy. Raises ReadError when it cannot be read, or
    never keeps still."""
    for _ in range(_ATTEMPTS):
        digest = hashlib.sha256()
        with copy.open("wb") as stream:
            try:
                for piece in _pieces(file):
                    digest.update(piece)
                    stream.write(piece)
            except _ChangedError:
                continue
        return digest.hexdigest()
    raise ReadError("it is being written to; run again when that is done")


class _ChangedError(Exception):
    """A file was written to while it was read."""


def _pieces(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            before = _state(stream.fileno())
            while piece := stream.read(_PIECE):
                yield piece
            after = _state(stream.fileno())
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}") from error
    if before != after:
        raise _ChangedError


def _state(descriptor: int) -> tuple[int, int, int]:
    status = os.fstat(descriptor)
    # Not the time of the last change to the entry: a rename of the file does no harm.
    return status.st_size, status.st_mtime_ns, status.st_ino
