"""What a worker process runs: a file by pdfium to plain data on standard output.

pdfium never runs in the process that indexes.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2 as pdfium

from policyqa.delivery import deliver
from policyqa.readers.pdf.furniture import TextPage
from policyqa.readers.pdf.headings import Bookmark
from policyqa.readers.pdf.lines import lines_of
from policyqa.readers.pdf.page import load
from policyqa.readers.pdf.workers import Head, team_size

_MOST_MARKS = 5000
_DEEPEST_MARK = 10


def main() -> None:
    """Write the head (the first worker only) and this worker's pages, or in place of the next one
    a text that says what is wrong. Arguments: path, which worker, and of `Workers` alone, stretch,
    memory."""
    path, *numbers = sys.argv[1:]
    first, alone, stretch, memory = map(int, numbers)
    deliver(_items(Path(path), first, alone, stretch), memory)


def _items(path: Path, first: int, alone: int, stretch: int) -> Iterator[Head | TextPage]:
    document = pdfium.PdfDocument(path)
    if first == 0:
        yield _head(document)
    count = len(document)
    indices = range(first, count, team_size(count, alone))
    for position, index in enumerate(indices, start=1):
        yield _text_page(document, index)
        if position % stretch == 0:
            document.close()
            document = pdfium.PdfDocument(path)


def _head(document: pdfium.PdfDocument) -> Head:
    warnings = _Warnings()
    logging.getLogger("pypdfium2").addHandler(warnings)
    marks = tuple(_bookmarks(document))
    title = _text(lambda: document.get_metadata_value("Title"))
    return Head(len(document), title, marks, tuple(warnings.said))


class _Warnings(logging.Handler):
    """What pypdfium2 warns of: a circle of bookmarks, or a tree that is too deep."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def _bookmarks(document: pdfium.PdfDocument) -> Iterator[Bookmark]:
    """The file's outline in order; what has no title is left out."""
    toc = document.get_toc(max_depth=_DEEPEST_MARK)
    for _, item in zip(range(_MOST_MARKS), toc, strict=False):
        target = item.get_dest()
        index = target.get_index() if target else None
        title = " ".join(_text(item.get_title).split("\0")[0].splitlines()).strip()
        if title:
            yield Bookmark(item.level, title, None if index is None else index + 1)


def _text(get: Callable[[], str]) -> str:
    """A text that the file holds; nothing where it is no valid UTF-16."""
    try:
        return get()
    except UnicodeDecodeError:
        return ""


def _text_page(document: pdfium.PdfDocument, index: int) -> TextPage:
    """A page's lines and shapes; what pdfium holds of it is given back."""
    page = load(document, index)
    label = _text(lambda: document.get_page_label(index)) or None
    lines = tuple(lines_of(page.glyphs, page.shapes.rules))
    known = len(page.glyphs)
    return TextPage(page.number, page.turn, lines, page.shapes, label, known, page.lost)
