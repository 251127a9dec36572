"""What the page's events do: ask, show more, arrive at an address. No error's text reaches the
browser.
"""

import logging
import secrets
import time
from collections.abc import Sequence
from typing import Any

import gradio as gr

from policyqa import strings
from policyqa.answering import answer
from policyqa.library import Library
from policyqa.models import SearchResult
from policyqa.web import passages, render
from policyqa.web.choices import chosen
from policyqa.web.gate import Gate
from policyqa.web.query import Query
from policyqa.web.results import result_html

log = logging.getLogger(__name__)

STEP = 5
"""Passages shown at first, and how many more at a time."""
MOST_PASSAGES = 50


class Asking:
    """The events of a page over a library; `fields` are the names of its fields in `Query`, the
    question first.

    What `ask` gives goes to: problem, results, further passages, the button for more, the
    address, and how many passages are shown.
    """

    def __init__(self, library: Library, fields: Sequence[str], gate: Gate) -> None:
        self._library = library
        self._fields = fields
        self._gate = gate

    def ask(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """The results for the values of the fields; a problem leaves the last ones as they are."""
        given = zip(self._fields, values, strict=True)
        # A field that was never touched is None.
        query = Query(**{name: value for name, value in given if value is not None})
        return self._respond(query, request)

    def more(self, address: str, shown: int) -> tuple[Any, ...]:
        """The passages after the first STEP, more of them than before."""
        query, wanted = Query.from_address(address), min(shown + STEP, MOST_PASSAGES)
        result = self._library.search(query.question, wanted + 1, filters=query.filters)
        return _further(result, wanted), _more(result, wanted), wanted

    def clear(self) -> tuple[Any, ...]:
        """No problem, and empty filters."""
        return "", *self._shown(Query())[1:]

    def arrive(self, request: gr.Request) -> tuple[Any, ...]:
        """What the page shows at its address: the fields, whether filters are open, the results."""
        query = Query.from_address(str(request.query_params))
        if query == Query():
            # Nothing that was typed meanwhile is lost.
            return (gr.skip(),) * (len(self._fields) + 7)
        fields = self._shown(query)
        results = self._respond(query, request) if query.question else (gr.skip(),) * 6
        return *fields, gr.update(open=any(fields[1:])), *results

    def _shown(self, query: Query) -> list[Any]:
        """The values of the fields for a query."""
        values = {name: getattr(query, name) for name in self._fields}
        if "documents" in values:
            values["documents"] = chosen(self._library.documents, query.documents)
        return list(values.values())

    def _respond(self, query: Query, request: gr.Request) -> tuple[Any, ...]:
        began, counts = time.monotonic(), None
        try:
            problem = query.problem
            if problem is not None:
                return _problem(problem)
            shown, counts = self._results(query)
        except Exception:
            # The reader gets a plain message, the log the whole story.
            log.exception("a question failed")
            shown = _problem(strings.FAILED)
        seconds = time.monotonic() - began
        self._gate.answered(request.request, query.question, counts, seconds)
        return shown

    def _results(self, query: Query) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What the page shows, and how much was found."""
        shown, problem = STEP, ""
        result = self._library.search(query.question, STEP + 1, filters=query.filters)
        if query.passage:
            result = self._library.search(query.question, MOST_PASSAGES + 1, filters=query.filters)
            ids = [passage.id for passage in result.passages[:MOST_PASSAGES]]
            if query.passage in ids:
                shown = -(-(ids.index(query.passage) + 1) // STEP) * STEP
            else:
                problem = render.problem_html(strings.NOT_AMONG_RESULTS)
        found = answer(result)
        results = result_html(result, found, STEP, query.address)
        further = _further(result, shown) if shown > STEP else ""
        counts = {"passages": min(shown, len(result.passages)), "found": found.found}
        parts = problem, _new(results), further, _more(result, shown), query.address, shown
        return parts, counts


def _problem(message: str) -> tuple[Any, ...]:
    return _new(render.problem_html(message)), *(gr.skip(),) * 5


def _further(result: SearchResult, shown: int) -> str:
    return _new(passages.more_html(result.passages[:shown], STEP, answer(result)))


def _more(result: SearchResult, shown: int) -> Any:
    # No gr.Button: a component made while another thread builds the page of a new generation
    # would become a part of that page.
    return gr.update(visible=shown < min(len(result.passages), MOST_PASSAGES))


def _new(html: str) -> str:
    """Marked as new: `page.js` waits for a change, also where the same is asked again."""
    return f'<div id="pq-new-{secrets.token_hex(4)}">{html}</div>'
