"""A result to HTML: notices, the answer card, and the passages below."""

from policyqa import strings
from policyqa.models import Answer, Evidence, Notice, SearchResult
from policyqa.web import passages
from policyqa.web.render import button, escape, marked_part, original_link


def result_html(result: SearchResult, answer: Answer, shown: int, address: str) -> str:
    """The answer card and the first `shown` passages; `address` is the query string that leads
    to this result."""
    passages_shown = result.passages[:shown]
    listed = passages.section_html(passages_shown, answer) if passages_shown else ""
    return (
        f'<div class="pq-results">{_asked(result.question)}{_notices(result, address)}'
        f"{_head(result, answer)}{listed}{_summary(len(passages_shown), answer.found)}"
        f"{_permalink(address)}</div>"
    )


def _head(result: SearchResult, answer: Answer) -> str:
    if answer.found:
        return _answer(answer)
    if any(notice.code == "filters-empty" for notice in result.notices):
        return ""
    return _not_found(bool(result.passages))


def _asked(question: str) -> str:
    return (
        f'<p class="pq-asked"><span>{escape(strings.QUESTION_LABEL)}：</span>'
        f'<span id="pq-asked">{escape(question)}</span></p>'
    )


def _notices(result: SearchResult, address: str) -> str:
    return "".join(_notice(notice, address) for notice in result.notices)


def _notice(notice: Notice, address: str) -> str:
    clear = ""
    if notice.code == "filters-empty":
        unfiltered = address.split("&")[0]
        clear = button("clear", unfiltered, strings.CLEAR_FILTERS)
    return f'<div class="pq-notice"><p>{escape(notice.message)}</p>{clear}</div>'


def _summary(count: int, found: bool) -> str:
    said = strings.SUMMARY_FOUND if found else strings.SUMMARY_NOT_FOUND
    return f'<p class="pq-summary" hidden>{escape(said.format(passages=count))}</p>'


def _permalink(address: str) -> str:
    return (
        f'<p class="pq-permalink"><a href="{escape(address)}">{escape(strings.RESULT_LINK)}</a></p>'
    )


def _answer(answer: Answer) -> str:
    items = "".join(_evidence(*item) for item in enumerate(answer.evidence, start=1))
    passage = answer.evidence[0].passage.id
    return (
        f'<section class="pq-answer"><div class="pq-title"><h2>{escape(strings.ANSWER)}</h2>'
        f"{_sure(answer.probability)}</div>{items}{_verdict(passage)}</section>"
    )


def how_sure(probability: float) -> tuple[str, int]:
    """The word for a probability, and its percentage."""
    # Only a place that is named is certain.
    percent = 100 if probability == 1 else min(99, round(probability * 100))
    return next(word for least, word in strings.HOW_SURE if probability >= least), percent


def _sure(probability: float) -> str:
    word, percent = how_sure(probability)
    level = [one for _, one in strings.HOW_SURE].index(word)
    return (
        f'<p class="pq-sure pq-sure-{level}">{escape(strings.SURE)}：'
        f"<strong>{escape(word)}</strong> {percent}%</p>"
    )


def _evidence(number: int, evidence: Evidence) -> str:
    cited = f"pq-cited-{number}"
    words = marked_part(evidence.passage, (evidence.start, evidence.end))
    return (
        f'<figure class="pq-evidence"><blockquote>{words}</blockquote>'
        f"<figcaption>{escape(strings.ANSWER_SOURCE)}："
        f'<cite id="{cited}">{escape(evidence.citation.full)}</cite></figcaption>'
        f'<p class="pq-acts">{button("copy", cited, strings.COPY)}'
        f"{original_link(evidence.passage, evidence)}</p></figure>"
    )


def _verdict(passage: str) -> str:
    return (
        f'<form class="pq-judge"><input type="hidden" name="passage" value="{escape(passage)}">'
        f"<p>{escape(strings.USEFUL)}</p>"
        f'<p class="pq-acts">{button("verdict", "up", strings.UP)}'
        f"{button('verdict', 'down', strings.DOWN)}"
        f"{button('case', passage, strings.ADD_CASE)}</p>"
        f'<p class="pq-reason" hidden><label for="pq-reason">{escape(strings.REASON)}</label>'
        f'<input type="text" id="pq-reason" name="reason" maxlength="1000">'
        f'<button type="submit" class="pq-act">{escape(strings.SEND)}</button></p></form>'
    )


def _not_found(near: bool) -> str:
    hint = strings.NOT_FOUND_HINT if near else strings.NOTHING_NEAR
    return (
        f'<section class="pq-not-found"><h2>{escape(strings.NOT_FOUND)}</h2>'
        f"<p>{escape(hint)}</p>"
        f'<p class="pq-acts">{button("case", "", strings.ADD_CASE_UNANSWERABLE)}</p></section>'
    )
