"""Boxes and figures: what stands on a page outside the flow of its prose."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from policyqa.models import Box
from policyqa.readers.pdf.furniture import TextPage
from policyqa.readers.pdf.geometry import clusters, height, holds, union, width
from policyqa.readers.pdf.glyphs import Font, Shapes
from policyqa.readers.pdf.lines import Line

_NARROWEST_PANEL = 0.2
"""Of the page's width."""
_LARGEST_PANEL = 0.8
"""Of the page's area; a larger coloured area is a background."""
_LOWEST_PANEL = 4.0
_SMALLEST_FIGURE = 5.0
"""In body text ems."""
_AXIS = 2.5
"""In ems of the labels of an axis; they stand no further beside it."""
_LABEL_SIZE = 1.3
_LONGEST_LABEL = 10
"""Characters."""
_AXIS_LABEL = re.compile(r"[△▲+\-−]?[0-9][0-9,.]*[%年度月]{0,2}")
_LEAST_LABELS = 4
_LONG_LINE = 12
"""Characters."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A coloured area that sets its lines off from the prose."""

    box: Box
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of bars and its labels."""

    box: Box
    labels: tuple[Line, ...]


def panels(page: TextPage, body: Font) -> list[Panel]:
    """The panels of a page. One with mostly body text is only a background."""
    wide = [area for area in page.shapes.areas if width(area) > _NARROWEST_PANEL * page.size[0]]
    found = []
    for cluster in clusters(wide, 1.0):
        box = union(wide[index] for index in cluster)
        size = width(box) * height(box) / (page.size[0] * page.size[1])
        lines = tuple(line for line in page.lines if holds(box, line.box))
        if height(box) < _LOWEST_PANEL * body.size or size > _LARGEST_PANEL or not lines:
            continue
        own = sum(len(line.text) for line in lines if line.font == body)
        if 2 * own < sum(len(line.text) for line in lines):
            found.append(Panel(box, lines))
    return found


def figures(art: Sequence[Box], body: Font) -> list[Box]:
    """Where figures stand. `art` are pictures, curves, and the grounds they are drawn on."""
    boxes = [union(art[index] for index in cluster) for cluster in clusters(art, body.size / 2)]
    least = _SMALLEST_FIGURE * body.size
    return [box for box in boxes if min(width(box), height(box)) >= least]


def charts(lines: Sequence[Line], shapes: Shapes, body: Font) -> list[Chart]:
    """The charts of bars. Theirs are level and upright shapes as a table's are, but figures stand
    along them."""
    drawn = [*shapes.areas, *shapes.rules]
    found: list[Chart] = []
    if sum(_is_figure(line) for line in lines) < _LEAST_LABELS:
        return found
    for cluster in clusters(drawn, 1.0):
        box = _with_gridlines([drawn[index] for index in cluster], shapes.rules)
        barred = any(index < len(shapes.areas) for index in cluster)
        if barred and min(width(box), height(box)) >= _SMALLEST_FIGURE * body.size:
            labels = _labels(lines, box)
            if labels:
                found.append(Chart(box, labels))
    return found


def _with_gridlines(drawn: Sequence[Box], rules: Sequence[Box]) -> Box:
    """A chart's box with the lines that no bar reaches: they end where one of its own does."""
    ends = {_ends(box) for box in drawn} & {_ends(rule) for rule in rules}
    return union([*drawn, *(rule for rule in rules if _ends(rule) in ends)])


def _ends(box: Box) -> tuple[int, int]:
    return round(box[0]), round(box[2])


def _labels(lines: Sequence[Line], box: Box) -> tuple[Line, ...]:
    """The figures along a chart's axes and bars, and the short words set like them; none where
    the words are more."""
    near = [line for line in lines if holds(box, line.box, _AXIS * line.size)]
    figures = [line for line in near if _is_figure(line)]
    if len(figures) < _LEAST_LABELS:
        return ()
    size = median(line.size for line in figures)
    labels = tuple(
        line for line in near if line.size < _LABEL_SIZE * size and len(line.text) <= _LONGEST_LABEL
    )
    return labels if 2 * len(figures) > len(labels) else ()


def _is_figure(line: Line) -> bool:
    return bool(_AXIS_LABEL.fullmatch(unicodedata.normalize("NFKC", line.text)))


def debris(lines: Sequence[Line], figures: Sequence[Box], body: Font, slack: float) -> set[Line]:
    """The lines that are labels inside a figure or not more than `slack` beside it."""
    dropped: set[Line] = set()
    for box in figures:
        inside = [line for line in lines if holds(box, line.box, slack)]
        if not _is_prose(inside, box, body):
            dropped.update(inside)
    return dropped


def _is_prose(lines: Sequence[Line], box: Box, body: Font) -> bool:
    """Whether the lines are long ones of body text, or fill the box as text in a frame does."""
    total = sum(len(line.text) for line in lines)
    long = sum(
        len(line.text) for line in lines if line.font == body and len(line.text) >= _LONG_LINE
    )
    full = sum(len(line.text) for line in lines if width(line.box) > 0.6 * width(box))
    stops = any("。" in line.text for line in lines)
    return 2 * long > total or (stops and 2 * full > total)
