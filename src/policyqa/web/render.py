"""Results to HTML. All text of documents and users is escaped here.

The HTML goes through Gradio's Markdown, which leaves a block of HTML alone as long as it has no
empty line: so the output has no newline at all.
"""

import html
from collections.abc import Sequence

from policyqa import strings
from policyqa.models import Answer, Evidence, Notice, Passage, SearchResult, Span


def result_html(result: SearchResult, answer: Answer) -> str:
    """The answer card and the ranked passages."""
    head = _answer(answer) if answer.found else _not_found(bool(result.passages))
    title = strings.PASSAGES if answer.found else strings.PASSAGES_FOR_REFERENCE
    passages = _passages(title, result.passages) if result.passages else ""
    return f'<div class="pq-results">{_notices(result.notices)}{head}{passages}</div>'


def message_html(message: str) -> str:
    """A message in place of results."""
    return f'<div class="pq-results"><p class="pq-message">{escape(message)}</p></div>'


def header_html(documents: int, updated: str) -> str:
    """The page's title and what the library holds."""
    state = strings.LIBRARY_STATE.format(documents=documents, updated=updated)
    return (
        f'<header class="pq-header"><h1>{escape(strings.APP_TITLE)}</h1>'
        f"<p>{escape(strings.APP_LEAD)}</p>"
        f'<p class="pq-state">{escape(state)}</p></header>'
    )


def escape(text: str) -> str:
    """HTML-escaped, on one line, with the signs that Markdown and TeX read as markup spelt out."""
    escaped = html.escape(text).replace("\n", "<br>")
    for sign in "\\`*_$[]~|":
        escaped = escaped.replace(sign, f"&#{ord(sign)};")
    return escaped


def marked(text: str, spans: Sequence[Span]) -> str:
    """`text` escaped, with `spans` (ordered, not overlapping) in <mark>."""
    parts, position = [], 0
    for start, end in spans:
        parts += [escape(text[position:start]), f"<mark>{escape(text[start:end])}</mark>"]
        position = end
    return "".join([*parts, escape(text[position:])])


def _notices(notices: Sequence[Notice]) -> str:
    return "".join(f'<p class="pq-notice">{escape(notice.message)}</p>' for notice in notices)


def _passages(title: str, passages: Sequence[Passage]) -> str:
    items = "".join(_passage(passage) for passage in passages)
    return f'<section class="pq-passages"><h2>{escape(title)}</h2><ol>{items}</ol></section>'


def _answer(answer: Answer) -> str:
    items = "".join(_evidence(evidence) for evidence in answer.evidence)
    return f'<section class="pq-answer"><h2>{escape(strings.ANSWER)}</h2>{items}</section>'


def _evidence(evidence: Evidence) -> str:
    return (
        f'<figure class="pq-evidence"><blockquote>{escape(evidence.text)}</blockquote>'
        f"<figcaption>{escape(strings.ANSWER_SOURCE)}："
        f"{escape(evidence.citation.full)}</figcaption></figure>"
    )


def _not_found(near: bool) -> str:
    hint = strings.NOT_FOUND_HINT if near else strings.NOTHING_NEAR
    return (
        f'<section class="pq-not-found"><h2>{escape(strings.NOT_FOUND)}</h2>'
        f"<p>{escape(hint)}</p></section>"
    )


def _passage(passage: Passage) -> str:
    return (
        f'<li class="pq-passage"><h3>{escape(str(passage.citation))}</h3>'
        f"<p>{marked(passage.chunk.text, passage.highlights)}</p></li>"
    )
