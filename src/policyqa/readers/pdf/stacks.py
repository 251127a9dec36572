"""Tables with level rules only: one above the head, one below it, one at the foot, or more."""

from collections.abc import Iterator, Sequence
from statistics import median

from policyqa.models import Box
from policyqa.readers.pdf.geometry import clusters, height, middle, union, width
from policyqa.readers.pdf.lines import Line
from policyqa.readers.pdf.rows import (
    Interval,
    Places,
    Row,
    borders,
    cells,
    column_of,
    grid_of,
    intervals,
    joined,
    rows_of,
)
from policyqa.readers.pdf.tables import Cell, Table, table, text_of

_SAME_RULE = 3.0
"""Points."""
_SHORTEST_RULE = 10.0
_TIGHT = 1.75
"""In ems."""
_MOST_HEAD_ROWS = 3
_LONGEST_HEAD = 24
_PROSE_LINE = 12
"""Characters."""
_FULL = 0.85
"""Of a column's width; lines of prose fill it."""

Band = list[Row]
"""The rows between two rules."""


def stacked_tables(
    lines: Sequence[Line], rules: Sequence[Box], areas: Sequence[Box]
) -> list[Table]:
    """The tables that level ones of `rules` make out of `lines`."""
    level = [rule for rule in rules if height(rule) < width(rule)]
    if not _stacks(level):
        return []
    free = [rules[own[0]] for own in clusters(rules, _SAME_RULE) if _is_alone(rules, own)]
    found = []
    for stack in _stacks(free):
        bands = list(_bands(lines, stack))
        first = 0
        while first < len(bands) - 1:
            last = _end(bands, first)
            made = _table(stack[first : last + 1], bands[first:last], free, areas)
            if made is not None:
                found.append(made)
            first = last if made is not None else first + 1
    return found


def _is_alone(rules: Sequence[Box], cluster: Sequence[int]) -> bool:
    """Whether no other rule touches this one, which is level."""
    return len(cluster) == 1 and height(rules[cluster[0]]) < width(rules[cluster[0]])


def _stacks(rules: Sequence[Box]) -> list[list[Box]]:
    """At least three rules above each other with their ends in the same places."""
    stacks: list[list[Box]] = []
    for rule in sorted(rules, key=lambda rule: rule[1]):
        for stack in stacks:
            ends = abs(stack[0][0] - rule[0]), abs(stack[0][2] - rule[2])
            if max(ends) <= _SAME_RULE:
                stack.append(rule)
                break
        else:
            stacks.append([rule])
    return [stack for stack in stacks if len(stack) >= 3]


def _bands(lines: Sequence[Line], stack: Sequence[Box]) -> Iterator[Band]:
    for above, below in zip(stack, stack[1:], strict=False):
        yield rows_of([line for line in lines if _is_between(line.box, above, below)])


def _is_between(box: Box, above: Box, below: Box) -> bool:
    x, y = middle(box)
    return above[0] <= x <= above[2] and above[1] < y < below[1]


def _end(bands: Sequence[Band], first: int) -> int:
    """Behind which band the table ends whose head is in the first one."""
    last = first + 1
    body: list[Row] = []
    while last < len(bands) and bands[last] and _fits(body, bands[last]):
        body += bands[last]
        last += 1
    return last


def _fits(body: Sequence[Row], band: Band) -> bool:
    size = median(row.size for row in band)
    columns = intervals([*body, *band], size)
    return len(columns) >= max(2, len(intervals(body, size)))


def _table(
    stack: Sequence[Box], bands: Sequence[Band], rules: Sequence[Box], areas: Sequence[Box]
) -> Table | None:
    head, body = bands[0], [row for band in bands[1:] for row in band]
    if not body or not _is_head(head):
        return None
    box = union(stack)
    size = median(row.size for row in body)
    if width(box) < _SHORTEST_RULE * size:
        return None
    columns = _columns(head, body, size)
    if len(columns) < 2 or _is_prose(body, columns):
        return None
    above = _head_rows(head, columns, [rule for rule in rules if _is_part(rule, box)], size)
    if len({cell.first for row in above for cell in row}) < 2:
        return None
    rows = [cells(places) for band in bands[1:] for places in _band_rows(band, columns, size)]
    return table(box, [*above, *rows], borders(columns, box), areas, len(above))


def _is_part(rule: Box, box: Box) -> bool:
    """Whether a rule reaches over some of a table's columns only."""
    return (
        box[0] - _SAME_RULE <= rule[0]
        and rule[2] <= box[2] + _SAME_RULE
        and (width(rule) < width(box) - 2 * _SAME_RULE)
    )


def _is_head(band: Band) -> bool:
    lines = [line for row in band for line in row.lines]
    return (
        0 < len(band) <= _MOST_HEAD_ROWS
        and len(lines) >= 2
        and all(len(line.text) <= _LONGEST_HEAD for line in lines)
    )


def _columns(head: Band, body: Sequence[Row], size: float) -> list[Interval]:
    """By the body, widened by the head's last row where that makes no two of them one."""
    columns = intervals(body, size)
    wider = intervals([*body, head[-1]], size)
    return wider if len(wider) == len(columns) else columns


def _is_prose(body: Sequence[Row], columns: Sequence[Interval]) -> bool:
    """Whether every column is full of long lines."""
    grid = grid_of(body, columns)
    for index, (left, right) in enumerate(columns):
        own = [line for places in grid for line in places[index]]
        full = sum(width(line.box) > _FULL * (right - left) for line in own)
        if 2 * full < len(own) or median(len(line.text) for line in own) < _PROSE_LINE:
            return False
    return True


def _head_rows(
    head: Band, columns: Sequence[Interval], rules: Sequence[Box], size: float
) -> list[list[Cell]]:
    """The head's rows; a short rule below a cell shows which columns it stands over."""
    rows: list[list[Cell]] = []
    for row in head:
        rows.append([])
        for line in row.lines:
            first, last = _reach(line, columns, rules, size)
            above = next(
                ((index, cell) for index, cell in _above(rows, first, last, line, size)), None
            )
            if above is None:
                rows[-1].append(Cell(line.text, (line,), first, last))
            else:
                index, cell = above
                rows[index].remove(cell)
                both = (*cell.lines, line)
                rows[index].append(Cell(text_of(both), both, first, last))
    return [row for row in rows if row]


def _above(
    rows: Sequence[Sequence[Cell]], first: int, last: int, line: Line, size: float
) -> Iterator[tuple[int, Cell]]:
    """The cell that a line goes on with."""
    for index, row in enumerate(rows):
        for cell in row:
            step = line.base - cell.lines[-1].base
            if (cell.first, cell.last) == (first, last) and 0 < step < _TIGHT * size:
                yield index, cell


def _reach(
    line: Line, columns: Sequence[Interval], rules: Sequence[Box], size: float
) -> tuple[int, int]:
    """The columns that a head stands over: those above its own rule, else those it meets."""
    start, end = line.box[0], line.box[2]
    for rule in rules:
        x, _ = middle(line.box)
        if rule[0] <= x <= rule[2] and 0 <= rule[1] - line.base < size:
            start, end = rule[0], rule[2]
    met = [index for index, (left, right) in enumerate(columns) if left < end and start < right]
    first, last = (met[0], met[-1]) if met else (column_of(line, columns),) * 2
    return first, last + 1


def _band_rows(band: Band, columns: Sequence[Interval], size: float) -> list[Places]:
    """A band is one row if no two columns have several lines."""
    grid = grid_of(band, columns)
    several = sum(sum(bool(places[index]) for places in grid) > 1 for index in range(len(columns)))
    if several > 1:
        return joined(grid, size)
    return [[[line for places in grid for line in places[index]] for index in range(len(columns))]]
