"""Tables that go on over pages: each page's rows stand behind the heads of the first."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from policyqa.readers.pdf.glyphs import Font
from policyqa.readers.pdf.layout import Aside, Layout
from policyqa.readers.pdf.tables import Table

_SAME_BORDER = 10.0
"""Points; without rules a column's borders vary with what is in it."""


def with_heads(pages: Iterable[tuple[Layout, Font]]) -> Iterator[tuple[Layout, Font]]:
    """The pages in order, with the heads of tables that began before or that repeat after."""
    before: tuple[Layout, Font] | None = None
    for page, body in pages:
        current = page
        if before is not None:
            earlier, current = _linked(before[0], page)
            yield earlier, before[1]
        before = current, body
    if before is not None:
        yield before


def _linked(before: Layout, page: Layout) -> tuple[Layout, Layout]:
    upper, lower = _last(before), _first(page)
    if upper is None or lower is None:
        return before, page
    first, second = upper.tables[-1], lower.tables[0]
    if not _same_columns(first, second):
        return before, page
    depth = first.head_rows or 1
    repeated = _texts(first, depth) == _texts(second, depth)
    if not first.heads and repeated:
        first = first.headed_by(1)
    if first.heads and (repeated or not second.heads):
        second = replace(second, heads=first.heads, head_rows=depth if repeated else 0)
    return (
        _with(before, upper, (*upper.tables[:-1], first)),
        _with(page, lower, (second, *lower.tables[1:])),
    )


def _last(page: Layout) -> Aside | None:
    """What stands last on a page, if it ends with a table."""
    tabled = [aside for aside in page.asides if aside.tables]
    last = max(tabled, key=lambda aside: aside.box[3], default=None)
    if last is None or any(line.base > last.box[3] for line in page.lines()):
        return None
    return last


def _first(page: Layout) -> Aside | None:
    tabled = [aside for aside in page.asides if aside.tables]
    first = min(tabled, key=lambda aside: aside.box[1], default=None)
    if first is None or any(line.base < first.box[1] for line in page.lines()):
        return None
    return first


def _same_columns(first: Table, second: Table) -> bool:
    if len(first.borders) != len(second.borders):
        return False
    # Odd and even pages have their text at different places.
    shift = second.borders[0] - first.borders[0]
    return all(
        abs(right - left - shift) < _SAME_BORDER
        for left, right in zip(first.borders, second.borders, strict=True)
    )


def _texts(table: Table, depth: int) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in row) for row in table.rows[:depth]]


def _with(page: Layout, aside: Aside, tables: tuple[Table, ...]) -> Layout:
    changed = tuple(
        replace(other, tables=tables) if other is aside else other for other in page.asides
    )
    return replace(page, asides=changed)
