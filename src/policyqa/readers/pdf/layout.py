"""A page to what is on it: columns of prose, boxes beside it, tables, and footnotes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policyqa.models import Box
from policyqa.readers.pdf.aligned import aligned_tables
from policyqa.readers.pdf.captions import Caption, captions, is_marked
from policyqa.readers.pdf.furniture import TextPage
from policyqa.readers.pdf.geometry import holds, middle, union
from policyqa.readers.pdf.glyphs import Font, Shapes
from policyqa.readers.pdf.grids import ruled_tables
from policyqa.readers.pdf.lines import Line
from policyqa.readers.pdf.notes import Note, split_notes
from policyqa.readers.pdf.order import Column, columns, interrupted
from policyqa.readers.pdf.regions import charts, debris, figures, panels
from policyqa.readers.pdf.stacks import stacked_tables
from policyqa.readers.pdf.tables import Table
from policyqa.readers.pdf.turn import Turn


@dataclass(frozen=True, slots=True)
class Aside:
    """A box, a table or a caption: what is on it, apart from the prose around it."""

    box: Box
    columns: tuple[Column, ...] = ()
    tables: tuple[Table, ...] = ()
    captions: tuple[Caption, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """A page's content. The columns are in reading order."""

    number: int
    turn: Turn
    columns: tuple[Column, ...]
    asides: tuple[Aside, ...]
    notes: tuple[Note, ...]

    def lines(self) -> Iterator[Line]:
        """The lines of the columns."""
        return (line for column in self.columns for line in column.lines)

    def placed_asides(self) -> list[tuple[int, Aside]]:
        """The asides in order, each with how many of the lines stand before it."""
        lines = list(self.lines())
        found: list[tuple[int, Aside]] = []
        for aside in sorted(self.asides, key=lambda aside: -aside.box[1]):
            below = [place for place, other in found if _over(aside.box, other.box)]
            found.append((min([_place(aside.box, lines), *below]), aside))
        return sorted(found, key=lambda item: (item[0], item[1].box[1]))


def _over(first: Box, second: Box) -> bool:
    """Whether two boxes have some of the page's width in common."""
    return first[0] < second[2] and second[0] < first[2]


def _place(box: Box, lines: Sequence[Line]) -> int:
    """Behind the last line that stands above a box; none does: before the first one below."""
    over = [index for index, line in enumerate(lines) if _over(box, line.box)]
    above = [index for index in over if lines[index].base <= middle(box)[1]]
    if above:
        return above[-1] + 1
    return over[0] if over else len(lines)


def lay_out(page: TextPage, body: Font) -> Layout:
    """Sort the lines of a page without furniture. `body` is the document's commonest font."""
    shapes = page.shapes
    boxed = panels(page, body)
    asides = [_aside(panel.box, panel.lines, page, body) for panel in boxed]
    taken = {line for panel in boxed for line in panel.lines}
    lines = [line for line in page.lines if line not in taken]
    rules = [rule for rule in shapes.rules if not any(holds(a.box, rule) for a in asides)]
    # Around a picture without a box, labels stand a little outside it too.
    free = _set_off(lines, replace(shapes, rules=tuple(rules)), body, body.size / 2)
    asides += [Aside(table.box, tables=(table,)) for table in free.tables]
    asides += [_captioned(caption) for caption in free.captions]
    lines = free.rest
    flow, notes = split_notes(lines, shapes.rules, body)
    walls = [*rules, *(aside.box for aside in asides)]
    asides.sort(key=lambda aside: aside.box[1])
    found = [
        part
        for column in columns(flow, walls)
        for part in interrupted(column, [aside.box for aside in asides])
    ]
    return Layout(page.number, page.turn, tuple(found), tuple(asides), tuple(notes))


def _aside(box: Box, lines: Sequence[Line], page: TextPage, body: Font) -> Aside:
    shapes = page.shapes
    rules = [rule for rule in shapes.rules if holds(box, rule)]
    art = [drawn for drawn in (*shapes.art, *shapes.grounds) if holds(box, drawn)]
    inner = replace(shapes, rules=tuple(rules), art=tuple(art))
    found = _set_off(lines, inner, body, 0.0, (box,))
    return Aside(box, tuple(columns(found.rest)), found.tables, found.captions)


def _captioned(caption: Caption) -> Aside:
    return Aside(union(line.box for line in caption), captions=(caption,))


@dataclass(frozen=True, slots=True)
class _SetOff:
    """Tables and captions, and the lines that are neither these nor labels in a figure."""

    tables: tuple[Table, ...]
    captions: tuple[Caption, ...]
    rest: list[Line]


def _set_off(
    lines: Sequence[Line], shapes: Shapes, body: Font, slack: float, frame: Sequence[Box] = ()
) -> _SetOff:
    tables = ruled_tables(lines, shapes.rules, shapes.areas)
    rest = _without(lines, _lines_of(tables))
    marked = {line for line in rest if is_marked(line)}
    rest = _without(rest, marked)
    charted = charts(rest, shapes, body)
    drawn = figures(shapes.art, body)
    dropped = debris(rest, drawn, body, slack)
    dropped |= {line for chart in charted for line in chart.labels}
    rest = _without(lines, dropped | _lines_of(tables))
    drawn += [chart.box for chart in charted]
    for make in (stacked_tables, aligned_tables):
        made = make(_without(rest, marked), shapes.rules, shapes.areas)
        rest = _without(rest, _lines_of(made))
        tables += made
    titles = captions(rest, [*frame, *drawn, *(table.box for table in tables)], body)
    rest = _without(rest, {line for caption in titles for line in caption})
    return _SetOff(tuple(tables), tuple(titles), rest)


def _lines_of(tables: Sequence[Table]) -> set[Line]:
    return {line for table in tables for line in table.lines}


def _without(lines: Sequence[Line], dropped: set[Line]) -> list[Line]:
    return [line for line in lines if line not in dropped]
