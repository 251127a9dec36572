"""A table of a Word or PowerPoint file: cells over columns to lines of text."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from policyqa.readers.rows import row_text

_FIGURE = re.compile(r"[△▲+\-−]?[約第]?[0-9][^。]{0,12}|[-−―‐*…]")
"""What a column of figures holds, in NFKC."""
_YEAR = re.compile(r"(?:明治|大正|昭和|平成|令和)?(?:[0-9]{1,4}|元)年度?")
_MOSTLY = 0.6
_FEW = 0.2


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and the columns it covers, from `first` to `last` (exclusive). `marked` are
    the ways in which it is set off (bold, shaded, centred). In the further rows that a cell
    reaches over it is `repeated`."""

    text: str
    first: int
    last: int
    marked: frozenset[str] = frozenset()
    repeated: bool = False


Row = Sequence[Cell]


def row_lines(rows: Sequence[Row], head_rows: int | None = None) -> list[str]:
    """A line for each row below the head. `head_rows` is how many rows the file says are the
    head; None: it does not say, so that the rows themselves have to tell."""
    kept = [row for row in rows if any(cell.text and not cell.repeated for cell in row)]
    columns = max((cell.last for row in kept for cell in row), default=0)
    titles = 0
    if head_rows is None:
        # What alone reaches over the whole table is a title above its head.
        while titles < len(kept) and len([cell for cell in kept[titles] if cell.text]) < 2:
            titles += 1
        head_rows = _head_depth(kept[titles:])
    else:
        head_rows = len([row for row in rows[:head_rows] if row in kept])
        if head_rows == 1 and _grouped(kept):
            head_rows = 2
        head_rows = _reached(kept, head_rows)
    head = kept[titles : titles + head_rows]
    heads = _heads(head, columns)
    body = kept[:titles] + kept[titles + head_rows :]
    # A table of nothing but heads is still text.
    return [_line(row, heads, columns) for row in body] or [_line(row, [], columns) for row in head]


def _line(row: Row, heads: Sequence[str], columns: int) -> str:
    return row_text([_head_of(cell, heads, columns) for cell in row], [cell.text for cell in row])


def _head_of(cell: Cell, heads: Sequence[str], columns: int) -> str:
    # What reaches over the whole table is a title between its rows, and has no head.
    if cell.last - cell.first == columns:
        return ""
    return "、".join(dict.fromkeys(head for head in heads[cell.first : cell.last] if head))


def _heads(rows: Sequence[Row], columns: int) -> list[str]:
    """The head of each column: what stands above it, from the top down."""
    heads: list[dict[str, None]] = [{} for _ in range(columns)]
    for row in rows:
        for cell in row:
            for column in range(cell.first, cell.last):
                if cell.text:
                    heads[column][cell.text] = None
    return ["・".join(parts) for parts in heads]


def _head_depth(rows: Sequence[Row]) -> int:
    """How many rows from the top are the head; 0: the table has none."""
    grouped = _grouped(rows)
    depth = _reached(rows, 2 if grouped else 1)
    head, others = rows[:depth], rows[depth:]
    if not others:
        return 0
    return depth if grouped or _set_off(head, others) or _over_figures(head, others) else 0


def _reached(rows: Sequence[Row], depth: int) -> int:
    """`depth`, and the rows below that a cell of the head reaches over."""
    while 0 < depth < len(rows) and any(cell.repeated for cell in rows[depth]):
        depth += 1
    return depth


def _grouped(rows: Sequence[Row]) -> bool:
    """Whether a cell of the first row stands over several of the second."""
    return len(rows) > 2 and any(
        cell.text
        and cell.last - cell.first > 1
        and sum(cell.first <= below.first < cell.last and bool(below.text) for below in rows[1]) > 1
        for cell in rows[0]
    )


def _set_off(head: Sequence[Row], others: Sequence[Row]) -> bool:
    """Whether all of the head is bold, shaded or centred, and the rest is not. The first column is
    often set off as well, and says nothing."""
    above = [cell.marked for row in head for cell in row if cell.text]
    below = [cell.marked for row in others for cell in row if cell.text and cell.first]
    ways = frozenset.intersection(*above) if above else frozenset()
    return bool(below) and any(
        sum(way in marked for marked in below) < _FEW * len(below) for way in ways
    )


def _over_figures(head: Sequence[Row], others: Sequence[Row]) -> bool:
    """Whether words, or years, stand over each column of figures, and over at least one."""
    columns = {cell.first for row in others for cell in row}
    figures = {column for column in columns if _holds_figures(others, column)}
    above = {
        column: cell.text
        for row in head
        for cell in row
        if cell.text
        for column in range(cell.first, cell.last)
    }
    return bool(figures) and all(
        column in above and (_is(_YEAR, above[column]) or not _is(_FIGURE, above[column]))
        for column in figures
    )


def _holds_figures(rows: Sequence[Row], column: int) -> bool:
    """Mostly figures, and not mostly years: a year may head a row as well as a column."""
    texts = [cell.text for row in rows for cell in row if cell.first == column and cell.text]
    figures = [text for text in texts if _is(_FIGURE, text) and not _is(_YEAR, text)]
    return len(figures) > _MOSTLY * len(texts)


def _is(kind: re.Pattern[str], text: str) -> bool:
    return bool(kind.fullmatch(unicodedata.normalize("NFKC", text)))
