"""A page to what is on it: columns of prose, boxes beside it, tables, and footnotes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policyqa.models import Box
from policyqa.readers.pdf.aligned import aligned_tables
from policyqa.readers.pdf.furniture import TextPage
from policyqa.readers.pdf.geometry import holds
from policyqa.readers.pdf.grids import ruled_tables
from policyqa.readers.pdf.lines import Line
from policyqa.readers.pdf.notes import Note, split_notes
from policyqa.readers.pdf.order import Column, columns
from policyqa.readers.pdf.page import Font, Shapes
from policyqa.readers.pdf.regions import debris, panels
from policyqa.readers.pdf.stacks import stacked_tables
from policyqa.readers.pdf.tables import Table


@dataclass(frozen=True, slots=True)
class Aside:
    """A box or a table: what is on it, apart from the prose around it."""

    box: Box
    columns: tuple[Column, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A page's content. The columns are in reading order."""

    number: int
    columns: tuple[Column, ...]
    asides: tuple[Aside, ...]
    notes: tuple[Note, ...]

    def lines(self) -> Iterator[Line]:
        """The lines of the columns."""
        return (line for column in self.columns for line in column.lines)


def lay_out(page: TextPage, body: Font) -> Layout:
    """Sort the lines of a page without furniture. `body` is the document's commonest font."""
    shapes = page.shapes
    boxed = panels(page, body)
    asides = [_aside(panel.box, panel.lines, page, body) for panel in boxed]
    taken = {line for panel in boxed for line in panel.lines}
    lines = [line for line in page.lines if line not in taken]
    rules = [rule for rule in shapes.rules if not any(holds(a.box, rule) for a in asides)]
    # Around a picture without a box, labels stand a little outside it too.
    free, lines = _tables(lines, replace(shapes, rules=tuple(rules)), body, body.size / 2)
    asides += [Aside(table.box, (), (table,)) for table in free]
    flow, notes = split_notes(lines, shapes.rules, body)
    walls = [*rules, *(aside.box for aside in asides)]
    asides.sort(key=lambda aside: aside.box[1])
    return Layout(page.number, tuple(columns(flow, walls)), tuple(asides), tuple(notes))


def _aside(box: Box, lines: Sequence[Line], page: TextPage, body: Font) -> Aside:
    shapes = page.shapes
    rules = [rule for rule in shapes.rules if holds(box, rule)]
    art = [drawn for drawn in (*shapes.art, *shapes.grounds) if holds(box, drawn)]
    inner = replace(shapes, rules=tuple(rules), art=tuple(art))
    found, rest = _tables(lines, inner, body, 0.0)
    return Aside(box, tuple(columns(rest)), tuple(found))


def _tables(
    lines: Sequence[Line], shapes: Shapes, body: Font, slack: float
) -> tuple[list[Table], list[Line]]:
    """The tables, and the lines outside them that are not labels in a figure."""
    found = ruled_tables(lines, shapes.rules, shapes.areas)
    rest = _without(lines, {line for table in found for line in table.lines})
    rest = _without(rest, debris(rest, shapes.art, body, slack))
    for make in (stacked_tables, aligned_tables):
        made = make(rest, shapes.rules, shapes.areas)
        rest = _without(rest, {line for table in made for line in table.lines})
        found += made
    return found, rest


def _without(lines: Sequence[Line], dropped: set[Line]) -> list[Line]:
    return [line for line in lines if line not in dropped]
