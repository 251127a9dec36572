"""Names and plain values in WordprocessingML."""

import re
from collections.abc import Iterator
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NUMBER = re.compile(r"-?[0-9]{1,9}")
ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"


def w(name: str) -> str:
    """The full name of an element or attribute."""
    return f"{_W}{name}"


def find(element: Any, *names: str) -> Any | None:
    """The child's child of these names; None where there is none, or no element to begin with."""
    for name in names:
        if element is None:
            return None
        # Much faster than find(), which takes paths.
        element = next(element.iterchildren(f"{_W}{name}"), None)
    return element


def value(element: Any, name: str = "val") -> str:
    """An attribute; empty where there is none."""
    return "" if element is None else element.get(w(name)) or ""


def number(element: Any, name: str = "val") -> int | None:
    """An attribute as a number; None where it is none."""
    text = value(element, name)
    return int(text) if _NUMBER.fullmatch(text) else None


def switch(element: Any, name: str) -> bool | None:
    """A property such as bold: on, off, or None where nothing is said."""
    found = find(element, name)
    return None if found is None else value(found) not in ("0", "false", "off", "none")


def offered(element: Any) -> Iterator[Any]:
    """The children to read: of several forms of one content, the first."""
    if element.tag == ALTERNATIVES:
        yield from element[:1]
    else:
        yield from element.iterchildren("*")
