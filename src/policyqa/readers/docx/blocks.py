"""A Word file's body as a plain run of lines: paragraphs, rows of tables, boxes of text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policyqa.japanese import join_lines
from policyqa.readers import office
from policyqa.readers.counting import format_number
from policyqa.readers.docx.numbering import Numbering
from policyqa.readers.docx.runs import Prose, Story, is_left_out
from policyqa.readers.docx.styles import Styles
from policyqa.readers.docx.wml import find, number, offered, switch, value, w
from policyqa.readers.grid import Cell, row_lines

_DOTTED = ("．", ".", "）", ")", "、")
_PLAIN_FILLS = frozenset({"", "auto", "FFFFFF", "ffffff"})


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or a table's row. `label` is its automatic number or bullet; `outline` the
    level where a style or the paragraph itself says that it is a heading; `flow` is False for
    what stands in a table or a box."""

    text: str
    label: str = ""
    bullet: bool = False
    outline: int | None = None
    title: bool = False
    bold: bool = False
    centred: bool = False
    size: int = 0
    flow: bool = True
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """The line as it is shown, its label in front."""
        glue = "　" if self.label and self.text and not self.label.endswith(_DOTTED) else ""
        if self.bullet and self.label == "・":
            glue = ""
        return f"{self.label}{glue}{self.text}"


class Body:
    """Reads the blocks of a document's main part in order."""

    def __init__(self, part: Any, styles: Styles) -> None:
        self._styles = styles
        self._numbering = Numbering(office.related(part, "numbering"), styles)
        self._top = part.element
        self._notes = {
            kind: _notes_by_id(office.related(part, kind)) for kind in ("footnotes", "endnotes")
        }
        settings = office.related(part, "settings")
        self._mark_kinds = {
            "footnotes": value(find(settings, "footnotePr", "numFmt")) or "decimal",
            "endnotes": value(find(settings, "endnotePr", "numFmt")) or "lowerRoman",
        }
        self._seen = {"footnotes": 0, "endnotes": 0}

    def lines(self) -> Iterator[Line]:
        body = find(self._top, "body")
        if body is not None:
            yield from self._blocks(body, Story(self._top, self._styles))

    def _blocks(self, parent: Any, story: Story, flow: bool = True) -> Iterator[Line]:
        """The lines of a body, a cell or a box. A paragraph whose mark is deleted runs on."""
        running = ""
        for element in _elements(parent):
            if element.tag == w("tbl"):
                yield from self._table(element, story, flow)
                continue
            prose = story.read(element)
            prose.text = running + prose.text
            running = ""
            if find(element, "pPr", "rPr", "del") is not None and not prose.boxes:
                running = prose.text
                continue
            yield from self._paragraph(element, prose, flow)
        if running:
            yield Line(_plain(running), flow=flow)

    def _paragraph(self, element: Any, prose: Prose, flow: bool) -> Iterator[Line]:
        text = _plain(prose.text)
        label = self._numbering.label(element)
        notes = tuple(self._note(*note) for note in prose.notes)
        if text and not self._styles.is_contents(element):
            yield Line(
                text,
                label="" if label is None else label.text,
                bullet=label is not None and label.bullet,
                outline=self._styles.outline(element),
                title=self._styles.is_title(element),
                bold=prose.bold > 0.9 * prose.visible,
                centred=self._styles.centred(element),
                size=prose.size,
                flow=flow,
                notes=tuple(filter(None, notes)),
            )
        for box in prose.boxes:
            yield from self._blocks(box, Story(box, self._styles), flow=False)

    def _note(self, kind: str, note_id: str, own_mark: bool) -> str:
        """A note as one line behind its mark, as it is printed below the page."""
        if not own_mark:
            self._seen[kind] += 1
        note = self._notes[kind].pop(note_id, None)
        if note is None:
            return ""
        story = Story(note, self._styles)
        text = _joined(_plain(story.read(part).text) for part in note.iter(w("p")))
        mark = "" if own_mark else format_number(self._seen[kind], self._mark_kinds[kind])
        return f"{mark}　{text}" if mark and text else text

    # --- tables ---

    def _table(self, table: Any, story: Story, flow: bool) -> Iterator[Line]:
        own = _rows(table)
        rows = [_cells(row) for row in own]
        if all(len(cells) == 1 for cells in rows):
            # A box drawn as a table: its paragraphs are text like any other.
            for cells in rows:
                for cell in cells:
                    yield from self._blocks(cell, story, flow=False)
            return
        notes: list[str] = []
        texts = [[self._cell(cell, story, notes) for cell in cells] for cells in rows]
        grid = _grid(rows, texts, [_before(row) for row in own])
        heads = 0
        while heads < len(own) and _is_head(own[heads]):
            heads += 1
        if not heads and self._styles.sets_off_first_row(table):
            heads = 1
        for text in row_lines(grid, heads or None):
            yield Line(text, flow=False)
        if notes:
            yield Line("", flow=False, notes=tuple(notes))

    def _cell(self, cell: Any, story: Story, notes: list[str]) -> tuple[str, frozenset[str]]:
        """A cell's text in one line, a table in it flattened; and how it is set off."""
        lines = list(self._blocks(cell, story, flow=False))
        notes += [note for line in lines for note in line.notes]
        text = _joined(line.whole.replace("\n", "　") for line in lines)
        marked = {
            "shaded": value(find(cell, "tcPr", "shd"), "fill") not in _PLAIN_FILLS,
            "bold": bool(lines) and all(line.bold for line in lines),
            "centred": bool(lines) and all(line.centred for line in lines),
        }
        return text, frozenset(way for way, is_so in marked.items() if is_so)


def _elements(parent: Any) -> Iterator[Any]:
    """The paragraphs and tables below `parent`, through content controls and insertions."""
    for child in offered(parent):
        if child.tag in (w("p"), w("tbl")):
            yield child
        elif child.tag in (w("del"), w("moveFrom"), w("sectPr")) or is_left_out(child):
            continue
        else:
            yield from _elements(child)


def _below(parent: Any, tag: str) -> Iterator[Any]:
    """The rows of a table, or the cells of a row, through content controls."""
    for child in offered(parent):
        if child.tag == w(tag):
            yield child
        elif child.tag in (w("sdt"), w("sdtContent"), w("customXml"), w("ins")):
            yield from _below(child, tag)


def _rows(table: Any) -> list[Any]:
    return [
        row
        for row in _below(table, "tr")
        if find(row, "trPr", "del") is None and next(_below(row, "tc"), None) is not None
    ]


def _cells(row: Any) -> list[Any]:
    return [cell for cell in _below(row, "tc") if find(cell, "tcPr", "cellDel") is None]


def _before(row: Any) -> int:
    """How many columns stand empty before the row's first cell."""
    return max(0, min(number(find(row, "trPr", "gridBefore")) or 0, 1000))


def _is_head(row: Any) -> bool:
    return switch(find(row, "trPr"), "tblHeader") is True


def _grid(
    rows: Sequence[Sequence[Any]],
    texts: Sequence[Sequence[tuple[str, frozenset[str]]]],
    before: Sequence[int],
) -> list[list[Cell]]:
    """The cells with their columns; what is merged downwards has its text in every row."""
    grid: list[list[Cell]] = []
    above: dict[int, Cell] = {}
    for cells, own, column in zip(rows, texts, before, strict=True):
        placed: list[Cell] = []
        for cell, (text, marked) in zip(cells, own, strict=True):
            last = column + max(1, min(number(find(cell, "tcPr", "gridSpan")) or 1, 1000))
            merge = find(cell, "tcPr", "vMerge")
            upper = above.get(column)
            if merge is not None and value(merge) != "restart" and upper is not None and not text:
                placed.append(replace(upper, repeated=True))
            else:
                placed.append(Cell(text, column, last, marked))
            column = last
        above = {cell.first: cell for cell in placed}
        grid.append(placed)
    return grid


def _notes_by_id(root: Any | None) -> dict[str, Any]:
    """The notes that have a text; separators, which also stand here, have a type."""
    if root is None:
        return {}
    notes = root.iter(w("footnote"), w("endnote"))
    return {value(note, "id"): note for note in notes if value(note, "type") in ("", "normal")}


def _plain(text: str) -> str:
    """Tabs as full-width spaces, each line without space around it; empty lines out."""
    lines = (line.strip(" 　\t") for line in text.split("\n"))
    return "\n".join(line.replace("\t", "　") for line in lines if line)


def _joined(texts: Iterator[str]) -> str:
    joined = ""
    for text in texts:
        joined = join_lines(joined, text.replace("\n", "　")) if joined else text
    return joined.replace("\n", "　")
