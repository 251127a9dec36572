"""Every route of the real application, by every method: only the listed ones answer."""

import asyncio
import json
import re

import pytest
from fastapi.testclient import TestClient
from starlette.routing import Mount

from fakes import FakeSource
from policyqa import keys
from policyqa.library import Library
from policyqa.settings import Settings
from policyqa.web.app import create_app
from policyqa.web.gate import gate_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
# docs/page.md.
PAGE = {
    "GET": r"/|/theme\.css|/policyqa/.+|/assets/.+|/static/.+|/gradio_api/queue/data"
    r"|/gradio_api/heartbeat/.+|/source/(?:passage|section|document|file)/.+"
    r"|/source/image/.+\.png|/part/(?:context|outline)/.+",
    "POST": r"/gradio_api/(?:queue/join|run/predict|cancel|reset)|/part/(?:feedback|case)",
}
PAGE["HEAD"] = PAGE["GET"]
# docs/api.md.
API = {
    "GET": r"/api/v1/(?:search|ask|documents(?:/0)?|passages/0|pages/0/0\.png|health/(?:live|ready)"
    r"|version|openapi\.json)|/metrics",
    "POST": r"/api/v1/(?:search|ask|feedback)|/genai/invoke",
}
SECURITY = {
    b"content-security-policy",
    b"x-content-type-options",
    b"referrer-policy",
    b"permissions-policy",
    b"cross-origin-opener-policy",
    b"x-request-id",
}


@pytest.fixture(scope="module")
def served(juten_folder, tmp_path_factory):
    """The application as `policyqa serve` makes it for another host than this, and a key."""
    folder = tmp_path_factory.mktemp("gate")
    key_file = folder / "api-keys.json"
    settings = Settings(key_file=key_file, rate_limit=0, audit_log=folder / "audit.jsonl")
    key = keys.add(key_file, "portal")
    library = Library.open(juten_folder, FakeSource())
    app = create_app(
        library,
        allowed_hosts=["127.0.0.1"],
        feedback=folder / "feedback.sqlite",
        case_file=folder / "cases.jsonl",
        gate=gate_of(settings, bound_to_loopback=False),
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield app, client, key


def paths_of(app):
    """The paths of all routes, those of mounted applications too, with parameters filled in."""
    found = set()
    for route in getattr(app, "routes", []):
        if isinstance(route, Mount):
            found |= {f"{route.path}{below}" for below in paths_of(route.app)}
        router = getattr(route, "original_router", None)
        found |= paths_of(router) if router else {getattr(route, "path", "") or "/"}
    return {re.sub(r"\{[^}]*\}", "0", path) for path in found}


async def started(app, method, path, headers=()):
    """Status, headers and body's first part of an answer; streams are not waited for."""
    first = asyncio.get_running_loop().create_future()
    start = {}
    sent = False

    async def receive():
        nonlocal sent
        if sent:
            await asyncio.sleep(60)
        sent = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            start.update(message)
            if method == "GET" and b"text/event-stream" in dict(message["headers"]).get(
                b"content-type", b""
            ):
                first.set_result(b"")
        elif not first.done():
            first.set_result(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), *headers],
        "client": ("192.0.2.1", 50_000),
        "server": ("127.0.0.1", 80),
    }
    running = asyncio.ensure_future(app(scope, receive, send))
    await asyncio.wait({running, first}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
    running.cancel()
    await asyncio.wait({running})
    return start["status"], dict(start["headers"]), first.result() if first.done() else b""


def ask(served, method, path, *, with_key=True):
    app, client, key = served
    headers = [(b"x-api-key", key.encode())] if with_key else []
    return client.portal.call(started, app, method, path, headers)


def test_only_listed_routes_answer(served):
    paths = paths_of(served[0])
    assert {"/gradio_api/upload", "/gradio_api/info", "/metrics", "/config"} <= paths
    answered = set()
    for path in sorted(paths):
        for method in METHODS:
            status, headers, body = ask(served, method, path)
            assert headers.keys() >= SECURITY, (method, path)
            assert b"Traceback" not in body
            assert status < 500, (method, path)
            listed = [re.fullmatch(table.get(method, "(?!)"), path) for table in (PAGE, API)]
            if not any(listed):
                known = any(re.fullmatch(pattern, path) for pattern in API.values())
                assert status in ((405,) if known else (403, 404)), (method, path, status)
            elif status not in (404, 405):
                answered.add(f"{method} {path}")
    assert answered >= {
        "GET /",
        "GET /metrics",
        "GET /theme.css",
        "GET /gradio_api/queue/data",
        "GET /gradio_api/heartbeat/0",
        "POST /gradio_api/queue/join",
        "POST /part/feedback",
        "POST /part/case",
        "GET /api/v1/search",
        "GET /api/v1/ask",
        "GET /api/v1/documents",
        "GET /api/v1/health/live",
        "GET /api/v1/health/ready",
        "GET /api/v1/version",
        "GET /api/v1/openapi.json",
        "POST /api/v1/search",
        "POST /api/v1/ask",
        "POST /api/v1/feedback",
        "POST /genai/invoke",
    }


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/search", "/api/v1/none", "/genai/invoke"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_programs_need_a_key(served, method, path):
    status, headers, body = ask(served, method, path, with_key=False)
    assert (status, headers[b"content-type"]) == (401, b"application/problem+json")
    assert json.loads(body)["type"] == "urn:policyqa:problem:key-missing"
    assert headers.keys() >= SECURITY


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "//",
        "//metrics",
        "/;/metrics",
        "/metrics;a",
        "/METRICS",
        "/Theme.css",
        "/theme.css\x00",
        "/theme.css\n",
        "/\u202e",
        "http://127.0.0.1/theme.css",
        "*",
        "",
        "/" + "a" * 60_000,
    ],
)
def test_tricks_with_paths(served, path):
    status, headers, body = ask(served, "GET", path)
    assert (status, body) == (404, b"Not Found")
    assert headers.keys() >= SECURITY


def test_a_body_that_is_too_large_in_pieces(served):
    chunks = (b"x" * 10_000 for _ in range(10))
    answer = served[1].post("/gradio_api/queue/join", content=chunks)
    assert (answer.status_code, answer.text) == (413, "Body Too Large")


def test_headers_that_are_too_large(served):
    answer = served[1].get("/", headers={"x-padding": "a" * 33_000})
    assert (answer.status_code, answer.text) == (431, "Headers Too Large")
