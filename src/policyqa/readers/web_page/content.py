"""Which part of a web page is its content: menus, banners and the like are taken out."""

import copy
import re
from collections.abc import Iterator

from lxml import etree

_NEVER = frozenset(
    {"head", "script", "style", "template", "noscript", "iframe", "object", "embed", "svg"}
    | {"canvas", "video", "audio", "map", "rt", "rp", "rtc", "noframes", "dialog"}
    | {"input", "select", "textarea", "datalist", "progress", "meter"}
)
"""Not shown as text, or nothing to read. The small print beside a ruby's base is its reading."""
_FURNITURE = frozenset({"nav", "footer", "aside"})
_OPENS = ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary")
"""A button in one of these opens what is below it, and its text is the heading."""
_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog"}
    | {"menu", "menubar", "toolbar"}
)
_MAIN = frozenset(
    {"main", "maincontent", "maincontents", "maincol", "maincolumn", "mainarea", "mainbody"}
    | {"content", "contents", "contentmain", "contentsmain", "contentbody", "contentsbody"}
    | {"honbun", "article", "articlebody", "entrycontent", "entrybody", "tmpcontents", "pagebody"}
)
_NAMED = re.compile(
    r"(?:global|local|site|page|main|sub|header|head|footer|foot|side|sp|pc|g|l|tmp|js|c|l|m|o|p)?"
    r"(?:nav|navi|navigation|menu|megamenu|hamburger|drawer|breadcrumbs?|topicpath|pankuzu"
    r"|header|footer|sidebar|cookie|cookies|consent|gdpr|share|sns|social|pagetop|totop|gototop"
    r"|backtotop|returntop|gotop|skip|skiplink|skipnav|search|banners?|pager|pagination|toolbar"
    r"|fontsize|textsize|printbtn|printbutton|login|modal|popup|advert|advertisement|ads)"
    r"(?:cookie|notice|policy|bar|lists?|area|wrap|wrapper|box|block|inner|container|links?|btns?"
    r"|buttons?|icons?|banner|consent|contents?|panel|items?|sns|share|menu|nav|navi|modal|dialog)?"
)
"""Names of classes and ids, in lower case and without - and _, of what is on every page."""
_WORDS = re.compile(r"[-_]+")
_FOLDED = re.compile(r"accordion|collapse|panel|answer|toggle|tab|faq|qa")
"""What a page shows after a click is content."""
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_LEAST_MAIN = 0.25
"""Of the page's text; what a name alone calls the content, and has less, is not."""
_LINKED = 0.8
_LEAST_LINKS = 5
_LONGEST_LINK = 20
"""Characters on average. Links of menus are short; those to documents are titles."""
_OUT = "out"


_Weights = dict[etree._Element, tuple[int, int, int]]
"""How many characters stand in an element, how many of them in links, and in how many links. Plain
tuples, which cost the garbage collector nothing: a page may have half a million elements."""


def content(page: etree._Element) -> etree._Element:
    """The page's content as a tree of its own, with a tail that belongs to nothing. If all of it
    looks like furniture, the whole body."""
    body = page.find("body")
    body = page if body is None else body
    _take_out([element for element in body.iter(etree.Element) if _never(element)])
    lean = copy.deepcopy(body)
    _take_out(list(_furniture(lean, _weighed(lean))))
    weights = _weighed(lean)
    main = _main(lean, weights)
    if main is lean:
        _take_out(list(_link_lists(lean, weights)))
    return main if "".join(main.itertext()).strip() else body


def _never(element: etree._Element) -> bool:
    if element.tag == "button":
        return next(element.iterancestors(_OPENS), None) is None
    return element.tag in _NEVER


def _take_out(elements: list[etree._Element]) -> None:
    """Take elements out of their tree; the text behind them stays."""
    root = None
    for element in elements:
        if element.getparent() is not None:
            root = element.getroottree()
            element.tag = _OUT
    if root is not None:
        etree.strip_elements(root, _OUT, with_tail=False)


def _weighed(tree: etree._Element) -> _Weights:
    weights: _Weights = {}
    for _, element in etree.iterwalk(tree, events=("end",)):
        text, linked, links = len((element.text or "").strip()), 0, 0
        for child in element:
            below = weights[child]
            text += below[0] + len((child.tail or "").strip())
            linked += below[1]
            links += below[2]
        weights[element] = (text, text, 1) if element.tag == "a" else (text, linked, links)
    return weights


def _furniture(body: etree._Element, weights: _Weights) -> Iterator[etree._Element]:
    kept = _holding_main(body)
    most = 0.5 * weights[body][0]
    for element in body.iterdescendants(etree.Element):
        text, linked, _ = weights[element]
        bears_text = text > most and linked < 0.5 * text
        if _hidden(element) or (element not in kept and _looks_so(element, bears_text)):
            yield element


def _looks_so(element: etree._Element, bears_text: bool) -> bool:
    if element.tag == "header":
        # The head of an article holds its title.
        return next(element.iterancestors("main", "article"), None) is None
    if element.tag in _FURNITURE or element.get("role", "").lower() in _ROLES:
        return True
    # Some sites put the whole page into a form, and a name may mean anything.
    named = element.tag == "form" or any(map(_NAMED.fullmatch, _names(element)))
    return named and not bears_text


def _names(element: etree._Element) -> list[str]:
    if not element.attrib:
        return []
    written = f"{element.get('class', '')} {element.get('id', '')}".lower()
    return _WORDS.sub("", written).split()


def _hidden(element: etree._Element) -> bool:
    hiding = bool(element.attrib) and (
        element.get("hidden") is not None
        or element.get("aria-hidden", "").lower() == "true"
        or _HIDDEN.search(element.get("style", "")) is not None
    )
    return hiding and not (
        element.tag in ("dd", "details")
        or element.get("role") == "tabpanel"
        or any(_FOLDED.search(name) for name in _names(element))
    )


def _holding_main(body: etree._Element) -> set[etree._Element]:
    """What the main content stands in is no furniture, whatever it is called."""
    return {
        above for main in body.iter("main", "article") for above in (main, *main.iterancestors())
    }


def _main(body: etree._Element, weights: _Weights) -> etree._Element:
    """What the page marks as its content, else the body."""
    marked = [
        element
        for element in body.iter(etree.Element)
        if element.tag == "main" or element.get("role", "").lower() == "main"
    ]
    articles = list(body.iter("article"))
    named = [element for element in body.iter(etree.Element) if _MAIN & set(_names(element))]
    least = _LEAST_MAIN * weights[body][0]
    for candidates, enough in (
        (marked, 1.0),
        (articles if len(articles) == 1 else [], least),
        (sorted(named, key=lambda element: -weights[element][0]), least),
    ):
        for element in candidates:
            if weights[element][0] >= max(1.0, enough):
                return element
    return body


def _link_lists(body: etree._Element, weights: _Weights) -> Iterator[etree._Element]:
    """Lists of many short links: menus that nothing else marks. Not if little else is there."""
    found = [element for element in body.iter("ul", "ol", "table") if _is_menu(*weights[element])]
    if sum(weights[element][0] for element in found) <= 0.5 * weights[body][0]:
        yield from found


def _is_menu(text: int, linked: int, links: int) -> bool:
    short = linked <= _LONGEST_LINK * links
    return links >= _LEAST_LINKS and linked >= _LINKED * text and short
