"""The pages of originals as HTML, readable without any script. All text is escaped here.

Links are relative: every such page lies two folders below the application's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from policyqa import strings
from policyqa.catalogue import DocumentRow
from policyqa.models import Box, in_words
from policyqa.originals import File, Neighbour

_ROOT = "../../"
_MOST_HEADINGS = 5000
_DAYS = ("date", "promulgated", "in_force")


@dataclass(frozen=True, slots=True)
class Link:
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above an original: its title, what is quoted of it, what the reader should know,
    and links."""

    title: str
    evidence: str
    notices: Sequence[str]
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a PDF: its number, its size in points, and the boxes marked on it with whether
    each is evidence."""

    page: int
    width: float
    height: float
    marks: Sequence[tuple[Box, bool]]


def whole_page(title: str, main: str) -> str:
    """The document around the main part."""
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}｜{escape(strings.APP_TITLE)}</title>"
        f'<link rel="icon" href="{_ROOT}policyqa/favicon.svg" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{_ROOT}policyqa/source.css"></head><body>'
        f'<header><a href="{_ROOT}">{escape(strings.APP_TITLE)}</a>'
        f'<a href="{_ROOT}">{escape(strings.SOURCE_BACK)}</a></header>'
        f"<main>{main}</main></body></html>"
    )


def missing_page() -> str:
    """What is shown for an address that leads nowhere."""
    title = strings.SOURCE_MISSING
    hint = escape(strings.SOURCE_MISSING_HINT)
    return whole_page(title, f"<h1>{escape(title)}</h1><p>{hint}</p>")


def path_html(document: DocumentRow, path: Sequence[str]) -> str:
    """The document, as a link, and the headings that an original is under."""
    whole = Link(f"{_ROOT}source/document/{document.id}", document.title)
    items = [_link(whole), *(escape(heading) for heading in path)]
    return (
        f'<nav class="path" aria-label="{escape(strings.SOURCE_PATH)}"><ol>'
        f"{''.join(f'<li>{item}</li>' for item in items)}</ol></nav>"
    )


def head_html(head: Head) -> str:
    quote = (
        f'<figure class="quote"><figcaption>{escape(strings.SOURCE_EVIDENCE)}</figcaption>'
        f"<blockquote>{_broken(head.evidence)}</blockquote></figure>"
        if head.evidence
        else ""
    )
    notices = "".join(f'<p class="notice">{escape(notice)}</p>' for notice in head.notices)
    links = "".join(f"<li>{_link(link)}</li>" for link in head.links)
    listed = f'<ul class="links">{links}</ul>' if links else ""
    return f"<h1>{escape(head.title)}</h1>{quote}{notices}{listed}"


def sheet_html(document: DocumentRow, sheet: Sheet) -> str:
    """The image of a page with what is marked on it."""
    alt = strings.SOURCE_PAGE_ALT.format(title=document.title, page=sheet.page)
    if sheet.marks:
        alt = strings.SOURCE_PAGE_ALT_MARKED.format(alt=alt)
    evidence = [box for box, is_evidence in sheet.marks if is_evidence]
    here = next(iter(evidence), sheet.marks[0][0] if sheet.marks else None)
    marks = "".join(
        f'<span class="{"evidence" if is_evidence else "passage"}"'
        f'{_here(box == here)} style="{_placed(box, sheet)}"></span>'
        for box, is_evidence in sheet.marks
    )
    return (
        f'<div class="sheet"><img src="{_ROOT}source/image/{document.id}/{sheet.page}.png" '
        f'width="{sheet.width:.0f}" height="{sheet.height:.0f}" alt="{escape(alt)}">{marks}</div>'
    )


def _here(there: bool) -> str:
    """What the end of an address (#here) leads to."""
    return ' id="here"' if there else ""


def _placed(box: Box, sheet: Sheet) -> str:
    left, top, right, bottom = box
    return (
        f"left:{left / sheet.width:.3%};top:{top / sheet.height:.3%};"
        f"width:{(right - left) / sheet.width:.3%};height:{(bottom - top) / sheet.height:.3%}"
    )


def turning_html(
    previous: Link | None, between: str, following: Link | None, *, again: bool = False
) -> str:
    """Links to what comes before and after; shown `again` they are no second landmark."""
    before = _link(previous, "prev") if previous else ""
    after = _link(following, "next") if following else ""
    links = f"<span>{before}</span><span>{escape(between)}</span><span>{after}</span>"
    if again:
        return f'<div class="turning">{links}</div>'
    return f'<nav class="turning" aria-label="{escape(strings.SOURCE_TURN)}">{links}</nav>'


def text_html(heading: str, lines: str) -> str:
    """Text, which is HTML already, below its heading."""
    return f'<section class="text"><h2>{escape(heading)}</h2>{lines}</section>'


def outline_html(links: Sequence[tuple[int, Link]]) -> str:
    """Headings with how deep each is."""
    items = "".join(
        f'<li class="level-{min(level, 5)}">{_link(link)}</li>'
        for level, link in links[:_MOST_HEADINGS]
    )
    more = len(links) - _MOST_HEADINGS
    cut = f"<p>{escape(strings.SOURCE_OUTLINE_CUT.format(count=more))}</p>" if more > 0 else ""
    heading = escape(strings.SOURCE_OUTLINE)
    return f'<section class="outline"><h2>{heading}</h2><ul>{items}</ul>{cut}</section>'


def metadata_html(document: DocumentRow) -> str:
    """What is known of a document."""
    known = [
        (strings.SOURCE_METADATA[key], _value(key, document.metadata[key]))
        for key in strings.SOURCE_METADATA
        if document.metadata.get(key)
    ]
    if document.page_count:
        known.append((strings.SOURCE_PAGES, str(document.page_count)))
    known.append((strings.SOURCE_FILE, escape(Path(document.path).name)))
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in known)
    return f'<dl class="metadata">{rows}</dl>'


def file_links(document: DocumentRow, file: File, page: int | None) -> list[Link]:
    """The link to the file, where it still is what was indexed."""
    if file.state != "whole":
        return []
    address = f"{_ROOT}source/file/{document.id}"
    if file.path.suffix.lower() == ".pdf":
        at = f"#page={page}" if page else ""
        return [Link(address + at, strings.SOURCE_OPEN_PDF)]
    return [Link(address, strings.SOURCE_DOWNLOAD)]


def file_notices(file: File) -> list[str]:
    """What the reader should know of the file."""
    said = strings.SOURCE_FILE_STATES.get(file.state)
    return [said] if said else []


def context_html(before: Sequence[Neighbour], after: Sequence[Neighbour]) -> str:
    """The text around a passage, as a fragment on one line."""
    if not before and not after:
        return f'<p class="pq-context">{escape(strings.CONTEXT_NONE)}</p>'
    return _neighbours("before", strings.CONTEXT_BEFORE, before) + _neighbours(
        "after", strings.CONTEXT_AFTER, after
    )


def _neighbours(side: str, label: str, neighbours: Sequence[Neighbour]) -> str:
    parts = []
    for neighbour in neighbours:
        if neighbour.path:
            path = escape(" › ".join(neighbour.path))
            parts.append(f'<p class="pq-context-heading">{path}</p>')
        parts.append(f"<p>{_broken(neighbour.text)}</p>")
    if not parts:
        return ""
    opening = f'<div class="pq-context pq-{side}" role="group" aria-label="{escape(label)}">'
    return f"{opening}{''.join(parts)}</div>"


def _value(key: str, value: str) -> str:
    if key in _DAYS:
        return escape(in_words(value))
    if key == "url" and value.startswith(("https://", "http://")):
        return f'<a href="{escape(value)}" rel="noreferrer">{escape(value)}</a>'
    return escape(value)


def _link(link: Link, relation: str = "") -> str:
    rel = f' rel="{relation}"' if relation else ""
    return f'<a href="{escape(link.address)}"{rel}>{escape(link.text)}</a>'


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>")
