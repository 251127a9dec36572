"""A result as Markdown. All text of documents and users is escaped: it can be neither markup nor
HTML, whatever the portal's renderer makes of either."""

import re
from collections.abc import Iterator

from policyqa import strings, strings_api
from policyqa.models import Answer, Passage, SearchResult
from policyqa.web.render import escape
from policyqa.web.results import how_sure

NEAREST = 3
"""Passages shown where nothing was found."""
_RELATED = 5
# What makes a heading, a list, a rule or a code block at the beginning of a line.
_OPENING = re.compile(r"[#+=-]|(?<=[0-9])[.)]")


def result_markdown(result: SearchResult, answer: Answer) -> str:
    """The evidence with its sources and how sure it is, else the nearest passages."""
    notices = [
        strings_api.ANSWER_NOTICE.format(message=markdown(notice.message))
        for notice in result.notices
    ]
    blocks = _found(result, answer) if answer.found else _not_found(result)
    return "\n\n".join([*notices, *blocks]) + "\n"


def markdown(text: str) -> str:
    """Text on one line or more, with every sign that Markdown, HTML or TeX reads as markup spelt
    out. An empty line would end the block it stands in, so there is none."""
    lines = (_line(line.strip(" \t")) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _line(line: str) -> str:
    escaped = escape(line)
    begin = len(escaped) - len(escaped.lstrip("0123456789"))
    if _OPENING.match(escaped, begin):
        return f"{escaped[:begin]}&#{ord(escaped[begin])};{escaped[begin + 1 :]}"
    return escaped


def _found(result: SearchResult, answer: Answer) -> Iterator[str]:
    word, percent = how_sure(answer.probability)
    yield f"## {strings.ANSWER}"
    yield strings_api.ANSWER_SURE.format(sure=strings.SURE, word=word, percent=percent)
    for evidence in answer.evidence:
        yield _quoted(evidence.text)
        yield strings_api.ANSWER_SOURCE.format(citation=markdown(evidence.citation.full))
    yield f"## {strings.PASSAGES}"
    yield "\n".join(_cited(passage) for passage in result.passages[:_RELATED])


def _not_found(result: SearchResult) -> Iterator[str]:
    if any(notice.code == "filters-empty" for notice in result.notices):
        return
    yield f"## {strings.NOT_FOUND}"
    yield strings.NOT_FOUND_HINT if result.passages else strings.NOTHING_NEAR
    if result.passages:
        yield f"## {strings.PASSAGES_FOR_REFERENCE}"
    for passage in result.passages[:NEAREST]:
        yield _cited(passage)
        yield _quoted(passage.chunk.text)


def _cited(passage: Passage) -> str:
    return f"{passage.rank}. {markdown(passage.citation.full)}"


def _quoted(text: str) -> str:
    """A quotation; each line a paragraph of its own, as in the document."""
    return "\n>\n".join(f"> {line}" for line in markdown(text).split("\n"))
