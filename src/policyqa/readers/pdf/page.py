"""What pdfium gives for a page, as plain data: glyphs and drawn shapes where they are read."""

import ctypes
import math
from collections.abc import Callable, Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from policyqa.models import Box
from policyqa.readers.pdf.geometry import height, width
from policyqa.readers.pdf.glyphs import RawPage, Shapes
from policyqa.readers.pdf.turn import Turn
from policyqa.readers.pdf.view import View
from policyqa.readers.pdf.writing import glyphs

_MOST_SHAPES = 20_000
"""On one page; what a file has beyond that is left out."""
_DEEPEST_FORM = 4
_RULE_THICKNESS = 2.5
"""Points. A thinner rectangle is a ruling."""


def load(document: pdfium.PdfDocument, index: int) -> RawPage:
    """Read a page and close it. Raises pdfium.PdfiumError where it is damaged."""
    page = document[index]
    try:
        view = View(page)
        found, lost, turn = glyphs(page, view)
        shapes = _shapes(page, view, turn)
        return RawPage(index + 1, turn, found, shapes, lost)
    finally:
        page.close()


def _shapes(page: pdfium.PdfPage, view: View, turn: Turn) -> Shapes:
    rules: list[Box] = []
    by_kind: dict[str, list[Box]] = {"area": [], "ground": [], "art": []}
    for kind, shown in _drawn(page, view):
        box = turn.as_read(shown)
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


def _drawn(page: pdfium.PdfPage, view: View) -> Iterator[tuple[str, Box]]:
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
    count: int, get: Callable[[int], object], matrix: Matrix, view: View, depth: int
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


def _walk_form(item: object, matrix: Matrix, view: View, depth: int) -> Iterator[tuple[str, Box]]:
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
