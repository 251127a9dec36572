"""Question sets as tables: CSV and the first sheet of an Excel workbook.

The first row names the columns, in Japanese or as in JSON (`strings_questions.COLUMNS`). A row
whose question is empty, and whose id is empty or that of the row above, adds its place and answers
to the question above it.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from policyqa.errors import EvaluationError, ReadError
from policyqa.readers.text import read_text
from policyqa.strings_questions import COLUMNS, NO, YES

SHEETS = (".csv", ".xlsx")

Record = Mapping[str, Any] | ValueError
"""A row with the keys that JSON lines have, or what is wrong with it."""
Cells = Mapping[str, Any]
"""Key to what stands in the cell; what is empty is left out."""

_SEVERAL = re.compile(r"[\n|｜]")
_TAGS = re.compile(r"[\n|｜,、]")
_PAGE = re.compile(r"(?:pp?\.?)?\s*([0-9]+)", re.IGNORECASE)


def read_sheet(path: Path) -> Iterator[tuple[int, Record]]:
    """The questions of a table, each with the number of its first row.

    Raises EvaluationError when the file cannot be read or a column has a wrong name.
    """
    above: tuple[int, list[Cells]] | None = None
    for number, cells in read_cells(path, COLUMNS):
        if above and "question" not in cells and cells.get("id") in (None, above[1][0].get("id")):
            above[1].append(cells)
            continue
        if above:
            yield above[0], _record(above[1])
        above = number, [cells]
    if above:
        yield above[0], _record(above[1])


def read_cells(path: Path, columns: Mapping[str, str]) -> Iterator[tuple[int, Cells]]:
    """The rows of a table that are not empty, below the one that names its columns: the number of
    each and its cells by `columns[name]`."""
    rows = enumerate(_rows(path), start=1)
    keys: Sequence[str] = ()
    for number, row in rows:
        if not keys:
            keys = _keys(path, number, row, columns) if any(row) else ()
            continue
        beyond = [at for at, cell in enumerate(row[len(keys) :], len(keys) + 1) if cell]
        if beyond:
            what = f"column {beyond[0]} has no name in the first row"
            raise EvaluationError(f"{path}:{number}: {what}")
        cells = {key: cell for key, cell in zip(keys, row, strict=False) if cell not in (None, "")}
        if cells:
            yield number, cells


def _keys(path: Path, number: int, row: Sequence[Any], columns: Mapping[str, str]) -> list[str]:
    names = [unicodedata.normalize("NFKC", text_of(cell)) for cell in row]
    while not names[-1]:
        names.pop()
    known = {unicodedata.normalize("NFKC", name): key for name, key in columns.items()}
    unknown = [name or "(empty)" for name in names if name not in known]
    if unknown:
        raise EvaluationError(
            f"{path}:{number}: unknown column {', '.join(unknown)}; known are {', '.join(columns)}"
        )
    keys = [known[name] for name in names]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise EvaluationError(f"{path}:{number}: two columns for {', '.join(twice)}")
    return keys


def _rows(path: Path) -> Iterator[Sequence[Any]]:
    rows: Iterable[Sequence[Any]]
    try:
        if path.suffix.lower() == ".xlsx":
            rows = _workbook(path)
        else:
            rows = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
        for row in rows:
            yield [cell.strip() if isinstance(cell, str) else cell for cell in row]
    except (OSError, ReadError, csv.Error, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error


def _workbook(path: Path) -> Iterator[Sequence[Any]]:
    # Loaded with the first workbook: most commands read none.
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # Of what openpyxl would not keep when it writes.
        warnings.simplefilter("ignore")
        book = load_workbook(path, read_only=True, data_only=True)
    try:
        yield from book.worksheets[0].iter_rows(values_only=True)
    finally:
        book.close()


def text_of(cell: object) -> str:
    """A cell as text: Excel has every number as a float."""
    whole = isinstance(cell, float) and cell.is_integer()
    return "" if cell is None else str(int(cell) if whole else cell).strip()  # type: ignore[call-overload]


def _record(rows: Sequence[Cells]) -> Record:
    """The rows of a question, the first with its text, as an object of JSON lines."""
    try:
        first = rows[0]
        record: dict[str, Any] = {
            "id": text_of(first.get("id")),
            "question": text_of(first.get("question")),
            "relevant": [place for cells in rows for place in places_of(cells)],
            "answers": [answer for cells in rows for answer in answers_of(cells)],
            "tags": several(first.get("tags"), _TAGS),
        }
        if "answerable" in first:
            record["answerable"] = yes_or_no(first["answerable"])
        if "kind" in first:
            record["kind"] = text_of(first["kind"])
    except ValueError as error:
        return error
    return record


def places_of(cells: Cells) -> list[dict[str, Any]]:
    """The place that a row names, as `relevant` has it; none where it names none."""
    place: dict[str, Any] = {
        key: text_of(cells[key]) for key in ("document", "file", "section") if key in cells
    }
    if "page" in cells:
        place["page"] = _page(cells["page"])
    return [place] if place else []


def answers_of(cells: Cells) -> list[str]:
    """The answers of a row, one a line or between bars."""
    return several(cells.get("answers"), _SEVERAL)


def several(cell: object, border: re.Pattern[str]) -> list[str]:
    """What stands in a cell between borders."""
    return [part.strip() for part in border.split(text_of(cell)) if part.strip()]


def yes_or_no(cell: object) -> bool:
    """What 答えの有無 says. Raises ValueError when it is neither."""
    word = unicodedata.normalize("NFKC", text_of(cell)).lower()
    if word not in YES | NO:
        raise ValueError(f"{text_of(cell)} is neither yes nor no; write 有 or 無, true or false")
    return word in YES


def _page(cell: object) -> int:
    match = _PAGE.fullmatch(unicodedata.normalize("NFKC", text_of(cell)))
    if not match or int(match[1]) < 1:
        raise ValueError(f"page {text_of(cell)} is no whole number from 1")
    return int(match[1])
