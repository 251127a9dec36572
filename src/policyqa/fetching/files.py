"""Where what was fetched is put: safe names, one file for each address, whole or not at all."""

import os
import re
import tempfile
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Literal

import httpx

from policyqa.errors import FetchError
from policyqa.fetching.content import suffix_in
from policyqa.models import Document

METADATA = "metadata.toml"
Record = Callable[[Path, str, Mapping[str, str]], None]
"""Folder, name of the file, what is known of it: adds or replaces its entry in metadata.toml."""
Read = Callable[[Path], Document]
Status = Literal["saved", "updated", "unchanged"]
Entries = dict[str, dict[str, str]]

_LONGEST = 100
_MOST_BYTES = 200
"""File systems take 255 bytes, which are 85 Japanese characters; the number needs room too."""
_KEPT = frozenset("-_.()・")
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")
"""Names that are devices on Windows."""


@dataclass(frozen=True, slots=True)
class Page:
    """What came from `url`, the address it is known by, and the name wished for its file."""

    url: str
    stem: str
    suffix: str
    content: bytes


def stem_of(url: httpx.URL, filename: str, suffix: str) -> str:
    """The file's name without `suffix`: what the server calls it, else the end of the path."""
    segments = [part for part in url.path.split("/") if part]
    name = _safe(filename or (segments[-1] if segments else url.host))
    return Path(name).stem if suffix_in(name) == suffix else name


def _safe(name: str) -> str:
    """Letters, digits and a few signs; no parts of a path, no dot in front."""
    # Slashes are normalised first: ／ becomes one.
    last = re.split(r"[/\\]", unicodedata.normalize("NFKC", name))[-1]
    kept = "".join(
        sign if unicodedata.category(sign)[0] in "LMN" or sign in _KEPT else "_" for sign in last
    )
    safe = kept.strip("._ ") or "page"
    return f"_{safe}" if _RESERVED.match(safe) else safe


def _shortened(stem: str, ending: str) -> str:
    stem = stem[: _LONGEST - len(ending)]
    return stem.encode()[: _MOST_BYTES - len(ending)].decode(errors="ignore").rstrip("._ ") + ending


def save(page: Page, folder: Path, day: date, record: Record, read: Read) -> tuple[Path, Status]:
    """Put `page` into `folder` and its entry beside it. Nothing is left behind on a failure.

    Raises ReadError when `read` cannot read it, FetchError when it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        entries = _entries(folder)
        path = folder / _name(page, folder, entries)
        before = path.read_bytes() if path.exists() else None
        if before == page.content:
            return path, "unchanged"
        # Beside the target, so that renaming moves no bytes; hidden, so that it is never indexed.
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as beside:
            written = Path(beside, path.name)
            _write(written, page.content)
            read(written)
            # The entry comes first: a file without one would belong to no address, and the next
            # fetch would put its copy beside it.
            record(folder, path.name, _values(page, entries.get(path.name, {}), day))
            os.replace(written, path)
    except OSError as error:
        raise FetchError(f"{folder} cannot be written ({error.strerror or error})") from error
    return path, "saved" if before is None else "updated"


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _values(page: Page, known: Mapping[str, str], day: date) -> Mapping[str, str]:
    """What people wrote into the entry stays."""
    return {**known, "url": page.url, "fetched": day.isoformat()}


def _name(page: Page, folder: Path, entries: Entries) -> str:
    """The file that this address has already, else a name that no other has."""
    for name, entry in entries.items():
        if entry.get("url") == page.url and Path(name).suffix == page.suffix:
            return name
    taken = {name.casefold() for name in (*entries, *os.listdir(folder))}
    endings = (f"-{number}{page.suffix}" if number > 1 else page.suffix for number in count(1))
    names = (_shortened(page.stem, ending) for ending in endings)
    return next(name for name in names if name.casefold() not in taken)


def _entries(folder: Path) -> Entries:
    """The entries of metadata.toml that are those of a file in `folder` itself."""
    path = folder / METADATA
    with suppress(FileNotFoundError):
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError as error:
            raise FetchError(f"{path} cannot be read ({error}); mend it first") from error
        return {
            name: {key: str(value) for key, value in table.items()}
            for name, table in tables.items()
            if isinstance(table, dict) and Path(name).name == name
        }
    return {}
