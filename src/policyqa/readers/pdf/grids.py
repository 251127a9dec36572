"""Ruled tables: what the rules part is a cell, and what they do not part is one cell."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from policyqa.models import Box
from policyqa.readers.pdf.geometry import clusters, height, holds, middle, union, width
from policyqa.readers.pdf.lines import Line
from policyqa.readers.pdf.tables import Cell, Table, table, text_of

_SAME_EDGE = 3.0
"""Points."""
_MOST_PLACES = 10_000
"""A larger grid is a drawing."""
_TIGHT = 1.8
"""In ems; lines of one cell are no further apart."""

Place = tuple[int, int]
"""Row and column."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The borders that rules draw, from the left and from the top, in points; and the places that
    a rule parts from the next one to the right, and from the next one below."""

    box: Box
    across: tuple[float, ...]
    down: tuple[float, ...]
    parted_right: frozenset[Place]
    parted_below: frozenset[Place]


def grids(rules: Sequence[Box]) -> list[Grid]:
    """The grids of at least two columns and two rows that `rules` draw."""
    found = []
    for cluster in clusters(rules, _SAME_EDGE):
        own = [rules[index] for index in cluster]
        box = union(own)
        level = [rule for rule in own if width(rule) >= height(rule)]
        upright = [rule for rule in own if height(rule) > width(rule)]
        # The outer edges are often open.
        across = _edges([box[0], box[2], *(middle(rule)[0] for rule in upright)])
        down = _edges([box[1], box[3], *(middle(rule)[1] for rule in level)])
        columns, rows = len(across) - 1, len(down) - 1
        if columns < 2 or rows < 2 or columns * rows > _MOST_PLACES:
            continue
        parted_right = {
            (row, column)
            for rule in upright
            for column in _at(across, middle(rule)[0])
            for row in _covered(down, rule[1], rule[3])
        }
        parted_below = {
            (row, column)
            for rule in level
            for row in _at(down, middle(rule)[1])
            for column in _covered(across, rule[0], rule[2])
        }
        found.append(Grid(box, across, down, frozenset(parted_right), frozenset(parted_below)))
    return found


def _at(edges: Sequence[float], place: float) -> range:
    """The intervals that end where a rule lies."""
    return range(
        bisect_left(edges, place - _SAME_EDGE) - 1, bisect_right(edges, place + _SAME_EDGE) - 1
    )


def _covered(edges: Sequence[float], start: float, end: float) -> range:
    """The intervals whose middle lies between `start` and `end`."""
    middles = [(before + after) / 2 for before, after in pairwise(edges)]
    return range(bisect_left(middles, start), bisect_right(middles, end))


def ruled_tables(lines: Sequence[Line], rules: Sequence[Box], areas: Sequence[Box]) -> list[Table]:
    """The tables that `rules` make out of `lines`. Coloured `areas` may mark the heads."""
    found = [_table(lines, grid, areas) for grid in grids(rules)]
    return [made for made in found if made is not None]


def _table(lines: Sequence[Line], grid: Grid, areas: Sequence[Box]) -> Table | None:
    rows, columns = len(grid.down) - 1, len(grid.across) - 1
    held: dict[Place, list[Line]] = {}
    for line in lines:
        if holds(grid.box, line.box):
            x, y = middle(line.box)
            held.setdefault((_index(grid.down, y), _index(grid.across, x)), []).append(line)
    regions = _regions(grid, held)
    filled = sum(len(places) for places in regions if any(place in held for place in places))
    if filled < max(4, 0.4 * rows * columns):
        return None
    return table(grid.box, _rows(regions, held, rows), grid.across, areas)


def _edges(places: Sequence[float]) -> tuple[float, ...]:
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > _SAME_EDGE:
            edges.append(place)
    return tuple(edges)


def _index(edges: Sequence[float], place: float) -> int:
    inner = sum(place > edge for edge in edges) - 1
    return min(max(inner, 0), len(edges) - 2)


def _regions(grid: Grid, held: dict[Place, list[Line]]) -> list[list[Place]]:
    """The places that are one cell each: no rule parts them, nor does their text."""
    rows, columns = len(grid.down) - 1, len(grid.across) - 1
    regions: dict[Place, list[Place]] = {
        (row, column): [(row, column)] for row in range(rows) for column in range(columns)
    }
    for row in range(rows):
        for column in range(columns - 1):
            if (row, column) not in grid.parted_right:
                here, right = regions[row, column], regions[row, column + 1]
                if _reaches(here, right, held, grid.across[column + 1]):
                    _merge(regions, here, right)
    for row in range(rows - 1):
        for column in range(columns):
            if (row, column) not in grid.parted_below:
                here, under = regions[row, column], regions[row + 1, column]
                if _goes_on(here, under, held):
                    _merge(regions, here, under)
    return list({id(places): places for places in regions.values()}.values())


def _merge(regions: dict[Place, list[Place]], first: list[Place], second: list[Place]) -> None:
    if first is not second:
        first.extend(second)
        for place in second:
            regions[place] = first


def _lines(places: Sequence[Place], held: dict[Place, list[Line]]) -> list[Line]:
    return [line for place in places for line in held.get(place, ())]


def _reaches(
    left: Sequence[Place], right: Sequence[Place], held: dict[Place, list[Line]], border: float
) -> bool:
    """Whether no text on the left stands beside other text on the right; tables without all
    their upright rules have such."""
    lines = _lines(left, held), _lines(right, held)
    crosses = any(line.box[0] < border - 2 and line.box[2] > border + 2 for line in sum(lines, []))
    return crosses or not all(lines)


def _goes_on(above: Sequence[Place], below: Sequence[Place], held: dict[Place, list[Line]]) -> bool:
    """Whether the places have the same columns, and their text, if both have one, is one."""
    if {column for _, column in above} != {column for _, column in below}:
        return False
    upper, lower = _lines(above, held), _lines(below, held)
    if not upper or not lower:
        return True
    step = min(line.base for line in lower) - max(line.base for line in upper)
    return step < _TIGHT * min(line.size for line in lower)


def _rows(
    regions: Sequence[Sequence[Place]], held: dict[Place, list[Line]], count: int
) -> list[list[Cell]]:
    """A cell that reaches over several rows counts in each of them."""
    rows: list[list[Cell]] = [[] for _ in range(count)]
    for places in regions:
        lines = tuple(_lines(places, held))
        text = text_of(lines)
        columns = [column for _, column in places]
        own = sorted({row for row, _ in places})
        for row in own:
            shown = lines if row == own[0] else ()
            rows[row].append(Cell(text, shown, min(columns), max(columns) + 1))
    return [sorted(row, key=lambda cell: cell.first) for row in rows]
