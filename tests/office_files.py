"""Office files for the tests: made by the libraries, then with raw XML put in."""

import zipfile
from pathlib import Path

import docx
import pptx
from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMES = (
    f'xmlns:w="{W}"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)


def children(xml: str) -> list:
    """Several elements from XML with the usual prefixes."""
    return list(etree.fromstring(f"<all {NAMES}>{xml}</all>"))


def word(path: Path, body: str, numbering: str = "", styles: str = "", title: str = "") -> Path:
    """A .docx with `body` as it is; `numbering` and `styles` are added to those parts."""
    document = docx.Document()
    document.core_properties.title = title
    place = document.element.body
    for child in list(place):
        if child.tag != f"{{{W}}}sectPr":
            place.remove(child)
    for number, child in enumerate(children(body)):
        place.insert(number, child)
    for part, xml in (
        (document.part.numbering_part.element, numbering),
        (document.part.styles.element, styles),
    ):
        for child in children(xml):
            part.append(child)
    document.save(str(path))
    return path


def replace_part(path: Path, name: str, data: bytes | None, target: Path | None = None) -> Path:
    """The file with one part replaced, added, or (None) taken out."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts.pop(name, None)
    if data is not None:
        parts[name] = data
    target = target or path
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return target


def slides(path: Path, texts: list[tuple[str, str]]) -> Path:
    """A .pptx with a slide for each (title, text)."""
    show = pptx.Presentation()
    show.core_properties.title = ""
    for title, text in texts:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    show.save(str(path))
    return path
