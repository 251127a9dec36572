"""Footnotes: small text at the foot of a page, each note behind its mark."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from policyqa.models import Box
from policyqa.readers.pdf.geometry import height, width
from policyqa.readers.pdf.glyphs import Font
from policyqa.readers.pdf.lines import Line
from policyqa.readers.pdf.order import find_gutter

_SMALL = 0.88
"""Of the body text's size."""
_MARK = re.compile(r"[(]?(?:注\s*)?([0-9]{1,3}|[*※†‡])[0-9]*[).]?(?=\D|$)")
_SAME_ROW = 0.35


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: its mark, and its lines from the top down."""

    mark: str
    lines: tuple[Line, ...]


def split_notes(
    lines: Sequence[Line], rules: Sequence[Box], body: Font
) -> tuple[list[Line], list[Note]]:
    """The lines without the notes, and the notes."""
    foot = [line for line in lines if _at_foot(line, lines, body)]
    flow = [line for line in lines if line not in set(foot)]
    gutter = find_gutter(flow) if flow else None
    notes: list[Note] = []
    rest: list[Line] = []
    for column in _sides(foot, gutter):
        found, others = _notes(column, rules, body)
        notes += found
        rest += others
    kept = {*flow, *rest}
    return [line for line in lines if line in kept], notes


def _at_foot(line: Line, lines: Sequence[Line], body: Font) -> bool:
    if line.size > _SMALL * body.size:
        return False
    return not any(
        other.size > _SMALL * body.size
        and other.base > line.base
        and other.box[0] < line.box[2]
        and line.box[0] < other.box[2]
        for other in lines
    )


def _sides(foot: Sequence[Line], gutter: float | None) -> list[list[Line]]:
    if gutter is None or any(line.box[0] < gutter < line.box[2] for line in foot):
        return [list(foot)]
    return [
        [line for line in foot if line.box[2] <= gutter],
        [line for line in foot if line.box[2] > gutter],
    ]


def _notes(
    lines: Sequence[Line], rules: Sequence[Box], body: Font
) -> tuple[list[Note], list[Line]]:
    rows = _rows(lines)
    first = next(
        (index for index, row in enumerate(rows) if _opens(row[0], rules, body)), len(rows)
    )
    before = [line for row in rows[:first] for line in row]
    left = min((row[0].box[0] for row in rows[first:]), default=0.0)
    notes: list[tuple[str, list[Line]]] = []
    for row in rows[first:]:
        mark = _mark(row[0])
        # A new note begins at the edge, or after a full stop where all lines do.
        if not notes or (mark and row[0].box[0] < left + 0.6 * body.size):
            notes.append((mark, []))
        notes[-1][1].extend(row)
    return [Note(mark, tuple(own)) for mark, own in notes], before


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.base, line.box[0])):
        if rows and abs(rows[-1][0].base - line.base) < _SAME_ROW * line.size:
            rows[-1] = sorted([*rows[-1], line], key=lambda line: line.box[0])
        else:
            rows.append([line])
    return rows


def _opens(line: Line, rules: Sequence[Box], body: Font) -> bool:
    """Whether the notes begin with this line: it has a mark, and a short rule stands above it, or
    the mark is all that stands at the edge."""
    ruled = any(
        width(rule) > 3 * body.size
        and height(rule) < 3
        and 0 <= line.box[1] - rule[3] < 2.5 * body.size
        and abs(rule[0] - line.box[0]) < 2 * body.size
        for rule in rules
    )
    return ruled or bool(_mark(line))


def _mark(line: Line) -> str:
    if not line.text:
        return line.marks[0] if line.marks else ""
    match = _MARK.match(unicodedata.normalize("NFKC", line.text))
    return match.group(1) if match else (line.marks[0] if line.marks else "")
