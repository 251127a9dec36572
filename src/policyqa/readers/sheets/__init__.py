"""Spreadsheets: a sheet is a section, a question with its answer is one too, other rows are lines.

Hidden sheets, rows and columns are left out, those that a filter hides included.
"""

from collections.abc import Sequence
from pathlib import Path

from policyqa.errors import ReadError
from policyqa.models import Document, Section
from policyqa.readers.sheets import delimited, questions, tables
from policyqa.readers.sheets.grid import Sheet

_NO_TEXT = "the file has no text (hidden sheets, rows and columns are not read)"


def read_xlsx(path: Path) -> Document:
    """Read an Excel workbook. Raises ReadError: damaged, encrypted, too large or empty."""
    # openpyxl is loaded with the first workbook: the workers that read PDFs import this module too.
    from policyqa.readers.sheets import workbook

    title, sheets = workbook.read(path)
    return _document(title or path.stem, sheets)


def read_csv(path: Path) -> Document:
    """Read a .csv or .tsv file. Raises ReadError: damaged, too large or empty."""
    return _document(path.stem, [delimited.read(path)])


def _document(title: str, sheets: Sequence[Sheet]) -> Document:
    filled = [sheet for sheet in sheets if sheet.blocks]
    if not filled:
        raise ReadError(_NO_TEXT)
    if len(filled) == 1:
        return Document(title, _section("", filled[0]))
    return Document(
        title, Section("", "", children=tuple(_section(sheet.title, sheet) for sheet in filled))
    )


def _section(title: str, sheet: Sheet) -> Section:
    lines: list[str] = []
    children: list[Section] = []
    for table in tables.tables(sheet.blocks):
        lines += table.titles
        columns = questions.columns_of(table)
        if columns:
            said, sections = questions.sections(table, columns)
        else:
            said, sections = tables.lines_and_sections(table)
        lines += said
        children += sections
    return Section("", title, "\n".join(lines), tuple(children))
