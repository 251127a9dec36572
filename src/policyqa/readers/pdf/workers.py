"""Long PDFs read by several processes: pdfium uses one core, and keeps what it has parsed.

A worker runs `main`: it writes every WORKERS-th block of pages to its standard output, no further
ahead of what is read than the pipe holds.
"""

import pickle  # noqa: S403 - only what our own process wrote
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pypdfium2 as pdfium

from policyqa.errors import ReadError
from policyqa.readers.pdf.furniture import TextPage
from policyqa.readers.pdf.lines import lines_of
from policyqa.readers.pdf.page import load

WORKERS = 2
BLOCK = 32
"""Pages. After a block the file is opened anew, so that memory does not grow with the pages."""


def text_page(document: pdfium.PdfDocument, index: int) -> TextPage:
    """A page's lines and shapes; what pdfium holds of it is given back."""
    page = load(document, index)
    lines = tuple(lines_of(page.glyphs, page.shapes.rules))
    known = len(page.glyphs)
    return TextPage(page.number, page.turn, lines, page.shapes, page.label, known, page.lost)


def pages(path: Path, number: int) -> Iterator[TextPage]:
    """The `number` pages of a file in order. Raises ReadError when a worker fails."""
    workers = [_start(path, first) for first in range(WORKERS)]
    try:
        for block in range(-(-number // BLOCK)):
            yield from _block(workers[block % WORKERS])
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def _start(path: Path, first: int) -> "subprocess.Popen[bytes]":
    code = f"from {__name__} import main; main({str(path)!r}, {first}, {WORKERS})"
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)  # noqa: S603


def _block(worker: "subprocess.Popen[bytes]") -> list[TextPage]:
    assert worker.stdout is not None  # noqa: S101 - asked for above
    try:
        read: list[TextPage] | str = pickle.load(worker.stdout)  # noqa: S301
    except (EOFError, pickle.UnpicklingError) as error:
        raise ReadError("the PDF is damaged (its reader died); export it again") from error
    if isinstance(read, str):
        raise ReadError(read)
    return read


def main(path: str, first: int, step: int) -> None:
    """Write blocks of pages to standard output, and what went wrong in place of one."""
    for block in count(first, step):
        document = pdfium.PdfDocument(path)
        indices = range(block * BLOCK, min((block + 1) * BLOCK, len(document)))
        try:
            result: list[TextPage] | str = [text_page(document, index) for index in indices]
        except pdfium.PdfiumError as error:
            result = damaged(error)
        finally:
            document.close()
        if not indices:
            return
        pickle.dump(result, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def damaged(error: pdfium.PdfiumError) -> str:
    """What to tell about a file that pdfium gives up on."""
    return f"the PDF is damaged ({error}); export it again"
