"""Does memory grow while a server takes over new generations? Twenty reloads of the library of
corpus/ with the real encoder, a question and the page asked between them; prints the memory.

Run: .venv/bin/python benchmarks/reload_memory.py
"""

import os
import shutil
import tempfile
import time
from pathlib import Path

from fastapi.testclient import TestClient

from policyqa import indexing
from policyqa.library import Library
from policyqa.settings import load_settings
from policyqa.web.app import create_app
from policyqa.web.serving import Live

RELOADS = 20
LONGEST_WAIT = 60
"""Seconds."""
QUESTION = "先導的なスマートシティは何地域つくる目標ですか。"
_ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    choice = load_settings().encoder_choice
    with tempfile.TemporaryDirectory() as folder:
        corpus, library = Path(folder) / "corpus", Path(folder) / "index"
        shutil.copytree(_ROOT / "corpus", corpus)
        indexing.build([corpus], library, choice)
        live = Live(library, choice, _make_app, look_every=0.5)
        with TestClient(live, base_url="http://127.0.0.1") as client:
            _use(live, client)
            sizes = [_megabytes()]
            print(f"before: {sizes[0]:.0f} MB")
            for number in range(1, RELOADS + 1):
                text = f"第{number}版の計画\n\nこの計画は、第{number}版である。\n"
                (corpus / "version.txt").write_text(text, encoding="utf-8")
                name = indexing.build([corpus], library, choice).generation
                _wait_for(live, name)
                _use(live, client)
                sizes.append(_megabytes())
                print(f"reload {number}: {sizes[-1]:.0f} MB", flush=True)
    half = RELOADS // 2
    print(f"reloads {half} to {RELOADS}: {sizes[-1] - sizes[half]:+.0f} MB")


def _make_app(library: Library):
    return create_app(library, allowed_hosts=["127.0.0.1"])


def _use(live: Live, client: TestClient) -> None:
    client.get("/").raise_for_status()
    live.library.search(QUESTION)


def _wait_for(live: Live, name: str) -> None:
    latest = time.monotonic() + LONGEST_WAIT
    while live.generation != name:
        if live.refused or time.monotonic() > latest:
            raise SystemExit(f"generation {name} is not served: {live.refused}")
        time.sleep(0.1)
    # The one before is closed, and what it took collected, seconds later.
    time.sleep(4)


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
