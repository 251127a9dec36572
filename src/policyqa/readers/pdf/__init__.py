"""PDF files: by their layout to sections and paragraphs that know their pages and places."""

import logging
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from policyqa.errors import ReadError
from policyqa.japanese import clean
from policyqa.models import Document
from policyqa.readers.outline import Heading, Paragraph, build_tree
from policyqa.readers.pdf import headings
from policyqa.readers.pdf.continued import with_heads
from policyqa.readers.pdf.furniture import TextPage, ink, without_furniture
from policyqa.readers.pdf.glyphs import Font
from policyqa.readers.pdf.headings import Bookmark, Found
from policyqa.readers.pdf.layout import Aside, Layout, lay_out
from policyqa.readers.pdf.lines import Line
from policyqa.readers.pdf.notes import Note
from policyqa.readers.pdf.paragraphs import Joiner, Placed, paragraph, paragraphs, placed
from policyqa.readers.pdf.turn import Turn
from policyqa.readers.pdf.workers import USUAL, Workers, reading

_AHEAD = 12
"""From this many pages the font of the body text is told."""
_TITLE = 1.3
"""A title is this much larger than the body text."""
_OFFICE_SUFFIXES = (".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".jtd", ".indd")
_NO_TITLE = ("untitled", "無題")
_MOST_LOST = 0.5
"""A file with a larger share of characters that stand for no known one is not read."""

log = logging.getLogger(__name__)


def read(path: Path, setup: Workers = USUAL) -> Document:
    """Read a PDF with a text layer. Raises ReadError when it is encrypted, damaged or a scan, and
    when reading it takes more time or memory than `setup` allows."""
    _refuse_empty(path)
    with reading(path, setup) as (head, pages):
        for warning in head.warnings:
            log.warning("%s: %s", path, warning)
        result = _Reading(head.marks)
        root = build_tree(result.items(_with_text(pages)))
    if 2 * result.missed > len(head.marks):
        # Bookmarks such as "Slide 3" are no headings of this text.
        with reading(path, setup) as (head, pages):
            result = _Reading(())
            root = build_tree(result.items(_with_text(pages)))
    return Document(
        title=_title(head.title, result.first_large, path.stem),
        root=root,
        page_count=head.page_count,
        page_labels=result.labels,
    )


def _refuse_empty(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            empty = not stream.read(1)
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}") from error
    if empty:
        raise ReadError("the file is empty")


def _with_text(pages: Iterable[TextPage]) -> Iterator[TextPage]:
    """The pages one by one. Raises ReadError at the end when they hold no text."""
    known = lost = 0
    for page in pages:
        known += page.known
        lost += page.lost
        yield page
    if known == 0 and lost == 0:
        raise ReadError("the PDF has no text layer (a scan); run it through OCR first")
    if lost > _MOST_LOST * (known + lost):
        raise ReadError("the PDF's fonts do not say which characters they show; run OCR on it")


def _with_body(pages: Iterable[TextPage]) -> Iterator[tuple[TextPage, Font]]:
    """Each page with the font that most of the text so far, and a little ahead, is set in."""
    counts: Counter[Font] = Counter()
    waiting: deque[TextPage] = deque()
    rest = iter(pages)
    while True:
        for page in islice(rest, _AHEAD - len(waiting)):
            waiting.append(page)
            counts += ink(page)
        if not waiting:
            return
        body = counts.most_common(1)[0][0] if counts else Font("", 10.0)
        yield waiting.popleft(), body


class _Reading:
    """One pass over a document's pages: layouts to headings and paragraphs."""

    def __init__(self, marks: Sequence[Bookmark]) -> None:
        self.labels: dict[int, str] = {}
        self.first_large = ""
        self.missed = 0
        self._marks = headings.pages_of(marks)
        self._turns: dict[int, Turn] = {}
        self._joiner = Joiner()
        self._asides: list[Paragraph] = []
        self._notes: list[Paragraph] = []

    def items(self, pages: Iterable[TextPage]) -> Iterator[Heading | Paragraph]:
        yield from map(self._as_shown, self._items(pages))

    def _items(self, pages: Iterable[TextPage]) -> Iterator[Heading | Paragraph]:
        for page, body in with_heads(self._layouts(pages)):
            yield from self._page(page, body)
        yield from self._close()
        yield from self._notes

    def _as_shown(self, item: Heading | Paragraph) -> Heading | Paragraph:
        """Places on a page that is turned to be read, as they are on the page as it is shown."""
        if isinstance(item, Heading) or not self._turns:
            return item
        spans = [
            replace(span, box=self._turns[span.page].as_shown(span.box))
            if span.page in self._turns
            else span
            for span in item.spans
        ]
        return replace(item, spans=tuple(spans))

    def _layouts(self, pages: Iterable[TextPage]) -> Iterator[tuple[Layout, Font]]:
        for page, body in _with_body(without_furniture(pages)):
            if page.label:
                self.labels[page.number] = page.label
            if page.turn.degrees:
                self._turns[page.number] = page.turn
            yield lay_out(page, body), body

    def _page(self, page: Layout, body: Font) -> Iterator[Heading | Paragraph]:
        lines = [item for column in page.columns for item in placed(column, page.number)]
        notes = list(page.notes)
        found = self._headings([item.line for item in lines], body, page.number)
        asides = deque(page.placed_asides())
        position = 0
        for heading in found:
            yield from self._prose(lines[position : heading.first], position, notes, asides)
            self._pass(heading.first, asides, page.number)
            yield from self._close()
            yield from self._take_notes()
            yield from heading.headings
            marks = [
                mark for item in lines[heading.first : heading.last] for mark in item.line.marks
            ]
            self._refer(marks, notes, page.number)
            position = heading.last
        yield from self._prose(lines[position:], position, notes, asides)
        self._pass(len(lines), asides, page.number)
        self._notes += [_note(note, page.number) for note in notes]

    def _headings(self, lines: Sequence[Line], body: Font, page: int) -> list[Found]:
        if self._marks:
            marks = self._marks.get(page, ())
            found = headings.by_bookmarks(lines, marks, page)
            self.missed += sum(not place.seen for place in found)
        else:
            found = headings.by_type(lines, body, page)
        if page == 1:
            title = _first_large(lines, body)
            self.first_large = title.text if title else ""
            if title and not self._marks:
                found = [place for place in found if place.headings[0].title != title.text]
        return found

    def _prose(
        self,
        lines: Iterable[Placed],
        first: int,
        notes: list[Note],
        asides: deque[tuple[int, Aside]],
    ) -> Iterator[Heading | Paragraph]:
        for index, item in enumerate(lines, start=first):
            self._pass(index, asides, item.page)
            if self._joiner.starts(item):
                yield from self._close()
            self._joiner.add(item)
            self._refer(item.line.marks, notes, item.page)

    def _pass(self, index: int, asides: deque[tuple[int, Aside]], page: int) -> None:
        """What stands above the line at `index` is to follow the paragraph that is open there."""
        while asides and asides[0][0] <= index:
            self._asides += _aside(asides.popleft()[1], page)

    def _refer(self, marks: Iterable[str], notes: list[Note], page: int) -> None:
        """A note belongs to the section in which its mark stands."""
        for mark in marks:
            for note in [note for note in notes if note.mark == mark]:
                notes.remove(note)
                self._notes.append(_note(note, page))

    def _close(self) -> Iterator[Heading | Paragraph]:
        """The open paragraph, then the boxes and tables that stood in its way."""
        closed = self._joiner.take()
        if closed is not None:
            yield closed
        yield from self._asides
        self._asides = []

    def _take_notes(self) -> Iterator[Heading | Paragraph]:
        yield from self._notes
        self._notes = []


def _first_large(lines: Sequence[Line], body: Font) -> Line | None:
    """The document's title: what is set larger than all else on its first page."""
    largest = sorted(lines, key=lambda line: -line.size)[:2]
    if not largest or largest[0].size < _TITLE * body.size:
        return None
    alone = len(largest) == 1 or largest[1].size < largest[0].size
    return largest[0] if alone else None


def _aside(aside: Aside, page: int) -> list[Paragraph]:
    """A box's text around its table: what stands above the table comes before its rows."""
    top = min((table.box[1] for table in aside.tables), default=float("inf"))
    prose = paragraphs(item for column in aside.columns for item in placed(column, page))
    titles = [
        paragraph([(line.text, page, (line,)) for line in caption], "caption")
        for caption in aside.captions
    ]
    texts = [text for text in (*prose, *titles) if text.spans]
    if titles:
        texts.sort(key=lambda text: text.spans[0].box[1])
    rows = [
        paragraph([(text, page, lines)], "table")
        for table in aside.tables
        for text, lines in table.texts()
    ]
    before = [text for text in texts if text.spans[0].box[1] < top]
    return [*before, *rows, *(text for text in texts if text not in before)]


def _note(note: Note, page: int) -> Paragraph:
    first, *others = note.lines
    alone = first.text.strip("()（）.．") == note.mark
    pieces: list[tuple[str, int, Sequence[Line]]]
    pieces = [(line.text, page, (line,)) for line in note.lines]
    if alone and others:
        pieces[:2] = [(f"{first.text}　{others[0].text}", page, (first, others[0]))]
    return paragraph(pieces, "note")


def _title(metadata: str, first_large: str, stem: str) -> str:
    """The title the file gives itself, else the largest text on its first page, else its name."""
    given = clean(metadata).strip()
    # What word processors put there by themselves is a file's name, or nothing.
    named = "Microsoft" in given or given.lower().endswith(_OFFICE_SUFFIXES)
    if named or given.lower() in _NO_TITLE:
        given = ""
    return given or first_large or stem
