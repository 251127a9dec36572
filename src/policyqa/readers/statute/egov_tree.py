"""The statute tree of e-Gov (法令標準XML, also inside the API's JSON) to provisions.

Tags: https://laws.e-gov.go.jp/file/XMLSchemaForJapaneseLaw_v3.xsd
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policyqa.errors import ReadError
from policyqa.readers.statute.element import Element
from policyqa.readers.statute.flow import lines, text
from policyqa.readers.statute.provisions import Draft, appendix, division, numbered, supplement


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a tag is, and the tags of the children that hold its label, title and mark."""

    kind: str
    label: str = ""
    title: str = ""
    mark: str = ""


_SHAPES: dict[str, _Shape] = {
    **{
        tag: _Shape("division", label=f"{tag}Title")
        for tag in ("Part", "Chapter", "Section", "Subsection", "Division")
    },
    "Article": _Shape("article", label="ArticleTitle", title="ArticleCaption"),
    "Paragraph": _Shape("paragraph", title="ParagraphCaption", mark="ParagraphNum"),
    "Item": _Shape("item", mark="ItemTitle"),
    **{f"Subitem{depth}": _Shape("subitem", mark=f"Subitem{depth}Title") for depth in range(1, 11)},
    "SupplProvision": _Shape("supplement", label="SupplProvisionLabel"),
    **{
        tag: _Shape("appendix", label=f"{tag}Title", title="RelatedArticleNum")
        for tag in (
            *("AppdxTable", "AppdxNote", "AppdxStyle", "AppdxFormat", "AppdxFig"),
            *("SupplProvisionAppdxTable", "SupplProvisionAppdxStyle"),
        )
    },
    **{
        tag: _Shape("appendix", label="ArithFormulaNum", title="RelatedArticleNum")
        for tag in ("Appdx", "SupplProvisionAppdx")
    },
}
_NO_BODY_TEXT = frozenset({"LawNum", "LawBody", "LawTitle", "TOC", "EnactStatement"})


def statute(law: Element) -> tuple[str, Draft]:
    """A Law element's title and provisions. Raises ReadError where its parts are missing."""
    body = law.find("LawBody")
    title = body.find("LawTitle") if body else None
    if body is None or title is None or not text(title):
        raise ReadError("the statute is damaged: it has no title (LawBody, LawTitle)")
    if body.find("MainProvision") is None:
        raise ReadError("the statute is damaged: it has no text (MainProvision)")
    content = [*_enactment(body), *_content(law), *_content(body)]
    return text(title), Draft("", content=tuple(content))


def _enactment(body: Element) -> Iterator[Draft]:
    """All statements of enactment in one section."""
    statements = [child for child in body.elements if child.tag == "EnactStatement"]
    if statements:
        content = [line for statement in statements for line in lines(statement)]
        yield Draft("division", "制定文", content=tuple(content))


def _content(element: Element) -> Iterator[Draft | str]:
    for child in element.children:
        yield from _piece(child)


def _piece(child: Element | str) -> Iterator[Draft | str]:
    """What is no provision of its own is lines of the one it stands in."""
    if isinstance(child, str):
        yield from lines(Element("", {}, (child,)))
    elif child.tag in _SHAPES:
        yield _draft(child)
    elif child.tag == "MainProvision":
        yield from _content(child)
    elif child.tag == "Preamble":
        yield Draft("division", "前文", content=tuple(lines(child)))
    elif child.tag not in _NO_BODY_TEXT:
        yield from lines(child)


def _draft(element: Element) -> Draft:
    shape = _SHAPES[element.tag]
    tags = (shape.label, shape.title, shape.mark)
    heads: dict[str, str] = {}
    content: list[Draft | str] = []
    for child in element.children:
        if isinstance(child, Element) and child.tag in tags and child.tag not in heads:
            heads[child.tag] = text(child)
        else:
            content += _piece(child)
    label, title, mark = (heads.get(tag, "") for tag in tags)
    return replace(_headed(element, label, title, mark), content=tuple(content))


def _headed(element: Element, label: str, title: str, mark: str) -> Draft:
    kind = _SHAPES[element.tag].kind
    match kind:
        case "division":
            return division(label)
        case "supplement":
            amending_law = element.get("AmendLawNum")
            return supplement(label, amending_law, element.get("Extract") == "true")
        case "appendix":
            return appendix(label, title)
        case "article":
            return Draft(kind, label, title)
        case _:
            return numbered(kind, mark, element.get("Num"), title)
