"""Reading order: lines to columns, columns in the order in which they are read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from policyqa.models import Box
from policyqa.readers.pdf.geometry import middle, union, width
from policyqa.readers.pdf.lines import Line

_NARROWEST_GUTTER = 0.9
"""In ems of the text."""
_LEAST_LINES = 3
"""A column has at least this many lines, where it shows the others to be columns too."""
_DEEPEST = 3
_SAME_ROW = 0.35
_LARGE = 1.15
_SAME_EDGE = 3.0
"""Points."""


@dataclass(frozen=True, slots=True)
class Column:
    """Lines that are read from the top down, and where the column's text begins and ends."""

    lines: tuple[Line, ...]
    left: float
    right: float


def columns(lines: Sequence[Line], walls: Sequence[Box] = (), depth: int = 0) -> list[Column]:
    """The columns in reading order. `walls` are rules and boxes: what stands above one that
    reaches over two columns is read before what stands below it."""
    if not lines:
        return []
    gutter = find_gutter(lines) if depth < _DEEPEST else None
    if gutter is None:
        return [_column(lines)]
    crossing = [line for line in lines if _crosses(line.box, gutter) or _heads(line, lines, gutter)]
    bands = _bands(lines, crossing, [wall for wall in walls if _crosses(wall, gutter)])
    found: list[Column] = []
    for band, spans in bands:
        if spans:
            found.append(_column(band))
        else:
            for side in _sides(band, gutter):
                found += columns(side, walls, depth + 1)
    return [_aligned(column, found) for column in found]


def interrupted(column: Column, boxes: Sequence[Box]) -> list[Column]:
    """A column cut where one of `boxes` stands between two of its lines: the white space there
    does not end a paragraph."""
    parts: list[list[Line]] = []
    for line in column.lines:
        if parts and not any(_between(parts[-1][-1], line, box) for box in boxes):
            parts[-1].append(line)
        else:
            parts.append([line])
    return [replace(column, lines=tuple(part)) for part in parts]


def _between(above: Line, below: Line, box: Box) -> bool:
    inside = above.base < middle(box)[1] < below.base
    return inside and box[0] < below.box[2] and below.box[0] < box[2]


def _bands(
    lines: Sequence[Line], crossing: Sequence[Line], walls: Sequence[Box]
) -> list[tuple[list[Line], bool]]:
    """The lines from the top down in bands that follow each other; True: a band that spans the
    columns."""
    spanning = [(line.box, [line]) for line in crossing] + [(wall, []) for wall in walls]
    borders: list[tuple[float, list[Line]]] = []
    for box, own in sorted(spanning, key=lambda item: middle(item[0])[1]):
        y = middle(box)[1]
        if borders and own and borders[-1][1] and y - borders[-1][0] < own[0].size / 2:
            borders[-1][1].extend(own)
        else:
            borders.append((y, list(own)))
    between: list[list[Line]] = [[] for _ in range(len(borders) + 1)]
    spans = set(crossing)
    for line in lines:
        if line not in spans:
            y = middle(line.box)[1]
            between[sum(border < y for border, _ in borders)].append(line)
    bands: list[tuple[list[Line], bool]] = []
    for index, band in enumerate(between):
        bands.append((band, False))
        if index < len(borders):
            bands.append((borders[index][1], True))
    return [(band, spans_all) for band, spans_all in bands if band]


def _sides(lines: Sequence[Line], gutter: float) -> list[list[Line]]:
    return [
        [line for line in lines if middle(line.box)[0] < gutter],
        [line for line in lines if middle(line.box)[0] >= gutter],
    ]


def find_gutter(lines: Sequence[Line]) -> float | None:
    """The x of the white strip between two columns; None where there is one column."""
    size = median(line.size for line in lines)
    best = (0, 0.0, 0.0)
    for x, room in _strips(lines, _NARROWEST_GUTTER * size):
        left = [line for line in lines if line.box[2] <= x + 1]
        right = [line for line in lines if line.box[0] >= x - 1]
        across = len(lines) - len(left) - len(right)
        sides = min(_full(left), _full(right))
        if sides >= _LEAST_LINES and across < 2 * sides:
            best = max(best, (sides, room, x))
    return best[2] if best[0] else None


def _full(lines: Sequence[Line]) -> int:
    """How many of the lines are about as long as a column is wide."""
    if not lines:
        return 0
    wide = max(width(line.box) for line in lines)
    return sum(width(line.box) > 0.6 * wide and len(line.text) > 5 for line in lines)


def _strips(lines: Sequence[Line], narrowest: float) -> list[tuple[float, float]]:
    """Where a line ends and, at least `narrowest` further right, others begin: (middle, width)."""
    ends = sorted({round(line.box[2]) for line in lines})
    starts = sorted({round(line.box[0]) for line in lines})
    found: list[tuple[float, float]] = []
    for start in starts:
        before = [end for end in ends if end <= start - narrowest]
        if before:
            found.append(((before[-1] + start) / 2, start - before[-1]))
    return found


def _crosses(box: Box, gutter: float) -> bool:
    return box[0] < gutter - 2 and box[2] > gutter + 2


def _heads(line: Line, lines: Sequence[Line], gutter: float) -> bool:
    """Whether a line in large type has nothing beside it: it stands over both columns."""
    usual = median(other.size for other in lines)
    if line.size < _LARGE * usual:
        return False
    left = middle(line.box)[0] < gutter
    return not any(
        (middle(other.box)[0] < gutter) != left
        and other.box[1] < line.box[3] + usual
        and other.box[3] > line.box[1] - usual
        and other.size < _LARGE * usual
        for other in lines
    )


def _column(lines: Sequence[Line]) -> Column:
    rows = _rows(lines)
    lefts, rights = [row.box[0] for row in rows], [row.box[2] for row in rows]
    return Column(tuple(rows), min(_common(lefts)), max(_common(rights)))


def _common(places: Sequence[float]) -> list[float]:
    """The places that are about as common as the commonest."""
    counts = Counter(round(place / _SAME_EDGE) for place in places)
    most = max(counts.values())
    return [place for place in places if counts[round(place / _SAME_EDGE)] > 0.4 * most]


def _aligned(column: Column, others: Sequence[Column]) -> Column:
    """A short column has the edges of a longer one in the same place."""
    for other in others:
        same = other.left - 20 < column.left < other.left + 30
        if same and len(other.lines) > len(column.lines) and column.right <= other.right + 5:
            column = replace(column, left=min(other.left, column.left), right=other.right)
    return column


def _rows(lines: Sequence[Line]) -> list[Line]:
    """Lines from the top down; those on one base line are put together."""
    rows: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.base, line.box[0])):
        if rows and abs(rows[-1].base - line.base) < _SAME_ROW * line.size:
            rows[-1] = _beside(rows[-1], line)
        else:
            rows.append(line)
    return rows


def _beside(first: Line, second: Line) -> Line:
    first, second = sorted((first, second), key=lambda line: line.box[0])
    longer = max(first, second, key=lambda line: len(line.text))
    return Line(
        f"{first.text}　{second.text}",
        union((first.box, second.box)),
        longer.base,
        longer.font,
        first.marks + second.marks,
        first.latin and second.latin,
    )
