"""Which files are documents: those under the given paths, without libraries and hidden files."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from policyqa import metadata, store
from policyqa.database import Source
from policyqa.errors import LibraryError


def check_there(paths: Sequence[Path]) -> None:
    """Raises LibraryError naming the first path that does not exist."""
    for path in paths:
        if not os.path.exists(path):
            raise LibraryError(f"{path} does not exist; give a file or a folder of documents")


def find_sources(paths: Sequence[Path], library: Path) -> list[Source]:
    """The files under `paths`, sorted, with what metadata.toml says of them; hidden ones, `library`
    and other libraries are left out. Raises LibraryError when there are none, or a folder cannot
    be read."""
    shared = Path(os.path.commonpath([_folder_of(path) for path in paths]))
    files = {file.resolve(): file for path in paths for file in _files(path, library)}
    said = metadata.for_files(list(files.values()), paths)
    sources = [
        Source(file, os.path.relpath(real, shared), _sha256_of(file), said[file])
        for real, file in files.items()
    ]
    if not sources:
        raise LibraryError(f"no file in {', '.join(map(str, paths))}; put documents there first")
    return sorted(sources, key=lambda source: source.path)


def _is_library(folder: Path, library: Path) -> bool:
    # `library` may have been begun and never finished.
    if folder.resolve() == library.resolve():
        return True
    try:
        return store.exists(folder)
    except PermissionError:  # told when it is walked into
        return False


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
        if path.name != metadata.FILE:
            yield path
        return

    def refuse(error: OSError) -> None:
        # A folder that cannot be read must not look like one whose documents were removed.
        if isinstance(error, FileNotFoundError) and Path(error.filename) != path:
            return
        raise LibraryError(
            f"{error.filename} cannot be read: {error.strerror}; nothing was changed"
        ) from error

    for folder, names, files in os.walk(path, onerror=refuse):
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".") and not _is_library(Path(folder, name), library)
        )
        yield from (
            Path(folder, name)
            for name in sorted(files)
            if not name.startswith((".", "~$")) and name != metadata.FILE
        )
