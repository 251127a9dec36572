"""Sections: from the bookmark tree where the file has one, else from numbers and type."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policyqa.japanese import squeeze
from policyqa.readers.outline import Heading, parse_heading, split_label
from policyqa.readers.pdf.glyphs import Font
from policyqa.readers.pdf.lines import Line

_MOST_LINES = 4
"""A heading is wrapped over at most this many lines."""
_LARGE = 1.14
"""Of the body text's size."""
_LONGEST_TITLE = 60
_SIGNS = r"[0-9ivx.,・\-‐－―–()■●◆○□]*"
_NUMBERING = re.compile(rf"{_SIGNS}(?:第[0-9一二三四五六七八九十百]+[部編章節款目])?{_SIGNS}")


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the file's outline; `page` counts from 1, None where it leads nowhere."""

    depth: int
    title: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """A heading in a page's lines: the lines from `first` to `last` (exclusive)."""

    first: int
    last: int
    headings: tuple[Heading, ...]
    """Several where wider bookmarks without a place of their own lead to the same one."""

    @property
    def seen(self) -> bool:
        """Whether the heading stands in the lines; a bookmark may have no such text."""
        return self.first < self.last


def by_bookmarks(lines: Sequence[Line], marks: Sequence[Bookmark], page: int) -> list[Found]:
    """Where the bookmarks to this page stand in its lines. `marks` are those to this page, those
    that lead nowhere before them. One that is not found counts where the one before it does."""
    found: list[Found] = []
    waiting: list[Heading] = []
    position = 0
    for mark in marks:
        place = _search(lines, mark, position)
        heading = Heading(mark.depth, *split_label(mark.title), page=page, fixed=True)
        waiting.append(heading)
        if place is not None:
            found.append(Found(*place, tuple(waiting)))
            waiting, position = [], place[1]
    if waiting:
        found.append(Found(position, position, tuple(waiting)))
    return found


def _search(lines: Sequence[Line], mark: Bookmark, start: int) -> tuple[int, int] | None:
    whole = squeeze(mark.title)
    bare = _bare(mark.title)
    for first in range(start, len(lines)):
        text = ""
        for last in range(first, min(first + _MOST_LINES, len(lines))):
            text += lines[last].text
            plain = squeeze(text)
            if plain == whole or (bare and _bare(text) == bare):
                return first, last + 1
            if len(plain) > len(whole) + 12:
                break
    return None


def _bare(title: str) -> str:
    """A title without its number, which bookmarks write in another way: １　米国, １－１．米国."""
    plain = squeeze(title)
    match = _NUMBERING.match(plain)
    return plain[match.end() :] if match else plain


def by_type(lines: Sequence[Line], body: Font, page: int) -> list[Found]:
    """The headings that stand out from the body text by their number or their size."""
    found: list[Found] = []
    index = 0
    while index < len(lines):
        last = index + 1
        while (
            last < len(lines)
            and last - index < _MOST_LINES
            and lines[last].font == lines[index].font
            and lines[last].base - lines[last - 1].base < 2 * lines[index].size
            and parse_heading(lines[last].text) is None
        ):
            last += 1
        heading = _heading(lines[index:last], body, page)
        if heading is not None:
            found.append(Found(index, last, (heading,)))
        index = last if heading is not None else index + 1
    return found


def _heading(lines: Sequence[Line], body: Font, page: int) -> Heading | None:
    first = lines[0]
    stands_out = first.size > _LARGE * body.size
    differs = not first.latin and first.font != body and first.size > 0.95 * body.size
    text = "".join(line.text for line in lines)
    if not (stands_out or differs) or len(text) > _LONGEST_TITLE or "。" in text:
        return None
    parsed = parse_heading(text)
    if parsed is not None and not parsed.rest:
        return Heading(parsed.level, parsed.label, parsed.title, page=page, fixed=True)
    if not stands_out or not any(map(str.isalpha, text)):
        return None
    # Without a number: by size, behind the numbered ones as if it were a small heading.
    return Heading(_level_of(first.size, body), "", text, page=page, fixed=True)


def _level_of(size: float, body: Font) -> int:
    return 200 - min(100, int(20 * size / body.size))


def pages_of(marks: Iterable[Bookmark]) -> dict[int, list[Bookmark]]:
    """The bookmarks by page; one that leads nowhere goes with the next that leads somewhere."""
    by_page: dict[int, list[Bookmark]] = {}
    waiting: list[Bookmark] = []
    for mark in marks:
        waiting.append(mark)
        if mark.page is not None:
            by_page.setdefault(mark.page, []).extend(waiting)
            waiting = []
    return by_page
