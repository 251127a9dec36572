"""The library on disk: generations, CURRENT, manifest and checksums. Layout: docs/architecture.md.

A generation is written beside the live one under a draft name, renamed when it is whole, and only
then named in CURRENT. A crash at any moment leaves the last good generation live.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from policyqa.errors import LibraryError

FORMAT = 5
KEPT_GENERATIONS = 3
DATABASE = "library.sqlite"
_MANIFEST = "manifest.json"
_DRAFT_PREFIX = ".draft-"
_NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Generation:
    """One whole built library. `manifest` is what `publish` was given, plus `files`."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        return self.folder.name


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def exists(library: Path) -> bool:
    """Whether `library` has ever been built."""
    return (library / "CURRENT").is_file()


def current(library: Path) -> Generation:
    """The live generation, its manifest verified by name and its files by size.

    Raises LibraryError when there is none or it is damaged.
    """
    if not exists(library):
        raise LibraryError(f"no library at {library}; build one with `policyqa index PATH...`")
    name = (library / "CURRENT").read_text(errors="replace").strip()
    folder = library / "generations" / name
    if not _NAME.fullmatch(name) or not folder.is_dir():
        raise _damaged(library, "CURRENT names no generation")
    return _whole(library, folder)


def kept(library: Path) -> list[str]:
    """The names of the generations that are kept, the oldest first; the live one may be any."""
    names = [path.name for path in (library / "generations").glob("*")]
    return sorted(name for name in names if _NAME.fullmatch(name))


def generation(library: Path, name: str) -> Generation:
    """A kept generation, live or not, verified as `current` does.

    Raises LibraryError when it is not kept or damaged.
    """
    if name not in kept(library):
        there = ", ".join(kept(library)) or "none"
        raise LibraryError(f"no generation {name} in {library}; kept are {there}")
    return _whole(library, library / "generations" / name)


def _whole(library: Path, folder: Path) -> Generation:
    """A generation, its manifest verified by name and its files by size."""
    try:
        raw = (folder / _MANIFEST).read_bytes()
    except OSError as error:
        raise _damaged(library, f"{_MANIFEST} cannot be read: {error.strerror}") from error
    if _digest(raw) != folder.name.rsplit("-", 1)[1]:
        raise _damaged(library, f"{_MANIFEST} was changed")
    manifest = json.loads(raw)
    if manifest["format"] != FORMAT:
        raise LibraryError(
            f"the library at {library} has format {manifest['format']}, this policyqa reads "
            f"{FORMAT}; build it again with `policyqa index PATH...`"
        )
    for file, entry in manifest["files"].items():
        path = folder / file
        if not path.is_file() or path.stat().st_size != entry["bytes"]:
            raise _damaged(library, f"{file} is missing or has the wrong size")
    return Generation(folder, manifest)


def damaged_files(generation: Generation) -> list[str]:
    """The files of a generation whose content is not what was written."""
    return [
        file
        for file, entry in generation.manifest["files"].items()
        if sha256_of(generation.folder / file) != entry["sha256"]
    ]


@contextmanager
def building(library: Path, waiting: str, say: Any) -> Iterator[None]:
    """Hold the library for building. A second builder calls `say(waiting)`, then waits."""
    library.mkdir(parents=True, exist_ok=True)
    lock = FileLock(library / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(waiting)
        lock.acquire()
    try:
        _remove_drafts(library)
        yield
    finally:
        lock.release()


@contextmanager
def draft(library: Path) -> Iterator[Path]:
    """A folder to write a new generation into; it is gone afterwards unless published."""
    folder = library / "generations" / f"{_DRAFT_PREFIX}{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(library: Path, folder: Path, manifest: dict[str, Any]) -> Generation:
    """Turn a finished draft into the live generation, and delete those no longer kept."""
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        _sync(path)
        files[path.relative_to(folder).as_posix()] = {
            "bytes": path.stat().st_size,
            "sha256": sha256_of(path),
        }
    manifest = {"format": FORMAT, **manifest, "files": files}
    raw = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    (folder / _MANIFEST).write_bytes(raw)
    _sync(folder / _MANIFEST)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{_digest(raw)}"
    target = folder.with_name(name)
    folder.rename(target)
    _sync(target.parent)
    _replace(library / "CURRENT", f"{name}\n")
    _prune(library, keep=name)
    return Generation(target, manifest)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:12]


def _damaged(library: Path, what: str) -> LibraryError:
    return LibraryError(
        f"the library at {library} is damaged ({what}); "
        "build it again with `policyqa index --rebuild PATH...`"
    )


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text)
    _sync(temporary)
    temporary.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prune(library: Path, keep: str) -> None:
    # `keep` is the live one. Where a clock was set back, it is not the last by name.
    others = sorted(
        path.name
        for path in (library / "generations").iterdir()
        if _NAME.fullmatch(path.name) and path.name != keep
    )
    for name in others[: 1 - KEPT_GENERATIONS]:
        shutil.rmtree(library / "generations" / name)


def _remove_drafts(library: Path) -> None:
    for folder in (library / "generations").glob(f"{_DRAFT_PREFIX}*"):
        shutil.rmtree(folder)
