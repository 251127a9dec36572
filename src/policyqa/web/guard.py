"""What Gradio does not do by itself: let only known requests through, set security headers, and
make its page Japanese. Pure ASGI, so that streamed answers are not buffered.
"""

import json
import re
import secrets
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from policyqa import strings
from policyqa.web.paths import is_api, path_of
from policyqa.web.problems import refused

_LARGEST_BODY = 64 * 1024
_LARGEST_HEADERS = 32 * 1024
_ALLOWED = {
    "GET": re.compile(
        r"/|/theme\.css|/policyqa/[a-z.-]+|/assets/[\w./-]+|/static/[\w./-]+"
        r"|/gradio_api/queue/data|/gradio_api/heartbeat/[\w-]+"
        r"|/source/(?:passage|section|document|file)/[0-9a-f.-]+"
        r"|/source/image/[0-9a-f]+/[0-9]+\.png"
        r"|/part/context/[0-9a-f.-]+|/part/outline/[0-9a-f]+"
    ),
    "POST": re.compile(
        r"/gradio_api/(?:queue/join|run/predict|cancel|reset)|/part/(?:feedback|case)"
    ),
}
_ALLOWED["HEAD"] = _ALLOWED["GET"]
_API_ALLOWED = {
    "GET": re.compile(
        r"/api/v1/(?:search|ask|documents(?:/[0-9a-f]+)?|passages/[0-9a-f.-]+"
        r"|pages/[0-9a-f]+/[0-9]+\.png|health/(?:live|ready)|version|openapi\.json)|/metrics"
    ),
    "POST": re.compile(r"/api/v1/(?:search|ask|feedback)|/genai/invoke"),
}

_HEAD = (
    '<link rel="icon" href="policyqa/favicon.svg" type="image/svg+xml">'
    '<link rel="stylesheet" href="policyqa/page.css">'
    '<meta name="policyqa-frame-ancestors" content="{frame_ancestors}">'
    '<script nonce="{nonce}" src="policyqa/frame.js" defer></script>'
    '<script nonce="{nonce}" src="policyqa/page.js" defer></script>'
    '<script nonce="{nonce}" src="policyqa/results.js" defer></script>'
    '<script nonce="{nonce}" type="application/json" id="pq-words">{words}</script></head>'
)
# A "<" in a string would end the script element.
_WORDS = json.dumps(strings.SCRIPT, ensure_ascii=False).replace("<", "\\u003c")


def content_security_policy(nonce: str, frame_ancestors: Sequence[str]) -> str:
    """The policy of web.md: everything from this server, framed only by listed origins."""
    framed_by = " ".join(["'self'", *frame_ancestors])
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "object-src 'none'",
            f"frame-ancestors {framed_by}",
        )
    )


class BasePath:
    """Tells all that is behind it, Gradio too, below which path its addresses lie."""

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app = app
        self._root_path = base_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "root_path": self._root_path}, receive, send)


class Guard:
    """Answers 404 to what is not listed, 413 to bodies over 64 KB, 431 to headers over 32 KB."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            refusal = _refusal(scope)
            if refusal:
                await refusal(scope, receive, send)
                return
            # In place: the route that is found is left in this scope for the metrics.
            scope["headers"] = _without_forwarded_host(scope)
            await _limited(self._app, scope, receive, send)
            return
        await self._app(scope, receive, send)


def _refusal(scope: Scope) -> Response | None:
    """What is not listed, or too much. Of the API a path that answers other methods names them."""
    path, table = path_of(scope), _API_ALLOWED if is_api(scope) else _ALLOWED
    methods = [method for method, allowed in table.items() if allowed.fullmatch(path)]
    if not methods or ".." in path:
        return refused(scope, "not-found")
    if scope["method"] not in methods:
        if is_api(scope):
            return refused(scope, "method-not-allowed", {"allow": ", ".join(methods)})
        return refused(scope, "not-found")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > _LARGEST_HEADERS:
        return refused(scope, "headers-too-large")
    length = Headers(scope=scope).get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length[:20]) > _LARGEST_BODY:
        return refused(scope, "body-too-large")
    return None


def _without_forwarded_host(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Gradio would take its own address from these; Host has been checked, they have not."""
    untrusted = {b"x-forwarded-host", b"x-gradio-server"}
    return [item for item in scope["headers"] if item[0] not in untrusted]


async def _limited(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Ends the request once a body without a declared length is over the limit: whatever the
    application makes of the half, the client is told that it was too much."""
    taken, replaced = 0, False

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return {"type": "http.disconnect"} if taken > _LARGEST_BODY else message

    async def sending(message: Message) -> None:
        nonlocal replaced
        starts = message["type"] == "http.response.start"
        if starts and taken > _LARGEST_BODY and message["status"] != 413:
            replaced = True
            await refused(scope, "body-too-large")(scope, receive, send)
        elif not replaced:
            await send(message)

    await app(scope, receiving, sending)


class PageHeaders:
    """Security headers on every answer; in pages the nonce, lang=ja, and our style and script."""

    def __init__(self, app: ASGIApp, frame_ancestors: Sequence[str]) -> None:
        self._app = app
        self._frame_ancestors = frame_ancestors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        is_page = path_of(scope) == "/"
        if is_page:
            # The page is rewritten below, so it must come uncompressed.
            kept = [item for item in scope["headers"] if item[0] != b"accept-encoding"]
            scope = {**scope, "headers": kept}
        start: Message = {}
        body = b""

        async def rewrite(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                self._set_headers(MutableHeaders(scope=message), nonce)
                start = message
                if not is_page:
                    await send(message)
            elif not is_page or message["type"] != "http.response.body":
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    page = _page(body, nonce, self._frame_ancestors)
                    MutableHeaders(scope=start)["content-length"] = str(len(page))
                    await send(start)
                    await send({"type": "http.response.body", "body": page})

        await self._app(scope, receive, rewrite)

    def _set_headers(self, headers: MutableHeaders, nonce: str) -> None:
        headers["content-security-policy"] = content_security_policy(nonce, self._frame_ancestors)
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "no-referrer"
        headers["permissions-policy"] = "camera=(), geolocation=(), microphone=()"
        headers["cross-origin-opener-policy"] = "same-origin"


def _page(body: bytes, nonce: str, frame_ancestors: Sequence[str]) -> bytes:
    page = body.decode("utf-8")
    page = re.sub(r'<html([^>]*?)\slang="[^"]*"', r"<html\1", page, count=1)
    page = page.replace("<html", '<html lang="ja"', 1)
    page = re.sub(r'<link[^>]*rel="(?:manifest|icon|apple-touch-icon)"[^>]*>', "", page)
    page = re.sub(r'<meta[^>]*(?:property="og:|name="twitter:)[^>]*>', "", page)
    page = re.sub(r'<link[^>]*href="https?://[^>]*>', "", page)
    page = page.replace("<script", f'<script nonce="{nonce}"')
    head = _HEAD.format(nonce=nonce, words=_WORDS, frame_ancestors=" ".join(frame_ancestors))
    return page.replace("</head>", head, 1).encode("utf-8")
