"""The characters of a page: each with its place as it is read, level or vertical or turned."""

import ctypes
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from policyqa.models import Box
from policyqa.readers.pdf.geometry import height, middle, union, width
from policyqa.readers.pdf.glyphs import Font, Glyph
from policyqa.readers.pdf.turn import Turn
from policyqa.readers.pdf.view import View

_MOST_GLYPHS = 60_000
"""On one page; what a file has beyond that is no text for reading, and is left out."""
_LOST = {0xFFFD, 0xFFFE, 0xFFFF, 0}
_SOFT_HYPHEN = 2
"""What pdfium gives for a hyphen at a line's end."""
_LEVEL = 6
"""Degrees."""
# In ems.
_CELL = 1.35
"""What stands side by side in a vertical line, as numbers of two digits do, is no wider."""
_SAME_LINE = 0.3
_APART = 0.45
"""Neighbouring vertical lines are further apart."""
_STEP = (0.6, 2.2)
_BASE = 0.38
"""So far below the middle of an em box is its base line."""
_DOWN = 0.1
"""A page with a smaller share of characters that stand below each other is not looked at closer."""
_UPRIGHT_FORMS = str.maketrans(
    "︐︑︒︓︔︕︖︙︰︱︲︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹇﹈",
    "，、。：；！？…‥―–（）｛｝〔〕【】《》〈〉「」『』［］",
)
"""Forms of signs for vertical writing, which some files name in place of the signs."""

_BULLETS = {
    0xF0B7: "•",
    0xF0A7: "▪",
    0xF0D8: "➢",
    0xF0FC: "✓",
    0xF06C: "●",
    0xF06E: "■",
    0xF075: "◆",
}
"""Bullets of Symbol and Wingdings as office programs name them, by numbers of their own."""


class _Sign(NamedTuple):
    """A character on the page as it is shown; by `degrees` the page is to be turned for it."""

    char: str
    box: Box
    origin: tuple[float, float]
    font: Font
    degrees: int
    spaced: bool


def glyphs(page: pdfium.PdfPage, view: View) -> tuple[tuple[Glyph, ...], int, Turn]:
    """The characters that are written as most of the page is, how many are not known, and how the
    page is turned to read them."""
    text = page.get_textpage()
    try:
        signs, lost = _signs(text, view)
    finally:
        text.close()
    cells = _cells(signs) if _goes_down(signs) else []
    vertical = 2 * _standing(cells) > len(signs)
    counts = Counter(sign.degrees for sign in signs)
    degrees = 270 if vertical else max(counts, key=lambda key: counts[key], default=0)
    turn = Turn(degrees, view.width, view.height)
    if vertical:
        found = [*_of_cells(cells, turn), *_of_turned(signs, turn)]
    else:
        found = [_glyph(sign, turn) for sign in signs if sign.degrees == degrees]
    return tuple(found), lost, turn


def _signs(text: pdfium.PdfTextPage, view: View) -> tuple[list[_Sign], int]:
    rect = raw.FS_RECTF()
    fonts: dict[int, tuple[Font, int, tuple[float, float]] | None] = {}
    names: dict[int, str] = {}
    signs: list[_Sign] = []
    lost, spaced = 0, False
    for index in range(min(text.count_chars(), _MOST_GLYPHS)):
        code = raw.FPDFText_GetUnicode(text, index)
        owner = raw.FPDFText_GetTextObject(text, index)
        if not owner or code in (9, 10, 13, 32, 0xA0, 0x3000):
            spaced = True
            continue
        if code in _LOST:
            lost += 1
            continue
        key = ctypes.addressof(owner.contents)
        if key not in fonts:
            fonts[key] = _font(text, index, owner, view, names)
        known = fonts[key]
        if known is None:
            continue
        raw.FPDFText_GetLooseCharBox(text, index, rect)
        box = view.box(rect.left, rect.bottom, rect.right, rect.top)
        if not view.shows(box):
            continue
        font, degrees, origin = known
        char = "-" if code == _SOFT_HYPHEN else _BULLETS.get(code) or chr(code)
        signs.append(_Sign(char, box, origin, font, degrees, spaced))
        spaced = False
    return signs, lost


def _font(
    text: pdfium.PdfTextPage, index: int, owner: object, view: View, names: dict[int, str]
) -> tuple[Font, int, tuple[float, float]] | None:
    """A text object's font, how it is turned, and where it begins; None where it is aslant."""
    angle = math.degrees(raw.FPDFText_GetCharAngle(text, index)) + view.rotation
    degrees = round(-angle / 90) * 90
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, index, matrix)
    size = raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
    if abs(angle + degrees) > _LEVEL or not 0.5 < size < 1000:
        return None
    name = _font_name(raw.FPDFTextObj_GetFont(owner), names)
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text, index, x, y)
    return Font(name, round(size, 1)), degrees % 360, view.point(x.value, y.value)


def _font_name(font: Any, names: dict[int, str]) -> str:
    """The name of pdfium's font, kept in `names` by its address."""
    address = ctypes.addressof(font.contents) if font else 0
    if address not in names:
        buffer = ctypes.create_string_buffer(128)
        raw.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
        names[address] = buffer.value.decode("utf-8", errors="replace").split("+")[-1]
    return names[address]


def _glyph(sign: _Sign, turn: Turn) -> Glyph:
    x, y = sign.origin
    if not turn.degrees:
        return Glyph(sign.char, sign.box, y, sign.font, sign.spaced)
    base = turn.as_read((x, y, x, y))[1]
    return Glyph(sign.char, turn.as_read(sign.box), base, sign.font, sign.spaced)


# --- vertical writing: characters that stand upright below each other ---


@dataclass(frozen=True, slots=True)
class _Cell:
    """Upright characters that stand side by side: at one place of a vertical line, or in level
    text of their own."""

    signs: tuple[_Sign, ...]
    box: Box


def _goes_down(signs: Sequence[_Sign]) -> bool:
    down = sum(
        abs(after.box[0] - before.box[0]) < after.font.size / 2
        and after.box[1] - before.box[1] > _STEP[0] * after.font.size
        for before, after in pairwise(signs)
    )
    return down > _DOWN * len(signs)


def _cells(signs: Sequence[_Sign]) -> list[_Cell]:
    groups: list[list[_Sign]] = []
    for sign in signs:
        if sign.degrees == 0:
            if groups and _beside(groups[-1][-1], sign):
                groups[-1].append(sign)
            else:
                groups.append([sign])
    return [_Cell(tuple(group), union(sign.box for sign in group)) for group in groups]


def _standing(cells: Sequence[_Cell]) -> int:
    """How many characters stand below each other in narrow cells."""
    narrow = [cell for cell in cells if width(cell.box) <= _CELL * cell.signs[0].font.size]
    standing: set[int] = set()
    for index, (before, after) in enumerate(pairwise(narrow)):
        if _follows(before, after):
            standing |= {index, index + 1}
    return sum(len(narrow[index].signs) for index in standing)


def _beside(before: _Sign, after: _Sign) -> bool:
    size = after.font.size
    gap = after.box[0] - before.box[2]
    return abs(after.box[1] - before.box[1]) < _SAME_LINE * size and -size < gap < _APART * size


def _follows(before: _Cell, after: _Cell) -> bool:
    (x0, y0), (x1, y1) = middle(before.box), middle(after.box)
    size = after.signs[0].font.size
    return abs(x1 - x0) < _SAME_LINE * size and _STEP[0] * size < y1 - y0 < _STEP[1] * size


def _of_cells(cells: Iterable[_Cell], turn: Turn) -> Iterator[Glyph]:
    """What stands side by side is read as if it stood below each other: so level text in between,
    such as a page number, is a short line of its own."""
    for cell in cells:
        left, top, right, bottom = cell.box
        count = len(cell.signs)
        step = height(cell.box) / count
        for index, sign in enumerate(cell.signs):
            own = left, top + index * step, right, bottom - (count - 1 - index) * step
            yield _on_axis(sign._replace(char=sign.char.translate(_UPRIGHT_FORMS)), own, turn)


def _of_turned(signs: Iterable[_Sign], turn: Turn) -> Iterator[Glyph]:
    """Latin words in vertical lines are written turned."""
    for sign in signs:
        if sign.degrees == turn.degrees:
            yield _on_axis(sign, sign.box, turn)


def _on_axis(sign: _Sign, shown: Box, turn: Turn) -> Glyph:
    """Vertical lines are set by their middle: from it all their characters have one base line."""
    box = turn.as_read(shown)
    base = middle(box)[1] + _BASE * sign.font.size
    return Glyph(sign.char, box, base, sign.font, sign.spaced)
