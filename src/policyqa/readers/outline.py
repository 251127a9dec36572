"""Numbered headings to a section tree: the one thing the readers share."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from policyqa.models import Section, TextSpan

_NUMERAL = r"[0-9０-９一二三四五六七八九十百千〇]{1,5}"
_BRANCH = rf"(?:の{_NUMERAL}){{0,3}}"

# Kinds of label from the widest to the narrowest, after the order that official Japanese documents
# use (第1, 1, (1), ア, (ア); statutes: 編 章 節 款 目 条, then 附則). Only the order here counts: a
# kind opens a section below the nearest wider kind that is open.
_KINDS: tuple[tuple[str, str], ...] = (
    ("附則", r"附[ 　]{0,2}則(?=[ 　]*(?:[（(]|$))"),
    ("部", rf"第{_NUMERAL}部{_BRANCH}"),
    ("編", rf"第{_NUMERAL}編{_BRANCH}"),
    ("章", rf"第{_NUMERAL}章{_BRANCH}"),
    ("節", rf"第{_NUMERAL}節{_BRANCH}"),
    ("款", rf"第{_NUMERAL}款{_BRANCH}"),
    ("目", rf"第{_NUMERAL}目{_BRANCH}"),
    ("条", rf"第{_NUMERAL}条{_BRANCH}"),
    ("第", rf"第{_NUMERAL}(?=[\s　])"),
    ("roman", r"[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]+[.．]?"),
    ("number", r"(?:[0-9]{1,2}|[０-９]{1,2})(?:[.．](?![0-9０-９])|(?=[\s　]))"),
    (
        "decimal",
        r"[0-9０-９]{1,2}(?:[.．\-－‐―][0-9０-９]{1,2}){1,4}(?:[.．](?![0-9０-９])|(?=[\s　]))",
    ),
    ("parenthesis", r"[(（][0-9０-９]{1,2}[)）]"),
    ("circle", r"[①-⑳]"),
    ("kana", r"[ア-ン](?:[.．]|(?=[\s　]))"),
    ("parenthesised kana", r"[(（][ア-ン][)）]"),
)
_RANKS = {kind: rank for rank, (kind, _) in enumerate(_KINDS)}
_LABELS = re.compile(
    "|".join(f"(?P<k{rank}>{pattern})" for rank, (_, pattern) in enumerate(_KINDS))
)
_DIVISIONS = frozenset({"附則", *"部編章節款目"})
_LONGEST_TITLE = 40
# What may follow 第３章 in running text, so that the line is no heading: a particle, a reference.
_RUNNING_TEXT = re.compile(r"[のにはをでとがもへ、，]|から|及び|又は|及|まで|第")
_CONTENTS_LEADER = re.compile(r"[.．…・‥⋯\s]{4,}[0-9０-９]{1,4}$|…{2,}")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found in a text. A smaller level is a wider section; `rest` is body text that
    stands on the heading's own line (第一条　この法律は…)."""

    level: int
    label: str
    title: str
    rest: str = ""
    page: int | None = None
    fixed: bool = False
    """True where it is known to be a heading (a bookmark, 第３章); such a one is never folded."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of body text, the page it starts on, and where its text is printed."""

    text: str
    page: int | None = None
    spans: tuple[TextSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """Where sections of this level and of narrower ones end: what follows, up to the next heading,
    belongs to the section around them."""

    level: int
    page: int | None = None


@dataclass(slots=True)
class _Node:
    heading: Heading
    paragraphs: list[Paragraph] = field(default_factory=list)
    children: list["_Node"] = field(default_factory=list)
    last_page: int | None = None


def split_label(line: str) -> tuple[str, str]:
    """A heading's label and title: `２．大学` -> (`２．`, `大学`). No label: (``, line)."""
    line = line.strip()
    match = _LABELS.match(line)
    if match is None:
        return "", line
    return match.group(), line[match.end() :].strip(" 　")


def parse_heading(line: str) -> Heading | None:
    """The heading that `line` is, judged by the line alone; None for body text."""
    line = line.strip(" 　\t")
    match = _LABELS.match(line)
    if match is None or _CONTENTS_LEADER.search(line):
        return None
    kind = _KINDS[int((match.lastgroup or "k0")[1:])][0]
    label, after = match.group(), line[match.end() :]
    title = after.strip(" 　")
    spaced = after[:1] in (" ", "　", "")
    if not spaced and label.startswith("第") and _RUNNING_TEXT.match(after):
        return None
    if kind == "条":
        return _article(label, after)
    # A title has a word: 3.5 ％ and 10 20 30 have none. 第３章 may stand alone on its line.
    if not any(map(str.isalpha, title)) and (title or kind not in _DIVISIONS):
        return None
    if len(title) > _LONGEST_TITLE or "。" in title or title.endswith(("、", "，", ",", "；", ";")):
        return None
    level = _RANKS[kind] * 10
    if kind == "decimal":
        level = _RANKS["number"] * 10 + len(re.findall(r"[.．\-－‐―](?=[0-9０-９])", label))
    return Heading(level, label, title, fixed=kind in _DIVISIONS)


def _article(label: str, after: str) -> Heading | None:
    """第二条（定義）　この法律において…: the caption is the title, the rest is the body."""
    caption = re.match(r"[ 　]*[(（]([^()（）。]{1,40})[)）]", after)
    rest = after[caption.end() :] if caption else after
    if rest == after and rest[:1] not in (" ", "　", ""):
        return None
    if rest != after and _RUNNING_TEXT.match(rest):
        return None
    return Heading(
        _RANKS["条"] * 10, label, caption.group(1) if caption else "", rest.strip(" 　"), fixed=True
    )


def build_tree(items: Iterable[Heading | Paragraph | End]) -> Section:
    """Nest paragraphs under their headings; the root holds what comes before the first one.

    Headings that all turn out to have nothing below them are a list, not sections: they become
    lines of their parent's text. Nothing is lost.
    """
    root = _Node(Heading(-1, "", "", fixed=True))
    stack = [root]
    for item in items:
        if not isinstance(item, Paragraph):
            while stack[-1].heading.level >= item.level:
                stack.pop()
        if isinstance(item, Heading):
            node = _Node(
                item, [Paragraph(item.rest, item.page)] if item.rest else [], last_page=item.page
            )
            stack[-1].children.append(node)
            stack.append(node)
        elif isinstance(item, Paragraph):
            stack[-1].paragraphs.append(item)
        last = item.spans[-1].page if isinstance(item, Paragraph) and item.spans else item.page
        for node in stack:
            node.last_page = max(last or 0, node.last_page or 0) or None
    return _section(root)


def _section(node: _Node) -> Section:
    children = [_section(child) for child in node.children]
    lines = [paragraph.text for paragraph in node.paragraphs]
    if _is_list(node.children, children):
        lines += [child.heading for child in children]
        children = []
    spans = tuple(_shifted(node.paragraphs))
    # Now given back, so that a long document never takes its memory twice.
    node.paragraphs.clear()
    return Section(
        label=node.heading.label,
        title=node.heading.title,
        text="\n".join(lines),
        children=tuple(_with_text(child) for child in children),
        first_page=node.heading.page,
        last_page=node.last_page,
        spans=spans,
    )


def _shifted(paragraphs: Iterable[Paragraph]) -> Iterator[TextSpan]:
    """The paragraphs' spans, counted from the beginning of the section."""
    offset = 0
    for paragraph in paragraphs:
        for span in paragraph.spans:
            yield replace(span, start=span.start + offset, end=span.end + offset)
        offset += len(paragraph.text) + 1


def _is_list(nodes: Sequence[_Node], sections: Sequence[Section]) -> bool:
    return all(
        not node.heading.fixed and not section.text and not section.children
        for node, section in zip(nodes, sections, strict=True)
    )


def _with_text(section: Section) -> Section:
    # A heading with nothing below it, among others that have text, must stay findable.
    if section.text or section.children:
        return section
    return replace(section, text=section.heading)
