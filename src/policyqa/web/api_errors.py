"""Whatever goes wrong in a route of the API becomes a problem detail; no story reaches a client."""

import logging
import re
from collections.abc import Callable, Coroutine, Sequence
from email.message import Message
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from policyqa import strings, strings_api
from policyqa.errors import QuestionError
from policyqa.library import LONGEST_QUESTION
from policyqa.web.caller import request_id_of
from policyqa.web.problems import problem

log = logging.getLogger(__name__)

_QUESTION = ("question", "q")
_QUESTION_KINDS = ("string_too_short", "string_too_long", "string_pattern_mismatch")
_SAYABLE = re.compile(r"[\w-]{1,40}")


class ProblemError(Exception):
    """Ends a route with the problem `code`, one of `strings.PROBLEMS`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class ProblemRoute(APIRoute):
    """A route that takes bodies as JSON only and answers every error as a problem."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                if request.method == "POST" and not _is_json(request):
                    raise ProblemError("not-json")
                return await handler(request)
            except Exception as error:
                code, detail = _explained(error)
                if code == "internal":
                    # The client gets the request's id, the log the whole story.
                    log.exception("request %s failed", request_id_of(request))
            return problem(code, detail, request_id=request_id_of(request))

        return answered


def _is_json(request: Request) -> bool:
    stated = Message()
    stated["content-type"] = request.headers.get("content-type", "")
    return stated.get_content_type() == "application/json"


def _explained(error: Exception) -> tuple[str, str]:
    """The code and the detail of the problem that an error is."""
    if isinstance(error, ProblemError):
        return error.code, error.detail
    if isinstance(error, RequestValidationError):
        return _invalid(error.errors()[0])
    if isinstance(error, QuestionError):
        return "question-empty", ""
    if isinstance(error, HTTPException) and isinstance(error.__cause__, ClientDisconnect):
        return "body-too-large", ""  # the guard ends a body over its limit
    if isinstance(error, HTTPException) and error.status_code == 400:
        return "bad-request", strings_api.BROKEN_JSON
    return "internal", ""


def _invalid(first: dict[str, Any]) -> tuple[str, str]:
    """For what a model does not accept: pydantic's first complaint."""
    kind, place = first["type"], first["loc"][1:]
    if kind == "json_invalid":
        return "bad-request", strings_api.BROKEN_JSON
    if not place:
        return "bad-request", strings_api.NO_OBJECT
    if kind == "extra_forbidden":
        return "bad-request", _unknown(place)
    field = next((name for name in reversed(place) if name in strings_api.EXPECTED), "")
    if field in _QUESTION and kind == "missing":
        return "question-empty", ""
    if field in _QUESTION and kind in _QUESTION_KINDS:
        return _question(first["input"])
    if kind == "missing":
        return "bad-request", strings_api.FIELD_MISSING.format(field=field)
    expected = strings_api.EXPECTED[field]
    return "bad-request", strings_api.FIELD_WRONG.format(field=field, expected=expected)


def _question(given: str) -> tuple[str, str]:
    if len(given) <= LONGEST_QUESTION:
        return "question-empty", ""
    limits = {"limit": LONGEST_QUESTION, "length": len(given)}
    return "question-too-long", strings.QUESTION_TOO_LONG.format(**limits)


def _unknown(place: Sequence[Any]) -> str:
    name = str(place[-1])
    return strings_api.FIELD_UNKNOWN.format(field=name) if _SAYABLE.fullmatch(name) else ""
