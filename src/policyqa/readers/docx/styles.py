"""What styles say of a paragraph: that it is a heading, its numbering, bold, size, hidden."""

import re
import unicodedata
from collections.abc import Callable, Iterator
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
        self._known: dict[tuple[str, str], Any] = {}

    def _of(self, paragraph: Any) -> str:
        return value(find(paragraph, "pPr", "pStyle")) or self._default

    def _said(self, style_id: str, of: str, read: Callable[[Any], Any]) -> Any:
        """The first that `read` gives, other than None, of a style and what it is based on. It is
        kept under the name `of`, since thousands of paragraphs share a style."""
        key = (style_id, of)
        if key not in self._known:
            said = map(read, self.chain(style_id))
            self._known[key] = next((word for word in said if word is not None), None)
        return self._known[key]

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
        level: int | None = self._said(self._of(paragraph), "outline", _outline)
        return level if level is not None and 0 <= level < _BODY_TEXT else None

    def is_title(self, paragraph: Any) -> bool:
        return bool(self._said(self._of(paragraph), "title", _is_named(_TITLE)))

    def is_contents(self, paragraph: Any) -> bool:
        """Whether it is an entry, or the heading, of a table of contents."""
        return bool(self._said(self._of(paragraph), "contents", _is_named(_CONTENTS)))

    def run_switch(self, run: Any, paragraph: Any, name: str) -> bool:
        """Whether a property such as bold is on in a run: its own word, its style's, then that of
        the paragraph's style."""
        own = find(run, "rPr")
        word = switch(own, name)
        for style_id in (value(find(own, "rStyle")), self._of(paragraph)):
            if word is None:
                word = self._said(style_id, name, lambda style: switch(find(style, "rPr"), name))
        return bool(word)

    def size(self, run: Any, paragraph: Any) -> int:
        """In half points."""
        own = find(run, "rPr")
        size = number(find(own, "sz"))
        for style_id in (value(find(own, "rStyle")), self._of(paragraph)):
            if size is None:
                size = self._said(style_id, "size", lambda style: number(find(style, "rPr", "sz")))
        if size is None:
            size = number(find(self._run, "sz"))
        return 20 if size is None else size

    def centred(self, paragraph: Any) -> bool:
        place = value(find(paragraph, "pPr", "jc"))
        if not place:
            place = self._said(
                self._of(paragraph), "place", lambda style: value(find(style, "pPr", "jc")) or None
            )
        return place == "center"

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
        said = self._said(self._of(paragraph), "numbering", _numbering)
        if said is None:
            return "", None, ""
        number_id, own_level, style_id = said
        return number_id, own_level if level is None else level, style_id

    def numbering_of_style(self, style_id: str) -> str:
        """The numbering that a numbering style stands for."""
        for style in self.chain(style_id):
            said = value(find(style, "pPr", "numPr", "numId"))
            if said:
                return said
        return ""


def _outline(style: Any) -> int | None:
    level = number(find(style, "pPr", "outlineLvl"))
    named = _HEADING.fullmatch(_name(style))
    return level if level is not None or not named else int(named.group(1)) - 1


def _numbering(style: Any) -> tuple[str, int | None, str] | None:
    said = find(style, "pPr", "numPr")
    if find(said, "numId") is None:
        return None
    return value(find(said, "numId")), number(find(said, "ilvl")), value(style, "styleId")


def _is_named(names: re.Pattern[str]) -> Callable[[Any], bool | None]:
    return lambda style: bool(names.fullmatch(_name(style))) or None


def _name(style: Any) -> str:
    """As it is compared: built-in styles have English names in whatever language."""
    return unicodedata.normalize("NFKC", value(find(style, "name"))).lower()
