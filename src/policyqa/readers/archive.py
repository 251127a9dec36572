"""Office files are ZIP archives of XML: what must hold before a library opens one."""

import zipfile
import zlib
from pathlib import Path

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
_HEAD = 4096
"""Bytes. A document type stands before the first element."""


def check_archive(path: Path) -> None:
    """Raise ReadError unless `path` is an archive that is safe to unpack: not encrypted, not
    damaged, no bomb, no XML with a document type (office programs write none; entities that
    expand, or that are read from elsewhere, need one)."""
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_OLE))
        if not head:
            raise ReadError("the file is empty")
        if head == _OLE:
            raise ReadError(_OLD_OR_ENCRYPTED)
        with zipfile.ZipFile(path) as archive:
            _check(archive)
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}") from error
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        zlib.error,
    ) as error:
        raise ReadError(f"the file is damaged ({error}); save it anew") from error


def _check(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES:
        raise ReadError("the file is too large when unpacked; split it")
    for part in parts:
        if part.file_size > max(_SMALL, _MOST_PACKED * part.compress_size):
            raise ReadError("the file unpacks to far more than it holds (a decompression bomb)")
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                if b"<!DOCTYPE" in _plain(stream.read(_HEAD)):
                    raise ReadError("the file has XML with a document type, which is not read")


def _plain(head: bytes) -> bytes:
    """UTF-16 as if it were ASCII, upper case."""
    return head.replace(b"\0", b"").upper()
