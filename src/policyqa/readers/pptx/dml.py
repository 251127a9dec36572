"""Names and plain values in DrawingML and PresentationML."""

import re
from collections.abc import Iterator
from typing import Any

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_NUMBER = re.compile(r"-?[0-9]{1,12}")


def offered(element: Any) -> Iterator[Any]:
    """The children to read: of several forms of one content, the first."""
    for child in element.iterchildren("*"):
        if child.tag == f"{_MC}AlternateContent":
            for form in child[:1]:
                yield from offered(form)
        else:
            yield child


def number(element: Any, name: str) -> int | None:
    """An attribute as a number; None where it is none."""
    text = "" if element is None else element.get(name) or ""
    return int(text) if _NUMBER.fullmatch(text) else None


def switched(element: Any, name: str) -> bool:
    return element is not None and element.get(name) in ("1", "true")
