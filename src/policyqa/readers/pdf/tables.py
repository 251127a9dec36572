"""Tables to rows: `column head：cell｜column head：cell`."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policyqa.japanese import join_lines
from policyqa.models import Box
from policyqa.readers.pdf.geometry import height, holds, union
from policyqa.readers.pdf.lines import Line

_YEAR = re.compile(r"(?:明治|大正|昭和|平成|令和)?(?:[0-9]{1,4}|元)年度?")
_FIGURE = re.compile(r"[△▲+\-−]?[約第]?[0-9][^。]{0,12}|[-−―‐*…]")
"""What a column of years or figures holds, in NFKC."""
_MOSTLY = 0.6


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and lines, and the columns it covers, from `first` to `last` (exclusive). In
    the further rows that a cell reaches over it has its text but no lines."""

    text: str
    lines: tuple[Line, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table's place, its rows of cells, the heads of its columns (empty: it has none), how many
    rows from the top are not data, and the columns' borders in points."""

    box: Box
    rows: tuple[tuple[Cell, ...], ...]
    heads: tuple[str, ...]
    head_rows: int
    borders: tuple[float, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for row in self.rows for cell in row for line in cell.lines)

    def texts(self) -> Iterator[tuple[str, tuple[Line, ...]]]:
        """A text for each row, each cell behind its column's head, and the row's lines."""
        for row in self.rows[self.head_rows :]:
            lines = tuple(line for cell in row for line in cell.lines)
            if lines:
                yield "｜".join(self._labelled(cell) for cell in row if cell.text), lines

    @property
    def has_figures(self) -> bool:
        """Whether a column is one of years or figures."""
        return bool(_figure_columns(self.rows[self.head_rows :]))

    def headed_by(self, depth: int) -> "Table":
        """The same table, its first `depth` rows being the head."""
        return replace(
            self, heads=_heads(self.rows[:depth], len(self.borders) - 1), head_rows=depth
        )

    def _labelled(self, cell: Cell) -> str:
        # What reaches over the whole table is a title between its rows, and has no head.
        whole = cell.last - cell.first == len(self.borders) - 1
        heads = [head for head in self.heads[cell.first : cell.last] if head]
        return cell.text if whole or not heads else f"{'、'.join(heads)}：{cell.text}"


def table(
    box: Box,
    rows: Sequence[Sequence[Cell]],
    borders: Sequence[float],
    areas: Sequence[Box],
    ruled_head: int = 0,
) -> Table:
    """The table that `rows` make, with its heads. Coloured `areas` may mark them; `ruled_head` is
    how many rows stand above a rule that sets them off."""
    kept = tuple(tuple(row) for row in rows if any(cell.lines for cell in row))
    titles = 0
    while (
        not ruled_head
        and titles < len(kept)
        and len([cell for cell in kept[titles] if cell.text]) < 2
    ):
        titles += 1
    below = kept[titles:]
    depth = ruled_head or _head_depth(below, areas)
    heads = _heads(below[:depth], len(borders) - 1) if depth else ()
    # A title over the head is no data, and no head either: it stays a row.
    ordered = (*kept[:titles], *below[depth:]) if depth else kept
    head = below[:depth]
    return Table(box, (*head, *ordered), heads, depth, tuple(borders))


def text_of(lines: Sequence[Line]) -> str:
    """A cell's lines from the top down as one text."""
    text = ""
    for line in sorted(lines, key=lambda line: (round(line.base), line.box[0])):
        text = join_lines(text, line.text) if text else line.text
    return text


def _heads(rows: Sequence[Sequence[Cell]], columns: int) -> tuple[str, ...]:
    """The head of each column: what stands above it, from the top down."""
    heads: list[list[str]] = [[] for _ in range(columns)]
    for row in rows:
        for cell in row:
            for column in range(cell.first, cell.last):
                if cell.text and cell.text not in heads[column]:
                    heads[column].append(cell.text)
    return tuple("・".join(parts) for parts in heads)


def _head_depth(rows: Sequence[Sequence[Cell]], areas: Sequence[Box]) -> int:
    """How many rows from the top are the head; 0: the table has none."""
    if len(rows) < 2:
        return 0
    grouped = _grouped(rows)
    depth = 2 if grouped else 1
    first, others = [cell for row in rows[:depth] for cell in row], rows[depth:]
    if not others or sum(bool(cell.text) for cell in first) < 2:
        return 0
    set_off = _by_colour(first, others, areas) or _by_font(first, others)
    return depth if grouped or set_off or _by_figures(rows[:depth], others) else 0


def _grouped(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether a cell of the first row stands over several of the second."""
    return len(rows) > 2 and any(
        cell.text
        and cell.last - cell.first > 1
        and sum(cell.first <= below.first < cell.last and bool(below.lines) for below in rows[1])
        > 1
        for cell in rows[0]
    )


def _by_colour(
    head: Sequence[Cell], others: Sequence[Sequence[Cell]], areas: Sequence[Box]
) -> bool:
    marked = [_coloured(cell, areas) for cell in head if cell.lines]
    below = [_coloured(cell, areas) for row in others for cell in row if cell.lines]
    return all(marked) and sum(below) < 0.2 * len(below)


def _coloured(cell: Cell, areas: Sequence[Box]) -> bool:
    small = [area for area in areas if height(area) < 3 * max(12.0, _tallness(cell))]
    return any(holds(area, line.box) for area in small for line in cell.lines)


def _tallness(cell: Cell) -> float:
    return height(union(line.box for line in cell.lines))


def _by_font(head: Sequence[Cell], others: Sequence[Sequence[Cell]]) -> bool:
    fonts = {line.font for cell in head for line in cell.lines}
    return not fonts & {line.font for row in others for cell in row for line in cell.lines}


def _by_figures(head: Sequence[Sequence[Cell]], others: Sequence[Sequence[Cell]]) -> bool:
    """Whether words, or years, stand over each column of figures, and over at least one."""
    figures = _figure_columns(others)
    above = {column for row in head for cell in row if cell.text for column in _columns(cell)}
    years = {
        column
        for row in head
        for cell in row
        if _kind(cell.text) is _YEAR
        for column in _columns(cell)
    }
    bare = any(_kind(cell.text) is _FIGURE for row in head for cell in row)
    return (
        not bare
        and bool(figures)
        and figures.keys() <= above
        and all(figures.get(column) is _FIGURE for column in years)
    )


def _figure_columns(rows: Sequence[Sequence[Cell]]) -> dict[int, re.Pattern[str]]:
    """The columns that hold mostly years, or mostly figures and years."""
    columns: dict[int, list[re.Pattern[str] | None]] = {}
    for row in rows:
        for cell in row:
            if cell.text and cell.last - cell.first == 1:
                columns.setdefault(cell.first, []).append(_kind(cell.text))
    found: dict[int, re.Pattern[str]] = {}
    for column, kinds in columns.items():
        if kinds.count(_YEAR) > _MOSTLY * len(kinds):
            found[column] = _YEAR
        elif len(kinds) - kinds.count(None) > _MOSTLY * len(kinds):
            found[column] = _FIGURE
    return found


def _columns(cell: Cell) -> range:
    return range(cell.first, cell.last)


def _kind(text: str) -> re.Pattern[str] | None:
    plain = unicodedata.normalize("NFKC", text)
    return next((kind for kind in (_YEAR, _FIGURE) if kind.fullmatch(plain)), None)
