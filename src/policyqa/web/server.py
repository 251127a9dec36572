"""Open the library and serve the page, until the process is asked to end."""

import signal
import socket
import sys
import warnings

import uvicorn
from fastapi import FastAPI

from policyqa.errors import PolicyQAError
from policyqa.library import Library
from policyqa.settings import Settings
from policyqa.web.app import create_app
from policyqa.web.gate import Gate, gate_of
from policyqa.web.serving import Live

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
LONGEST_ENDING = 20
"""Seconds that requests under way have when the server is asked to end."""


def serve(settings: Settings) -> None:
    """Serve until interrupted or terminated.

    Raises PolicyQAError when the address cannot be had or the library cannot be opened.
    """
    listening = listen(settings.host, settings.port)
    gate = gate_of(settings, bound_to_loopback=settings.host in _LOOPBACK)

    def make_app(library: Library) -> FastAPI:
        return create_app(
            library,
            allowed_hosts=(*settings.allowed_hosts, settings.host),
            frame_ancestors=settings.frame_ancestors,
            base_path=settings.base_path,
            feedback=settings.feedback,
            case_file=settings.case_file,
            gate=gate,
        )

    live = Live(settings.library, settings.encoder_choice, make_app)
    _warn(settings, gate)
    address = f"http://{settings.host}:{settings.port}{settings.base_path.rstrip('/')}"
    _say(f"serving {settings.library} on {address} (Ctrl-C stops)")
    run(live, listening)


def run(live: Live, listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; then no connection is accepted, and requests under way have
    LONGEST_ENDING seconds."""
    # Gradio would write filters out of a page's address into the log.
    warnings.filterwarnings("ignore", "The value passed into gr.Dropdown", UserWarning)
    # One worker: Gradio keeps its queue and sessions in the process.
    config = uvicorn.Config(
        live,
        lifespan="on",
        log_level="warning",
        server_header=False,
        # Which proxy's headers are believed is settled by the gate, not by uvicorn.
        proxy_headers=False,
        timeout_graceful_shutdown=LONGEST_ENDING,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn takes both while it serves, and raises them again when it is done: the end that
        # was asked for is no failure.
        signal.signal(number, lambda *_: None)
    _Server(config, live).run(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.let_idle_go()
        await super().shutdown(sockets)


def _warn(settings: Settings, gate: Gate) -> None:
    if gate.bound_to_loopback:
        return
    _say(
        f"warning: listening on {settings.host}, other machines can reach this server; "
        "put it behind a proxy and name its host in POLICYQA_ALLOWED_HOSTS"
    )
    if not gate.keys:
        _say("there is no API key, so the API answers no one; make one: policyqa key add NAME")


def listen(host: str, port: int) -> socket.socket:
    """A socket bound there. Raises PolicyQAError when the address cannot be had."""
    # Taken before the library is loaded, so that a wrong port is told at once.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, since asyncio sends small parts of an answer at once only where it is;
    # else a client that keeps its connection waits 40 ms for each.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PolicyQAError(
            f"cannot listen on {host} port {port} ({error.strerror}); give another with --port"
        ) from error
    return listening


def _say(message: str) -> None:
    print(f"policyqa: {message}", file=sys.stderr, flush=True)
