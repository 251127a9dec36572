"""Statutes as e-Gov publishes them (法令標準XML, the law API's JSON, web pages) to sections."""

import codecs
import json
import re
from pathlib import Path

from lxml import etree

from policyqa.errors import ReadError
from policyqa.models import Document
from policyqa.readers.statute import egov_tree, html, metadata
from policyqa.readers.statute.element import Element, from_json, from_lxml
from policyqa.readers.statute.flow import text
from policyqa.readers.statute.metadata import Metadata
from policyqa.readers.statute.provisions import Draft, section

_UNSUPPORTED = (
    "no statute of e-Gov; of .xml, .json and .html files those of laws.e-gov.go.jp are supported"
)
_DECLARED = re.compile(rb"<meta[^>]{1,100}charset=[\"']?([\w-]{1,30})", re.IGNORECASE)
_MARGIN = 4096
"""Bytes at a page's beginning that declare its encoding, and at its end that close it."""
# What browsers take for these names is Microsoft's superset.
_SHIFT_JIS = frozenset({"shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"})


def read_xml(path: Path) -> Document:
    """Read 法令標準XML, alone or in an answer of the API. Raises ReadError."""
    law = _law(_xml(_bytes(path)))
    return _document(law, metadata.of_file(path) | metadata.of_law(law))


def read_json(path: Path) -> Document:
    """Read the law API's answer (law_full_text as JSON). Raises ReadError."""
    try:
        answer = json.loads(_bytes(path))
    except UnicodeDecodeError as error:
        raise ReadError("the JSON is not UTF-8") from error
    except RecursionError as error:
        raise ReadError("the JSON is nested too deeply") from error
    except ValueError as error:
        raise ReadError(f"the JSON is damaged ({error}); download it again") from error
    if not isinstance(answer, dict) or "law_full_text" not in answer:
        raise ReadError(_UNSUPPORTED)
    law = _law(from_json(answer["law_full_text"]))
    known = metadata.of_file(path) | metadata.of_law(law) | metadata.of_api(answer)
    return _document(law, known)


def is_page(data: bytes) -> bool:
    """Whether a web page is a statute's, by the ids of e-Gov."""
    return b'id="lawTitle"' in data and b'id="innerDocument"' in data


def read_html(path: Path) -> Document:
    """Read a statute's web page. Raises ReadError."""
    data = _bytes(path)
    page = _html(data)
    title, number = html.find(page, "lawTitle"), html.find(page, "lawTitleNo")
    body = html.find(page, "innerDocument")
    if title is None or body is None or not text(title):
        raise ReadError(_UNSUPPORTED)
    if b"</html>" not in data[-_MARGIN:].lower():
        raise ReadError("the page is cut off (no </html> at its end); save it again")
    known = {"law_number": text(number)} if number and text(number) else {}
    return _statute(text(title), html.statute(body), metadata.of_file(path) | known)


def _document(law: Element, known: Metadata) -> Document:
    return _statute(*egov_tree.statute(law), known)


def _statute(title: str, root: Draft, known: Metadata) -> Document:
    document = Document(title=title, root=section(root), metadata={"kind": "statute", **known})
    if not any(below.text for _, below in document.root.walk()):
        raise ReadError("the statute has no text")
    return document


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}") from error
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise ReadError("the file is empty")
    return data


def _law(tree: Element) -> Element:
    law = next((element for element in tree.walk() if element.tag == "Law"), None)
    if law is None:
        raise ReadError(_UNSUPPORTED)
    return law


def _xml(data: bytes) -> Element:
    # Nothing outside the file is read, and nothing in it grows: no DTD, no entities, no network.
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.LxmlError as error:
        raise ReadError(f"the XML is damaged ({_one_line(error)}); download it again") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(declared.iterentities(), None) is not None:
        raise ReadError("it declares XML entities, which are not expanded for safety")
    return from_lxml(root)


def _html(data: bytes) -> Element:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(_decode(data).encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        raise ReadError(f"the page is damaged ({_one_line(error)}); save it again") from error
    if root is None:
        raise ReadError(_UNSUPPORTED)
    return from_lxml(root)


def _decode(data: bytes) -> str:
    declared = _DECLARED.search(data[:_MARGIN])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    encoding = "cp932" if name in _SHIFT_JIS else name
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode(encoding)
    except (UnicodeError, LookupError) as error:
        raise ReadError(f"the page is not in the encoding {name}; save it as UTF-8") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
