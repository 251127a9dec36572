"""A paragraph's text as it is shown: without what is deleted, hidden, or a field's instruction."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from policyqa.japanese import clean
from policyqa.readers.counting import plain_sign
from policyqa.readers.docx.styles import Styles
from policyqa.readers.docx.wml import find, offered, switch, value, w

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_OUT = frozenset(
    # Readings of ruby, tracked deletions, properties, embedded files.
    map(w, ("rt", "del", "moveFrom", "pPr", "rPr", "sdtPr", "tblPr", "instrText", "delText"))
)
_LEAVES: dict[str, Callable[[Any], str]] = {
    w("t"): lambda element: element.text or "",
    f"{_M}t": lambda element: element.text or "",
    w("tab"): lambda element: "\t",
    w("ptab"): lambda element: "\t",
    w("br"): lambda element: "\n",
    w("cr"): lambda element: "\n",
    w("noBreakHyphen"): lambda element: "-",
    w("sym"): lambda element: _sign(element),
}
_CONTENTS = re.compile(r"\s*(?:TOC|INDEX|TOA)\b")
_OVERPRINTED = re.compile(
    r"\\o\s*\\a[a-z]\s*\(\s*(?:\\s\s*\\up\s*[0-9]+\s*\([^()]*\)|[○◯△□◇])\s*[,;]\s*([^()]*)\)", re.I
)
"""A field of older files: a reading over its base, or a sign in a circle."""
_GALLERIES = frozenset({"Table of Contents", "目次"})


@dataclass(slots=True)
class Prose:
    """A paragraph as read: its text with tabs and line breaks, the shares of it that are bold and
    how large, the text boxes anchored in it, and the notes it refers to as (kind, id, own mark)."""

    text: str = ""
    bold: int = 0
    visible: int = 0
    size: int = 0
    boxes: list[Any] = field(default_factory=list)
    notes: list[tuple[str, str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class _Field:
    instruction: str = ""
    shows: bool = False
    """Whether its result has begun."""


class Story:
    """Reads the paragraphs of one story (the body, a note, a box) in order: a field may reach over
    several of them."""

    def __init__(self, top: Any, styles: Styles) -> None:
        self._styles = styles
        self._fields: list[_Field] = []
        # A field that is never closed would hide all that follows it.
        kinds = [value(mark, "fldCharType") for mark in top.iter(w("fldChar")) if _stands(mark)]
        self._whole = kinds.count("begin") == kinds.count("end")

    def read(self, paragraph: Any) -> Prose:
        prose = Prose()
        for child in offered(paragraph):
            self._walk(child, paragraph, prose)
        prose.text = clean(prose.text).replace("\u00ad", "")
        return prose

    def _walk(self, element: Any, paragraph: Any, prose: Prose) -> None:
        tag = element.tag
        if tag in _OUT or is_left_out(element):
            return
        if tag in (w("drawing"), w("pict"), w("object")):
            prose.boxes += _boxes(element)
        elif tag == w("fldChar"):
            self._turn(value(element, "fldCharType"), prose)
        elif tag in (w("footnoteReference"), w("endnoteReference")):
            kind = "footnotes" if tag == w("footnoteReference") else "endnotes"
            own_mark = value(element, "customMarkFollows") in ("1", "true", "on")
            prose.notes.append((kind, value(element, "id"), own_mark))
        elif tag in _LEAVES:
            self._add(_LEAVES[tag](element), prose)
        elif tag == w("r"):
            self._run(element, paragraph, prose)
        elif tag == f"{_M}f":
            self._fraction(element, paragraph, prose)
        else:
            for child in offered(element):
                self._walk(child, paragraph, prose)

    def _run(self, run: Any, paragraph: Any, prose: Prose) -> None:
        if self._styles.run_switch(run, paragraph, "vanish") and not run.findall(w("fldChar")):
            return
        before = len(prose.text)
        for child in offered(run):
            if child.tag == w("instrText") and self._fields and not self._fields[-1].shows:
                self._fields[-1].instruction += child.text or ""
            self._walk(child, paragraph, prose)
        added = len(prose.text[before:].strip())
        if added:
            prose.visible += added
            prose.bold += added * self._styles.run_switch(run, paragraph, "b")
            prose.size = max(prose.size, self._styles.size(run, paragraph))

    def _fraction(self, element: Any, paragraph: Any, prose: Prose) -> None:
        """One over two is 1/2, not 12."""
        for index, part in enumerate(element.iterchildren(f"{_M}num", f"{_M}den")):
            self._add("/" if index else "", prose)
            self._walk(part, paragraph, prose)

    def _turn(self, kind: str, prose: Prose) -> None:
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].shows = True
        elif kind == "end" and self._fields:
            closed = self._fields.pop()
            over = None if closed.shows else _OVERPRINTED.search(closed.instruction)
            self._add(over.group(1) if over else "", prose)

    def _add(self, text: str, prose: Prose) -> None:
        hidden = any(
            not opened.shows or _CONTENTS.match(opened.instruction) for opened in self._fields
        )
        if not (hidden and self._whole):
            prose.text += text


def is_left_out(element: Any) -> bool:
    """A content control that is a table of contents, or that nobody has filled in; a field that
    is a table of contents."""
    if element.tag == w("fldSimple"):
        return bool(_CONTENTS.match(value(element, "instr")))
    if element.tag != w("sdt"):
        return False
    said = find(element, "sdtPr")
    return (
        value(find(said, "docPartObj", "docPartGallery")) in _GALLERIES
        or switch(said, "showingPlcHdr") is True
    )


def _stands(mark: Any) -> bool:
    """Whether the mark is read: not in what is deleted."""
    return next(mark.iterancestors(w("del"), w("moveFrom")), None) is None


def _boxes(element: Any) -> list[Any]:
    """The text boxes of a drawing, each once; boxes in boxes are found when those are read."""
    if element.tag == w("txbxContent"):
        return [element]
    return [box for child in offered(element) for box in _boxes(child)]


def _sign(element: Any) -> str:
    """A sign given by its number in a font."""
    try:
        sign = chr(int(value(element, "char"), 16))
    except (ValueError, OverflowError):
        return ""
    return plain_sign(sign)
