"""Rows and columns by alignment alone: lines on one base line, and what they leave free."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from policyqa.models import Box
from policyqa.readers.pdf.lines import Line
from policyqa.readers.pdf.tables import Cell, text_of

# In ems of the text.
_SAME_ROW = 0.35
_GUTTER = 1.0
_TIGHT = 1.75
"""Lines of one cell are no further apart."""

Interval = tuple[float, float]
Places = list[list[Line]]
"""The lines of a row's cells, column by column."""


@dataclass(frozen=True, slots=True)
class Row:
    """What stands on one base line, from the left to the right."""

    lines: tuple[Line, ...]

    @property
    def base(self) -> float:
        return self.lines[0].base

    @property
    def size(self) -> float:
        return max(line.size for line in self.lines)


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """The rows from the top down."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.base, line.box[0])):
        if rows and abs(rows[-1][0].base - line.base) < _SAME_ROW * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [Row(tuple(sorted(row, key=lambda line: line.box[0]))) for row in rows]


def intervals(rows: Sequence[Row], size: float) -> list[Interval]:
    """What the rows cover from the left to the right, apart by gutters."""
    covered: list[Interval] = []
    for line in sorted((line for row in rows for line in row.lines), key=lambda line: line.box[0]):
        if covered and line.box[0] < covered[-1][1] + _GUTTER * size:
            covered[-1] = covered[-1][0], max(covered[-1][1], line.box[2])
        else:
            covered.append((line.box[0], line.box[2]))
    return covered


def borders(columns: Sequence[Interval], box: Box) -> tuple[float, ...]:
    """The middle of each gutter, and the edges of `box`."""
    return (box[0], *((left[1] + right[0]) / 2 for left, right in pairwise(columns)), box[2])


def grid_of(rows: Sequence[Row], columns: Sequence[Interval]) -> list[Places]:
    """The lines of each row by the columns that they cover most of."""
    grid: list[Places] = []
    for row in rows:
        grid.append([[] for _ in columns])
        for line in row.lines:
            grid[-1][column_of(line, columns)].append(line)
    return grid


def column_of(line: Line, columns: Sequence[Interval]) -> int:
    """The column that a line covers most of, else the nearest one."""

    def overlap(index: int) -> float:
        start, end = columns[index]
        return min(line.box[2], end) - max(line.box[0], start)

    return max(range(len(columns)), key=overlap)


def joined(grid: Sequence[Places], size: float) -> list[Places]:
    """The rows, lines that only go on with the cells above them put to these."""
    rows: list[Places] = []
    for places in grid:
        if rows and _goes_on(rows[-1], places, size):
            for own, more in zip(rows[-1], places, strict=True):
                own.extend(more)
        else:
            rows.append([list(own) for own in places])
    return rows


def _goes_on(above: Places, places: Places, size: float) -> bool:
    filled = [index for index, own in enumerate(places) if own]
    if places[0] or 2 * len(filled) > len(places):
        return False
    return all(
        above[index] and places[index][0].base - above[index][-1].base < _TIGHT * size
        for index in filled
    )


def cells(places: Places) -> list[Cell]:
    """A row's cells, one a column."""
    return [Cell(text_of(own), tuple(own), index, index + 1) for index, own in enumerate(places)]
