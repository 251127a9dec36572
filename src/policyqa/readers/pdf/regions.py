"""Boxes and figures: what stands on a page outside the flow of its prose."""

from collections.abc import Sequence
from dataclasses import dataclass

from policyqa.models import Box
from policyqa.readers.pdf.furniture import TextPage
from policyqa.readers.pdf.geometry import clusters, height, holds, union, width
from policyqa.readers.pdf.glyphs import Font
from policyqa.readers.pdf.lines import Line

_NARROWEST_PANEL = 0.2
"""Of the page's width."""
_LARGEST_PANEL = 0.8
"""Of the page's area; a larger coloured area is a background."""
_LOWEST_PANEL = 4.0
_SMALLEST_FIGURE = 5.0
"""In body text ems."""
_LONG_LINE = 12
"""Characters."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A coloured area that sets its lines off from the prose."""

    box: Box
    lines: tuple[Line, ...]


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
