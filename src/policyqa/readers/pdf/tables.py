"""Ruled tables to rows: `column head：cell｜column head：cell`."""

from collections.abc import Sequence
from dataclasses import dataclass

from policyqa.japanese import join_lines
from policyqa.models import Box
from policyqa.readers.pdf.geometry import clusters, height, holds, middle, union, width
from policyqa.readers.pdf.lines import Line

_SAME_EDGE = 3.0
"""Points."""


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table's place, its rows of cells, and the heads of its columns (empty: it has none)."""

    box: Box
    rows: tuple[tuple[Cell, ...], ...]
    heads: tuple[str, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for row in self.rows for cell in row for line in cell.lines)

    def texts(self) -> list[tuple[str, tuple[Line, ...]]]:
        """A text for each row, each cell behind its column's head, and the row's lines."""
        body = self.rows[1:] if self.heads else self.rows
        heads = self.heads or ("",) * len(self.rows[0])
        found = []
        for row in body:
            parts = [
                f"{head}：{cell.text}" if head else cell.text
                for head, cell in zip(heads, row, strict=True)
                if cell.text
            ]
            if parts:
                found.append(("｜".join(parts), tuple(line for cell in row for line in cell.lines)))
        return found


def tables(lines: Sequence[Line], rules: Sequence[Box], areas: Sequence[Box]) -> list[Table]:
    """The tables that `rules` make out of `lines`. Coloured `areas` may mark the heads."""
    found = []
    for cluster in clusters(rules, _SAME_EDGE):
        table = _table(lines, [rules[index] for index in cluster], areas)
        if table is not None:
            found.append(table)
    return found


def _table(lines: Sequence[Line], rules: Sequence[Box], areas: Sequence[Box]) -> Table | None:
    box = union(rules)
    level = [rule for rule in rules if width(rule) >= height(rule)]
    upright = [rule for rule in rules if height(rule) > width(rule)]
    # The outer edges are often open.
    across = _edges([box[0], box[2], *(middle(rule)[0] for rule in upright)])
    down = _edges([box[1], box[3], *(middle(rule)[1] for rule in level)])
    columns, rows = len(across) - 1, len(down) - 1
    if columns < 2 or rows < 2:
        return None
    grid: list[list[list[Line]]] = [[[] for _ in range(columns)] for _ in range(rows)]
    for line in lines:
        if holds(box, line.box):
            x, y = middle(line.box)
            grid[_index(down, y)][_index(across, x)].append(line)
    filled = [bool(cell) for row in grid for cell in row]
    if sum(filled) < max(4, 0.4 * len(filled)):
        return None
    cells = [[Cell(_text(cell), tuple(cell)) for cell in row] for row in grid]
    _spread(cells, level, across, down)
    kept = tuple(tuple(row) for row in cells if any(cell.text for cell in row))
    return Table(box, kept, _heads(kept, areas))


def _edges(places: Sequence[float]) -> list[float]:
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > _SAME_EDGE:
            edges.append(place)
    return edges


def _index(edges: Sequence[float], place: float) -> int:
    inner = sum(place > edge for edge in edges) - 1
    return min(max(inner, 0), len(edges) - 2)


def _text(lines: Sequence[Line]) -> str:
    text = ""
    for line in sorted(lines, key=lambda line: (round(line.base), line.box[0])):
        text = join_lines(text, line.text) if text else line.text
    return text


def _spread(
    cells: list[list[Cell]], level: Sequence[Box], across: Sequence[float], down: Sequence[float]
) -> None:
    """A cell that reaches over several rows counts in each of them."""
    for row in range(1, len(cells)):
        for column, cell in enumerate(cells[row]):
            x = (across[column] + across[column + 1]) / 2
            ruled = any(
                abs(middle(rule)[1] - down[row]) <= _SAME_EDGE and rule[0] <= x <= rule[2]
                for rule in level
            )
            if not ruled and not cell.text:
                cells[row][column] = Cell(cells[row - 1][column].text, ())


def _heads(rows: Sequence[Sequence[Cell]], areas: Sequence[Box]) -> tuple[str, ...]:
    """The first row's texts, if it is set off from the others by colour or by font."""
    first, *others = rows
    if not others or sum(bool(cell.text) for cell in first) < 2:
        return ()

    def coloured(cell: Cell) -> bool:
        small = [area for area in areas if height(area) < 3 * max(12.0, _tallest(cell))]
        return any(holds(area, line.box) for area in small for line in cell.lines)

    marked = [coloured(cell) for cell in first if cell.lines]
    below = [coloured(cell) for row in others for cell in row if cell.lines]
    by_colour = all(marked) and sum(below) < 0.2 * len(below)
    fonts = {line.font for cell in first for line in cell.lines}
    other_fonts = {line.font for row in others for cell in row for line in cell.lines}
    if by_colour or not fonts & other_fonts:
        return tuple(cell.text for cell in first)
    return ()


def _tallest(cell: Cell) -> float:
    return height(union(line.box for line in cell.lines)) if cell.lines else 0.0
