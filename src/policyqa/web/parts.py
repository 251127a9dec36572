"""`/part/`: what the page asks for and sends by itself. Requests of other sites are refused."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from policyqa import strings
from policyqa.errors import PolicyQAError
from policyqa.evaluation.cases import add_case, gold_of_original
from policyqa.feedback import Feedback
from policyqa.library import Library
from policyqa.web.opinions import (
    Judged,
    UnknownPassageError,
    Verdict,
    judged_passage,
    keep_opinion,
)
from policyqa.web.source_pages import context_html

log = logging.getLogger(__name__)

_Form = TypeVar("_Form", bound=BaseModel)


class _Refused(Exception):  # noqa: N818 - an answer, not a fault
    """What is answered instead."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = JSONResponse({"message": message}, status)


def part_router(library: Library, feedback: Feedback, case_file: Path) -> APIRouter:
    """The addresses below /part/ (docs/page.md)."""
    router = APIRouter(prefix="/part")

    @router.get("/context/{identity}")
    def context(identity: str, request: Request) -> Response:
        # Browsers without this header send no Origin with a GET either.
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return PlainTextResponse(strings.PART_CROSS_SITE, 403)
        original = library.originals.passage(identity, library.today)
        if original is None:
            return PlainTextResponse(strings.PART_UNKNOWN_PASSAGE, 404)
        return HTMLResponse(context_html(*library.originals.context(original)))

    @router.post("/feedback")
    async def give_feedback(request: Request) -> Response:
        return await _answered(request, Verdict, lambda sent: _keep(library, feedback, sent))

    @router.post("/case")
    async def give_case(request: Request) -> Response:
        return await _answered(request, Judged, lambda sent: _add(library, case_file, sent))

    return router


async def _answered(
    request: Request, form: type[_Form], keep: Callable[[_Form], Response]
) -> Response:
    """What `keep` answers to what was sent, or why it is not accepted."""
    try:
        sent = await _sent(request, form)
        return await run_in_threadpool(keep, sent)
    except _Refused as refused:
        return refused.answer
    except UnknownPassageError:
        return _Refused(404, strings.PART_UNKNOWN_PASSAGE).answer
    except PolicyQAError:
        # The reader gets a plain message, the log the whole story.
        log.exception("what a user sent was not kept")
        return _Refused(503, strings.PART_NOT_KEPT).answer


async def _sent(request: Request, form: type[_Form]) -> _Form:
    if not _from_this_page(request):
        raise _Refused(403, strings.PART_CROSS_SITE)
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise _Refused(415, strings.PART_NOT_JSON)
    try:
        return form.model_validate_json(await request.body())
    except ValidationError as error:
        raise _Refused(422, strings.PART_NOT_JSON) from error
    except ClientDisconnect as error:  # the guard's, over its limit
        raise _Refused(413, strings.PART_TOO_LARGE) from error


def _from_this_page(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    # Browsers of before 2023.
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")


def _keep(library: Library, feedback: Feedback, sent: Verdict) -> Response:
    keep_opinion(library, feedback, sent)
    return Response(status_code=204)


def _add(library: Library, case_file: Path, sent: Judged) -> Response:
    original = judged_passage(library, sent)
    relevant = [gold_of_original(library, original)] if original else []
    added = add_case(case_file, sent.question.strip(), relevant)
    return Response(status_code=201 if added else 204)
