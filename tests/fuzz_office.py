"""`make fuzz`: broken Word and PowerPoint files for two minutes. Nothing but PolicyQAError may come
out. The seeds' XML is edited as a tree and as bytes before zipping; the archive as bytes.
"""

import copy
import io
import zipfile

import docx
import pptx
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Cm

from fuzzing import FOLDER, RUN, check, run
from test_docx import BEGIN, BOX, END, LEVELS, NUM, PLAIN, SHOW, numbered, p, table, with_notes

BODY = (
    p("題名", "Title")
    + p("第１章　総則", "Heading1", more=NUM)
    + "".join(numbered("甲。", level) for level in (0, 1, 2, 3))
    + f"<w:p><w:r><w:t>乙</w:t><w:footnoteReference w:id='2'/></w:r><w:r><w:pict>{BOX}</w:pict>"
    + f"</w:r>{BEGIN}<w:r><w:instrText>TOC</w:instrText></w:r>{SHOW}<w:r><w:t>目次</w:t></w:r>{END}"
    + "<w:r><w:sym w:char='F0FE'/><w:ruby><w:rt/><w:rubyBase><w:r><w:t>字</w:t></w:r>"
    + "</w:rubyBase></w:ruby></w:r></w:p>"
    + table(
        *PLAIN,
        f"<w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/><w:vMerge/></w:tcPr>{p('丙')}"
        f"{table(*PLAIN)}</w:tc></w:tr>",
    )
)


def word_seed() -> bytes:
    path = FOLDER / "seed.docx"
    with_notes(path, BODY, f'<w:footnote w:id="2">{p("注。")}</w:footnote>')
    document = docx.Document(str(path))
    document.part.numbering_part.element.extend(
        etree.fromstring(
            f'<a xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{LEVELS}</a>'
        )
    )
    document.save(str(path))
    return path.read_bytes()


def show_seed() -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "題", "文\n文"
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Cm(1), Cm(1)).text_frame.text = "組"
    cells = slide.shapes.add_table(2, 2, 0, 0, Cm(4), Cm(4)).table
    for cell in cells.iter_cells():
        cell.text = "欄"
    data = CategoryChartData(number_format="0%")
    data.categories = ["甲", "乙"]
    data.add_series("率", (0.5, 0.25))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Cm(4), Cm(4), data)
    slide.notes_slide.notes_text_frame.text = "覚え"
    made = io.BytesIO()
    show.save(made)
    return made.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


SEEDS = {"docx": word_seed(), "pptx": show_seed()}
PARTS = {suffix: unzipped(data) for suffix, data in SEEDS.items()}
READ = {
    "docx": (
        "word/document.xml",
        "word/document.xml",
        "word/numbering.xml",
        "word/styles.xml",
        "word/footnotes.xml",
        "word/settings.xml",
    ),
    "pptx": tuple(
        name
        for name in PARTS["pptx"]
        if name.endswith(".xml")
        and any(word in name for word in ("slides/", "charts/", "notesSlides/", "presentation.xml"))
    ),
}
"""The parts whose content the readers use."""
FRAME = {
    suffix: [
        name
        for name in parts
        if name.endswith(".rels") or name in ("[Content_Types].xml", "docProps/core.xml")
    ]
    for suffix, parts in PARTS.items()
}
PLACES = st.integers(0, 10_000)
VALUES = [
    "",
    "0",
    "-1",
    "1" * 30,
    "999999999",
    "1e9",
    "true",
    "off",
    "None",
    "甲\n乙",
    "％",
    "rId1",
]
VALUES += ["rId99", "decimal", "bullet", "aiueo", "第%1%2%9章", "begin", "end", "separate", "TOC"]
VALUES += ["restart", "F0FE", "110000", "-5", "\ud7ff", "heading 1", "Heading1", "nan", "inf", "9"]
BYTES = [b"<", b">", b"&", b"&#0;", b"]]>", b"\xff", b"\x00", b"<!DOCTYPE a>", b"<w:p>" * 300]
BYTES += [b"<w:tbl>", b"</w:p>", b"<a:p>", b"PK\x01\x02", b"PK\x03\x04", b"\xff\xff\xff\xff"]


def edit(top, kind: str, at: int, to: int, value: str) -> None:
    """One change of the tree in place."""
    everywhere = list(top.iter("*"))
    one, other = everywhere[at % len(everywhere)], everywhere[to % len(everywhere)]
    if kind == "value":
        named = [each for each in everywhere if each.attrib]
        if named:
            attributes = named[at % len(named)].attrib
            attributes[list(attributes)[to % len(attributes)]] = value
    elif kind == "text":
        one.text = value
    elif kind == "tag":
        one.tag = other.tag
    elif kind == "drop" and one.getparent() is not None:
        one.getparent().remove(one)
    elif kind == "copy":
        one.append(copy.deepcopy(other))
    elif kind == "deep":
        inner = one
        for _ in range(to % 120):
            inner = etree.SubElement(inner, other.tag)


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["value", "value", "text", "tag", "drop", "copy", "deep"]),
        PLACES,
        PLACES,
        st.sampled_from(VALUES),
    ),
    min_size=1,
    max_size=8,
)
BYTE_EDITS = st.lists(
    st.tuples(PLACES, st.integers(0, 12), st.one_of(st.binary(max_size=8), st.sampled_from(BYTES))),
    min_size=1,
    max_size=5,
)
SUFFIX = st.sampled_from(sorted(SEEDS))


def with_tree(suffix: str, name: str, edits) -> bytes:
    top = etree.fromstring(PARTS[suffix][name])
    for change in edits:
        edit(top, *change)
    return etree.tostring(top)


@RUN
@given(SUFFIX, PLACES, EDITS)
def edited_tree(suffix, place, edits):
    name = READ[suffix][place % len(READ[suffix])]
    check(zipped({**PARTS[suffix], name: with_tree(suffix, name, edits)}), suffix)


@RUN
@given(SUFFIX, PLACES, EDITS)
def edited_frame(suffix, place, edits):
    name = FRAME[suffix][place % len(FRAME[suffix])]
    check(zipped({**PARTS[suffix], name: with_tree(suffix, name, edits)}), suffix)


def cut(data: bytes, edits) -> bytes:
    changed = bytearray(data)
    for at, length, piece in edits:
        place = at * 7 % max(1, len(changed))
        changed[place : place + length] = piece
    return bytes(changed)


@RUN
@given(SUFFIX, PLACES, BYTE_EDITS)
def edited_bytes(suffix, place, edits):
    names = [*READ[suffix], *FRAME[suffix]]
    name = names[place % len(names)]
    check(zipped({**PARTS[suffix], name: cut(PARTS[suffix][name], edits)}), suffix)


@RUN
@given(SUFFIX, BYTE_EDITS)
def edited_archive(suffix, edits):
    check(cut(SEEDS[suffix], edits), suffix)
    # The directory at the end is what tells what is where.
    head, tail = SEEDS[suffix][:-800], SEEDS[suffix][-800:]
    check(head + cut(tail, edits), suffix)


@settings(RUN, max_examples=20)
@given(SUFFIX, PLACES)
def dropped_part(suffix, place):
    names = sorted(PARTS[suffix])
    gone = names[place % len(names)]
    check(zipped({name: data for name, data in PARTS[suffix].items() if name != gone}), suffix)


if __name__ == "__main__":
    run(edited_tree, edited_frame, edited_bytes, edited_archive, dropped_part)
