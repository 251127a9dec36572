"""A page from pdfium: its glyphs and drawn shapes where they are shown."""

import ctypes
import math
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from policyqa.models import Box
from policyqa.readers.pdf.geometry import height, width
from policyqa.readers.pdf.glyphs import Font, Glyph, RawPage, Shapes

_MOST_GLYPHS = 60_000
_MOST_SHAPES = 20_000
"""On one page; what a file has beyond that is no text for reading, and is left out."""
_DEEPEST_FORM = 4
_RULE_THICKNESS = 2.5
"""Points. A thinner rectangle is a ruling."""
_LOST = {0xFFFD, 0xFFFE, 0xFFFF, 0}
_SOFT_HYPHEN = 2
"""What pdfium gives for a hyphen at a line's end."""


def load(document: pdfium.PdfDocument, index: int) -> RawPage:
    """Read a page and close it. Raises pdfium.PdfiumError where it is damaged."""
    page = document[index]
    try:
        view = _View(page)
        glyphs, lost = _glyphs(page, view)
        shapes = _shapes(page, view)
        return RawPage(index + 1, (view.width, view.height), glyphs, shapes, lost)
    finally:
        page.close()


class _View:
    """From the file's coordinates to the page as it is shown: cropped, turned, y downwards."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._left, self._bottom, self._right, self._top = page.get_bbox()
        self._turn = page.get_rotation()
        self.width, self.height = page.get_size()

    def point(self, x: float, y: float) -> tuple[float, float]:
        if self._turn == 90:
            return y - self._bottom, x - self._left
        if self._turn == 180:
            return self._right - x, y - self._bottom
        if self._turn == 270:
            return self._top - y, self._right - x
        return x - self._left, self._top - y

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        if not self._turn:
            return left - self._left, self._top - top, right - self._left, self._top - bottom
        x0, y0 = self.point(left, bottom)
        x1, y1 = self.point(right, top)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def shows(self, box: Box) -> bool:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return bool(0 <= x <= self.width and 0 <= y <= self.height)

    def level(self, angle: float) -> bool:
        """Whether text written at `angle` (radians) is shown upright."""
        turned = (angle + math.radians(self._turn)) % (2 * math.pi)
        return min(turned, 2 * math.pi - turned) < 0.1


def _glyphs(page: pdfium.PdfPage, view: _View) -> tuple[tuple[Glyph, ...], int]:
    text = page.get_textpage()
    try:
        return _read_glyphs(text, view)
    finally:
        text.close()


def _read_glyphs(text: pdfium.PdfTextPage, view: _View) -> tuple[tuple[Glyph, ...], int]:
    rect = raw.FS_RECTF()
    fonts: dict[int, tuple[Font, float] | None] = {}
    names: dict[int, str] = {}
    glyphs: list[Glyph] = []
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
        font, base = known
        char = "-" if code == _SOFT_HYPHEN else chr(code)
        glyphs.append(Glyph(char, box, base, font, spaced))
        spaced = False
    return tuple(glyphs), lost


def _font(
    text: pdfium.PdfTextPage, index: int, owner: object, view: _View, names: dict[int, str]
) -> tuple[Font, float] | None:
    """The font and the base line of a text object; None where it is not shown upright."""
    if not view.level(raw.FPDFText_GetCharAngle(text, index)):
        return None
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, index, matrix)
    size = raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
    if not 0.5 < size < 1000:
        return None
    name = _font_name(raw.FPDFTextObj_GetFont(owner), names)
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text, index, x, y)
    return Font(name, round(size, 1)), view.point(x.value, y.value)[1]


def _font_name(font: Any, names: dict[int, str]) -> str:
    """The name of pdfium's font, kept in `names` by its address."""
    address = ctypes.addressof(font.contents) if font else 0
    if address not in names:
        buffer = ctypes.create_string_buffer(128)
        raw.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
        names[address] = buffer.value.decode("utf-8", errors="replace").split("+")[-1]
    return names[address]


def _shapes(page: pdfium.PdfPage, view: _View) -> Shapes:
    rules: list[Box] = []
    by_kind: dict[str, list[Box]] = {"area": [], "ground": [], "art": []}
    for kind, box in _drawn(page, view):
        if kind != "art" and min(width(box), height(box)) < _RULE_THICKNESS:
            if kind != "ground":
                rules.append(box)
        elif kind in by_kind:
            by_kind[kind].append(box)
        else:
            # A frame drawn in one stroke is four rules.
            left, top, right, bottom = box
            rules += [
                (left, top, right, top),
                (left, bottom, right, bottom),
                (left, top, left, bottom),
                (right, top, right, bottom),
            ]
    return Shapes(tuple(rules), *(tuple(boxes) for boxes in by_kind.values()))


Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _drawn(page: pdfium.PdfPage, view: _View) -> Iterator[tuple[str, Box]]:
    budget = _MOST_SHAPES
    for kind, corners in _walk(
        raw.FPDFPage_CountObjects(page),
        lambda index: raw.FPDFPage_GetObject(page, index),
        _IDENTITY,
        view,
        0,
    ):
        budget -= 1
        if budget < 0:
            return
        box = view.box(*corners)
        clipped = (
            max(box[0], 0.0),
            max(box[1], 0.0),
            min(box[2], view.width),
            min(box[3], view.height),
        )
        # What fills the page is its background, what lies outside is printers' marks.
        page_wide = width(clipped) > 0.95 * view.width and height(clipped) > 0.95 * view.height
        if clipped[0] <= clipped[2] and clipped[1] <= clipped[3] and not page_wide:
            yield kind, clipped


def _walk(
    count: int, get: Callable[[int], object], matrix: Matrix, view: _View, depth: int
) -> Iterator[tuple[str, Box]]:
    for index in range(min(count, _MOST_SHAPES)):
        item = get(index)
        kind = raw.FPDFPageObj_GetType(item)
        if kind in (raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_UNKNOWN):
            continue
        bounds = _bounds(item, matrix)
        if bounds is None:
            continue
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST_FORM:
            yield from _walk_form(item, matrix, view, depth)
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            yield from ((what, bounds) for what in _path_kind(item))
        else:
            yield "art", bounds


def _walk_form(item: object, matrix: Matrix, view: _View, depth: int) -> Iterator[tuple[str, Box]]:
    own = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, own)
    inner = _times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
    yield from _walk(
        raw.FPDFFormObj_CountObjects(item),
        lambda index: raw.FPDFFormObj_GetObject(item, index),
        inner,
        view,
        depth + 1,
    )


def _times(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )


def _bounds(item: object, matrix: Matrix) -> Box | None:
    edges = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(item, *edges):
        return None
    left, bottom, right, top = (edge.value for edge in edges)
    if not all(map(math.isfinite, (left, bottom, right, top))):
        return None
    a, b, c, d, e, f = matrix
    points = [(a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (bottom, top)]
    across, up = zip(*points, strict=True)
    return min(across), min(up), max(across), max(up)


def _path_kind(item: object) -> Iterator[str]:
    """`area` for a coloured rectangle, `ground` for a white one, `frame` for a stroked one or a
    line, `art` for the rest."""
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, filled, stroked)
    if not (filled.value or stroked.value):
        return
    if not _is_rectangle(item):
        yield "art"
        return
    if filled.value:
        yield "ground" if _is_white(item) else "area"
    if stroked.value:
        yield "frame"


def _is_rectangle(item: object) -> bool:
    """Whether all segments of a path are level or upright."""
    x, y = ctypes.c_float(), ctypes.c_float()
    before = (0.0, 0.0)
    count = raw.FPDFPath_CountSegments(item)
    if count > 6:
        return False
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        here = (x.value, y.value)
        if kind == raw.FPDF_SEGMENT_BEZIERTO:
            return False
        if kind == raw.FPDF_SEGMENT_LINETO:
            moved = sorted(abs(new - old) for new, old in zip(here, before, strict=True))
            if moved[0] > 0.5:
                return False
        before = here
    return True


def _is_white(item: object) -> bool:
    red, green, blue, opacity = (ctypes.c_uint() for _ in range(4))
    raw.FPDFPageObj_GetFillColor(item, red, green, blue, opacity)
    return opacity.value == 0 or min(red.value, green.value, blue.value) > 250
