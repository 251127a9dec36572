"""Open the library and serve the page."""

import socket
import sys

import uvicorn

from policyqa.errors import PolicyQAError
from policyqa.library import Library
from policyqa.settings import Settings
from policyqa.web.app import create_app
from policyqa.web.gate import Gate, gate_of

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(settings: Settings) -> None:
    """Serve until interrupted.

    Raises PolicyQAError when the address cannot be had or the library cannot be opened.
    """
    listening = _listen(settings.host, settings.port)
    gate = gate_of(settings, bound_to_loopback=settings.host in _LOOPBACK)
    library = Library.open(settings.library, settings.encoder_choice)
    app = create_app(
        library,
        allowed_hosts=(*settings.allowed_hosts, settings.host),
        frame_ancestors=settings.frame_ancestors,
        base_path=settings.base_path,
        feedback=settings.feedback,
        case_file=settings.case_file,
        gate=gate,
    )
    _warn(settings, gate)
    address = f"http://{settings.host}:{settings.port}{settings.base_path.rstrip('/')}"
    _say(f"serving {settings.library} on {address} (Ctrl-C stops)")
    # One worker: Gradio keeps its queue and sessions in the process.
    # Which proxy's headers are believed is settled by the gate, not by uvicorn.
    config = uvicorn.Config(app, log_level="warning", server_header=False, proxy_headers=False)
    uvicorn.Server(config).run(sockets=[listening])


def _warn(settings: Settings, gate: Gate) -> None:
    if gate.bound_to_loopback:
        return
    _say(
        f"warning: listening on {settings.host}, other machines can reach this server; "
        "put it behind a proxy and name its host in POLICYQA_ALLOWED_HOSTS"
    )
    if not gate.keys:
        _say("there is no API key, so the API answers no one; make one: policyqa key add NAME")


def _listen(host: str, port: int) -> socket.socket:
    # Taken before the library is loaded, so that a wrong port is told at once.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
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
