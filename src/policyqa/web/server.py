"""Open the library and serve the page."""

import sys

import uvicorn

from policyqa.library import Library
from policyqa.settings import Settings
from policyqa.web.app import create_app

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(settings: Settings) -> None:
    """Serve until interrupted. Raises PolicyQAError when the library cannot be opened."""
    library = Library.open(settings.library, settings.encoder_choice)
    app = create_app(
        library,
        allowed_hosts=(*settings.allowed_hosts, settings.host),
        frame_ancestors=settings.frame_ancestors,
    )
    if settings.host not in _LOOPBACK:
        _say(
            f"warning: listening on {settings.host}, other machines can reach this server; "
            "put it behind a proxy and name its host in POLICYQA_ALLOWED_HOSTS"
        )
    _say(f"serving {settings.library} on http://{settings.host}:{settings.port} (Ctrl-C stops)")
    # One worker: Gradio keeps its queue and sessions in the process.
    uvicorn.run(
        app, host=settings.host, port=settings.port, log_level="warning", server_header=False
    )


def _say(message: str) -> None:
    print(f"policyqa: {message}", file=sys.stderr, flush=True)
