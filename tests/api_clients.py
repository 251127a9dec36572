"""Clients of the API in this process, for several test modules."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from fakes import FakeSource
from policyqa.library import Library
from policyqa.web.app import create_app
from policyqa.web.caller import Caller

REQUEST_ID = "0123456789abcdef"


class Identified:
    """Says who sent a request, as the server's outermost middleware does; keeps what the routes
    noted of the last one."""

    def __init__(self, app: ASGIApp, noted: dict[str, object]) -> None:
        self._app = app
        self._noted = noted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._noted.clear()
            caller = Caller("open", "", "127.0.0.1")
            state = {"caller": caller, "request_id": REQUEST_ID, "audit": self._noted}
            scope.setdefault("state", {}).update(state)
        await self._app(scope, receive, send)


def api_app(library: Library, noted: dict[str, object], **options: object) -> ASGIApp:
    """The application, with who sent a request known."""
    app = create_app(library, allowed_hosts=["127.0.0.1"], **options)
    app.add_middleware(Identified, noted=noted)
    return app


@contextmanager
def api_client(
    folder: Path, source: FakeSource | None = None, **options: object
) -> Iterator[TestClient]:
    """A client of the library in `folder`; `client.noted` is what the last route noted."""
    library, noted = Library.open(folder, source or FakeSource()), {}
    app = api_app(library, noted, **options)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        client.library, client.noted = library, noted
        yield client
    library.close()
