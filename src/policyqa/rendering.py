"""What a worker process runs to draw a page of a PDF: pdfium, and as little else as possible."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium

from policyqa.delivery import deliver

_LONGEST = 4000
"""Pixels of a side: a page that is a long strip gets narrower."""


def main() -> None:
    """Deliver (the page's width and height in points, its image as PNG), or None where the file has
    no such page. Arguments: path, page from 1, the image's width in pixels, bytes of memory."""
    path, *numbers = sys.argv[1:]
    page, width, memory = map(int, numbers)
    deliver(_images(Path(path), page, width), memory)


def _images(path: Path, number: int, pixels: int) -> Iterator[tuple[float, float, bytes] | None]:
    document = pdfium.PdfDocument(path)
    if not 1 <= number <= len(document):
        yield None
        return
    page = document[number - 1]
    # Cropped and turned as `readers.pdf.view` has it.
    width, height = page.get_size()
    # pdfium's sides are rounded up.
    scale = min((pixels - 0.5) / width, (_LONGEST - 0.5) / height)
    image = page.render(scale=scale).to_pil()
    stream = io.BytesIO()
    image.save(stream, "PNG")
    yield width, height, stream.getvalue()
