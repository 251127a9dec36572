"""Errors of the API as problem details (RFC 9457)."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from policyqa import strings

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
