"""`policyqa serve` with a slow fake encoder: python tests/slow_server.py LIBRARY PORT SECONDS."""

import sys
import time
from pathlib import Path

from fakes import FakeEncoder, FakeSource
from policyqa.web.app import create_app
from policyqa.web.server import listen, run
from policyqa.web.serving import Live


class SlowEncoder(FakeEncoder):
    """Says so when a question comes, and takes its time."""

    def encode_queries(self, texts):
        print("asked", flush=True)
        time.sleep(float(sys.argv[3]))
        return super().encode_queries(texts)


if __name__ == "__main__":
    listening = listen("127.0.0.1", int(sys.argv[2]))
    live = Live(
        Path(sys.argv[1]),
        FakeSource(encoder=SlowEncoder()),
        lambda library: create_app(library, allowed_hosts=["127.0.0.1"]),
    )
    run(live, listening)
