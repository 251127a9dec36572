"""What a web page states of itself: title, address, publisher, date, language, licence."""

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from policyqa.japanese import squeeze
from policyqa.readers import stated
from policyqa.readers.lines import unwrapped

Metadata = dict[str, str]

_PUBLISHERS = ("og:site_name", "dcterms.publisher", "dc.publisher", "publisher", "author")
_DATES = (
    *("article:published_time", "dcterms.issued", "dcterms.date", "dc.date.issued", "dc.date"),
    *("date", "article:modified_time", "dcterms.modified", "last-modified"),
)
_SEPARATOR = re.compile(r"\s*[|｜/／:：»›＞>～]\s*|\s+[-‐–—―−]\s+|\s*[–—―]\s*")


def metadata(page: etree._Element) -> Metadata:
    """What the page states plainly; the rest is missing."""
    named = _named(page)
    known = {
        "url": _first(map(stated.address, [*_links(page, "canonical"), named.get("og:url", "")])),
        "publisher": _first(stated.text(named.get(name, "")) for name in _PUBLISHERS),
        "date": _first(stated.day(named.get(name, "")) for name in _DATES) or _only_time(page),
        "language": stated.text(page.get("lang") or page.get("xml:lang") or ""),
        "licence": _first(map(stated.address, _links(page, "license"))),
    }
    return {name: value for name, value in known.items() if value}


def title(page: etree._Element, headings: Sequence[str], fallback: str) -> str:
    """The page's title without the site's name. `headings` are the h1 of its content."""
    named = _named(page)
    head = page.find("head/title")
    site = unwrapped(_first(named.get(name, "") for name in _PUBLISHERS))
    written = _first(
        [
            unwrapped(named.get("og:title", "")),
            unwrapped("".join(head.itertext())) if head is not None else "",
        ]
    )
    parts = [part for part in _SEPARATOR.split(written) if part]
    own = [heading for heading in headings if squeeze(heading) != squeeze(site)]
    part = next((heading for heading in own if _is_part(heading, written, parts)), "")
    only_site = all(squeeze(part) == squeeze(site) for part in parts)
    anywhere = (unwrapped("".join(heading.itertext())) for heading in page.iter("h1"))
    return part or _first(
        [
            "" if only_site and own else _without(site, written),
            *own,
            *anywhere,
            fallback,
        ]
    )


def _without(site: str, written: str) -> str:
    """The title without the site's name before or behind it."""
    if not site:
        return written
    name, sign = re.escape(site), _SEPARATOR.pattern
    return re.sub(rf"(?<=.)(?:{sign}){name}$|^{name}(?:{sign})(?=.)", "", written)


def _is_part(heading: str, written: str, parts: Sequence[str]) -> bool:
    """Whether the heading is the title, or the title but for names set off by signs."""
    wanted = squeeze(heading)
    return wanted == squeeze(written) or wanted in (
        squeeze("".join(parts[first:last]))
        for first in range(min(len(parts), 4))
        for last in range(first + 1, min(len(parts), 4) + 1)
    )


def _named(page: etree._Element) -> Metadata:
    """The page's meta elements: name, in lower case, to content. The first of a name counts."""
    named: Metadata = {}
    for meta in page.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("http-equiv") or ""
        if meta.get("content", "").strip():
            named.setdefault(name.strip().lower(), meta.get("content"))
    return named


def _links(page: etree._Element, relation: str) -> Iterator[str]:
    for link in page.iter("link"):
        if relation in link.get("rel", "").lower().split():
            yield link.get("href", "")


def _only_time(page: etree._Element) -> str:
    """The day that all of the page's <time> name: of several it is not known what they date."""
    days = {stated.day(time.get("datetime", "")) for time in page.iter("time")}
    return days.pop() if len(days) == 1 else ""


def _first(found: Iterator[str] | Sequence[str]) -> str:
    return next((value for value in found if value), "")
