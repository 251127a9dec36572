"""Lines of text out of marked-up files: white space, items of lists. Alike in HTML and Markdown."""

import re
from collections.abc import Iterable

from policyqa.japanese import clean

_OWN_MARK = re.compile(
    r"[・○●◯◎■□◆◇▶►✓※◦•①-⑳]|[(（][0-9０-９ア-ン一二三四五六七八九十]{1,3}[)）]"
    r"|[0-9０-９]{1,3}(?:[.．](?![0-9０-９])|[、)）　])"
    r"|[一二三四五六七八九十]{1,3}[、　]|[ア-ン][.．、　]"
)
_WHITE = re.compile(r"[ \t\n\f\r\xa0]+")


def unwrapped(text: str) -> str:
    """One line without the white space that only lays out the file: a line break between Japanese
    words is nothing, between Latin ones a space. 「　」 is part of the text."""
    return _WHITE.sub(_space, clean(text)).strip()


def _space(white: re.Match[str]) -> str:
    text, start, end = white.string, white.start(), white.end()
    latin = text[max(0, start - 1) : start].isascii() and text[end : end + 1].isascii()
    return " " if latin or "\n" not in white.group() else ""


def item_lines(mark: str, lines: Iterable[str]) -> list[str]:
    """The first line behind its mark, the others indented. A line that brings a mark of its own
    (①, ・, the first of a list within the list) gets no second one."""
    first, *others = lines
    marked = first if not mark or _OWN_MARK.match(first) else f"{mark}{first}"
    return [marked, *(f"　{line}" for line in others)]
