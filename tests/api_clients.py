"""Clients of the API in this process, for several test modules."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

from fastapi.testclient import TestClient
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from fakes import FakeSource
from policyqa.library import Library
from policyqa.web.app import create_app
from policyqa.web.gate import Gate
from policyqa.web.proxies import Proxies

REQUEST_ID = "0123456789abcdef"


class Noting:
    """Keeps what the routes noted of the last request for the audit."""

    def __init__(self, app: ASGIApp, noted: dict[str, object]) -> None:
        self._app = app
        self._noted = noted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._noted.clear()
            scope["state"]["audit"] = self._noted
        await self._app(scope, receive, send)


def api_app(library: Library, noted: dict[str, object], **options: object) -> ASGIApp:
    gate = Gate(proxies=Proxies((ip_network("127.0.0.1"),)))
    app = create_app(library, allowed_hosts=["127.0.0.1"], gate=gate, **options)
    # Innermost, behind what begins the record.
    app.user_middleware.append(Middleware(Noting, noted=noted))
    return app


@contextmanager
def api_client(
    folder: Path, source: FakeSource | None = None, **options: object
) -> Iterator[TestClient]:
    """A client of the library in `folder`; `client.noted` is what the last route noted."""
    library, noted = Library.open(folder, source or FakeSource()), {}
    app = api_app(library, noted, **options)
    with TestClient(
        app,
        base_url="http://127.0.0.1",
        headers={"x-request-id": REQUEST_ID},
        client=("127.0.0.1", 50000),
    ) as client:
        client.library, client.noted = library, noted
        yield client
    library.close()
