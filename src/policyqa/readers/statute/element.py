"""One small tree for all three formats: lxml's nodes and the API's JSON as elements."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from policyqa.errors import ReadError
from policyqa.japanese import clean

_DEEPEST = 100
"""Levels; the deepest statute (a 号 in a table in イ of a 号) has about 40."""
_TOO_DEEP = "its elements are nested too deeply for a statute"


@dataclass(frozen=True, slots=True)
class Element:
    """A node of XML or HTML: text and elements in the order of the document, cleaned."""

    tag: str
    attributes: Mapping[str, str]
    children: tuple["Element | str", ...] = ()

    @property
    def elements(self) -> Iterator["Element"]:
        return (child for child in self.children if isinstance(child, Element))

    def get(self, name: str) -> str:
        """An attribute, empty where there is none."""
        return self.attributes.get(name, "")

    def find(self, tag: str) -> "Element | None":
        """The first child of this tag."""
        return next((child for child in self.elements if child.tag == tag), None)

    def walk(self) -> Iterator["Element"]:
        """This element and all below it."""
        yield self
        for child in self.elements:
            yield from child.walk()


def from_lxml(node: etree._Element, depth: int = 0) -> Element:
    """An lxml tree without its comments. Raises ReadError for entities and for absurd depth."""
    if depth > _DEEPEST:
        raise ReadError(_TOO_DEEP)
    children: list[Element | str] = [clean(node.text or "")]
    for child in node:
        if child.tag is etree.Entity:
            raise ReadError("it uses XML entities, which are not expanded for safety")
        if isinstance(child.tag, str):
            children.append(from_lxml(child, depth + 1))
        children.append(clean(child.tail or ""))
    attributes = {str(name): clean(str(value)) for name, value in node.attrib.items()}
    return Element(str(node.tag), attributes, tuple(child for child in children if child))


def from_json(node: object, depth: int = 0) -> Element:
    """The API's {"tag", "attr", "children"}. Raises ReadError where it is anything else."""
    if depth > _DEEPEST:
        raise ReadError(_TOO_DEEP)
    match node:
        case {"tag": str(tag), "attr": dict(attributes), "children": list(children)}:
            pass
        case _:
            raise ReadError('the JSON is damaged: an element needs "tag", "attr" and "children"')
    return Element(
        clean(tag),
        {clean(name): clean(value) for name, value in attributes.items() if isinstance(value, str)},
        tuple(
            clean(child) if isinstance(child, str) else from_json(child, depth + 1)
            for child in children
        ),
    )
