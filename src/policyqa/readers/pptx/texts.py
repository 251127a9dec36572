"""Text bodies, tables, charts and diagrams of a slide to lines."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from policyqa.japanese import clean, join_lines
from policyqa.readers.counting import format_number, plain_sign
from policyqa.readers.grid import Cell, row_lines
from policyqa.readers.pptx.dml import A, M, number, offered, switched
from policyqa.readers.rows import row_text

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_NUMBERED = {
    "arabicPeriod": ("decimal", "{}."),
    "arabicParenR": ("decimal", "{})"),
    "arabicParenBoth": ("decimal", "({})"),
    "arabicPlain": ("decimal", "{}"),
    "arabicDbPeriod": ("decimalFullWidth", "{}．"),
    "arabicDbPlain": ("decimalFullWidth", "{}"),
    "circleNumDbPlain": ("decimalEnclosedCircle", "{}"),
    "circleNumWdWhitePlain": ("decimalEnclosedCircle", "{}"),
    "alphaLcPeriod": ("lowerLetter", "{}."),
    "alphaUcPeriod": ("upperLetter", "{}."),
    "alphaLcParenR": ("lowerLetter", "{})"),
    "romanLcPeriod": ("lowerRoman", "{}."),
    "romanUcPeriod": ("upperRoman", "{}."),
    "ea1JpnKorPlain": ("japaneseCounting", "{}"),
    "ea1JpnKorPeriod": ("japaneseCounting", "{}."),
    "ea1JpnChsDbPeriod": ("japaneseCounting", "{}．"),
}
"""PowerPoint's kinds of automatic number: Word's format, and what is around it."""
_FIELDS_OUT = ("slidenum", "datetime")


def body_lines(body: Any) -> list[str]:
    """A text body's paragraphs. Each level of a list is a full-width space further in; numbers and
    bullets stand where the paragraph itself has them."""
    lines: list[str] = []
    counts: Counter[tuple[int, str]] = Counter()
    for paragraph in body.iterchildren(f"{A}p"):
        said = paragraph.find(f"{A}pPr")
        level = max(0, min(number(said, "lvl") or 0, 8))
        text = clean(_text(paragraph)).strip(" 　\t\n").replace("\t", "　")
        if not text:
            continue
        mark = _mark(said, level, counts)
        first, *others = [line.strip(" 　") for line in text.split("\n")]
        lines.append(f"{'　' * level}{mark}{first}")
        lines += [f"{'　' * level}{line}" for line in others if line]
    return lines


def _mark(said: Any, level: int, counts: Counter[tuple[int, str]]) -> str:
    """A paragraph's bullet or number. A list goes on until a paragraph of its level, or of a wider
    one, has no such number."""
    auto = None if said is None else said.find(f"{A}buAutoNum")
    kind = "" if auto is None else auto.get("type") or ""
    for other in [key for key in counts if key[0] > level or (key[0] == level and key[1] != kind)]:
        del counts[other]
    if auto is not None:
        start = number(auto, "startAt") or 1
        counts[level, kind] += 1
        shown, around = _NUMBERED.get(kind, ("decimal", "{}."))
        label = around.format(format_number(start + counts[level, kind] - 1, shown))
        return label if label.endswith((".", "．", ")")) else f"{label}　"
    bullet = None if said is None else said.find(f"{A}buChar")
    if bullet is None:
        return ""
    letters = said.find(f"{A}buFont")
    # In Wingdings and its kin, a letter is some sign or other.
    dings = letters is not None and "dings" in (letters.get("typeface") or "")
    sign = "・" if dings else plain_sign(bullet.get("char") or "")
    return sign if sign in ("・", "") else f"{sign}　"


def _text(element: Any) -> str:
    """The text below a paragraph: runs, line breaks, equations; no slide numbers or dates."""
    if element.tag in (f"{A}t", f"{M}t"):
        return element.text or ""
    if element.tag == f"{A}br":
        return "\n"
    if element.tag == f"{A}fld" and (element.get("type") or "").startswith(_FIELDS_OUT):
        return ""
    return "".join(_text(child) for child in offered(element))


def one_line(lines: list[str]) -> str:
    joined = ""
    for line in lines:
        joined = join_lines(joined, line) if joined else line.strip(" 　")
    return joined


def table_lines(table: Any) -> list[str]:
    """A line for each row; the head is the first row where the table is set so."""
    grid: list[list[Cell]] = []
    above: dict[int, Cell] = {}
    for row in table.iterchildren(f"{A}tr"):
        cells = [
            _cell(cell, column, above) for column, cell in enumerate(row.iterchildren(f"{A}tc"))
        ]
        grid.append([cell for cell in cells if cell is not None])
        above = {cell.first: cell for cell in grid[-1]}
    headed = switched(table.find(f"{A}tblPr"), "firstRow")
    return row_lines(grid, 1 if headed and len(grid) > 1 else None)


def _cell(cell: Any, column: int, above: dict[int, Cell]) -> Cell | None:
    """None for what is merged into the cell on its left."""
    if switched(cell, "hMerge"):
        return None
    span = max(1, min(number(cell, "gridSpan") or 1, 1000))
    if switched(cell, "vMerge") and column in above:
        upper = above[column]
        return Cell(upper.text, upper.first, upper.last, upper.marked, repeated=True)
    body = cell.find(f"{A}txBody")
    return Cell(one_line([] if body is None else body_lines(body)), column, column + span)


# --- charts and diagrams ---


def chart_lines(chart: Any) -> list[str]:
    """The chart's title, then a line for each category with the value of every series. Charts
    without categories (scattered points) give their title and the names of their series."""
    title = chart.find(f"{_C}chart/{_C}title")
    paragraphs = [] if title is None else list(title.iter(f"{A}p"))
    lines = [text for text in (clean(_text(each)).strip() for each in paragraphs) if text]
    series = list(chart.iter(f"{_C}ser"))
    names = [_name(each) for each in series]
    columns = [_points(each.find(f"{_C}val")) for each in series]
    categories: dict[int, str] = {}
    for each in series:
        categories = categories or _points(each.find(f"{_C}cat"))
    if not categories:
        return [*lines, *filter(None, names)]
    for index, category in categories.items():
        cells = [category, *(column.get(index, "") for column in columns)]
        lines.append(row_text(["", *names], cells))
    return lines


def _name(series: Any) -> str:
    named = series.find(f"{_C}tx")
    values = [] if named is None else [each.text or "" for each in named.iter(f"{_C}v")]
    return clean("".join(values)).strip()


def _points(data: Any | None) -> dict[int, str]:
    """The cached values by their place, the widest level of categories last."""
    if data is None:
        return {}
    kind = data.findtext(f".//{_C}formatCode") or ""
    found: dict[int, str] = {}
    for point in data.iter(f"{_C}pt"):
        index, text = number(point, "idx"), point.findtext(f"{_C}v") or ""
        if index is not None and index not in found:
            found[index] = _shown(clean(text).strip(), "%" in kind)
    return found


def _shown(text: str, percent: bool) -> str:
    """A figure without the noise of binary fractions: 0.1 for 0.10000000000000001."""
    try:
        figure = float(text) * (100 if percent else 1)
    except ValueError:
        return text
    if abs(figure) >= 1e12:
        return text
    return f"{round(figure, 6):.6f}".rstrip("0").rstrip(".") + ("%" if percent else "")


def diagram_lines(diagram: Any) -> Iterator[str]:
    """The texts of a diagram's (SmartArt's) nodes, in the order of the file."""
    for node in diagram.iter(f"{_DGM}pt"):
        if node.get("type") in (None, "node", "asst", "doc"):
            for body in node.iterchildren(f"{_DGM}t"):
                yield from body_lines(body)
