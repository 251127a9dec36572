"""A page as plain data: glyphs and drawn shapes. Nothing here needs pdfium."""

from dataclasses import dataclass
from typing import NamedTuple

from policyqa.models import Box
from policyqa.readers.pdf.turn import Turn


class Font(NamedTuple):
    """A typeface without its subset's prefix, and the size in points as it is shown."""

    name: str
    size: float


class Glyph(NamedTuple):
    """A character, its em box and its base line. `spaced`: white space was written before it.

    A tuple, as there are thousands on a page.
    """

    char: str
    box: Box
    base: float
    font: Font
    spaced: bool


@dataclass(frozen=True, slots=True)
class Shapes:
    """What is drawn: thin rules, coloured areas, white ones, and pictures and curves (art)."""

    rules: tuple[Box, ...]
    areas: tuple[Box, ...]
    grounds: tuple[Box, ...]
    art: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as pdfium has it. `number` counts from 1; `lost` glyphs have no known character."""

    number: int
    turn: Turn
    glyphs: tuple[Glyph, ...]
    shapes: Shapes
    lost: int
