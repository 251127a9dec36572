"""Who may ask: request ids, callers, API keys, browser origins, rates. Pure ASGI, so that streamed
answers are not buffered.
"""

import logging
import math
import re
import uuid
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from policyqa.web.caller import Caller
from policyqa.web.gate import Gate
from policyqa.web.limits import owner_of
from policyqa.web.paths import is_api, path_of
from policyqa.web.problems import refused
from policyqa.web.proxies import Proxies, came_by_proxy

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_OPEN = re.compile(r"/api/v1/health/(?:live|ready)")
"""Asked by supervisors, which have no key; these say nothing but that the server is up."""
_COSTLY = re.compile(r"/gradio_api/queue/join|/part/(?:feedback|case)|/source/image/.+")
"""Of the page's requests those that are limited: they search, write or draw."""

log = logging.getLogger(__name__)


class Identified:
    """Gives every request its id, its caller and an empty record for the audit, and answers 500 to
    what goes wrong behind it: the id to the client, the story to the log."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = self._identified(scope)
        identity = scope["state"]["request_id"]
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)["x-request-id"] = identity
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            log.exception("request %s failed", identity)
            if started:
                raise  # the client must see that the answer is cut off
            await refused(scope, "internal")(scope, receive, sending)

    def _identified(self, scope: Scope) -> Scope:
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else ""
        identity = headers.get("x-request-id", "") if self._proxies.trusts(peer) else ""
        if not _REQUEST_ID.fullmatch(identity):
            identity = uuid.uuid4().hex
        user = self._proxies.user(peer, headers)
        caller = Caller("user" if user else "open", user, self._proxies.client(peer, headers))
        state = {
            **scope.get("state", {}),
            "request_id": identity,
            "caller": caller,
            "audit": {},
        }
        # Nothing behind this may believe the header by itself.
        header = (self._proxies.user_header or "").encode()
        kept = [item for item in scope["headers"] if item[0] != header]
        return {**scope, "headers": kept, "state": state}


class Access:
    """Refuses other sites' pages, callers without a key where one is needed, too many requests."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate
        # Answers preflights of listed origins, and lets their pages read answers and problems.
        self._cors = CORSMiddleware(
            self._admitted,
            allow_origins=gate.api_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("authorization", "content-type", "x-api-key"),
            expose_headers=("retry-after", "x-request-id"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._is_foreign(scope):
            await refused(scope, "origin-not-allowed")(scope, receive, send)
        elif is_api(scope):
            await self._cors(scope, receive, send)
        else:
            await self._admitted(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        """Whether another site's page makes the request. Its links to the page are welcome, its
        questions are not (`/part/` sees to that itself); the API is for listed origins only."""
        headers = Headers(scope=scope)
        if is_api(scope):
            return from_other_site(headers) and headers.get("origin") not in self._gate.api_origins
        return path_of(scope).startswith("/gradio_api/") and from_other_site(headers)

    async def _admitted(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._refusal(scope) or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        path = path_of(scope)
        if is_api(scope):
            if _OPEN.fullmatch(path):
                return None
            problem = self._key_problem(scope)
            return self._too_many(scope) or (refused(scope, *problem) if problem else None)
        return self._too_many(scope) if _COSTLY.fullmatch(path) else None

    def _key_problem(self, scope: Scope) -> tuple[str, dict[str, str]] | None:
        """What is wrong with the key, or its absence; a right one becomes the caller."""
        headers = Headers(scope=scope)
        key = _key(headers)
        challenge = {"www-authenticate": "Bearer"}
        if key is None:
            # On this machine alone no key is needed; what a proxy passes on is from elsewhere.
            local = self._gate.bound_to_loopback and not came_by_proxy(headers)
            return None if local else ("key-missing", challenge)
        name = self._gate.keys.name_of(key) if self._gate.keys else None
        if name is None:
            return "key-wrong", challenge
        address = scope["state"]["caller"].address
        scope["state"]["caller"] = Caller("key", name, address)
        return None

    def _too_many(self, scope: Scope) -> Response | None:
        """A request counts against its key; without a right one against its address."""
        caller: Caller = scope["state"]["caller"]
        owner = f"key {caller.name}" if caller.kind == "key" else owner_of(caller.address)
        wait = self._gate.limiter.wait(owner)
        if not wait:
            return None
        return refused(scope, "rate-limited", {"retry-after": str(math.ceil(wait))})


def from_other_site(headers: Headers) -> bool:
    """Whether a browser says that another site's page makes the request."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    # Browsers of before 2023.
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _key(headers: Headers) -> str | None:
    """The API key in x-api-key, else in Authorization: Bearer."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else None)
