"""Automatic numbers: what Word shows before a paragraph, as people cite it."""

from dataclasses import dataclass
from typing import Any

from policyqa.readers.counting import format_number, plain_sign
from policyqa.readers.docx.styles import Styles
from policyqa.readers.docx.wml import find, number, switch, value, w

_LEVELS = 9


@dataclass(frozen=True, slots=True)
class _Level:
    """How a level is shown: its format, its text (第%1章), its first number, and after which
    level it begins anew (None: any wider one)."""

    kind: str
    text: str
    start: int
    restart: int | None
    plain: bool


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before a paragraph; a bullet numbers nothing."""

    text: str
    bullet: bool


class Numbering:
    """Counts a document's automatic numbers; paragraphs are to come in order."""

    def __init__(self, root: Any | None, styles: Styles) -> None:
        self._styles = styles
        found = [] if root is None else root.findall(w("abstractNum"))
        self._abstract = {value(each, "abstractNumId"): each for each in found}
        found = [] if root is None else root.findall(w("num"))
        self._numbers = {value(each, "numId"): each for each in found}
        self._counts: dict[str, list[int | None]] = {}
        self._shapes: dict[str, dict[int, _Level]] = {}
        self._used: set[tuple[str, int]] = set()

    def label(self, paragraph: Any) -> Label | None:
        """What stands before the paragraph, which counts as one more; None: nothing."""
        number_id, level, style = self._styles.numbering(paragraph)
        key, abstract = self._abstract_of(number_id)
        if abstract is None:
            return None
        if level is None:
            level = _level_of_style(abstract, style)
        if not 0 <= level < _LEVELS:
            return None
        levels = self._levels(number_id, abstract)
        self._count(key, number_id, level, levels)
        return self._shown(key, level, levels)

    def _abstract_of(self, number_id: str) -> tuple[str, Any | None]:
        """The list that a numbering belongs to; a style may stand between."""
        for _ in range(_LEVELS):
            if number_id not in self._numbers:
                break
            key = value(find(self._numbers[number_id], "abstractNumId"))
            abstract = self._abstract.get(key)
            link = value(find(abstract, "numStyleLink"))
            if not link:
                return key, abstract
            number_id = self._styles.numbering_of_style(link)
        return "", None

    def _levels(self, number_id: str, abstract: Any) -> dict[int, _Level]:
        if number_id in self._shapes:
            return self._shapes[number_id]
        found = {number(each, "ilvl"): each for each in abstract.findall(w("lvl"))}
        for override in self._numbers[number_id].findall(w("lvlOverride")):
            if find(override, "lvl") is not None:
                found[number(override, "ilvl")] = find(override, "lvl")
        shapes = {index: _level(each) for index, each in found.items() if index is not None}
        self._shapes[number_id] = shapes
        return shapes

    def _count(self, key: str, number_id: str, level: int, levels: dict[int, _Level]) -> None:
        counts = self._counts.setdefault(key, [None] * _LEVELS)
        start = levels[level].start if level in levels else 1
        anew = self._begins_anew(number_id, level)
        before = counts[level]
        if anew is not None:
            counts[level] = anew
        else:
            counts[level] = start if before is None else before + 1
        for deeper in range(level + 1, _LEVELS):
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or level < restart:
                counts[deeper] = None

    def _begins_anew(self, number_id: str, level: int) -> int | None:
        """The number a list of its own begins with, at its first paragraph."""
        if (number_id, level) in self._used:
            return None
        self._used.add((number_id, level))
        for override in self._numbers[number_id].findall(w("lvlOverride")):
            if number(override, "ilvl") == level:
                return number(find(override, "startOverride"))
        return None

    def _shown(self, key: str, level: int, levels: dict[int, _Level]) -> Label | None:
        own = levels.get(level)
        if own is None:
            return None
        if own.kind == "bullet":
            return Label(plain_sign(own.text).strip(" 　"), bullet=True)
        text = own.text
        for index in range(level + 1):
            wider = levels.get(index)
            if wider is None or f"%{index + 1}" not in text:
                continue
            count = self._counts[key][index]
            kind = "decimal" if own.plain else wider.kind
            shown = format_number(wider.start if count is None else count, kind)
            text = text.replace(f"%{index + 1}", shown)
        text = text.strip(" 　\t")
        return Label(text, bullet=False) if text else None


def _level_of_style(abstract: Any, style: str) -> int:
    """The level that a list reserves for a style."""
    for each in abstract.findall(w("lvl")):
        if style and value(find(each, "pStyle")) == style:
            return number(each, "ilvl") or 0
    return 0


def _level(element: Any) -> _Level:
    start = number(find(element, "start"))
    return _Level(
        kind=value(find(element, "numFmt")) or "decimal",
        text=value(find(element, "lvlText")),
        start=1 if start is None else start,
        restart=number(find(element, "lvlRestart")),
        plain=bool(switch(element, "isLgl")),
    )
