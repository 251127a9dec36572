"""Ranked passages to HTML: citation, place, text, why it is here, and where else it stands."""

from collections.abc import Iterator, Sequence

from policyqa import strings
from policyqa.models import Answer, Citation, Evidence, Passage
from policyqa.web.render import button, escape, marked_part, original_link


def section_html(passages: Sequence[Passage], answer: Answer) -> str:
    """The first passages under their heading."""
    title = strings.PASSAGES if answer.found else strings.PASSAGES_FOR_REFERENCE
    return (
        f'<section class="pq-passages"><h2>{escape(title)}</h2>{_legend(answer.found)}'
        f"{list_html(passages, passages, answer)}</section>"
    )


def more_html(passages: Sequence[Passage], skipped: int, answer: Answer) -> str:
    """The passages after the first `skipped`, which are shown already."""
    summary = strings.SUMMARY_MORE.format(passages=len(passages))
    return (
        f'<div class="pq-results">{list_html(passages[skipped:], passages, answer)}'
        f'<p class="pq-summary" hidden>{escape(summary)}</p></div>'
    )


def list_html(passages: Sequence[Passage], shown: Sequence[Passage], answer: Answer) -> str:
    """Some of the passages that are shown, each with its rank."""
    items = "".join(_passage(passage, shown, answer) for passage in passages)
    return f'<ol class="pq-list">{items}</ol>'


def _legend(found: bool) -> str:
    evidence = f'<span class="pq-said">{escape(strings.LEGEND_EVIDENCE)}</span>' if found else ""
    return f'<p class="pq-legend">{evidence}<mark>{escape(strings.LEGEND_WORDS)}</mark></p>'


def _passage(passage: Passage, shown: Sequence[Passage], answer: Answer) -> str:
    identity = escape(passage.id)
    cited = f"pq-cite-{identity}"
    evidence = _evidence_in(passage, answer)
    return (
        f'<li class="pq-passage" id="pq-passage-{identity}">'
        f'<h3><span class="pq-rank">{passage.rank}.</span> {escape(str(passage.citation))}</h3>'
        f'<div class="pq-crumbs">{_breadcrumb(passage.citation)}</div>'
        f'<div class="pq-text">{_text(passage, evidence)}</div>'
        f'<div class="pq-full" id="{cited}">{escape(passage.citation.full)}</div>'
        f'<div class="pq-acts">{button("context", passage.id, strings.CONTEXT)}'
        f"{button('copy', cited, strings.COPY)}"
        f"{original_link(passage, evidence[0] if evidence else None)}</div>"
        f"{_why(passage, shown)}{_duplicates(passage.duplicates)}</li>"
    )


def _evidence_in(passage: Passage, answer: Answer) -> list[Evidence]:
    """The answer's evidence in this passage, in the order of the text."""
    if not answer.found:
        return []
    found = [evidence for evidence in answer.evidence if evidence.passage.id == passage.id]
    return sorted(found, key=lambda evidence: evidence.start)


def _breadcrumb(citation: Citation) -> str:
    return " › ".join(escape(part) for part in (citation.title, *citation.section))


def _text(passage: Passage, evidence: Sequence[Evidence]) -> str:
    parts, position = [], 0
    for piece in evidence:
        said = marked_part(passage, (max(piece.start, position), piece.end))
        parts.append(marked_part(passage, (position, max(piece.start, position))))
        parts.append(f'<span class="pq-said">{said}</span>')
        position = piece.end
    return "".join([*parts, marked_part(passage, (position, len(passage.chunk.text)))])


def _why(passage: Passage, shown: Sequence[Passage]) -> str:
    reasons = "".join(f"<li>{reason}</li>" for reason in _reasons(passage, shown))
    return (
        f'<details class="pq-why"><summary>{escape(strings.WHY)}</summary><ul>{reasons}</ul>'
        "</details>"
    )


def _reasons(passage: Passage, shown: Sequence[Passage]) -> Iterator[str]:
    """What speaks for a passage, in words: cosines and BM25 say nothing to an official."""
    if "place" in passage.signals:
        yield escape(strings.WHY_PLACE)
        return
    yield f"{escape(strings.WHY_MEANING)}：{_among(passage, shown, 'dense')}"
    said = dict.fromkeys(passage.chunk.text[start:end] for start, end in passage.highlights)
    words = "、".join(f"<mark>{escape(word)}</mark>" for word in said)
    among = f"{_among(passage, shown, 'lexical')}（{words}）"
    yield f"{escape(strings.WHY_WORDS)}：{among if words else escape(strings.WHY_NO_WORDS)}"


def _among(passage: Passage, shown: Sequence[Passage], signal: str) -> str:
    """The place of a passage among those shown by one signal."""
    values = [other.signals[signal] for other in shown if signal in other.signals]
    better = sum(value > passage.signals[signal] for value in values)
    return escape(strings.WHY_RANK.format(count=len(values), rank=better + 1))


def _duplicates(citations: Sequence[Citation]) -> str:
    if not citations:
        return ""
    items = "".join(f"<li>{escape(str(citation))}</li>" for citation in citations)
    return f'<div class="pq-same"><p>{escape(strings.DUPLICATES)}</p><ul>{items}</ul></div>'
