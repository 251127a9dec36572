"""Columns to paragraphs: lines joined as they were written, over columns and pages."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from policyqa.japanese import join_lines
from policyqa.models import TextSpan
from policyqa.readers.outline import Paragraph
from policyqa.readers.pdf.lines import Line
from policyqa.readers.pdf.order import Column

# In ems of the line.
_INDENT = 0.45
_SHORT, _RAGGED = 1.0, 2.5
"""How far a paragraph's last line ends before the edge: behind a full stop, and without one."""
_FAR = 6.0
"""A line that is set in further is set to the right or the middle, and goes on with nothing."""
_WIDE_GAP = 1.35
"""A gap between lines that is wider than the usual one by this factor ends a paragraph."""
_TERMINATORS = ("。", "．", "！", "？", "!", "?", "」", "』", "）", ")", "：", ":")
_BULLET = re.compile(
    r"[●○■□◆◇▶▷►➢✓※◎⚫•▪・]|[①-⑳]|[(（](?:[0-9０-９]{1,2}|[ア-ン])[)）]"
    r"|(?:[0-9０-９]{1,2}[.．](?![0-9０-９])|[0-9０-９ア-ン]　)|[-–—](?=[\s　])"
)

_CONTENTS_ENTRY = re.compile(r"[.．…・‥⋯\s　]{5,}[0-9０-９]{1,4}$")


@dataclass(frozen=True, slots=True)
class Placed:
    """A line, the page it is on, and its column with the usual distance of its lines."""

    line: Line
    page: int
    column: Column
    pitch: float

    @property
    def indent(self) -> float:
        return (self.line.box[0] - self.column.left) / self.line.size

    @property
    def shortfall(self) -> float:
        return (self.column.right - self.line.box[2]) / self.line.size


def placed(column: Column, page: int) -> list[Placed]:
    """The lines of a column with what is needed to join them."""
    bases = [line.base for line in column.lines]
    steps = [below - above for above, below in zip(bases, bases[1:], strict=False)]
    pitch = median(steps) if steps else 0.0
    return [Placed(line, page, column, pitch) for line in column.lines]


@dataclass(slots=True)
class Joiner:
    """Collects lines; a finished paragraph is taken with `take`."""

    _open: list[Placed] = field(default_factory=list)

    def starts(self, item: Placed) -> bool:
        """Whether `item` does not go on with the open paragraph."""
        return bool(self._open) and _starts(self._open, item)

    def add(self, item: Placed) -> None:
        self._open.append(item)

    def take(self) -> Paragraph | None:
        """The open paragraph, closed; None if there is none."""
        lines, self._open = self._open, []
        found = paragraph([(item.line.text, item.page, (item.line,)) for item in lines])
        return found if found.text else None


def paragraphs(items: Iterable[Placed]) -> list[Paragraph]:
    """The paragraphs of lines that go on with nothing else, such as those in a box."""
    joiner = Joiner()
    found: list[Paragraph | None] = []
    for item in items:
        if joiner.starts(item):
            found.append(joiner.take())
        joiner.add(item)
    return [text for text in (*found, joiner.take()) if text is not None]


def paragraph(pieces: Sequence[tuple[str, int, Sequence[Line]]], kind: str = "text") -> Paragraph:
    """Pieces of text, each with its page and its lines, to a paragraph that knows where each is."""
    text = ""
    spans: list[TextSpan] = []
    for piece, page, lines in pieces:
        if piece:
            text = join_lines(text, piece) if text else piece
            start = len(text) - len(piece)
            spans += [TextSpan(start, len(text), page, line.box, kind) for line in lines]
    return Paragraph(text, spans[0].page if spans else None, tuple(spans))


def _starts(lines: Sequence[Placed], item: Placed) -> bool:
    before, first = lines[-1], lines[0]
    if _other_style(before.line, item.line):
        return True
    same_column = before.page == item.page and before.column == item.column
    if same_column and item.line.base - before.line.base > _WIDE_GAP * item.pitch:
        return True
    if _CONTENTS_ENTRY.search(before.line.text):
        return True
    ended = before.shortfall > _SHORT and before.line.text.endswith(_TERMINATORS)
    if ended or before.shortfall > _RAGGED:
        return True
    stopped = before.line.text.endswith("。")
    if _BULLET.match(item.line.text) and (stopped or before.shortfall > _INDENT):
        return True
    return _indented(lines, first, before, item, same_column)


def _indented(
    lines: Sequence[Placed], first: Placed, before: Placed, item: Placed, same_column: bool
) -> bool:
    """Whether the indent shows a new paragraph: the first line is set in, or hangs out."""
    step = item.indent - before.indent
    if step > _INDENT:
        # Below a bullet the text is set in.
        return not (len(lines) == 1 and _BULLET.match(first.line.text))
    if step < -_FAR and same_column:
        return True
    if step < -_INDENT and same_column:
        # After the first line, set in, the others begin at the edge.
        return len(lines) > 1
    return False


def _other_style(first: Line, second: Line) -> bool:
    if abs(first.size - second.size) > 0.04 * first.size:
        return True
    return not (first.latin or second.latin) and first.font.name != second.font.name
