"""A report's plots as SVG, drawn here: five small kinds need no library of 50 MB, follow the page's
style sheet, and hold text that can be read aloud, found and printed.

Each is 360 units wide, which a phone shows at about their size: type stays legible there. Colours
come from the page's style sheet by class; nothing carries a style of its own, so that the page's
policy need not allow it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor

from policyqa import strings_report as text
from policyqa.evaluation.report.figures import CalibrationBin, Histogram

WIDTH = 360
_LEFT, _RIGHT = 124, 308
"""Where the plot of labelled rows begins and ends; labels before, numbers behind."""
_LABEL = 9.6
"""Width of a row's label, in full-width characters."""
_ROW = 26
_AXIS = 28


@dataclass(frozen=True, slots=True)
class Interval:
    """A labelled value with its interval; `note` stands at the end of the row."""

    label: str
    value: float
    low: float
    high: float
    note: str


def intervals(name: str, rows: Sequence[Interval], low: float, high: float) -> str:
    """A dot and a line for each row, from `low` to `high`; a line at zero if that is between."""

    def x(value: float) -> float:
        return _LEFT + (min(max(value, low), high) - low) / (high - low) * (_RIGHT - _LEFT)

    bottom = len(rows) * _ROW + 4
    parts = [_grid(x(mark), 4, bottom, f"{mark:g}") for mark in _marks(low, high)]
    if low < 0 < high:
        parts.append(_line(x(0), 4, x(0), bottom, "zero"))
    for number, row in enumerate(rows):
        y = number * _ROW + _ROW / 2 + 4
        parts += [
            _label(row.label, y),
            _line(x(row.low), y, x(row.high), y, "range"),
            f'<circle cx="{x(row.value):.1f}" cy="{y:.1f}" r="5" class="yes"/>',
            _text(WIDTH - 2, y + 4, row.note, "end", "small"),
        ]
    return _svg(name, bottom + _AXIS, parts)


def histogram(name: str, data: Histogram, axis: str, mark: float | None = None) -> str:
    """Answerable questions above the axis, the others below, each as shares of its kind."""
    left, right, middle, half = 40, WIDTH - 8, 104, 84
    shares = [_shares(data.answerable), _shares(data.unanswerable)]
    top = max(max(share) for share in shares)
    step = (right - left) / len(data.answerable)
    parts = []
    for side, (share, css) in enumerate(zip(shares, ("yes", "no"), strict=True)):
        for number, value in enumerate(share):
            height = value / top * half
            y = middle if side else middle - height
            if value:
                parts.append(_bar(left + number * step + 1, y, step - 2, height, css))
        edge = middle + half if side else middle - half
        parts.append(_text(left - 4, edge + (0 if side else 8), f"{top:.0%}", "end", "small"))
    parts.append(_line(left, middle, right, middle, "axis"))
    for tick in _marks(data.low, data.high):
        x = left + (tick - data.low) / (data.high - data.low) * (right - left)
        parts.append(_text(x, 2 * half + 40, f"{tick:g}", "middle", "small"))
    if mark is not None:
        x = left + (mark - data.low) / (data.high - data.low) * (right - left)
        parts.append(_line(x, middle - half - 6, x, middle + half, "mark"))
        said = text.THRESHOLD.format(value=f"{mark:.2f}")
        parts.append(_text(min(max(x, left + 28), right - 28), 10, said, "middle", "small"))
    parts.append(_text((left + right) / 2, 2 * half + 58, axis, "middle", "small"))
    return _svg(name, 2 * half + 64, parts)


def calibration(name: str, bins: Sequence[CalibrationBin]) -> str:
    """The share of questions with an answer against their mean probability, with counts."""
    left, top, size = 48, 12, 296

    def x(value: float) -> float:
        return left + value * size

    def y(value: float) -> float:
        return top + (1 - value) * size * 0.7

    parts = [_grid(x(tick / 4), top, y(0), f"{tick / 4:g}") for tick in range(5)]
    parts += [
        _text(left - 6, y(tick / 4) + 4, f"{tick / 4:g}", "end", "small") for tick in range(5)
    ]
    parts += [_line(left, y(tick / 4), x(1), y(tick / 4), "grid") for tick in range(5)]
    parts.append(_line(x(0), y(0), x(1), y(1), "diagonal"))
    points = " ".join(f"{x(one.probability):.1f},{y(one.share):.1f}" for one in bins)
    parts.append(f'<polyline points="{points}" class="curve"/>')
    for one in bins:
        at, middle = x(one.probability), x((one.low + one.high) / 2)
        parts.append(_line(at, y(one.share_low), at, y(one.share_high), "range"))
        parts.append(f'<circle cx="{at:.1f}" cy="{y(one.share):.1f}" r="5" class="yes"/>')
        parts.append(_text(middle, y(0) + 34, str(one.n), "middle", "count"))
    parts.append(_text(left - 6, y(0) + 34, text.COUNT, "end", "small"))
    parts.append(_text(left + size / 2, y(0) + 54, text.AXIS_PROBABILITY, "middle", "small"))
    middle = y(0.5)
    parts.append(
        f'<text x="12" y="{middle:.1f}" text-anchor="middle" class="small" '
        f'transform="rotate(-90 12 {middle:.1f})">{escape(text.AXIS_SHARE)}</text>'
    )
    return _svg(name, y(0) + 62, parts)


def latency(name: str, steps: Sequence[tuple[str, float, float]]) -> str:
    """A bar to the median, a line to the 95th percentile, of each step in milliseconds."""
    longest = max(max(p95, median) for _, median, p95 in steps) or 1.0
    scale = (_RIGHT - _LEFT - 30) / longest
    parts = []
    for number, (step, median, p95) in enumerate(steps):
        y = number * _ROW + _ROW / 2 + 4
        end = _LEFT + max(median, p95) * scale
        parts += [
            _label(step, y),
            _line(_LEFT, y, end, y, "range"),
            _bar(_LEFT, y - 7, max(median * scale, 1), 14, "yes"),
            _text(end + 6, y + 4, f"{median:.1f} / {p95:.1f} ms", "start", "small"),
        ]
    return _svg(name, len(steps) * _ROW + 8, parts)


def _shares(counts: Sequence[int]) -> list[float]:
    whole = sum(counts) or 1
    return [count / whole for count in counts]


def _marks(low: float, high: float) -> list[float]:
    """Round numbers for an axis, at most six."""
    step = next(
        size * 10.0**power
        for power in range(-6, 9)
        for size in (1, 2, 2.5, 5)
        if (high - low) / (size * 10.0**power) <= 5
    )
    marks = range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)
    return [round(mark * step, 9) for mark in marks]


def _svg(name: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(name)}">'
        f"{''.join(parts)}</svg>"
    )


def _label(label: str, y: float) -> str:
    """A row's label, cut to its column; whole where one points at it."""
    short, width = "", 0.0
    for character in label:
        width += 0.53 if character.isascii() else 1
        if width > _LABEL:
            short += "…"
            break
        short += character
    whole = f"<title>{escape(label)}</title>" if short != label else ""
    return f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{whole}{escape(short)}</text>'


def _text(x: float, y: float, said: str, anchor: str, css: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">{escape(said)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


def _bar(x: float, y: float, width: float, height: float, css: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{css}"/>'
    )


def _grid(x: float, top: float, bottom: float, said: str) -> str:
    return _line(x, top, x, bottom, "grid") + _text(x, bottom + 16, said, "middle", "small")
