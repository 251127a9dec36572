"""Processes that tests kill: they build a library, serve it, keep opinions and cases.

They are forked from a server that has imported policyqa already, so that a run lasts as long as its
work. Each is a process of its own all the same, and dies by SIGKILL as any other.
"""

import json
import multiprocessing
import os
import signal
import sys
import threading
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fakes import FakeEncoder, FakeSource
from policyqa import indexing, store
from policyqa.errors import PolicyQAError
from policyqa.evaluation.cases import add_case
from policyqa.feedback import Feedback, Opinion
from policyqa.library import Library

PROCESSES = multiprocessing.get_context("forkserver")
# What takes time to import: here, in the harness (office_files), and in what runs the tests.
PROCESSES.set_forkserver_preload(
    ["policyqa.library", "policyqa.evaluation.cases", "docx", "pptx", "pytest"]
)

_EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "sqlite3.connect"}
"""What Python tells of the file system, by the names of its audit events."""


def start(target: Any, *arguments: Any) -> tuple[Any, Connection]:
    """Start a process; returns it, and where it says what `target` sends."""
    mine, other = PROCESSES.Pipe()
    process = PROCESSES.Process(target=target, args=(other, *arguments), daemon=True)
    process.start()
    other.close()
    return process, mine


def build(connection: Connection, corpus: Path, library: Path, kill_at: int = 0) -> None:
    """`policyqa index`, with the fake encoder: status 2 and one line at a PolicyQAError. Sends what
    it did, or said: ("said", line), ("error", line) or ("built", summary, operations on files).

    Where `kill_at` is given, it is killed just before that operation on the library's files.
    """
    operations = _counted(library, kill_at)
    try:
        summary = indexing.build(
            [corpus], library, FakeSource(), say=lambda line: connection.send(("said", line))
        )
    except PolicyQAError as error:
        connection.send(("error", str(error)))
        sys.exit(2)
    connection.send(("built", asdict(summary), operations[0]))


def _counted(library: Path, kill_at: int) -> list[int]:
    operations = [0]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and str(library) in str(arguments[0]):
            operations[0] += 1
            if operations[0] == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return operations


class HeldEncoder(FakeEncoder):
    """Says that it is asked, then waits until a line comes."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def encode_passages(self, texts):
        self._connection.send(("asked",))
        self._connection.recv()
        return super().encode_passages(texts)


def build_held(connection: Connection, corpus: Path, library: Path) -> None:
    """A build that stops in its middle, the lock held, until it gets a line."""
    indexing.build([corpus], library, FakeSource(encoder=HeldEncoder(connection)))


def serve(connection: Connection, library: Path) -> None:
    """Answer GET /?q=QUESTION with all passages of the live generation, whenever it changes.

    Sends the port. A generation that cannot be opened leaves the one before it in use.
    """
    served = _Served(library)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            question = parse_qs(urlsplit(self.path).query)["q"][0]
            body = json.dumps(served.answer(question), ensure_ascii=False).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    connection.send(server.server_port)
    server.serve_forever()


class _Served:
    def __init__(self, library: Path) -> None:
        self._folder = library
        self._lock = threading.Lock()
        self._current = b""
        self._library: Library | None = None
        self._refused: list[str] = []

    def answer(self, question: str) -> dict[str, Any]:
        with self._lock:
            self._renew()
            assert self._library is not None
            result = self._library.search(question, 1000)
            return {
                "generation": self._library.generation.name,
                "sources": self._library.generation.manifest["sources"],
                "chunks": self._library.generation.manifest["counts"]["chunks"],
                "passages": [
                    {
                        "file": passage.citation.file,
                        "text": passage.chunk.text,
                        "score": passage.score,
                    }
                    for passage in result.passages
                ],
                "refused": self._refused,
            }

    def _renew(self) -> None:
        current = (self._folder / "CURRENT").read_bytes()
        if current == self._current:
            return
        try:
            opened = Library.open(self._folder, FakeSource())
        except PolicyQAError as error:
            if self._library is None:
                raise
            self._refused.append(str(error))
            return
        if self._library is not None:
            self._library.close()
        self._library, self._current = opened, current


def keep(connection: Connection, folder: Path, first: int) -> None:
    """Keep opinions and cases for ever, numbered from `first`; sends each number that is kept."""
    feedback = Feedback(folder / "feedback.sqlite")
    number = first
    while True:
        time = "2026-04-01T00:00:00+00:00"
        feedback.add(Opinion(time, f"質問{number}", "up", "", None, None, "世代"))
        connection.send(("feedback", number))
        add_case(folder / "eval" / "cases.jsonl", f"質問{number}", [])
        connection.send(("case", number))
        number += 1


def live_and_whole(library: Path) -> store.Generation:
    """What `policyqa check` verifies. Raises LibraryError when something is damaged."""
    generation = store.current(library)
    store.verify(generation)
    return generation
