"""The web pages of e-Gov to provisions: blocks that stand flat, told apart by their classes."""

import re
from collections.abc import Iterator
from dataclasses import replace

from policyqa.readers.statute.element import Element
from policyqa.readers.statute.flow import lines, text
from policyqa.readers.statute.provisions import (
    Draft,
    appendix,
    division,
    nest,
    numbered,
    supplement,
)

_Item = tuple[int, Draft] | str

_DIVISIONS = ("Part", "Chapter", "Section", "Subsection", "Division")
_LEVELS = {
    "supplement": 0,
    "appendix": 0,
    **{f"{name}Title": level for level, name in enumerate(_DIVISIONS, 1)},
    "article": 6,
    "paragraph": 7,
    "item": 8,
}
_APPENDIX = re.compile(r"(SupplProvision)?Appdx\w*Title|ArithFormulaNum")
_NUMBERED = re.compile(r"(Paragraph|Item|Subitem(\d{1,2}))Sentence")
_CAPTIONS = ("ArticleCaption", "ParagraphCaption")
_CAPTIONED = ("ArticleTitle", "ParagraphSentence")


def find(tree: Element, name: str) -> Element | None:
    """The first element with this id."""
    return next((element for element in tree.walk() if element.get("id") == name), None)


def statute(page: Element) -> Draft:
    """The provisions on a page. `page` is the element that holds the statute's sections."""
    content = [piece for child in page.children for piece in _top(child)]
    return Draft("", content=tuple(content))


def _top(child: Element | str) -> Iterator[Draft | str]:
    """A part of the page: each part is nested by itself."""
    if isinstance(child, str):
        yield from lines(Element("", {}, (child,)))
    elif "Preamble" in _classes(child):
        yield Draft("division", "前文", content=tuple(lines(child)))
    elif _name(child) == "EnactStatement":
        yield Draft("division", "制定文", content=tuple(lines(child)))
    elif find(child, "lawTitle") is None and "TOC" not in _classes(child):
        yield from nest(_items(child))


def _items(part: Element) -> Iterator[_Item]:
    caption = ""
    for block in _blocks(part):
        name = _name(block)
        if caption and name not in _CAPTIONED:
            yield caption
            caption = ""
        if name in _CAPTIONS:
            caption = text(block)
        else:
            yield from _opened(name, block, caption)
            caption = ""
    if caption:
        yield caption


def _blocks(element: Element) -> Iterator[Element]:
    """The innermost blocks: a heading, a numbered provision, a table."""
    for child in element.children:
        if isinstance(child, str):
            if child.strip():
                yield Element("", {}, (child,))
        elif child.tag == "section":
            yield from _blocks(child)
        else:
            yield child


def _opened(name: str, block: Element, caption: str) -> Iterator[_Item]:
    """The provisions that a block opens, or its lines."""
    if name == "ArticleTitle":
        label, own = _split(block)
        yield _LEVELS["article"], Draft("article", label, caption)
        if own:
            yield _LEVELS["paragraph"], Draft("paragraph", content=own)
    elif match := _NUMBERED.fullmatch(name):
        mark, own = _split(block)
        kind = "subitem" if match[2] else match[1].lower()
        level = _LEVELS["item"] + int(match[2]) if match[2] else _LEVELS[kind]
        yield level, replace(numbered(kind, mark, title=caption), content=own)
    elif name in _LEVELS:
        yield _LEVELS[name], division(text(block))
    elif name == "SupplProvisionLabel":
        yield _LEVELS["supplement"], supplement(text(block))
    elif match := _APPENDIX.fullmatch(name):
        # One that belongs to a 附則 stands beside its articles.
        yield _LEVELS["article" if match[1] else "appendix"], appendix(text(block))
    else:
        yield from lines(block)


def _split(block: Element) -> tuple[str, tuple[str, ...]]:
    """The number, which is printed bold, and the text behind it."""
    first, *others = [child for child in block.children if child != "\n"] or [""]
    if isinstance(first, Element) and "bold" in first.get("style"):
        return text(first), tuple(lines(Element("div", {}, tuple(others))))
    return "", tuple(lines(block))


def _name(element: Element) -> str:
    """ArticleTitle for the class _div_ArticleTitle."""
    names = (name.removeprefix("_div_") for name in _classes(element) if name.startswith("_div_"))
    return next(names, "")


def _classes(element: Element) -> list[str]:
    return element.get("class").split()
