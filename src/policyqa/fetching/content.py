"""What an answer is: by its Content-Type, the address and its first bytes, which must agree."""

import codecs
import re
from collections.abc import Collection
from pathlib import PurePosixPath

import httpx

from policyqa.errors import FetchError
from policyqa.fetching.download import Download

_OFFICE = "application/vnd.openxmlformats-officedocument"
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    f"{_OFFICE}.wordprocessingml.document": ".docx",
    f"{_OFFICE}.presentationml.presentation": ".pptx",
    f"{_OFFICE}.spreadsheetml.sheet": ".xlsx",
    "text/csv": ".csv",
    "application/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/json": ".json",
    "application/xml": ".xml",
    "text/xml": ".xml",
}
_UNTOLD = frozenset(
    {
        "",
        "application/octet-stream",
        "application/x-download",
        "application/force-download",
        "application/zip",
        "application/vnd.ms-excel",
    }
)
"""Types that say nothing; the address must. The last two are those of how office files are packed,
and of CSV files on machines with Excel."""
_TEXTS = frozenset({".csv", ".md", ".tsv", ".txt"})
"""Servers call all of these text/plain."""
_SAME = {".htm": ".html", ".markdown": ".md"}

_HEAD = 1024
"""Bytes in which a file must show what it is. Of a PDF's mark the standard says just that."""
_BINARY = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
# Atomic: a thousand comments must not be tried in every grouping.
_PAGE = re.compile(
    rb"(?>\s|<!--.*?-->|<\?.*?\?>)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_DECLARED = re.compile(rb"<meta[^>]{1,200}charset|<\?xml[^>]{1,100}encoding", re.IGNORECASE)
_DECLARES = 4096
"""Bytes at a page's beginning in which it may declare its encoding."""
_MICROSOFT = {"shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932"}
"""What browsers take for these names is Microsoft's superset."""


def suffix_of(asked: httpx.URL, answer: Download, supported: Collection[str]) -> str:
    """The suffix of the reader's table that fits the answer. Raises FetchError."""
    paths = (asked.path, answer.url.path, answer.filename)
    named = set(map(suffix_in, paths)) & {*supported, *_SUFFIXES.values()}
    suffix = _told(answer.media_type, named)
    if suffix not in supported:
        raise FetchError(f"files of type {suffix} are not supported")
    if suffix == ".html" and named - {".html"}:
        raise _page_instead(min(named - {".html"}))
    _check(suffix, answer.content)
    return suffix


def suffix_in(path: str) -> str:
    """The suffix as the readers' table has it: .HTM is .html."""
    suffix = PurePosixPath(path).suffix.lower()
    return _SAME.get(suffix, suffix)


def _told(media_type: str, named: set[str]) -> str:
    if media_type in _UNTOLD and len(named) == 1:
        return next(iter(named))
    if media_type == "text/plain" and len(named) == 1 and named <= _TEXTS:
        return next(iter(named))
    suffix = _SUFFIXES.get(media_type)
    if suffix is None:
        raise FetchError(f"the server calls it {media_type or 'nothing'}, which is not supported")
    return suffix


def _check(suffix: str, content: bytes) -> None:
    """Raise FetchError unless `content` begins as a file of this kind does."""
    head = content.removeprefix(codecs.BOM_UTF8).lstrip()[:_HEAD]
    if not head:
        raise FetchError("the answer is empty")
    if suffix != ".html" and _PAGE.match(head):
        raise _page_instead(suffix)
    if not _fits(suffix, head):
        raise FetchError(f"what came is no {suffix} file")


def _fits(suffix: str, head: bytes) -> bool:
    match suffix:
        case ".pdf":
            return b"%PDF-" in head
        case ".docx" | ".pptx" | ".xlsx":
            return head.startswith(b"PK\x03\x04")
        case ".html" | ".xml":
            return head.startswith(b"<")
        case ".json":
            return head.startswith((b"{", b"["))
        case _:
            return not head.startswith(_BINARY)


def _page_instead(suffix: str) -> FetchError:
    return FetchError(
        f"a web page came in place of the {suffix} file, perhaps to log in or to say that it is "
        "gone; open the address in a browser"
    )


def with_charset(content: bytes, charset: str) -> bytes:
    """A page whose encoding only the HTTP header tells, as UTF-8 with a byte order mark; any
    other page as it is. A header that is wrong changes nothing."""
    bare = not content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE))
    if not charset or not bare or _DECLARED.search(content[:_DECLARES]):
        return content
    try:
        return codecs.BOM_UTF8 + content.decode(_MICROSOFT.get(charset, charset)).encode()
    except (UnicodeError, LookupError):
        return content
