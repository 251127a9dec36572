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

from policyqa.durable import replace_file, sync
from policyqa.errors import LibraryError

FORMAT = 6
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

    Raises LibraryError when there is none, it is damaged, or it cannot be read.
    """
    try:
        return _live(library)
    except OSError as error:
        place = error.filename or library
        raise LibraryError(
            f"the library cannot be read ({place}: {error.strerror}); make it readable"
        ) from error


def _live(library: Path) -> Generation:
    if not exists(library):
        raise LibraryError(f"no library at {library}; build one with `policyqa index PATH...`")
    name = _live_name(library)
    folder = library / "generations" / name
    if not name:
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


def _live_name(library: Path) -> str:
    """The name in CURRENT; empty where there is no such generation."""
    name = (library / "CURRENT").read_text(errors="replace").strip()
    there = _NAME.fullmatch(name) and (library / "generations" / name).is_dir()
    return name if there else ""


def damaged_files(generation: Generation) -> list[str]:
    """The files of a generation whose content is not what was written, or cannot be read."""
    return [
        file
        for file, entry in generation.manifest["files"].items()
        if not _is_whole(generation.folder / file, entry["sha256"])
    ]


def verify(generation: Generation) -> None:
    """Raise LibraryError when a file of a generation is not what was written."""
    damaged = damaged_files(generation)
    if damaged:
        library = generation.folder.parents[1]
        raise _damaged(library, f"changed since it was built: {', '.join(damaged)}")


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        return sha256_of(path) == sha256
    except OSError:
        return False


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
        _remove_unfinished(library)
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
    for path in sorted(folder.rglob("*")):
        # A folder, too: else its entries may be lost though the files' content is not.
        sync(path)
        if path.is_dir():
            continue
        files[path.relative_to(folder).as_posix()] = {
            "bytes": path.stat().st_size,
            "sha256": sha256_of(path),
        }
    manifest = {"format": FORMAT, **manifest, "files": files}
    raw = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    (folder / _MANIFEST).write_bytes(raw)
    sync(folder / _MANIFEST)
    sync(folder)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{_digest(raw)}"
    target = folder.with_name(name)
    folder.rename(target)
    sync(target.parent)
    replace_file(library / "CURRENT", f"{name}\n".encode())
    _prune(library, keep=name)
    return Generation(target, manifest)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:12]


def _damaged(library: Path, what: str) -> LibraryError:
    return LibraryError(
        f"the library at {library} is damaged ({what}); "
        "build it again with `policyqa index --rebuild PATH...`"
    )


def _prune(library: Path, keep: str) -> None:
    # `keep` is the live one. Where a clock was set back, it is not the last by name.
    others = [name for name in _generations(library) if name != keep]
    for name in others[: 1 - KEPT_GENERATIONS]:
        _remove(library / "generations" / name)


def _generations(library: Path) -> list[str]:
    """The names of all generations, the oldest first."""
    names = [path.name for path in (library / "generations").glob("*")]
    return sorted(name for name in names if _NAME.fullmatch(name))


def _remove(generation: Path) -> None:
    # Renamed first, so that what a kill leaves of it is no generation any more.
    left = generation.with_name(f"{_DRAFT_PREFIX}{generation.name}")
    generation.rename(left)
    shutil.rmtree(left)


def _remove_unfinished(library: Path) -> None:
    """Remove what a killed build left: drafts, and a generation that was never named in CURRENT."""
    for folder in (library / "generations").glob(f"{_DRAFT_PREFIX}*"):
        shutil.rmtree(folder)
    (library / ".CURRENT.new").unlink(missing_ok=True)
    live = _live_name(library) if exists(library) else ""
    for name in _generations(library):
        if live and name > live:
            _remove(library / "generations" / name)
