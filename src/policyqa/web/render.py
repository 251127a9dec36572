"""The page's own pieces, and what all HTML is made of. All text of documents and users is escaped.

The HTML goes through Gradio's Markdown, which leaves a block of HTML alone as long as it has no
empty line: so the output has no newline at all. Its sanitiser drops `aria-*`, `data-*` and
`textarea`, keeps `button`, `form`, `input`, `class`, `id`, `role`, `value` and `hidden`, and lets
links open a new tab; `page.js` answers the buttons.
"""

import html
from collections.abc import Iterable, Sequence

from policyqa import strings
from policyqa.models import Evidence, Passage, Span


def header_html(documents: int, updated: str) -> str:
    """The page's title and what the library holds."""
    state = strings.LIBRARY_STATE.format(documents=documents, updated=updated)
    return (
        f'<header class="pq-header"><h1>{escape(strings.APP_TITLE)}</h1>'
        f"<p>{escape(strings.APP_LEAD)}</p>"
        f'<p class="pq-state">{escape(state)}</p></header>'
    )


def examples_html(questions: Sequence[str]) -> str:
    """Questions to choose from."""
    items = "".join(f"<li>{button('example', question, question)}</li>" for question in questions)
    return (
        f'<div class="pq-examples"><p>{escape(strings.EXAMPLES)}</p><ul>{items}</ul></div>'
        if items
        else ""
    )


def status_html() -> str:
    """Where `page.js` says what happens."""
    return '<p id="pq-status" role="status"></p>'


def problem_html(message: str) -> str:
    """Why nothing was asked, or why it failed."""
    return f'<p class="pq-problem" role="alert">{escape(message)}</p>'


def escape(text: str) -> str:
    """HTML-escaped, on one line, with the signs that Markdown and TeX read as markup spelt out."""
    escaped = html.escape(text).replace("\n", "<br>")
    for sign in "\\`*_$[]~|":
        escaped = escaped.replace(sign, f"&#{ord(sign)};")
    return escaped


def marked(text: str, spans: Iterable[Span]) -> str:
    """`text` escaped, with `spans` (ordered, not overlapping) in <mark>."""
    parts, position = [], 0
    for start, end in spans:
        parts += [escape(text[position:start]), f"<mark>{escape(text[start:end])}</mark>"]
        position = end
    return "".join([*parts, escape(text[position:])])


def marked_part(passage: Passage, part: Span) -> str:
    """A part of a passage's text, with the words of the question in <mark>."""
    start, end = part
    inside = [
        (max(first, start) - start, min(last, end) - start)
        for first, last in passage.highlights
        if first < end and last > start
    ]
    return marked(passage.chunk.text[start:end], inside)


def button(action: str, value: str, label: str) -> str:
    """A button that `page.js` answers: what it does, with what, and its words."""
    return (
        f'<button type="button" class="pq-act pq-{action}" value="{escape(value)}">'
        f"{escape(label)}</button>"
    )


def original_link(passage: Passage, evidence: Evidence | None = None) -> str:
    """The link to a passage in its original, with the evidence marked there."""
    span = f"?start={evidence.start}&amp;end={evidence.end}" if evidence else ""
    return link(f"source/passage/{escape(passage.id)}{span}", strings.OPEN_ORIGINAL)


def link(address: str, label: str) -> str:
    """A link into a new tab; `address` is HTML already."""
    return (
        f'<a class="pq-act pq-open" href="{address}">{escape(label)}'
        f'<span class="pq-aside">{escape(strings.NEW_TAB)}</span></a>'
    )
