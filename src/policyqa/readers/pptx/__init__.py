"""PowerPoint files (.pptx): a section for each slide, with its number as the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policyqa import strings
from policyqa.errors import ReadError
from policyqa.models import Document
from policyqa.readers import office
from policyqa.readers.archive import check_archive
from policyqa.readers.outline import Heading, Paragraph, build_tree
from policyqa.readers.pptx.dml import P, R
from policyqa.readers.pptx.shapes import Shape, shapes
from policyqa.readers.pptx.texts import body_lines, one_line

_P14 = "{http://schemas.microsoft.com/office/powerpoint/2010/main}"
_NO_NAME = frozenset(
    {"", "既定のセクション", "タイトルなしのセクション", "default section", "untitled section"}
)
"""What PowerPoint calls a group of slides by itself."""
_LONGEST_TITLE = 40
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class _Slide:
    id: str
    number: int
    title: str
    lines: tuple[str, ...]


def read(path: Path) -> Document:
    """Read a PowerPoint file. Hidden slides are left out, since no one is shown them. Raises
    ReadError when it is encrypted, damaged, not what its suffix says, or has no text."""
    check_archive(path)
    part = _opened(path)
    top = office.root(part)
    ids = top.findall(f"{P}sldIdLst/{P}sldId")
    slides = list(_slides(part, ids))
    if not any(slide.title or slide.lines for slide in slides):
        raise ReadError("the slides have no text; if they are pictures, run OCR on them")
    first = next((slide.title for slide in slides if slide.title), "")
    return Document(
        title=office.given_title(part.package) or first or path.stem,
        root=build_tree(_items(slides, _groups(top))),
        metadata=office.metadata(part.package),
        page_count=len(ids),
    )


def _opened(path: Path) -> Any:
    """The main part."""
    # Loaded with the first such file: the workers that read PDFs, whose memory is bounded, import
    # this module too.
    import pptx
    from pptx.exc import PythonPptxError

    with office.library(PythonPptxError):
        return pptx.Presentation(str(path)).part


def _slides(part: Any, ids: Sequence[Any]) -> Iterator[_Slide]:
    for number, entry in enumerate(ids, start=1):
        with office.library():
            own = part.related_part(entry.get(f"{R}id"))
        slide = office.root(own)
        if slide.get("show") not in ("0", "false"):
            found = shapes(own, slide, office.related(own, "slideLayout"))
            title, rest = _title(found)
            lines = [line for shape in rest for line in shape.lines]
            yield _Slide(entry.get("id") or "", number, title, (*lines, *_notes(own)))


def _title(found: Sequence[Shape]) -> tuple[str, list[Shape]]:
    """The slide's title and the other shapes: its placeholder, else the topmost text if it is
    short and a line of its own."""
    titles = [shape for shape in found if shape.role == "title"]
    if not titles:
        topmost = sorted(found, key=lambda shape: shape.top)[:1]
        titles = [
            shape
            for shape in topmost
            if len(shape.lines) == 1
            and len(shape.lines[0]) <= _LONGEST_TITLE
            and not shape.lines[0].endswith("。")
        ]
    title = one_line([line for shape in titles for line in shape.lines])
    return title, [shape for shape in found if shape not in titles]


def _notes(part: Any) -> list[str]:
    """The speaker's notes, in the author's words: they stand last."""
    notes = office.related(part, "notesSlide")
    if notes is None:
        return []
    return [
        line
        for shape in notes.iter(f"{P}sp")
        if (holder := shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")) is not None
        and holder.get("type") == "body"
        and (body := shape.find(f"{P}txBody")) is not None
        for line in body_lines(body)
    ]


def _groups(top: Any) -> dict[str, str]:
    """The name of the group (PowerPoint's section) that a slide is in, by the slide's id."""
    return {
        slide.get("id") or "": office.one_line(group.get("name") or "")
        for group in top.iter(f"{_P14}section")
        for slide in group.iter(f"{_P14}sldId")
    }


def _items(slides: Sequence[_Slide], groups: dict[str, str]) -> Iterator[Heading | Paragraph]:
    before = ""
    for slide in slides:
        name = groups.get(slide.id, "")
        grouped = name.lower() not in _NO_NAME
        if grouped and name != before:
            yield Heading(0, "", name, page=slide.number, fixed=True)
        before = name
        number = str(slide.number).translate(_FULL_WIDTH)
        title = slide.title or strings.SLIDE.format(number=number)
        yield Heading(int(grouped), "", title, page=slide.number, fixed=True)
        for line in slide.lines:
            yield Paragraph(line, page=slide.number)
