"""Tables of web pages to rows behind their heads."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from policyqa.readers.rows import row_text

_MOST_COLUMNS = 100
_LONGEST_REPEATED = 200
"""Characters of a cell that are said again in each row it reaches over."""
_LONGEST_HEAD = 100
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell's text, its columns from `first` to `last` (exclusive), how many further rows it
    reaches over, whether it is a head (th), and whether all of it is bold."""

    text: str
    first: int
    last: int
    below: int
    head: bool
    bold: bool


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[_Cell, ...]
    head: bool
    """Whether it stands in thead."""


Read = Callable[[etree._Element], tuple[str, bool]]
"""A cell to its text on one line, and whether all of it is bold."""


def is_layout(table: etree._Element) -> bool:
    """Whether the table only places things on the page: it has one column, or holds sections."""
    if table.get("role", "").lower() in ("presentation", "none"):
        return True
    rows = [_cells(row) for row, _ in _table_rows(table)]
    if all(len(row) < 2 for row in rows):
        return True
    plain = not any(cell.tag == "th" for row in rows for cell in row)
    return plain and any(True for _ in table.iterdescendants("table", *_HEADINGS))


def texts(table: etree._Element, read: Read) -> Iterator[str]:
    """A line for each row of the body, each cell behind its head."""
    heads: list[str] = []
    for head, rows in _runs(list(_grid(table, read))):
        if head:
            heads = _heads(rows)
            continue
        for row in rows:
            labelled = _labelled(row.cells, heads) if heads else _headed_by_rows(row.cells)
            if labelled:
                yield labelled


def _runs(rows: Sequence[_Row]) -> Iterator[tuple[bool, list[_Row]]]:
    """Rows that are heads of those below them, and rows that are not, by turns."""
    bold = [_all(row, lambda cell: cell.bold) for row in rows]
    by_bold = bold[:1] == [True] and not any(bold[1:])
    runs: list[tuple[bool, list[_Row]]] = []
    for at, row in enumerate(rows):
        head = _is_head(row, by_bold and at == 0)
        if not runs or runs[-1][0] != head:
            runs.append((head, []))
        runs[-1][1].append(row)
    for at, (head, run) in enumerate(runs):
        # What has no row below it, or is too much to be said with each row, is no head.
        yield head and at + 1 < len(runs) and _is_short(_heads(run)), run


def _is_head(row: _Row, bold: bool) -> bool:
    filled = [cell for cell in row.cells if cell.text]
    # One cell alone is a title between the rows.
    return len(filled) > 1 and (row.head or bold or _all(row, lambda cell: cell.head))


def _all(row: _Row, holds: Callable[[_Cell], bool]) -> bool:
    return all(holds(cell) for cell in row.cells if cell.text)


def _is_short(heads: Sequence[str]) -> bool:
    return all(len(head) <= _LONGEST_HEAD for head in heads)


def _heads(rows: Sequence[_Row]) -> list[str]:
    heads: list[str] = []
    for row in rows:
        heads = _joined(heads, row)
    return heads


def _joined(above: Sequence[str], row: _Row) -> list[str]:
    """The heads of the columns, this row's below those above it."""
    width = max(len(above), *(cell.last for cell in row.cells))
    heads = [*above, *[""] * (width - len(above))]
    for cell in row.cells:
        for column in range(cell.first, cell.last):
            if cell.text and cell.text not in heads[column].split("・"):
                heads[column] = "・".join(filter(None, (heads[column], cell.text)))
    return heads


def _labelled(cells: Sequence[_Cell], heads: Sequence[str]) -> str:
    labels = []
    for cell in cells:
        over = dict.fromkeys(head for head in heads[cell.first : cell.last] if head)
        whole = cell.last - cell.first >= len(heads)
        label = "、".join(over)
        labels.append("" if whole or len(label) > _LONGEST_HEAD else label)
    return row_text(labels, [cell.text for cell in cells])


def _headed_by_rows(cells: Sequence[_Cell]) -> str:
    """対象：小学生 for a row whose th stands before its td."""
    labels: list[str] = []
    values: list[str] = []
    pending: list[str] = []
    for cell in cells:
        if cell.head and cell.text and len(cell.text) <= _LONGEST_HEAD:
            pending.append(cell.text)
        elif cell.text:
            labels.append("・".join(pending))
            values.append(cell.text)
            pending = []
    return row_text([*labels, ""], [*values, "・".join(pending)])


def _grid(table: etree._Element, read: Read) -> Iterator[_Row]:
    """The rows, with the cells that reach over them from above."""
    reaching: dict[int, _Cell] = {}
    for row, head in _table_rows(table):
        cells, column = [], 0
        for element in _cells(row):
            while column in reaching:
                column = reaching[column].last
            cell = _cell(element, column, read)
            cells.append(cell)
            column = cell.last
        reached = list(reaching.values())
        yield _Row(tuple(sorted([*cells, *reached], key=lambda cell: cell.first)), head)
        reaching = {cell.first: cell for cell in _reaching_on([*reached, *cells])}


def _reaching_on(cells: Sequence[_Cell]) -> Iterator[_Cell]:
    for cell in cells:
        if cell.below and cell.last <= _MOST_COLUMNS:
            text = cell.text if len(cell.text) <= _LONGEST_REPEATED else ""
            yield replace(cell, text=text, below=cell.below - 1)


def _cell(element: etree._Element, column: int, read: Read) -> _Cell:
    text, bold = read(element)
    span = min(_MOST_COLUMNS, _number(element.get("colspan"), 1))
    below = _number(element.get("rowspan"), 1) - 1
    return _Cell(text, column, column + span, below, element.tag == "th", bold)


def _number(written: str | None, default: int) -> int:
    match = written and re.fullmatch(r"\s*([0-9]{1,6})\s*", written, re.ASCII)
    return max(1, int(match[1])) if match else default


def _table_rows(table: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """The rows of the table itself, and whether they stand in thead."""
    for child in table:
        if child.tag == "tr":
            yield child, False
        elif child.tag in ("thead", "tbody", "tfoot"):
            for row in child:
                if row.tag == "tr":
                    yield row, child.tag == "thead"


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row if cell.tag in ("td", "th")]
