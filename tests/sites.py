"""A web site on the loopback interface, which the code under test takes for one of the internet."""

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore

from policyqa.fetching import Access, Limits

PUBLIC, SECOND, PRIVATE = "203.0.112.7", "2a00:1450::7", "10.0.0.7"
NAMES = {
    "gov.example": [PUBLIC],
    "xn--wgv71a119e.jp": [PUBLIC],
    "both.example": [SECOND, PUBLIC],
    "intern.example": [PRIVATE],
    "mixed.example": [PUBLIC, PRIVATE],
    "down.example": ["203.0.112.99"],
    "nowhere.example": [],
}
"""Host names and their addresses. Only at PUBLIC somebody answers."""

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    port: int
    pages: dict[str, Answer] = field(default_factory=dict)
    """What is answered to a request for a path with its query."""
    requests: list[Mapping[str, str]] = field(default_factory=list)
    """The headers of every request, with its path as `path`."""
    resolved: list[str] = field(default_factory=list)
    dialled: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    """Set at the end of the test, so that slow answers stop."""

    def put(self, path: str, content: bytes, media_type: str = "", **headers: str) -> None:
        self.pages[path] = answer(content, media_type, **headers)

    def redirect(self, path: str, location: str, status: int = 302) -> None:
        self.pages[path] = answer(b"", "", status=status, location=location)

    def access(self, tls: ssl.SSLContext | None = None, **limits: float) -> Access:
        return Access(False, Limits(**limits), tls, self._resolve, self._dial)

    def _resolve(self, host: str, port: int) -> list[str]:
        self.resolved.append(host)
        if host in NAMES:
            return NAMES[host]
        if host[0].isdigit() or ":" in host:
            return [host]
        raise OSError("unknown")

    def _dial(self, address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        self.dialled.append(address)
        if address != PUBLIC:
            raise httpcore.ConnectError("nobody there")
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.port, timeout)


def answer(content: bytes, media_type: str, status: int = 200, **headers: str) -> Answer:
    def send(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        if media_type:
            request.send_header("Content-Type", media_type)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        if "content_length" not in headers:
            request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        with contextlib.suppress(OSError):
            request.wfile.write(content)

    return send


@contextlib.contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site that answers 404 to everything until pages are put on it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.requests.append({"path": self.path, **headers})
            site.pages.get(self.path, answer(b"", "", status=404))(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    # A client that refuses the certificate is no news.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield site
    finally:
        site.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
