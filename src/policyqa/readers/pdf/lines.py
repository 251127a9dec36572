"""Glyphs to lines of text: ruby and note marks taken out, letter-spaced text closed up."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from policyqa.models import Box
from policyqa.readers.pdf.geometry import height, union, width
from policyqa.readers.pdf.glyphs import Font, Glyph

# All in ems of the larger text.
_WIDEST_GAP = 1.15
"""A wider gap separates two lines that stand side by side."""
_RUBY_SIZE = 0.7
_RUBY_REACH = 0.7
"""Ruby stands at most this far above the base text's em box, or this far inside it."""
_MARK_SIZE = 0.9
_MARK_RAISE = (0.12, 0.7)
_CLEAR_RAISE = 0.25
"""A mark that is as large as the text around it is raised at least this far."""
_SPACE = 0.6
"""A gap from which two Japanese characters have a space between them."""
_LATIN_SPACE = 0.13
_BAND = 20
"""Points. Lines are looked for by height in bands of this many points."""
_LETTER_SPACED = 0.2
"""Half of a line's gaps being wider than this, the line is letter-spaced."""

_HALF_WHITE_RIGHT = "、。，．）」』］】〉》｝〕"
_HALF_WHITE_LEFT = "（「『［【〈《｛〔"

_MARK = re.compile(r"[0-9０-９*＊※†‡注,，、)）(（\-～~]+")
_EXPONENT_BASE = re.compile(r"(?:^|[^0-9A-Za-z])(?:10|[A-Za-z]{1,2})$")
"""Behind 10 or a unit, a raised number is an exponent: 10-3, km2."""
_NUMBER = re.compile(r"[0-9]+|[*＊※†‡]")


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of text as it is shown. `marks` are the note marks that were taken out of it.

    Two lines are never equal, even where they read the same.
    """

    text: str
    box: Box
    base: float
    font: Font
    marks: tuple[str, ...] = ()
    latin: bool = False
    """Without any Japanese: its font may be another one in the same paragraph."""

    @property
    def size(self) -> float:
        return self.font.size


def lines_of(glyphs: Sequence[Glyph], rules: Sequence[Box] = ()) -> list[Line]:
    """The lines of a page, from the top down, those side by side from the left. No line goes
    through an upright one of `rules`."""
    walls = [rule for rule in rules if height(rule) > width(rule)]
    runs = _without_ruby(_runs(glyphs, walls))
    lines = [_line(row) for row in _rows(runs, walls)]
    found = [line for line in lines if line is not None]
    return sorted(found, key=lambda line: (line.base, line.box[0]))


@dataclass(slots=True)
class _Run:
    """Neighbouring glyphs of one font size on one base line."""

    glyphs: list[Glyph]
    box: Box
    size: float
    base: float

    @property
    def text(self) -> str:
        return "".join(glyph.char for glyph in self.glyphs)


def _runs(glyphs: Sequence[Glyph], walls: Sequence[Box]) -> list[_Run]:
    groups: list[list[Glyph]] = []
    for glyph in glyphs:
        if groups and _continues(groups[-1][-1], glyph, walls):
            groups[-1].append(glyph)
        else:
            groups.append([glyph])
    runs = [
        _Run(group, union([glyph.box for glyph in group]), group[0].font.size, group[0].base)
        for group in groups
    ]
    return _distinct(runs)


def _continues(before: Glyph, after: Glyph, walls: Sequence[Box]) -> bool:
    size = before.font.size
    if before.font is not after.font and abs(after.font.size - size) >= 0.08 * size:
        return False
    if abs(after.base - before.base) >= 0.05 * size:
        return False
    if after.box[0] <= before.box[0] - 0.1 * size:
        return False
    gap = _gap(before, after)
    if not -0.8 * size < gap < _SPACE * size:
        return False
    return not (walls and gap > _LATIN_SPACE * size and _walled(before.box, after.box, walls))


def _gap(before: Glyph, after: Glyph) -> float:
    """The white space between two characters: a full-width bracket or stop is half white."""
    gap = after.box[0] - before.box[2]
    if before.char in _HALF_WHITE_RIGHT and width(before.box) > 0.8 * before.font.size:
        gap += before.font.size / 2
    if after.char in _HALF_WHITE_LEFT and width(after.box) > 0.8 * after.font.size:
        gap += after.font.size / 2
    return gap


def _walled(before: Box, after: Box, walls: Sequence[Box]) -> bool:
    y = (after[1] + after[3]) / 2
    return any(
        before[2] - 1 <= wall[0] and wall[2] <= after[0] + 1 and wall[1] <= y <= wall[3]
        for wall in walls
    )


def _distinct(runs: Sequence[_Run]) -> list[_Run]:
    """Without the second drawing of text that is drawn twice, as for a shadow or false bold."""
    seen: set[tuple[str, int, int]] = set()
    kept: list[_Run] = []
    for run in runs:
        text = run.text
        x, y = int(run.box[0] / 1.5), int(run.base / 1.5)
        near = {(text, x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
        if not near & seen:
            kept.append(run)
        seen.add((text, x, y))
    return kept


def _without_ruby(runs: Sequence[_Run]) -> list[_Run]:
    ordered = sorted(runs, key=lambda run: run.base)
    return [run for index, run in enumerate(ordered) if not _is_ruby(run, ordered[index + 1 :])]


def _is_ruby(run: _Run, below: Sequence[_Run]) -> bool:
    """Whether `run` stands small and close above larger text that reaches under it."""
    for other in below:
        drop = other.base - run.base
        if drop > 2.2 * other.size and drop > 60:
            return False
        if run.size > _RUBY_SIZE * other.size or run.box[3] > other.base - 0.4 * other.size:
            continue
        gap = other.box[1] - run.box[3]
        under = min(run.box[2], other.box[2]) - max(run.box[0], other.box[0])
        if (
            -_RUBY_REACH * run.size < gap < _RUBY_REACH * run.size
            and under > 0.5 * width(run.box)
            and _is_reading(run, other)
        ):
            return True
    return False


def _is_reading(run: _Run, other: _Run) -> bool:
    # A caption or label may be small and close too, but is no reading of what is below it.
    kana = sum("\u3040" <= glyph.char <= "\u30ff" for glyph in run.glyphs)
    return 2 * kana >= len(run.glyphs) or all(
        glyph.char in "・・､、゜﹅●﹆" for glyph in run.glyphs
    )


def _rows(runs: Sequence[_Run], walls: Sequence[Box]) -> list[list[_Run]]:
    """Put together what touches on one line, from the left to the right."""
    lines: list[list[_Run]] = []
    by_height: dict[int, list[list[_Run]]] = {}
    for run in sorted(runs, key=lambda run: run.box[0]):
        band = int(run.base // _BAND)
        near = [line for key in (band - 1, band, band + 1) for line in by_height.get(key, [])]
        fitting = [line for line in near if _follows(line, run, walls)]
        if fitting:
            min(fitting, key=lambda line: abs(run.box[0] - line[-1].box[2])).append(run)
        else:
            lines.append([run])
            by_height.setdefault(band, []).append(lines[-1])
    return lines


def _follows(line: list[_Run], piece: _Run, walls: Sequence[Box]) -> bool:
    last = line[-1]
    size = max(last.size, piece.size)
    gap = _gap(last.glyphs[-1], piece.glyphs[0])
    if not -0.9 * size < gap < _WIDEST_GAP * size or _walled(last.box, piece.box, walls):
        return False
    main = _main(line)
    drop = piece.base - main.base
    if abs(drop) < 0.12 * size:
        return True
    smaller, larger = sorted((main.size, piece.size))
    if gap > 0.5 * size:
        return False
    if _CLEAR_RAISE < -drop / size < _MARK_RAISE[1] and _MARK.fullmatch(piece.text):
        return True
    if smaller > _MARK_SIZE * larger:
        return False
    raised = -drop if piece.size < main.size else drop
    # A little above the base line: a note mark; a little below: an index (CO2).
    return -0.3 * larger < raised < _MARK_RAISE[1] * larger


def _line(runs: Sequence[_Run]) -> Line | None:
    ordered = sorted(runs, key=lambda run: run.box[0])
    main = _main(ordered)
    parts: list[list[Glyph]] = [[]]
    marks: list[str] = []
    for run in ordered:
        if _is_mark(run, main, parts[-1]):
            marks += _NUMBER.findall(unicodedata.normalize("NFKC", run.text))
            parts.append([])
        else:
            parts[-1] += run.glyphs
    # Where a mark was taken out, no gap is left.
    text = "".join(map(_spell, parts))
    glyphs = [glyph for part in parts for glyph in part]
    if not text and not marks:
        return None
    glyphs = glyphs or main.glyphs
    japanese = [glyph.font for glyph in glyphs if not _is_latin(glyph.char)]
    fonts = Counter(japanese or [glyph.font for glyph in glyphs])
    box = union(glyph.box for glyph in glyphs)
    font = fonts.most_common(1)[0][0]
    return Line(text, box, main.base, font, tuple(marks), not japanese)


def _main(runs: Sequence[_Run]) -> _Run:
    return max(runs, key=lambda run: (len(run.glyphs) * run.size, run.size))


def _is_mark(run: _Run, main: _Run, before: Sequence[Glyph]) -> bool:
    raised = (main.base - run.base) / main.size
    least = _MARK_RAISE[0] if run.size <= _MARK_SIZE * main.size else _CLEAR_RAISE
    if not (least < raised < _MARK_RAISE[1] and _MARK.fullmatch(run.text)):
        return False
    return not _EXPONENT_BASE.search("".join(glyph.char for glyph in before[-4:]))


def _spell(glyphs: Sequence[Glyph]) -> str:
    if not glyphs:
        return ""
    size = max(glyph.font.size for glyph in glyphs)
    gaps = [
        (after.box[0] - before.box[2]) / size
        for before, after in zip(glyphs, glyphs[1:], strict=False)
    ]
    usual = median(gaps) if len(gaps) >= 3 else 0.0
    spread = usual if usual > _LETTER_SPACED else 0.0
    parts = [glyphs[0].char]
    for before, after, gap in zip(glyphs, glyphs[1:], gaps, strict=False):
        parts += [_space(before, after, gap - spread, bool(spread)), after.char]
    return "".join(parts)


def _space(before: Glyph, after: Glyph, gap: float, spread: bool) -> str:
    if _is_latin(before.char) and _is_latin(after.char):
        wide = gap > _LATIN_SPACE * (2 if spread else 1)
        return " " if wide or (after.spaced and gap > 0.05 and not spread) else ""
    return "　" if gap > _SPACE else ""


def _is_latin(char: str) -> bool:
    return char < "\u2e80"
