"""Tables without rules: short cells that stand below each other, row by row."""

import re
from collections.abc import Iterator, Sequence
from statistics import median

from policyqa.models import Box
from policyqa.readers.pdf.geometry import height, middle, union, width
from policyqa.readers.pdf.lines import Line
from policyqa.readers.pdf.rows import (
    Interval,
    Places,
    Row,
    borders,
    cells,
    grid_of,
    intervals,
    joined,
    rows_of,
)
from policyqa.readers.pdf.tables import Table, table, text_of

# In ems of the text.
_SAME_EDGE = 0.35
_WIDE_STEP = 3.2
"""Rows are no further apart."""
_LONGEST_CELL = 40
_USUAL_CELL = 14
"""Characters; columns of longer lines are prose."""
_LEAST_ROWS = 3
_LEAST_COLUMNS = 3
"""With two, labels and their values, or a contents list, would pass for a table."""
_LEAST_FILLED = 0.6
_ALIGNED = 0.7
"""The share of a column's cells that have an edge or their middle in one place."""
_LEADER = re.compile(r"[.．…・‥⋯]{4,}")
_MARKER = re.compile(r"[(（]?(?:[0-9０-９]{1,2}|[ア-ンa-zA-Z]|[①-⑳])[)）.．]?|[・●○■□◆◇※]|第.{1,3}")


def aligned_tables(
    lines: Sequence[Line], rules: Sequence[Box], areas: Sequence[Box]
) -> list[Table]:
    """The tables among `lines`; none where an upright one of `rules` goes through."""
    upright = [rule for rule in rules if height(rule) > width(rule)]
    found = []
    for block in _blocks(rows_of(lines)):
        box = union(line.box for row in block for line in row.lines)
        if not any(_meet(box, rule) for rule in upright):
            made = _table(block, box, areas)
            if made is not None:
                found.append(made)
    return found


def _meet(box: Box, rule: Box) -> bool:
    x, _ = middle(rule)
    return box[0] < x < box[2] and rule[1] < box[3] and rule[3] > box[1]


def _blocks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Runs of rows whose cells leave the same gutters free."""
    block: list[Row] = []
    for row in rows:
        if block and not _fits(block, row):
            yield _trimmed(block)
            block = []
        if block or len(row.lines) >= _LEAST_COLUMNS:
            block.append(row)
    if block:
        yield _trimmed(block)


def _trimmed(block: Sequence[Row]) -> list[Row]:
    """Without what stands alone below the table."""
    last = max(index for index, row in enumerate(block) if len(row.lines) > 1)
    return list(block[: last + 1])


def _fits(block: Sequence[Row], row: Row) -> bool:
    size = max(row.size, block[-1].size)
    if row.base - block[-1].base > _WIDE_STEP * size:
        return False
    columns = intervals([*block, row], size)
    return len(columns) >= max(_LEAST_COLUMNS, len(intervals(block, size)))


def _table(block: Sequence[Row], box: Box, areas: Sequence[Box]) -> Table | None:
    size = median(row.size for row in block)
    columns = intervals(block, size)
    grid = grid_of(block, columns)
    rows = joined(grid, size)
    if len(rows) < _LEAST_ROWS or not _is_table(grid, rows, columns, size):
        return None
    made = table(box, [cells(places) for places in rows], borders(columns, box), areas)
    # Text boxes side by side have neither.
    return made if made.heads or made.has_figures else None


def _is_table(
    grid: Sequence[Places], rows: Sequence[Places], columns: Sequence[Interval], size: float
) -> bool:
    texts = [text_of(own) for places in grid for own in places if own]
    if median(map(len, texts)) > _USUAL_CELL or max(map(len, texts)) > _LONGEST_CELL:
        return False
    if any(_LEADER.search(text) for text in texts):
        return False
    if 5 * sum("。" in text for text in texts) > len(texts):
        return False
    telling = sum(not _is_marker_column(rows, index) for index in range(len(columns)))
    filled = sum(bool(own) for places in rows for own in places)
    return (
        telling >= _LEAST_COLUMNS
        and filled >= _LEAST_FILLED * len(rows) * len(columns)
        and all(_is_aligned(grid, index, size) for index in range(len(columns)))
    )


def _is_marker_column(rows: Sequence[Places], index: int) -> bool:
    texts = [text_of(row[index]) for row in rows if row[index]]
    return all(_MARKER.fullmatch(text) for text in texts)


def _is_aligned(grid: Sequence[Places], index: int, size: float) -> bool:
    """Whether a column's cells begin, end, or have their middle in one place."""
    boxes = [own[0].box for own in (places[index] for places in grid) if own]
    needed = _ALIGNED * len(boxes)
    edges = (
        [box[0] for box in boxes],
        [box[2] for box in boxes],
        [middle(box)[0] for box in boxes],
    )
    return any(_at_one_place(places, _SAME_EDGE * size) >= needed for places in edges)


def _at_one_place(places: Sequence[float], slack: float) -> int:
    return max(sum(abs(other - place) <= slack for other in places) for place in places)
