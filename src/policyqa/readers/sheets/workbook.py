"""Excel workbooks by openpyxl, a row at a time, with what its read-only mode does not tell."""

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

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


@dataclass(slots=True)
class _Layout:
    """What a sheet hides, where its merged cells are, and its last row with a value."""

    hidden: Hidden = field(default_factory=Hidden)
    merged: list[Range] = field(default_factory=list)
    last_row: int = 0
    row: int = 0
    """The row that is being read."""
    used: int = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take note of an element."""
        tag = name.rpartition(":")[2]
        if tag == "row":
            self._row(attributes)
        # A cell without a value has only its style.
        elif tag in ("v", "is") and self.last_row < self.row:
            self.last_row = self.row
            self.used += 1
            if self.used > MOST_ROWS:
                raise ReadError(TOO_MANY_ROWS)
        elif tag == "col" and _is_hidden(attributes):
            columns = range(int(attributes["min"]), int(attributes["max"]) + 1)
            self.hidden.columns.append(columns)
        elif tag == "mergeCell":
            left, top, right, bottom = range_boundaries(attributes["ref"])
            self.merged.append((left, top, right, bottom))

    def _row(self, attributes: Mapping[str, str]) -> None:
        number = int(attributes.get("r", self.row + 1))
        # openpyxl would count up to any number that stands here.
        if not self.row < number <= _LAST_ROW:
            raise ReadError(
                f"the file is damaged (row {number} after row {self.row}); save it anew"
            )
        self.row = number
        if _is_hidden(attributes):
            self.hidden.rows.add(number)


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return attributes.get("hidden") in ("1", "true")


def read(path: Path) -> tuple[str, list[Sheet]]:
    """The workbook's own title, empty where it has none, and its visible sheets."""
    check_archive(path)
    try:
        with _silence(), zipfile.ZipFile(path) as archive:
            return _read(path, archive)
    except ReadError:
        raise
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror or error}") from error
    # openpyxl checks little: a damaged file comes out as whatever error its code meets.
    except Exception as error:
        raise ReadError(f"the file is damaged ({type(error).__name__}); save it anew") from error


@contextmanager
def _silence() -> Iterator[None]:
    """openpyxl warns of what it would not keep when it writes, and prints of styles that are not
    there; on stdout only results may stand."""
    with warnings.catch_warnings(action="ignore"), redirect_stdout(None):
        yield


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
    parser = expat.ParserCreate()
    parser.StartElementHandler = layout.start
    # Entities need a document type. No office program writes one.
    parser.StartDoctypeDeclHandler = _refuse
    parser.ParseFile(part)
    return layout


def _refuse(*_: object) -> None:
    raise ReadError("the file has XML with a document type, which is not read")
