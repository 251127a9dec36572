"""Errors of the API as problem details (RFC 9457), and what the page's requests get instead."""

from collections.abc import Mapping

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from policyqa import strings
from policyqa.web.paths import is_api

TYPE = "urn:policyqa:problem:"
"""What a problem's `type` begins with; its code follows."""


def problem(
    code: str, detail: str = "", *, request_id: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer for the problem `code`, one of `strings.PROBLEMS`.

    `detail` says what is wrong with this request; without it the problem's title says all.
    """
    status, title = strings.PROBLEMS[code]
    body = {
        "type": f"{TYPE}{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "request_id": request_id,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def refused(scope: Scope, code: str, headers: Mapping[str, str] | None = None) -> Response:
    """A request that goes no further: a problem for a program, plain text for the page, whose
    script says in Japanese what it means."""
    if is_api(scope):
        return problem(code, request_id=scope["state"]["request_id"], headers=headers)
    status, _ = strings.PROBLEMS[code]
    return PlainTextResponse(code.replace("-", " ").title(), status, headers)
