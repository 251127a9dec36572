"""A web page's content to headings and paragraphs."""

import re
from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from policyqa.readers.lines import item_lines, unwrapped
from policyqa.readers.outline import End, Heading, Paragraph, parse_heading, split_label
from policyqa.readers.web_page import tables

Item = Heading | Paragraph | End

_INLINE = (
    *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "data", "del"),
    *("dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "nobr", "output", "q", "rb", "ruby"),
    *("s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var"),
    *("wbr", "img"),
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DEEPEST = 100
"""Levels of blocks; what is nested deeper is read as running text."""
_LONGEST_HEADING = 150
_LONGEST_TERM = 60

# Levels below those of h1 to h6, inside the same section: numbers in bold print, then what
# unfolds. What stands inside of that counts from there.
_NUMBERED = 10
_FOLDED = 300
_BREAK, _BOLD, _PLAIN = "\u2028", "\u2062", "\u2063"
"""Marks in running text for <br> and the ends of bold print: invisible signs that lxml takes and
japanese.clean removes."""
_ALL_BOLD = re.compile(rf"(?:\s*{_BOLD}+[^{_BOLD}{_PLAIN}]*{_PLAIN}+)+\s*")
_TO_TOP = re.compile(
    r"[▲△↑∧⬆\s]*(?:この)?(?:ページ|頁|画面)?の?(?:先頭|トップ|上部|最上部|一番上)(?:へ|に)?(?:戻る|もどる|移動)?"
    r"|[▲△↑∧⬆\s]*(?:page\s*top|back\s*to\s*top|top\s*of\s*page)"
    r"|本文(?:へ|に)(?:移動|スキップ|ジャンプ)(?:します|する)?。?|(?:この)?(?:ページ|記事)?を?(?:シェア|印刷)(?:する)?"
    r"|ツイート(?:する)?|いいね！?",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"(?:[QＱ]|問[0-9０-９一二三四五六七八九十 　：:]|質問).|.*(?:[？?]|か。)$")


def items(content: etree._Element) -> list[Item]:
    """Headings and paragraphs in order. `content` is changed: what is inside lines goes into
    their text."""
    _mark(content)
    _flatten(content)
    sparse = sum(1 for _ in content.iter("h2", "h3", "h4", "h5", "h6")) < 2
    return list(_Blocks(sparse).of(content, 0))


def _mark(content: etree._Element) -> None:
    """Keep of inline elements what matters as marks in the text."""
    for element in content.iter("b", "strong"):
        _enclose(element)
    for element in content.iter("p", "div", "span"):
        if re.search(r"font-weight\s*:\s*(?:bold|[6-9]00)", element.get("style", "")):
            _enclose(element)
    for picture in content.iter("img"):
        # Headings and heads of columns may be pictures; elsewhere they decorate.
        if next(picture.iterancestors(*_HEADINGS, "th", "td", "dt"), None) is not None:
            picture.text = picture.get("alt", "")
    etree.strip_tags(content, *_INLINE)


def _enclose(element: etree._Element) -> None:
    if len(element) and element.tag in ("p", "div"):
        last = element[-1]
        last.tail = (last.tail or "") + _PLAIN
    elif element.tag in ("p", "div"):
        element.text = (element.text or "") + _PLAIN
    else:
        element.tail = _PLAIN + (element.tail or "")
    element.text = _BOLD + (element.text or "")


def _flatten(content: etree._Element) -> None:
    """Make what is nested too deeply text of the block around it."""
    depth = 0
    deep = []
    for event, element in etree.iterwalk(content, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start" and depth == _DEEPEST:
            deep.append(element)
    for element in deep:
        text = _BREAK.join(element.itertext())
        del element[:]
        element.tag, element.text = "div", text


class _Blocks:
    """Walks a tree. `base` is the level of the section that unfolds around an element."""

    def __init__(self, sparse: bool) -> None:
        self._sparse = sparse
        by_tag: dict[str, Callable[[etree._Element, int], Iterator[Item]]] = {
            **dict.fromkeys(_HEADINGS, self._heading),
            **dict.fromkeys(("ul", "ol", "menu", "dir"), self._list),
            "details": self._details,
            "dl": self._terms,
            "pre": self._verbatim,
            "table": self._table,
        }
        self._by_tag = by_tag

    def of(self, element: etree._Element, base: int) -> Iterator[Item]:
        """The blocks in an element."""
        running = [element.text or ""]
        for child in element:
            if child.tag == "br":
                running.append(_BREAK)
            else:
                yield from self._lines("".join(running), base)
                yield from self._by_tag.get(child.tag, self.of)(child, base)
                running = []
            running.append(child.tail or "")
        yield from self._lines("".join(running), base)

    def _lines(self, running: str, base: int) -> Iterator[Item]:
        for line in running.split(_BREAK):
            text = unwrapped(line)
            if not text or _TO_TOP.fullmatch(text):
                continue
            heading = self._numbered(text, bool(_ALL_BOLD.fullmatch(line)), base)
            if heading is None:
                yield Paragraph(text)
                continue
            yield heading

    def _numbered(self, text: str, bold: bool, base: int) -> Heading | None:
        """１．趣旨 in bold print; 第１章 and 第一条 where the page has no headings of its own."""
        heading = parse_heading(text)
        if heading is None or not (bold or (heading.fixed and self._sparse)):
            return None
        level = base + _NUMBERED + heading.level
        return Heading(level, heading.label, heading.title, heading.rest, fixed=heading.fixed)

    def _heading(self, element: etree._Element, base: int) -> Iterator[Item]:
        text = _one_line(element)
        if len(text) > _LONGEST_HEADING:
            yield from self.of(element, base)
        elif text:
            yield Heading(base + _HEADINGS[element.tag], *split_label(text))

    def _list(self, element: etree._Element, base: int) -> Iterator[Item]:
        yield from self._lines(element.text or "", base)
        for mark, child in _marked(element):
            found = list(self._by_tag.get(child.tag, self.of)(child, base))
            if child.tag != "li" or not _only_text(found):
                yield from found
            elif found:
                yield from map(Paragraph, item_lines(mark, _texts(found)))
            yield from self._lines(child.tail or "", base)

    def _details(self, element: etree._Element, base: int) -> Iterator[Item]:
        summary = element.find("summary")
        text = "" if summary is None else _one_line(summary)
        if summary is None or not text:
            yield from self.of(element, base)
            return
        summary.text, summary[:] = "", []
        yield from self._folded(text, [element], base)

    def _folded(self, heading: str, below: Sequence[etree._Element], base: int) -> Iterator[Item]:
        """A section that unfolds: a question and its answer."""
        level = base + _FOLDED
        found = [item for element in below for item in self.of(element, level)]
        if found:
            yield Heading(level, *split_label(heading))
            yield from found
            yield End(level)
        elif heading:
            yield Paragraph(heading)

    def _terms(self, element: etree._Element, base: int) -> Iterator[Item]:
        groups = list(_groups(element))
        questions = sum(bool(_QUESTION.match(term)) for term, _ in groups)
        if questions > 0.5 * len(groups):
            for term, below in groups:
                yield from self._folded(term, below, base)
            return
        for term, below in groups:
            found = [item for each in below for item in self.of(each, base)]
            yield from _defined(term, found)

    def _verbatim(self, element: etree._Element, base: int) -> Iterator[Item]:
        for br in element.iter("br"):
            br.text = "\n"
        for line in "".join(element.itertext()).split("\n"):
            yield from self._lines(line, base)

    def _table(self, element: etree._Element, base: int) -> Iterator[Item]:
        if tables.is_layout(element):
            yield from self.of(element, base)
            return
        for caption in element.findall("caption"):
            yield from self.of(caption, base)
        yield from map(Paragraph, tables.texts(element, self._cell))

    def _cell(self, element: etree._Element) -> tuple[str, bool]:
        bold = bool(_ALL_BOLD.fullmatch("".join(element.itertext())))
        return "　".join(_texts(self.of(element, 0))), bold


def _one_line(element: etree._Element) -> str:
    for br in element.iter("br"):
        br.text = "　"
    return unwrapped("".join(element.itertext()))


def _texts(found: Sequence[Item] | Iterator[Item]) -> Iterator[str]:
    for item in found:
        if isinstance(item, Paragraph):
            yield item.text
        elif isinstance(item, Heading):
            section = (item.label, item.title, item.rest)
            yield "　".join(part for part in section if part)


def _only_text(found: Sequence[Item]) -> bool:
    return all(isinstance(item, Paragraph) for item in found)


def _marked(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """The items of a list and their numbers as a browser prints them, or bullets."""
    bare = re.search(r"list-style[^;]*none", element.get("style", "")) is not None
    number = _integer(element.get("start"), 1)
    for child in element:
        if child.tag == "li":
            number = _integer(child.get("value"), number)
            numbered = f"{_counted(number, element.get('type', '1'))}. "
            yield "" if bare else numbered if element.tag == "ol" else "・", child
            number += 1
        else:
            yield "", child


def _integer(written: str | None, default: int) -> int:
    match = re.fullmatch(r"\s*(-?[0-9]{1,6})\s*", written or "", re.ASCII)
    return int(match[1]) if match else default


def _counted(number: int, kind: str) -> str:
    first, most = {"a": ("a", 26), "A": ("A", 26), "i": ("ⅰ", 12), "I": ("Ⅰ", 12)}.get(
        kind, ("", 0)
    )
    return chr(ord(first) + number - 1) if 1 <= number <= most else str(number)


def _groups(element: etree._Element) -> Iterator[tuple[str, list[etree._Element]]]:
    """The terms of a dl, each with what stands below it; terms above one text are one."""
    terms: list[str] = []
    below: list[etree._Element] = []
    for child in element.iterchildren("dt", "dd", "div"):
        for part in child.iterchildren("dt", "dd") if child.tag == "div" else [child]:
            if part.tag == "dd":
                below.append(part)
                continue
            if below:
                yield "、".join(filter(None, terms)), below
                terms, below = [], []
            terms.append(_one_line(part))
    if terms or below:
        yield "、".join(filter(None, terms)), below


def _defined(term: str, found: list[Item]) -> Iterator[Item]:
    """対象：小学生 on one line, and what else there is below it."""
    first = found[0] if found else None
    if isinstance(first, Paragraph) and term and len(term) <= _LONGEST_TERM:
        yield Paragraph(f"{term}：{first.text}")
        yield from found[1:]
        return
    if term:
        yield Paragraph(term)
    yield from found
