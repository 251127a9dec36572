"""Web pages: their content, without menus and banners, to sections by its headings."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from policyqa.errors import ReadError
from policyqa.japanese import clean, squeeze
from policyqa.models import Document, Section
from policyqa.readers import statute
from policyqa.readers.outline import End, Heading, build_tree
from policyqa.readers.text import decode
from policyqa.readers.web_page import blocks, metadata
from policyqa.readers.web_page.blocks import Item
from policyqa.readers.web_page.content import content

_LARGEST = 32 * 2**20
_MARGIN = 4096
"""Bytes at a page's beginning that declare its encoding."""
_DECLARED = re.compile(
    rb"<meta[^>]{1,200}charset\s*=\s*[\"']?([\w-]{1,30})|<\?xml[^>]{1,100}encoding=[\"']([\w-]{1,30})",
    re.IGNORECASE,
)
_NO_TEXT = (
    "the page has no text; if a script or frames fill it in, "
    "open it in a browser and save it from there, as a complete page or as PDF"
)


def read(path: Path) -> Document:
    """Read a web page; a statute's page of e-Gov as a statute. Raises ReadError."""
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise ReadError(f"the page is larger than {_LARGEST >> 20} MiB; split it")
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}") from error
    if statute.is_page(data):
        return statute.read_html(path)
    return parse(clean(decode(data, _declared(data))), fallback_title=path.stem)


def parse(text: str, fallback_title: str) -> Document:
    """A page's text to a document. Raises ReadError where it has none."""
    page = _tree(text)
    if page is None:
        raise ReadError(_NO_TEXT)
    known = metadata.metadata(page)
    found = blocks.items(content(page))
    headings = [item for item in found if isinstance(item, Heading)]
    title = metadata.title(
        page, [_written(item) for item in headings if item.level == 1], fallback_title
    )
    root = build_tree(_without_title(found, title))
    if not (root.text or root.children):
        raise ReadError(_NO_TEXT)
    return Document(title=title, root=root, metadata=known)


def fragment(text: str) -> list[Item]:
    """The blocks of a piece of HTML."""
    page = _tree(text)
    return [] if page is None else blocks.items(content(page))


def _tree(text: str) -> etree._Element | None:
    """The page's elements without comments; None where there are none."""
    # Nothing outside the page is read. `huge_tree` only lets it nest deeper than 256 levels.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        reason = " ".join(str(error).split())
        raise ReadError(f"the page is damaged ({reason}); save it again") from error
    if any("Excessive depth" in error.message for error in parser.error_log):
        raise ReadError("its elements are nested too deeply; save the page as PDF")
    return root


def _declared(data: bytes) -> str:
    match = _DECLARED.search(data[:_MARGIN])
    return (match[1] or match[2]).decode("ascii") if match else ""


def _written(heading: Heading) -> str:
    return Section(heading.label, heading.title).heading


def _without_title(found: Iterable[Item], title: str) -> Iterator[Item]:
    """The first heading that says the title is no section: all of the page is below it."""
    said = False
    for item in found:
        if not said and isinstance(item, Heading) and squeeze(_written(item)) == squeeze(title):
            said = True
            yield End(item.level)
        else:
            yield item
