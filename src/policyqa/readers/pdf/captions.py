"""Captions: the numbered titles of figures and tables, and the sources and notes below them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from policyqa.models import Box
from policyqa.readers.pdf.geometry import union
from policyqa.readers.pdf.glyphs import Font
from policyqa.readers.pdf.lines import Line

# In ems of the body text.
_NEAR = 2.5
"""A caption stands at most this far above or below what it belongs to, or another caption."""
_BESIDE = 2.0
_TIGHT = 1.75
"""In ems of the line: the lines of one caption are no further apart."""
_FULL = 4.0
_SET_IN = 0.8
_NUMBER = r"[0-9A-Z一二三四五六七八九十]++(?:[-.・‐―−–ー][0-9]+)*+"
_TITLE = re.compile(
    rf"[\W_]*(?:(?:参考|別|付)?(?:図表|図|表|写真|グラフ)\s*{_NUMBER}|第{_NUMBER}\s*(?:図表|図|表)"
    rf"|(?:Fig(?:ure)?\.?|Table)\s*{_NUMBER})(?![のにはをでとがもへや、,及並から])(?!.*[.…・‥⋯]{{4}})"
)
_SOURCE = re.compile(
    r"[\W_]*(?:資料|出典|出所|備考|単位|注記?)(?:\s*[0-9]{1,2})?[)\]]?\s*[::]"
    r"|[(\[〔](?:資料|出典|出所|備考|注記?)\s*[0-9]{0,2}[)\]〕]|注[0-9]{0,2}[ )]"
)

Caption = tuple[Line, ...]


def is_marked(line: Line) -> bool:
    """Whether a line begins as a caption does; what it stands near decides."""
    plain = unicodedata.normalize("NFKC", line.text)
    return bool(_TITLE.match(plain) or _SOURCE.match(plain))


def captions(lines: Sequence[Line], boxes: Sequence[Box], body: Font) -> list[Caption]:
    """The captions among `lines` at the figures and tables in `boxes`. A numbered title in
    another font than the body text is one wherever it stands: not all figures are drawn as such."""
    marked = [line for line in lines if is_marked(line)]
    found: list[Caption] = []
    near = list(boxes)
    while True:
        fitting = [line for line in marked if _belongs(line, near, body)]
        if not fitting:
            return found
        for line in fitting:
            marked.remove(line)
            caption = (line, *_further(line, lines, boxes))
            found.append(caption)
            # Below a source there may be another, and notes.
            near.append(union(own.box for own in caption))


def _belongs(line: Line, boxes: Sequence[Box], body: Font) -> bool:
    plain = unicodedata.normalize("NFKC", line.text)
    titled = _TITLE.match(plain) and line.font != body and "。" not in plain
    return bool(titled) or any(_is_near(line.box, box, body.size) for box in boxes)


def _is_near(own: Box, box: Box, em: float) -> bool:
    within = box[0] - _BESIDE * em <= own[0] and own[2] <= box[2] + _BESIDE * em
    over = own[0] < box[2] and box[0] < own[2]
    apart = max(box[1] - own[3], own[1] - box[3])
    return (within or over) and apart < _NEAR * em


def _further(first: Line, lines: Sequence[Line], boxes: Sequence[Box]) -> Iterator[Line]:
    """The lines that a caption is wrapped to: the one before is full, or they are set in."""
    right = max(
        (box[2] for box in boxes if box[0] < first.box[2] and first.box[0] < box[2]),
        default=first.box[2],
    )
    before = first
    for line in lines:
        step = (line.base - before.base) / before.size
        if line.font != first.font or not 0.5 < step < _TIGHT or is_marked(line):
            continue
        full = before.box[2] > right - _FULL * first.size
        set_in = line.box[0] > first.box[0] + _SET_IN * first.size
        if (full or set_in) and first.box[0] - first.size <= line.box[0] < before.box[2]:
            yield line
            before = line
