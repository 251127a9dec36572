"""An element's text as lines, the way it is printed: for XML's tags and the web pages' alike."""

import re
from collections.abc import Iterator

from policyqa.readers.statute.element import Element

_READINGS = frozenset({"Rt", "rt", "rp"})
"""The small print beside a ruby's base: dropped."""
_INLINE = frozenset(
    {"Sentence", "Column", "Ruby", "Line", "Sup", "Sub", "QuoteStruct", "ArithFormula"}
    | {"span", "ruby", "rb", "sup", "sub", "a", "b", "i", "u", "em", "strong", "font"}
)
_ROWS = frozenset({"TableRow", "TableHeaderRow", "tr"})
_MARKS = re.compile(r"ParagraphNum|ArticleTitle|ClassTitle|ItemTitle|Subitem\d+Title")
_BREAK = re.compile(r"[ \t\n]*\n[ \t\n]*")
_BREAK_BETWEEN_WORDS = re.compile(r"(?<=[!-~])[ \t\n]*\n[ \t\n]*(?=[!-~])")


def lines(element: Element) -> list[str]:
    """The lines of an element: one a block, one a table row; readings of ruby left out."""
    found = (line.strip() for line in "".join(_flow(element)).split("\n"))
    return [line for line in found if line]


def text(element: Element) -> str:
    """All of an element on one line."""
    return "　".join(lines(element))


def _flow(element: Element) -> Iterator[str]:
    """Text, with a newline wherever a line ends."""
    if element.tag in _READINGS:
        return
    if element.tag in _ROWS:
        yield f"\n{_row(element)}\n"
    elif element.tag in _INLINE:
        yield from _inside(element)
    elif _MARKS.fullmatch(element.tag):
        # What it numbers goes on behind it: ２　前項の…
        mark = "".join(_inside(element)).strip()
        yield f"\n{mark}　" if mark else "\n"
    else:
        yield "" if element.tag.endswith("Sentence") else "\n"
        yield from _inside(element)
        yield "\n"


def _inside(element: Element) -> Iterator[str]:
    before = ""
    for child in element.children:
        if isinstance(child, str):
            yield collapse(child)
            continue
        if child.tag == before == "Column":
            yield "　"
        yield from _flow(child)
        before = child.tag


def _row(row: Element) -> str:
    """The cells of a row, empty ones left out. What stands on lines in a cell goes on one."""
    pieces = [
        piece for cell in row.elements for inner in _parts(cell) for piece in lines(inner) if piece
    ]
    return "　".join(pieces)


def _parts(cell: Element) -> Iterator[Element]:
    """The sentences of a cell, which are printed below each other, apart."""
    return (
        child if isinstance(child, Element) else Element("div", {}, (child,))
        for child in cell.children
    )


def collapse(raw: str) -> str:
    """Text without the white space that only lays out the file; 「　」 is part of the text."""
    if not raw.strip(" \t\n"):
        return ""
    return _BREAK.sub("", _BREAK_BETWEEN_WORDS.sub(" ", raw)).replace("\t", " ")
