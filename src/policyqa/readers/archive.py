"""Office files are ZIP archives of XML: what must hold before a library opens one."""

import zipfile
import zlib
from pathlib import Path

from lxml import etree

from policyqa.errors import ReadError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_OR_ENCRYPTED = (
    "the file is encrypted or in the format of before 2007; "
    "save it as .docx, .pptx or .xlsx without a password"
)
_MOST_PARTS = 10_000
_MOST_BYTES = 512 * 2**20
"""Unpacked. The largest white papers as DOCX, pictures included, have a tenth of that."""
_MOST_PACKED = 200
"""A part larger than _SMALL is not packed to less than a 200th of its size, unless it is a bomb."""
_SMALL = 10 * 2**20
_PIECE = 4096
_TYPES = "[Content_Types].xml"
_STRICT = b"http://purl.oclc.org/ooxml/"
_MAIN = {
    ".docx": "wordprocessingml.document.main+xml",
    ".pptx": "presentationml.presentation.main+xml",
    ".xlsx": "spreadsheetml.sheet.main+xml",
}
"""The end of the content type that a file's main part has."""
_WITH_MACROS = {
    ".docx": ("word.document.macro", "wordprocessingml.template.", "word.template."),
    ".pptx": ("powerpoint.", "presentationml.template.", "presentationml.slideshow."),
    ".xlsx": ("excel.sheet.", "excel.template.", "spreadsheetml.template."),
}
"""In the content types of files with macros, templates and slide shows."""

DAMAGE = (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, zlib.error)
"""What zipfile raises on archives that are damaged, encrypted or packed in an unknown way."""


def check_archive(path: Path) -> None:
    """Raise ReadError unless `path` is an archive that is safe to unpack: not encrypted, not
    damaged, no bomb, no XML with a document type (office programs write none; entities that
    expand, or that are read from elsewhere, need one); and holds what its suffix says."""
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_OLE))
        if not head:
            raise ReadError("the file is empty")
        if head == _OLE:
            raise ReadError(_OLD_OR_ENCRYPTED)
        with zipfile.ZipFile(path) as archive:
            _check(archive)
            _check_kind(archive, path.suffix.lower())
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror or error}") from error
    except DAMAGE as error:
        raise ReadError(f"the file is damaged ({error}); save it anew") from error


def _check(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES:
        raise ReadError("the file is too large when unpacked; split it")
    for part in parts:
        if part.file_size > max(_SMALL, _MOST_PACKED * part.compress_size):
            raise ReadError("the file unpacks to far more than it holds (a decompression bomb)")
        if part.filename.endswith((".xml", ".rels")) and _has_document_type(archive, part):
            raise ReadError("the file has XML with a document type, which is not read")


def _has_document_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether one stands before the first element, in whatever encoding."""
    parser = etree.XMLPullParser(
        events=("start",), resolve_entities=False, load_dtd=False, no_network=True
    )
    with archive.open(part) as stream:
        try:
            while piece := stream.read(_PIECE):
                parser.feed(piece)
                for _, root in parser.read_events():
                    return bool(root.getroottree().docinfo.doctype)
        except etree.XMLSyntaxError:
            # Broken or in no known encoding: where the part is needed, its reader says so.
            return False
    return False


def _check_kind(archive: zipfile.ZipFile, suffix: str) -> None:
    """The main part is of the kind that `suffix` stands for."""
    names = set(archive.namelist())
    if _TYPES not in names:
        raise ReadError(f"the file is a ZIP archive but no {suffix} file; unpack it")
    # Letters are searched for in UTF-16 as well as in UTF-8.
    types = archive.read(_TYPES).replace(b"\0", b"").lower().decode("latin-1")
    relations = archive.read("_rels/.rels") if "_rels/.rels" in names else b""
    if _STRICT in relations.replace(b"\0", b""):
        raise ReadError(f"the file is in the Strict Open XML format; save it as plain {suffix}")
    if _MAIN[suffix] in types:
        return
    for other, main in _MAIN.items():
        if main in types:
            raise ReadError(f"the file is no {suffix} file but a {other} file; rename it")
        if any(kind in types for kind in _WITH_MACROS[other]):
            raise ReadError(f"the file has macros or is a template; save it as plain {other}")
    raise ReadError(f"the file has no main part, so it is no {suffix} file; save it anew")
