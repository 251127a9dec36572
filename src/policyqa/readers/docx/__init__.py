"""Word files (.docx): by styles, numbering and what is shown to sections and paragraphs."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from policyqa.errors import ReadError
from policyqa.japanese import join_lines, squeeze
from policyqa.models import Document
from policyqa.readers import office
from policyqa.readers.archive import check_archive
from policyqa.readers.docx.blocks import Body, Line
from policyqa.readers.docx.styles import Styles
from policyqa.readers.outline import Heading, Paragraph, build_tree, parse_heading, split_label

_LONGEST_HEADING = 60
_BELOW_ALL = 1000
_TITLE_REACH = 8
"""A title stands among this many lines at the beginning."""
_TITLE_SIZE = 1.2
"""A title is this much larger than most of the text."""
_MOST_BOLD = 0.3
_CONTENTS_ENTRY = re.compile(r"　[0-9０-９]{1,4}$")
_CAPTION = re.compile(r"[(（]([^()（）。]{1,40})[)）]")


def read(path: Path) -> Document:
    """Read a Word file. Raises ReadError when it is encrypted, damaged, not what its suffix says,
    or has no text."""
    check_archive(path)
    part = _opened(path)
    lines = list(Body(part, Styles(office.related(part, "styles"))).lines())
    if not any(line.text for line in lines):
        raise ReadError("the file has no text; if it holds pictures of pages, run OCR on them")
    given = office.given_title(part.package)
    title = given or _own_title(lines) or path.stem
    return Document(
        title=title,
        root=build_tree(_items(_without_title(lines, title))),
        metadata=office.metadata(part.package),
    )


def _opened(path: Path) -> Any:
    """The main part."""
    # Loaded with the first such file: the workers that read PDFs, whose memory is bounded, import
    # this module too.
    import docx
    from docx.exceptions import PythonDocxError
    from docx.opc.exceptions import OpcError
    from docx.oxml.exceptions import XmlchemyError

    with office.library(OpcError, PythonDocxError, XmlchemyError):
        return docx.Document(str(path)).part


# --- the title ---


def _own_title(lines: Sequence[Line]) -> str:
    """The title in the text: in its style, else large or centred above everything else, else the
    only heading of its level, if all the text stands under it."""
    opening = lines[:_TITLE_REACH]
    styled = [line.text for line in opening if line.title]
    if styled:
        return _one_line("\n".join(styled))
    sizes = Counter[int]()
    for line in lines:
        sizes[line.size] += len(line.text) * line.flow
    body = sizes.most_common(1)[0][0]
    for line in opening:
        if not line.flow or line.label or parse_heading(line.text) or "。" in line.text:
            continue
        if line.outline is None and line.size >= _TITLE_SIZE * body > 0:
            return _one_line(line.text)
    first = lines[0]
    if first.outline is None and first.centred and first.flow and not _ends(first.text):
        return _one_line(first.text)
    levels = [line.outline for line in lines if line.outline is not None]
    alone = bool(levels) and first.outline == min(levels) and levels.count(levels[0]) == 1
    return _one_line(first.text) if alone and not split_label(first.whole)[0] else ""


def _without_title(lines: Sequence[Line], title: str) -> list[Line]:
    """The lines without those at the beginning that make up the title. Their notes stay."""
    first, last = _title_lines(lines, squeeze(title))
    notes = tuple(note for line in lines[first:last] for note in line.notes)
    return [*lines[:first], *([Line("", notes=notes)] if notes else []), *lines[last:]]


def _title_lines(lines: Sequence[Line], title: str) -> tuple[int, int]:
    for first in range(min(_TITLE_REACH, len(lines))):
        text = ""
        for last in range(first, min(first + _TITLE_REACH, len(lines))):
            text += squeeze(lines[last].text)
            if text == title:
                return first, last + 1
    return 0, 0


def _one_line(text: str) -> str:
    first, *others = text.split("\n")
    for other in others:
        first = join_lines(first, other)
    return first


# --- headings ---


def _items(lines: Sequence[Line]) -> Iterator[Heading | Paragraph]:
    """Lines to headings and paragraphs; notes come last in the section where they are named."""
    notes: list[str] = []
    for line, heading in zip(*_with_captions(lines, _headings(lines)), strict=True):
        if heading is not None:
            yield from map(Paragraph, notes)
            notes = []
            yield heading
        elif line.text:
            yield Paragraph(line.whole)
        notes += line.notes
    yield from map(Paragraph, notes)


def _headings(lines: Sequence[Line]) -> list[Heading | None]:
    """For each line the heading it is: by styles where the document uses them (a 条 has its own
    form also there), else by numbers, else by bold type."""
    if any(line.outline is not None for line in lines):
        return [_styled(line) or _article(line) for line in lines]
    found = [_numbered(line) for line in lines]
    return found if any(found) else _bold(lines)


def _styled(line: Line) -> Heading | None:
    text = line.text.replace("\n", "　")
    if line.outline is None or _ends(text) and not line.label:
        return None
    label, title = (line.label, text) if line.label and not line.bullet else split_label(text)
    if _ends(title) or len(title) > _LONGEST_HEADING:
        # Regulations in which every paragraph has the style of a heading.
        return Heading(line.outline, label, "", rest=title, fixed=True) if label else None
    return Heading(line.outline, label, title, fixed=True)


def _article(line: Line) -> Heading | None:
    heading = _numbered(line)
    is_article = heading is not None and heading.label.startswith("第") and "条" in heading.label
    return replace(heading, level=_BELOW_ALL) if heading and is_article else None


def _numbered(line: Line) -> Heading | None:
    if not line.flow or line.bullet or _CONTENTS_ENTRY.search(line.text):
        return None
    first, _, rest = line.whole.partition("\n")
    heading = parse_heading(first)
    if heading is None or not rest:
        return heading
    return replace(heading, rest="\n".join(filter(None, (heading.rest, rest))))


def _bold(lines: Sequence[Line]) -> list[Heading | None]:
    """Short bold lines in a text that is not bold, each with text below it."""
    prose = [line for line in lines if line.flow]
    clear = sum(line.bold for line in prose) <= _MOST_BOLD * len(prose)
    following = [*(line.bold for line in lines[1:]), True]
    return [
        Heading(0, "", line.text, fixed=True)
        if clear and _may_head(line) and not followed_by_bold
        else None
        for line, followed_by_bold in zip(lines, following, strict=True)
    ]


def _may_head(line: Line) -> bool:
    return (
        line.flow
        and line.bold
        and not line.label
        and "\n" not in line.text
        and not _ends(line.text)
        and len(line.text) <= _LONGEST_HEADING // 2
    )


def _ends(text: str) -> bool:
    """Whether it is a sentence, or the part of one."""
    return "。" in text or text.endswith(("、", "，", "："))


def _with_captions(
    lines: Sequence[Line], headings: Sequence[Heading | None]
) -> tuple[list[Line], list[Heading | None]]:
    """（目的） on the line before 第１条 is the article's caption."""
    kept_lines: list[Line] = []
    kept: list[Heading | None] = []
    for line, heading in zip(lines, headings, strict=True):
        is_bare = heading is not None and "条" in heading.label and not heading.title
        caption = _CAPTION.fullmatch(kept_lines[-1].text) if kept_lines and not kept[-1] else None
        if heading is not None and is_bare and caption:
            heading = replace(heading, title=caption.group(1))
            line = replace(line, notes=(*kept_lines.pop().notes, *line.notes))
            kept.pop()
        kept_lines.append(line)
        kept.append(heading)
    return kept_lines, kept
