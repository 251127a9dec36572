"""Files in, documents out: a table from file name suffix to reader."""

from collections.abc import Callable
from pathlib import Path

from policyqa.errors import ReadError
from policyqa.models import Document
from policyqa.readers import docx, markdown, pdf, pptx, sheets, statute, text, web_page

Reader = Callable[[Path], Document]

READERS: dict[str, Reader] = {
    ".csv": sheets.read_csv,
    ".docx": docx.read,
    ".htm": web_page.read,
    ".html": web_page.read,
    ".json": statute.read_json,
    ".md": markdown.read,
    ".pdf": pdf.read,
    ".pptx": pptx.read,
    ".tsv": sheets.read_csv,
    ".txt": text.read,
    ".xlsx": sheets.read_xlsx,
    ".xml": statute.read_xml,
}


def read(path: Path) -> Document:
    """Read a document by its suffix. Raises ReadError naming the reason in one line."""
    return reader_for(path)(path)


def reader_for(path: Path) -> Reader:
    """What reads files with this suffix. Raises ReadError when nothing does."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise ReadError(f"unsupported file type {path.suffix or '(no suffix)'}; supported: {known}")
    return reader
