"""Folders made once and kept in a cache: written aside, put in place whole, with checksums."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from policyqa.errors import EncoderError

_CHECKSUMS = "checksums.json"
_ROOM = 1 << 20
"""Bytes free: with fewer a disk is full."""


def folder(target: Path, write: Callable[[Path], None]) -> Path:
    """`target`, filled by `write(draft folder)` first if it is not there or not whole.

    Safe when several processes do it at once: each writes its own draft and the first to finish
    is kept. Raises EncoderError when it cannot be written.
    """
    if is_whole(target):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".preparing-", dir=target.parent))
        try:
            _fill(draft, write)
            _write_checksums(draft)
            put_in_place(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise EncoderError(
            f"the encoder could not be written to {target.parent}: {error.strerror}; free 1 GB "
            "there or set POLICYQA_CACHE to another folder"
        ) from error
    return target


def _fill(draft: Path, write: Callable[[Path], None]) -> None:
    """Have the folder written. Raises OSError where the disk is full, of which the runtimes' own
    writers tell each in its own way, or not at all."""
    try:
        write(draft)
    except Exception as error:
        # What is written in Rust: an error of its own that ends with this.
        if f"(os error {errno.ENOSPC})" in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise
    # What is written in C++ may cut a file short without a word.
    if shutil.disk_usage(draft).free < _ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def is_whole(target: Path) -> bool:
    """Whether the folder's files have the sizes written down when it was made."""
    try:
        sizes = json.loads((target / _CHECKSUMS).read_text())
        return all(
            (target / name).stat().st_size == entry["bytes"] for name, entry in sizes.items()
        )
    except (OSError, ValueError):
        return False


def damaged_files(target: Path) -> list[str]:
    """The files of a prepared folder whose SHA-256 is not the one written down."""
    entries = json.loads((target / _CHECKSUMS).read_text())
    return [
        name
        for name, entry in entries.items()
        if not (target / name).is_file() or _sha256(target / name) != entry["sha256"]
    ]


def put_in_place(draft: Path, target: Path) -> None:
    """Rename `draft` to `target`, unless another process has put a whole one there."""
    try:
        draft.rename(target)
    except OSError:
        if is_whole(target):
            return
        # A damaged folder stands in the way: move it aside, so that no one sees a mixture.
        aside = draft.with_name(f"{draft.name}-damaged")
        with contextlib.suppress(FileNotFoundError):
            target.rename(aside)
        with contextlib.suppress(OSError):
            draft.rename(target)
        shutil.rmtree(aside, ignore_errors=True)
        if not is_whole(target):
            raise


def _write_checksums(draft: Path) -> None:
    entries = {}
    for path in sorted(path for path in draft.rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
        name = path.relative_to(draft).as_posix()
        entries[name] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
    (draft / _CHECKSUMS).write_text(json.dumps(entries, indent=2))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
