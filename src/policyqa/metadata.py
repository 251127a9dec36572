"""metadata.toml: what someone who knows says about the documents of a folder.

    ["juten-shisaku.txt"]
    title = "…"
    date = 2022-12-23

A table for a file, named by its path below the folder; `[default]` is for all files there and
below.
"""

import json
import os
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from policyqa.errors import LibraryError
from policyqa.models import Document

FILE = "metadata.toml"
_DEFAULT = "default"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

Values = Mapping[str, str]
"""Key to text; dates are ISO 8601."""


class _WrongError(ValueError):
    """What a value must be."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or _CONTROL.search(value):
        raise _WrongError("must be one line of text")
    return value.strip()


def _day(value: object) -> str:
    try:
        if isinstance(value, str):
            return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        pass
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _WrongError("must be a day such as 2024-04-01")
    return value.isoformat()


def _url(value: object) -> str:
    url = _text(value)
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or " " in url:
        raise _WrongError("must be an address that begins with http:// or https://")
    return url


def _language(value: object) -> str:
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise _WrongError("must be a language tag such as ja or en-GB")
    return value


_KEYS: dict[str, Callable[[object], str]] = {
    "title": _text,
    "publisher": _text,
    "date": _day,
    "url": _url,
    "licence": _text,
    "kind": _text,
    "language": _language,
    "in_force": _day,
    "fetched": _day,
}


@dataclass(frozen=True, slots=True)
class _Entries:
    """A metadata.toml: what it says of all files, and of each."""

    default: Values
    files: Mapping[str, Values]


_NONE = _Entries({}, {})


def for_files(files: Sequence[Path], given: Sequence[Path]) -> dict[Path, dict[str, str]]:
    """What the metadata.toml files say of each file: those from the topmost of the `given` folders
    (of a given file: its folder) that it lies in down to its own folder, whose word counts most.

    Raises LibraryError, with file, line and key, when one of them is wrong.
    """
    tops = {path.absolute() if path.is_dir() else path.absolute().parent for path in given}
    load = cache(_load)
    return {file: _merged(file.absolute(), tops, load) for file in files}


def with_metadata(document: Document, overrides: Values) -> Document:
    """The document as `overrides` say it is. A statute stays one, since its citations depend on
    it; LibraryError when another document is called one."""
    values = dict(overrides)
    title = values.pop("title", document.title)
    if document.metadata.get("kind") == "statute":
        values.pop("kind", None)
    elif values.get("kind") == "statute":
        raise LibraryError(
            f'{FILE} says kind = "statute" of 「{title}」, which is no statute of e-Gov; '
            "give it another kind"
        )
    return replace(document, title=title, metadata={**document.metadata, **values})


def add_entry(folder: Path, name: str, values: Values) -> None:
    """Write what is known of the file `name` (its path below `folder`) into the folder's
    metadata.toml, in place of what stands there of it. All else stays as it is.

    Raises LibraryError when a value, or the file as it stands, is wrong.
    """
    path = folder / FILE
    text = _read(path) if path.exists() else ""
    _parse(path, text)
    checked = {key: _checked(name, key, value) for key, value in values.items()}
    _write(path, _with_table(text, _same_form(name), _table(name, checked)))


def _merged(file: Path, tops: set[Path], load: Callable[[Path], _Entries]) -> dict[str, str]:
    within = [folder for folder in file.parents if tops & {folder, *folder.parents}]
    merged: dict[str, str] = {}
    for folder in reversed(within):
        entries = load(folder)
        name = _same_form(file.relative_to(folder).as_posix())
        merged |= {**entries.default, **entries.files.get(name, {})}
    return merged


def _load(folder: Path) -> _Entries:
    path = folder / FILE
    if not path.is_file():
        return _NONE
    text = _read(path)
    entries = _parse(path, text)
    for name in tomllib.loads(text):
        if name != _DEFAULT and not _is_below(folder, name):
            raise LibraryError(
                f'{_at(path, text, name)}: there is no file "{name}" in this folder; '
                "name files by their path below it, or remove the table"
            )
    return entries


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LibraryError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LibraryError(f"{path}, line {line}: it is not UTF-8; save it as UTF-8") from error


def _parse(path: Path, text: str) -> _Entries:
    try:
        tables = tomllib.loads(text)
    # A number of thousands of digits is a plain ValueError.
    except (ValueError, RecursionError) as error:
        found = _AT.search(str(error))
        line = (found and found[1]) or text.count("\n") + 1
        reason = _AT.sub("", str(error))
        raise LibraryError(f"{path}, line {line}: it is no valid TOML ({reason})") from error
    files = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise LibraryError(
                f'{_at(path, text, name)}: "{name}" stands in no table; '
                f'put it below ["file name"] or [{_DEFAULT}]'
            )
        files[_same_form(name)] = {
            key: _checked(_at(path, text, name, key), key, value) for key, value in table.items()
        }
    return _Entries(files.pop(_DEFAULT, {}), files)


def _checked(where: str, key: str, value: object) -> str:
    if key not in _KEYS:
        # [a.txt] is table txt in table a.
        hint = " (put a file name in quotes)" if isinstance(value, dict) else ""
        raise LibraryError(f'{where}: unknown key "{key}"{hint}; allowed: {", ".join(_KEYS)}')
    try:
        return _KEYS[key](value)
    except _WrongError as error:
        raise LibraryError(f"{where}: {key} {error}") from error


def _same_form(name: str) -> str:
    """A path in the form that names are compared in: macOS writes が as two characters."""
    return unicodedata.normalize("NFC", PurePosixPath(name).as_posix())


def _is_below(folder: Path, name: str) -> bool:
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\0" in name:
        return False
    return (folder / name).is_file() or _same_form(name) in _names_below(folder)


def _names_below(folder: Path) -> set[str]:
    below = (Path(above, file) for above, _, files in os.walk(folder) for file in files)
    return {_same_form(file.relative_to(folder).as_posix()) for file in below}


# --- where in the text something stands, which tomllib does not tell ---


@dataclass(frozen=True, slots=True)
class _Statement:
    """A header, a key with its value, a comment or an empty line: lines[first:last] of the text,
    and what it sets."""

    first: int
    last: int
    sets: Mapping[str, Any]
    is_header: bool

    def names(self, *keys: str) -> bool:
        node: Any = self.sets
        for key in keys:
            if not isinstance(node, dict) or key not in node:
                return False
            node = node[key]
        return True


def _statements(text: str) -> Iterator[_Statement]:
    """The statements of a valid TOML text: each ends at the first line with which it is valid."""
    header: tuple[str, ...] = ()
    first, held = 0, ""
    for index, line in enumerate(text.replace("\r\n", "\n").split("\n")):
        held += f"{line}\n"
        try:
            sets = tomllib.loads(held)
        except tomllib.TOMLDecodeError:
            continue
        is_header = held.lstrip().startswith("[")
        if is_header:
            header = tuple(_path(sets))
        # A comment sets nothing.
        elif sets:
            for key in reversed(header):
                sets = {key: sets}
        yield _Statement(first, index + 1, sets, is_header)
        first, held = index + 1, ""


def _path(sets: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a header."""
    node: Any = sets
    while isinstance(node, dict) and node:
        key = next(iter(node))
        yield key
        node = node[key]


def _at(path: Path, text: str, *keys: str) -> str:
    """The file, and the line in which a table or a key of it is set."""
    found = (statement.first + 1 for statement in _statements(text) if statement.names(*keys))
    return f"{path}, line {next(found)}"


# --- writing ---


def _with_table(text: str, name: str, table: Sequence[str]) -> str:
    """`text` with `table` in place of all that it sets for the file `name`, else at its end."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    kept: list[str] = []
    placed = False
    for statement in _statements(text):
        if not any(_same_form(key) == name for key in statement.sets):
            kept += lines[statement.first : statement.last]
        elif statement.is_header and not placed:
            kept += table
            placed = True
    if not placed:
        while kept and not kept[-1].strip():
            kept.pop()
        kept += ["", *table, ""] if kept else [*table, ""]
    return end.join(kept)


def _table(name: str, values: Values) -> list[str]:
    days = [key for key, check in _KEYS.items() if check is _day]
    keys = [
        f"{key} = {value if key in days else json.dumps(value, ensure_ascii=False)}"
        for key, value in values.items()
    ]
    # JSON's escapes are TOML's.
    return [f"[{json.dumps(name, ensure_ascii=False)}]", *keys]


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{FILE}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise LibraryError(f"{path} cannot be written: {error.strerror}") from error
