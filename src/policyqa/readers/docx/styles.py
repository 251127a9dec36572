"""What styles say of a paragraph: that it is a heading, its numbering, bold, size, hidden."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from policyqa.readers.docx.wml import find, number, switch, value, w

_HEADING = re.compile(r"(?:heading|見出し) ?([1-9])")
_TITLE = re.compile(r"title|表題")
_CONTENTS = re.compile(
    r"toc( ?[1-9]|heading| heading)|目次.*|index ?[1-9]|table of figures|図表目次"
)
_BODY_TEXT = 9
"""The outline level of what is no heading."""


class Styles:
    """The document's styles by id. A file without any has none."""

    def __init__(self, root: Any | None) -> None:
        found = [] if root is None else root.findall(w("style"))
        self._styles = {value(style, "styleId"): style for style in found}
        self._default = next(
            (
                value(style, "styleId")
                for style in found
                if value(style, "type") == "paragraph" and value(style, "default") in ("1", "true")
            ),
            "",
        )
        self._run = find(root, "docDefaults", "rPrDefault", "rPr")

    def of_paragraph(self, paragraph: Any) -> list[Any]:
        """The paragraph's style, then what that is based on."""
        name = value(find(paragraph, "pPr", "pStyle")) or self._default
        return list(self.chain(name))

    def chain(self, style_id: str) -> Iterator[Any]:
        """A style, then what it is based on. A circle ends where it closes."""
        seen: set[str] = set()
        while style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            yield self._styles[style_id]
            style_id = value(find(self._styles[style_id], "basedOn"))

    def outline(self, paragraph: Any) -> int | None:
        """The level of the heading that the paragraph is, 0 the highest; None: it is none."""
        direct = number(find(paragraph, "pPr", "outlineLvl"))
        if direct is not None:
            return direct if 0 <= direct < _BODY_TEXT else None
        for style in self.of_paragraph(paragraph):
            level = number(find(style, "pPr", "outlineLvl"))
            named = _HEADING.fullmatch(_name(style))
            if level is not None:
                return level if 0 <= level < _BODY_TEXT else None
            if named:
                return int(named.group(1)) - 1
        return None

    def is_title(self, paragraph: Any) -> bool:
        return any(_TITLE.fullmatch(_name(style)) for style in self.of_paragraph(paragraph))

    def is_contents(self, paragraph: Any) -> bool:
        """Whether it is an entry, or the heading, of a table of contents."""
        return any(_CONTENTS.fullmatch(_name(style)) for style in self.of_paragraph(paragraph))

    def run_switch(self, run: Any, paragraph: Any, name: str) -> bool:
        """Whether a property such as bold is on in a run: its own word, its style's, then that of
        the paragraph's style."""
        own = find(run, "rPr")
        styles = [*self.chain(value(find(own, "rStyle"))), *self.of_paragraph(paragraph)]
        said = (switch(part, name) for part in (own, *(find(style, "rPr") for style in styles)))
        return next((bool(word) for word in said if word is not None), False)

    def size(self, run: Any, paragraph: Any) -> int:
        """In half points."""
        styles = [
            *self.chain(value(find(run, "rPr", "rStyle"))),
            *self.of_paragraph(paragraph),
        ]
        said = [find(run, "rPr"), *(find(style, "rPr") for style in styles), self._run]
        sizes = (number(find(part, "sz")) for part in said)
        return next((size for size in sizes if size is not None), 20)

    def centred(self, paragraph: Any) -> bool:
        said = [paragraph, *self.of_paragraph(paragraph)]
        places = (value(find(part, "pPr", "jc")) for part in said)
        return next((place for place in places if place), "") == "center"

    def sets_off_first_row(self, table: Any) -> bool:
        """Whether the table's style shows its first row in a way of its own."""
        look = find(table, "tblPr", "tblLook")
        # Either its own attribute, or the sixth bit of an older one.
        bits = value(look)
        on = value(look, "firstRow") in ("1", "true", "on") or (
            re.fullmatch(r"[0-9A-Fa-f]{4}", bits) is not None and int(bits, 16) & 0x20 > 0
        )
        styles = self.chain(value(find(table, "tblPr", "tblStyle")))
        return on and any(
            value(part, "type") == "firstRow"
            and (switch(find(part, "rPr"), "b") or find(part, "tcPr", "shd") is not None)
            for style in styles
            for part in style.findall(w("tblStylePr"))
        )

    def numbering(self, paragraph: Any) -> tuple[str, int | None, str]:
        """The numbering's id, the level, and the style that says so (empty: the paragraph). The
        id is empty where there is none."""
        direct = find(paragraph, "pPr", "numPr")
        level = number(find(direct, "ilvl"))
        if find(direct, "numId") is not None:
            return value(find(direct, "numId")), level or 0, ""
        for style in self.of_paragraph(paragraph):
            said = find(style, "pPr", "numPr")
            if find(said, "numId") is not None:
                if level is None:
                    level = number(find(said, "ilvl"))
                return value(find(said, "numId")), level, value(style, "styleId")
        return "", None, ""

    def numbering_of_style(self, style_id: str) -> str:
        """The numbering that a numbering style stands for."""
        for style in self.chain(style_id):
            said = value(find(style, "pPr", "numPr", "numId"))
            if said:
                return said
        return ""


def _name(style: Any) -> str:
    """As it is compared: built-in styles have English names in whatever language."""
    return unicodedata.normalize("NFKC", value(find(style, "name"))).lower()
