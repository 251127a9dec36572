"""The page, in Gradio."""

import logging
from collections.abc import Callable
from datetime import datetime

import gradio as gr

from policyqa import strings
from policyqa.answering import answer
from policyqa.japanese import clean
from policyqa.library import LONGEST_QUESTION, Library
from policyqa.web import render

log = logging.getLogger(__name__)

SHOWN_PASSAGES = 5


def page(library: Library) -> gr.Blocks:
    """One question box, the answer, and the ranked passages."""
    manifest = library.generation.manifest
    created = datetime.fromisoformat(manifest["created"]).astimezone()
    updated = f"{created.year}年{created.month}月{created.day}日"
    with gr.Blocks(title=strings.APP_TITLE, analytics_enabled=False) as demo:
        gr.Markdown(
            render.header_html(manifest["counts"]["documents"], updated), elem_id="pq-header"
        )
        with gr.Row(elem_id="pq-form"):
            question = gr.Textbox(
                label=strings.QUESTION_LABEL,
                placeholder=strings.QUESTION_PLACEHOLDER,
                lines=1,
                max_lines=1,
                scale=5,
                autofocus=True,
                elem_id="pq-question",
            )
            button = gr.Button(strings.ASK, variant="primary", scale=1, elem_id="pq-ask")
        results = gr.Markdown("", latex_delimiters=[], elem_id="pq-results")
        gr.on(
            [button.click, question.submit],
            _responder(library),
            inputs=question,
            outputs=results,
            show_progress="minimal",
            api_visibility="private",
        )
    demo.queue(api_open=False, default_concurrency_limit=4, max_size=64)
    return demo


def _responder(library: Library) -> Callable[[str], str]:
    def respond(question: str) -> str:
        """The results' HTML for a question. No error's text reaches the browser."""
        message = _problem(question)
        if message:
            return render.message_html(message)
        try:
            result = library.search(question, SHOWN_PASSAGES)
            return render.result_html(result, answer(result))
        except Exception:
            # The reader gets a plain message, the log the whole story.
            log.exception("a question failed")
        return render.message_html(strings.FAILED)

    return respond


def _problem(question: str) -> str | None:
    if not clean(question).strip():
        return strings.EMPTY_QUESTION
    if len(question) > LONGEST_QUESTION:
        return strings.QUESTION_TOO_LONG.format(limit=LONGEST_QUESTION, length=len(question))
    return None
