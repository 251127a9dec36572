"""Running heads, page numbers and side tabs: what repeats at the edges of pages."""

import re
import unicodedata
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from policyqa.models import Box
from policyqa.readers.pdf.geometry import width
from policyqa.readers.pdf.glyphs import Font, Shapes
from policyqa.readers.pdf.grids import ruled_tables
from policyqa.readers.pdf.lines import Line
from policyqa.readers.pdf.stacks import stacked_tables
from policyqa.readers.pdf.turn import Turn

REACH = 8
"""How many pages before and after a page are looked at."""
_TOP, _BOTTOM, _SIDE = 0.11, 0.1, 0.07
"""Shares of the page's height and width in which furniture stands."""
_ROW = 5.0
"""In ems; no row of a table's head is higher."""
_SAME_PLACE, _SAME_ROW = 3.0, 2.0
"""Points."""
_NUMBER = re.compile(
    r"[\W_]*(?:p(?:age)?\.?\s*)?([0-9]{1,4}|[ivxlc]{1,6})(?:\s*[/／]\s*[0-9]{1,4})?[\W_]*"
)


@dataclass(frozen=True, slots=True)
class TextPage:
    """A page's lines and shapes. `label` is its number as the file or the page itself gives it."""

    number: int
    turn: Turn
    lines: tuple[Line, ...]
    shapes: Shapes
    label: str | None = None
    known: int = 0
    lost: int = 0
    """How many characters are known, and how many the fonts do not name."""

    @property
    def size(self) -> tuple[float, float]:
        """The width and height of the page as it is read."""
        return self.turn.size


@dataclass(frozen=True, slots=True)
class _Seen:
    """A page and what of it is compared with other pages."""

    page: TextPage
    rows: tuple["_Row", ...]
    art: frozenset[tuple[int, ...]]
    ink: Counter[Font]


def without_furniture(pages: Iterable[TextPage]) -> Iterator[TextPage]:
    """The pages in order without their furniture; at most 2 * REACH + 1 are held at a time."""
    window: deque[_Seen] = deque()
    position = 0
    for page in pages:
        art = frozenset(map(_rounded, page.shapes.art))
        window.append(_Seen(page, tuple(_edge_rows(page)), art, ink(page)))
        if len(window) > position + REACH:
            yield _clean(window, position)
            position += 1
        if position > REACH:
            window.popleft()
            position -= 1
    while position < len(window):
        yield _clean(window, position)
        position += 1


def _clean(window: Sequence[_Seen], position: int) -> TextPage:
    page = window[position].page
    others = [seen for index, seen in enumerate(window) if index != position]
    rows = [other.rows for other in others]
    needed = 2 if len(others) > 3 else 1
    total = sum((seen.ink for seen in window), Counter[Font]())
    body = max(total, key=total.__getitem__, default=None)
    dropped: set[Line] = set()
    label = page.label
    for row in window[position].rows:
        number = _page_number(row, page)
        if number or _repeats(row, rows, needed) or _in_slot(row, rows, body):
            dropped.update(row.lines)
            label = label or number
    dropped -= _tabled(page, dropped)
    kept = tuple(line for line in page.lines if line not in dropped)
    shapes = _without_decoration(page.shapes, others)
    return replace(page, lines=kept, label=label, shapes=shapes)


def _without_decoration(shapes: Shapes, others: Sequence[_Seen]) -> Shapes:
    """Pictures that other pages have in the same place are no figures."""
    kept = [box for box in shapes.art if sum(_rounded(box) in seen.art for seen in others) < 2]
    return replace(shapes, art=tuple(kept))


def _rounded(box: Box) -> tuple[int, ...]:
    return tuple(round(edge) for edge in box)


@dataclass(frozen=True, slots=True)
class _Row:
    """All that stands on one base line at an edge of a page."""

    lines: tuple[Line, ...]
    pattern: str

    @property
    def base(self) -> float:
        return self.lines[0].base

    @property
    def font(self) -> Font:
        return self.lines[0].font


def _edge_rows(page: TextPage) -> list[_Row]:
    across, down = page.size
    rows: list[_Row] = []
    edge: list[Line] = []
    for line in page.lines:
        if line.box[2] < _SIDE * across or line.box[0] > (1 - _SIDE) * across:
            rows.append(_row([line]))
        elif line.box[3] < _TOP * down or line.box[1] > (1 - _BOTTOM) * down:
            if edge and abs(edge[-1].base - line.base) >= _SAME_ROW:
                rows.append(_row(edge))
                edge = []
            edge.append(line)
    return [*rows, _row(edge)] if edge else rows


def _tabled(page: TextPage, dropped: set[Line]) -> set[Line]:
    """The lines of tables that reach out of the edges: a head that is repeated on each page. A
    running head in a box of its own stays one."""
    top, bottom = _TOP * page.size[1], (1 - _BOTTOM) * page.size[1]
    shapes = page.shapes
    if not any(_between_rules(line, shapes.rules) for line in dropped):
        return set()
    return {
        line
        for make in (ruled_tables, stacked_tables)
        for table in make(page.lines, shapes.rules, shapes.areas)
        if table.box[3] > top and table.box[1] < bottom
        for line in table.lines
    }


def _between_rules(line: Line, rules: Sequence[Box]) -> bool:
    left, top, right, bottom = line.box
    reach = _ROW * line.size
    over = [rule for rule in rules if rule[0] < right and left < rule[2]]
    return any(-reach < rule[3] - top <= line.size / 2 for rule in over) and any(
        -line.size / 2 <= rule[1] - bottom < reach for rule in over
    )


def _row(lines: Sequence[Line]) -> _Row:
    text = "".join(unicodedata.normalize("NFKC", line.text) for line in lines)
    return _Row(tuple(lines), re.sub(r"[0-9]+", "#", text))


def ink(page: TextPage) -> Counter[Font]:
    """How much of a page each font covers. Long Latin notes cover less than they count."""
    fonts: Counter[Font] = Counter()
    for line in page.lines:
        fonts[line.font] += round(len(line.text) and width(line.box) * line.size)
    return fonts


def _page_number(row: _Row, page: TextPage) -> str | None:
    """The number that stands alone above or below all other text of the page."""
    line = row.lines[0]
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", line.text).lower())
    if match is None or len(row.lines) > 1:
        return None
    others = [other for other in page.lines if other is not line]
    # Above or below on the page as it is shown.
    first, last = (0, 2) if page.turn.degrees in (90, 270) else (1, 3)
    outermost = all(other.box[last] <= line.box[first] + line.size / 2 for other in others) or all(
        other.box[first] >= line.box[last] - line.size / 2 for other in others
    )
    return match.group(1) if outermost and others else None


def _repeats(row: _Row, others: Sequence[Sequence[_Row]], needed: int) -> bool:
    """Whether enough pages have the same at the same height; heads and numbers stand at one end
    of odd pages and at the other of even ones."""
    found = 0
    for page in others:
        if any(
            abs(other.base - row.base) < _SAME_PLACE
            and other.font == row.font
            and other.pattern == row.pattern
            for other in page
        ):
            found += 1
            if found >= needed:
                return True
    return False


def _in_slot(row: _Row, others: Sequence[Sequence[_Row]], body: Font | None) -> bool:
    """Whether other pages have repeating text in this place: a head that changes by chapter."""
    if row.font == body:
        return False
    texts = Counter(
        other.pattern
        for page in others
        for other in page
        if abs(other.base - row.base) < 1 and other.font == row.font
    )
    return any(count >= 3 for count in texts.values())
