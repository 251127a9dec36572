"""A text with marks and links in it, as HTML. All text is escaped here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from policyqa.models import Span

_MOST_SHOWN = 10_000
"""Characters before and after what is marked: a sheet or an appendix may have a million."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Tags around text[start:end]. Where layers overlap, the first is the outermost."""

    start: int
    end: int
    opening: str
    closing: str


def window(text: str, marked: Span) -> Span:
    """Whole lines of the text around what is marked."""
    first, last = marked
    start = text.rfind("\n", 0, max(0, first - _MOST_SHOWN)) + 1 if first > _MOST_SHOWN else 0
    end = text.find("\n", last + _MOST_SHOWN)
    return start, len(text) if end < 0 else end


def lines_html(
    text: str, shown: Span, layers: Sequence[Layer], attributes: Callable[[Span], str]
) -> str:
    """The lines of text[shown] as paragraphs; `attributes` gives those of a line's."""
    parts = []
    start = shown[0]
    for line in text[slice(*shown)].split("\n"):
        span = (start, start + len(line))
        if line:
            inner = marked_html(text, span, layers)
            parts.append(f"<p {attributes(span)}>{inner}</p>")
        start += len(line) + 1
    return "".join(parts)


def marked_html(text: str, span: Span, layers: Sequence[Layer]) -> str:
    """text[span] with the layers that touch it; a layer is cut where another one begins or ends."""
    start, end = span
    inside = [layer for layer in layers if layer.start < end and layer.end > start]
    borders = {start, end, *(layer.start for layer in inside), *(layer.end for layer in inside)}
    cuts = sorted(border for border in borders if start <= border <= end)
    parts = []
    for first, last in zip(cuts, cuts[1:], strict=False):
        here = [layer for layer in inside if layer.start <= first and last <= layer.end]
        parts += [layer.opening for layer in here]
        parts.append(escape(text[first:last]))
        parts += [layer.closing for layer in reversed(here)]
    return "".join(parts)


def overlaps(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
