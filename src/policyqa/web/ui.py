"""The page, in Gradio."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import gradio as gr

from policyqa import strings
from policyqa.library import Library
from policyqa.models import in_words
from policyqa.web import documents, render
from policyqa.web.asking import Asking
from policyqa.web.choices import Choice, Choices, choices
from policyqa.web.examples import examples
from policyqa.web.gate import Gate

_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""`page.js` says what happens."""

LOOK_EVERY = 0.02
"""Seconds after which the page's queue looks again for questions."""


def page(library: Library, gate: Gate) -> gr.Blocks:
    """Two views: the question with its results, and the list of documents. The gate counts and
    records what is asked."""
    created = datetime.fromisoformat(library.generation.manifest["created"]).astimezone()
    updated = in_words(created.date().isoformat())
    with gr.Blocks(title=strings.APP_TITLE, analytics_enabled=False) as demo:
        count = library.generation.manifest["counts"]["documents"]
        gr.Markdown(render.header_html(count, updated), elem_id="pq-header")
        with gr.Tabs(elem_id="pq-views"):
            with gr.Tab(strings.VIEW_SEARCH):
                _search_view(library, gate)
            with gr.Tab(strings.VIEW_DOCUMENTS) as tab:
                _documents_view(tab, library, updated)
    demo.queue(api_open=False, default_concurrency_limit=4, max_size=64)
    # A thousand looks a second for questions, Gradio's own pace, take the more of a core the busier
    # the server is.
    demo._queue.sleep_when_free = LOOK_EVERY
    return demo


def _search_view(library: Library, gate: Gate) -> None:
    with gr.Row(elem_id="pq-form"):
        question = gr.Textbox(
            label=strings.QUESTION_LABEL,
            placeholder=strings.QUESTION_PLACEHOLDER,
            lines=1,
            max_lines=1,
            scale=5,
            elem_id="pq-question",
        )
        button = gr.Button(strings.ASK, variant="primary", scale=1, elem_id="pq-ask")
    problem = _html(elem_id="pq-problem")
    _html(render.status_html(), elem_id="pq-status-line")
    _html(render.examples_html(examples(library)), elem_id="pq-examples")
    with gr.Accordion(strings.FILTERS, open=False, elem_id="pq-filters") as accordion:
        filters = _filters(choices(library.documents))
        clear = gr.Button(strings.CLEAR_FILTERS, size="sm", elem_id="pq-clear")
    results = _html(elem_id="pq-results")
    further = _html(elem_id="pq-further")
    more = gr.Button(strings.MORE, visible=False, elem_id="pq-more")
    # What was asked for the results that are shown, and how many of them are: the fields may
    # have been changed since.
    address = gr.Textbox(visible=False)
    shown = gr.Number(visible=False, precision=0)

    fields = {"question": question, **filters}
    asking = Asking(library, tuple(fields), gate)
    state = [problem, results, further, more, address, shown]
    gr.on(
        [button.click, question.submit],
        asking.ask,
        inputs=list(fields.values()),
        outputs=state,
        # Gradio would call what a page offered before the library changed an error; it is a filter
        # that nothing passes.
        preprocess=False,
        **_QUIET,
    )
    more.click(asking.more, [address, shown], [further, more, shown], **_QUIET)
    clear.click(asking.clear, None, [problem, *filters.values()], **_QUIET)
    # No load event: a question asked while one runs is lost when Gradio closes its event stream.
    # `page.js` presses this where there is an address to arrive at.
    arrive = gr.Button("", elem_id="pq-arrive")
    arrive.click(asking.arrive, None, [*fields.values(), accordion, *state], **_QUIET)


def _filters(offered: Choices) -> dict[str, gr.components.Component]:
    """The fields of the filters, by the name of the filter.

    Those without values are there, but not shown: a page opened before the library changed sends
    the fields it was made with.
    """
    lists = {
        "documents": (strings.FILTER_DOCUMENTS, offered.documents),
        "publishers": (strings.FILTER_PUBLISHERS, offered.publishers),
        "kinds": (strings.FILTER_KINDS, offered.kinds),
    }
    days = {
        "date_from": (strings.FILTER_FROM, offered.dated, None),
        "date_to": (strings.FILTER_TO, offered.dated, None),
        "as_of": (strings.FILTER_AS_OF, offered.in_force, strings.FILTER_AS_OF_HINT),
    }
    with gr.Row(visible=_any_offered(lists)):
        fields = {name: _list(*offer) for name, offer in lists.items()}
    with gr.Row(visible=_any_offered(days)):
        return fields | {name: _day(*offer) for name, offer in days.items()}


def _any_offered(fields: Mapping[str, tuple[Any, ...]]) -> bool:
    return any(offer[1] for offer in fields.values())


def _list(label: str, offered: Sequence[Choice]) -> gr.components.Component:
    return gr.Dropdown(
        list(offered),
        value=[],
        multiselect=True,
        label=label,
        visible=bool(offered),
        elem_classes="pq-list",
    )


def _day(label: str, offered: bool, info: str | None) -> gr.components.Component:
    # `page.js` makes it a field for dates.
    return gr.Textbox(label=label, info=info, max_lines=1, visible=offered, elem_classes="pq-day")


def _documents_view(tab: gr.Tab, library: Library, updated: str) -> None:
    words = gr.Textbox(label=strings.DOCUMENTS_FILTER, max_lines=1, elem_id="pq-documents-filter")
    listed = _html(elem_id="pq-documents")

    def listing(given: str) -> str:
        return documents.documents_html(documents.matching(library.documents, given), updated)

    for event in (tab.select, words.change):
        event(listing, words, listed, trigger_mode="always_last", **_QUIET)


def _html(html: str = "", **options: Any) -> gr.Markdown:
    return gr.Markdown(html, latex_delimiters=[], **options)
