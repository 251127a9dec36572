"""Excel workbooks by openpyxl, a row at a time, with what its read-only mode does not tell."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from policyqa.errors import ReadError
from policyqa.readers.archive import check_archive
from policyqa.readers.sheets.formats import cell_text, one_line, shown
from policyqa.readers.sheets.grid import (
    MOST_COLUMNS,
    MOST_ROWS,
    TOO_MANY_ROWS,
    Cells,
    Hidden,
    Range,
    Sheet,
)

_DEFAULT_TITLE = re.compile(
    r"(?:book|sheet)\s*[0-9]*(?:\.xlsx?)?|無題.*|untitled|microsoft (?:office )?excel.*",
    re.IGNORECASE,
)
_LAST_ROW = 1_048_576
_HAS_VALUE = etree.XPath("boolean(*/*[(local-name()='v' and text()) or local-name()='is'])")


@dataclass(slots=True)
class _Layout:
    """What a sheet hides, where its merged cells are, and its last row with a value."""

    hidden: Hidden = field(default_factory=Hidden)
    merged: list[Range] = field(default_factory=list)
    last_row: int = 0


def read(path: Path) -> tuple[str, list[Sheet]]:
    """The workbook's own title, empty where it has none, and its visible sheets."""
    check_archive(path)
    try:
        # openpyxl warns of what it does not keep when it writes.
        with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path) as archive:
            return _read(path, archive)
    except ReadError:
        raise
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror or error}") from error
    # openpyxl checks little: a damaged file comes out as whatever error its code meets.
    except Exception as error:
        raise ReadError(f"the file is damaged ({type(error).__name__}); save it anew") from error


def _read(path: Path, archive: zipfile.ZipFile) -> tuple[str, list[Sheet]]:
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return _title(book.properties.title), [_sheet(sheet, archive) for sheet in visible]
    finally:
        book.close()


def _title(title: str | None) -> str:
    plain = one_line(cell_text(title or ""))
    return "" if _DEFAULT_TITLE.fullmatch(plain) else plain


def _sheet(sheet: Any, archive: zipfile.ZipFile) -> Sheet:
    # The only place where openpyxl keeps the name of the sheet's part.
    with archive.open(sheet._worksheet_path) as part:
        layout = _layout(part)
    cells = Cells(layout.hidden)
    for number, row in _rows(sheet, layout.last_row):
        cells.add(number, dict(_texts(row)))
    cells.merge(layout.merged)
    return Sheet(one_line(cell_text(sheet.title)), cells.blocks())


def _rows(sheet: Any, last: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    if not last:
        return
    # Files claim more rows and columns than they have.
    sheet.reset_dimensions()
    seen = 0
    for number, row in enumerate(sheet.iter_rows(max_row=last), start=1):
        seen += len(row)
        if seen > MOST_ROWS * MOST_COLUMNS:
            raise ReadError(f"a sheet has more than {MOST_COLUMNS} columns; split it")
        yield number, row


def _texts(row: tuple[Any, ...]) -> Iterator[tuple[int, str]]:
    for column, cell in enumerate(row, start=1):
        # An error (#N/A) says nothing.
        if cell.value is not None and cell.data_type != "e":
            text = cell_text(shown(cell.value, cell.number_format))
            if text:
                yield column, text


def _layout(part: IO[bytes]) -> _Layout:
    """Read in one pass, keeping nothing: a sheet may have a million rows without a value."""
    layout = _Layout()
    number = used = 0
    tags = ("{*}row", "{*}col", "{*}mergeCell")
    for _, node in etree.iterparse(part, tag=tags, resolve_entities=False, no_network=True):
        kind = etree.QName(node).localname
        if kind == "mergeCell":
            layout.merged.append(_range(node.get("ref", "")))
        elif kind == "col":
            if _is_hidden(node):
                columns = range(int(node.get("min")), int(node.get("max")) + 1)
                layout.hidden.columns.append(columns)
        else:
            number = _number_of(node, number)
            if _is_hidden(node):
                layout.hidden.rows.add(number)
            if _HAS_VALUE(node):
                layout.last_row = number
                used += 1
        if used > MOST_ROWS:
            raise ReadError(TOO_MANY_ROWS)
        node.clear()
        while node.getprevious() is not None:
            del node.getparent()[0]
    return layout


def _number_of(row: Any, before: int) -> int:
    """A row's number. openpyxl would count up to any number that stands here."""
    number = int(row.get("r") or before + 1)
    if not before < number <= _LAST_ROW:
        raise ReadError(f"the file is damaged (row {number} after row {before}); save it anew")
    return number


def _is_hidden(node: Any) -> bool:
    return node.get("hidden") in ("1", "true")


def _range(reference: str) -> Range:
    left, top, right, bottom = range_boundaries(reference)
    return left, top, right, bottom
