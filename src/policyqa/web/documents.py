"""The list of documents and their outlines to HTML."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from policyqa import strings
from policyqa.catalogue import DocumentRow
from policyqa.filters import plain
from policyqa.models import Heading, in_words
from policyqa.web.choices import kind_name
from policyqa.web.render import escape, link

MOST_DOCUMENTS = 100
MOST_HEADINGS = 1000


def matching(documents: Sequence[DocumentRow], words: str) -> list[DocumentRow]:
    """The documents whose title, publisher, kind and file name together hold all these words,
    however wide their characters."""
    wanted = [plain(word) for word in words.split()]
    return [
        document
        for document in documents
        if not wanted or all(word in _searched(document) for word in wanted)
    ]


def documents_html(documents: Sequence[DocumentRow], updated: str) -> str:
    """A list of documents, at most MOST_DOCUMENTS; their outlines are loaded when unfolded."""
    state = strings.DOCUMENTS_STATE.format(count=len(documents), updated=updated)
    if not documents:
        state = strings.DOCUMENTS_NONE
    items = "".join(_document(document) for document in documents[:MOST_DOCUMENTS])
    left = len(documents) - MOST_DOCUMENTS
    more = f"<p>{escape(strings.DOCUMENTS_LEFT.format(count=left))}</p>" if left > 0 else ""
    return (
        f'<section class="pq-documents"><h2>{escape(strings.VIEW_DOCUMENTS)}</h2>'
        f'<p class="pq-state">{escape(state)}</p>'
        f"{f'<ol>{items}</ol>' if items else ''}{more}</section>"
    )


def outline_html(headings: Sequence[Heading]) -> str:
    """An outline as nested lists, at most MOST_HEADINGS."""
    if not headings:
        return f"<p>{escape(strings.OUTLINE_NONE)}</p>"
    left = len(headings) - MOST_HEADINGS
    more = f"<p>{escape(strings.OUTLINE_LEFT.format(count=left))}</p>" if left > 0 else ""
    return "".join(_nested(headings[:MOST_HEADINGS])) + more


def _searched(document: DocumentRow) -> str:
    metadata = document.metadata
    kind = kind_name(metadata.get("kind", ""))
    parts = (document.title, metadata.get("publisher", ""), kind, PurePath(document.path).name)
    return plain(" ".join(parts))


def _document(document: DocumentRow) -> str:
    identity = escape(document.id)
    known = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in _known(document)
    )
    return (
        f'<li class="pq-document"><h3>{escape(document.title)}</h3><dl>{known}</dl>'
        f'<div class="pq-acts">{link(f"source/document/{identity}", strings.OPEN_ORIGINAL)}</div>'
        f'<details class="pq-outline" id="pq-outline-{identity}">'
        f"<summary>{escape(strings.OUTLINE)}</summary><div></div></details></li>"
    )


def _known(document: DocumentRow) -> Iterator[tuple[str, str]]:
    metadata = document.metadata
    values = {
        strings.DOCUMENT_PUBLISHER: metadata.get("publisher"),
        strings.DOCUMENT_KIND: kind_name(metadata.get("kind", "")),
        strings.DOCUMENT_DATE: in_words(metadata.get("date", "")),
        strings.DOCUMENT_IN_FORCE: in_words(metadata.get("in_force", "")),
        strings.DOCUMENT_PAGES: str(document.page_count or ""),
        strings.DOCUMENT_FILE: PurePath(document.path).name,
    }
    return ((name, value) for name, value in values.items() if value)


def _nested(headings: Sequence[Heading]) -> Iterator[str]:
    """Lists in lists; a heading that is deeper by two still is one list deeper."""
    open_depths: list[int] = []
    for heading in headings:
        while open_depths and open_depths[-1] > heading.depth:
            open_depths.pop()
            yield "</li></ul>"
        if open_depths and open_depths[-1] == heading.depth:
            yield "</li>"
        else:
            open_depths.append(heading.depth)
            yield "<ul>"
        page = "" if heading.page is None else f" {strings.PAGE.format(page=heading.page)}"
        yield f"<li>{escape(heading.text)}<span>{escape(page)}</span>"
    yield "</li></ul>" * len(open_depths)
