"""The shapes of a slide, groups opened, in the order in which they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policyqa.readers import office
from policyqa.readers.pptx.dml import A, P, R, number, offered, switched
from policyqa.readers.pptx.texts import body_lines, chart_lines, diagram_lines, table_lines

_TITLES = frozenset({"title", "ctrTitle"})
_OUT = frozenset({"sldNum", "ftr", "dt", "hdr", "sldImg"})
_BODIES = frozenset({"body", "obj", "subTitle", ""})
_SAME_ROW = 250_000
"""Shapes whose tops differ by less (7 mm, in EMU) stand side by side."""
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape's text, and where its top left corner is, in EMU. `role` is `title` or `body` for a
    placeholder."""

    lines: tuple[str, ...]
    top: float
    left: float
    role: str = ""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a group puts its own coordinates on the slide."""

    left: float = 0.0
    top: float = 0.0
    across: float = 1.0
    down: float = 1.0

    def place(self, x: float, y: float) -> tuple[float, float]:
        """(top, left) on the slide."""
        return self.top + y * self.down, self.left + x * self.across


def shapes(part: Any, slide: Any, layout: Any | None) -> list[Shape]:
    """A slide's shapes that have text: the title, the placeholders of its body, then the others,
    each from the top down, and from the left where they stand side by side."""
    tree = slide.find(f"{P}cSld/{P}spTree")
    if tree is None:
        return []
    found = [shape for shape in _walk(tree, _Scale(), part, layout) if shape.lines]
    titles = [shape for shape in found if shape.role == "title"]
    bodies = [shape for shape in found if shape.role == "body"]
    others = [shape for shape in found if not shape.role]
    return [*titles, *_in_order(bodies), *_in_order(others)]


def _in_order(found: Sequence[Shape]) -> list[Shape]:
    rows: list[list[Shape]] = []
    for shape in sorted(found, key=lambda shape: shape.top):
        if rows and shape.top - rows[-1][0].top < _SAME_ROW:
            rows[-1].append(shape)
        else:
            rows.append([shape])
    return [shape for row in rows for shape in sorted(row, key=lambda shape: shape.left)]


def _walk(tree: Any, scale: _Scale, part: Any, layout: Any | None) -> Iterator[Shape]:
    for element in offered(tree):
        if _is_hidden(element):
            continue
        if element.tag == f"{P}grpSp":
            yield from _walk(element, _inside(element, scale), part, layout)
        elif element.tag in (f"{P}sp", f"{P}cxnSp"):
            yield from _text_shape(element, scale, layout)
        elif element.tag == f"{P}graphicFrame":
            place = element.find(f"{P}xfrm")
            top, left = scale.place(*_offset(place))
            yield Shape(tuple(_graphic(element, part)), top, left)


def _is_hidden(element: Any) -> bool:
    return any(switched(said, "hidden") for said in element.findall(f"*/{P}cNvPr"))


def _inside(group: Any, outer: _Scale) -> _Scale:
    place = group.find(f"{P}grpSpPr/{A}xfrm")
    if place is None:
        return outer
    size, inner = place.find(f"{A}ext"), place.find(f"{A}chExt")
    across = _ratio(number(size, "cx"), number(inner, "cx"))
    down = _ratio(number(size, "cy"), number(inner, "cy"))
    (x, y), start = _offset(place), place.find(f"{A}chOff")
    top, left = outer.place(
        x - across * (number(start, "x") or 0), y - down * (number(start, "y") or 0)
    )
    return _Scale(left, top, outer.across * across, outer.down * down)


def _ratio(outer: int | None, inner: int | None) -> float:
    return outer / inner if outer and inner else 1.0


def _offset(place: Any | None) -> tuple[float, float]:
    corner = None if place is None else place.find(f"{A}off")
    return float(number(corner, "x") or 0), float(number(corner, "y") or 0)


def _text_shape(element: Any, scale: _Scale, layout: Any | None) -> Iterator[Shape]:
    body = element.find(f"{P}txBody")
    holder = element.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    kind = None if holder is None else holder.get("type") or ""
    if body is None or kind in _OUT:
        return
    place = element.find(f"{P}spPr/{A}xfrm")
    if place is None and holder is not None and layout is not None:
        place = _of_layout(holder, layout)
    top, left = scale.place(*_offset(place))
    role = "title" if kind in _TITLES else "body" if kind in _BODIES else ""
    yield Shape(tuple(body_lines(body)), top, left, role)


def _of_layout(holder: Any, layout: Any) -> Any | None:
    """The place that the slide's layout gives a placeholder: by its number, else by its kind."""
    for name in ("idx", "type"):
        for other in layout.iter(f"{P}ph"):
            if holder.get(name) is not None and other.get(name) == holder.get(name):
                shape = next(other.iterancestors(f"{P}sp"), None)
                return None if shape is None else shape.find(f"{P}spPr/{A}xfrm")
    return None


def _graphic(frame: Any, part: Any) -> Iterator[str]:
    """What a frame holds: a table, a chart or a diagram."""
    for table in frame.iter(f"{A}tbl"):
        yield from table_lines(table)
    for chart in frame.iter(_CHART):
        target = _target(part, chart.get(f"{R}id"))
        if target is not None:
            yield from chart_lines(office.root(target))
    for diagram in frame.iter(_DIAGRAM):
        target = _target(part, diagram.get(f"{R}dm"))
        if target is not None:
            yield from diagram_lines(office.root(target))


def _target(part: Any, relation: str | None) -> Any | None:
    """The part behind a relationship's id. What is linked lies elsewhere and is not read."""
    found = part.rels.get(relation)
    return None if found is None or found.is_external else found.target_part
