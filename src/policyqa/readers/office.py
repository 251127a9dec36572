"""What Word and PowerPoint files share: opening them, their parts, what they say of themselves."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lxml import etree

from policyqa.errors import ReadError
from policyqa.japanese import clean
from policyqa.readers.archive import DAMAGE

_DAMAGE = (
    *DAMAGE,
    AttributeError,
    IndexError,
    KeyError,
    OSError,
    TypeError,
    etree.LxmlError,
)
"""What python-docx and python-pptx raise, beside their own errors, when a part is missing or is not
what it should be."""
_PARSER = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
_FILE_NAME = re.compile(r"\.(?:docx?|docm|dotx?|pptx?|ppsx?|xlsx?|jtd|odt|odp|txt|pdf)$", re.I)
_NO_TITLE = re.compile(
    r"(?:microsoft\b.*|(?:word|powerpoint) ?(?:document|presentation|文書|プレゼンテーション)"
    r"|untitled.*|無題.*|タイトルなし|文書 ?[0-9]*|document ?[0-9]*|presentation ?[0-9]*"
    r"|プレゼンテーション ?[0-9]*|スライド ?[0-9]*|slide ?[0-9]*"
    r"|title|タイトル|表題|no slide title)",
    re.I,
)
"""What programs put there by themselves."""
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_APP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties"
_EXTENDED = "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}"


@contextmanager
def library(*own: type[Exception]) -> Iterator[None]:
    """What a library raises on a damaged file, `own` being its own errors, as a ReadError. Only
    its calls stand inside."""
    try:
        yield
    except (*own, *_DAMAGE) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ReadError(f"the file is damaged ({reason}); save it anew") from error


def parts(part: Any, kind: str) -> list[Any]:
    """The parts that `part` refers to by a relationship of this kind, e.g. `footnotes`."""
    return [
        relation.target_part
        for relation in part.rels.values()
        if not relation.is_external and relation.reltype.rpartition("/")[2] == kind
    ]


def root(part: Any) -> Any:
    """A part's root element. Raises ReadError where it is no XML."""
    if hasattr(part, "element"):
        return part.element
    try:
        return etree.fromstring(part.blob, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError(f"the file is damaged ({part.partname}: {error}); save it anew") from error


def related(part: Any, kind: str) -> Any | None:
    """The root of the first part of this kind, None where there is none."""
    found = parts(part, kind)
    return root(found[0]) if found else None


def given_title(package: Any) -> str:
    """The title in the file's properties; empty where it is none that a person gave."""
    title = _property(package, _CORE, "{http://purl.org/dc/elements/1.1/}title")
    return "" if _NO_TITLE.fullmatch(title) or _FILE_NAME.search(title) else title


def metadata(package: Any) -> dict[str, str]:
    """The company in the file's properties as `publisher`. When a file was made or saved says
    nothing of its document's date, and the language there is the program's."""
    publisher = _property(package, _APP, f"{_EXTENDED}Company")
    return {"publisher": publisher} if publisher else {}


def _property(package: Any, kind: str, name: str) -> str:
    try:
        part = package.part_related_by(kind)
    except (KeyError, ValueError):
        # There is none, or several, which says no more.
        return ""
    return one_line(root(part).findtext(name) or "")


def one_line(text: str) -> str:
    """A name on one line; full-width spaces in it stay."""
    return re.sub(r"[ \t\n]+", " ", clean(text)).strip(" 　")
