"""What browser tests and benchmarks/page_speed.py need: the real server, a portal, Chromium."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = "no Chromium: apt-get install chromium fonts-noto-cjk, or as root: make browser"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EXAMPLE = Path(__file__).parent.parent / "examples" / "portal"
EXAMPLE_ADDRESS = "http://127.0.0.1:7860/"
"""Where the example's pages look for the server."""
QUESTION_BOX = "#pq-question textarea, #pq-question input"
FOUND = "先導的なスマートシティは2025年までに何地域つくる目標ですか。"
"""A question that the user's document answers."""
EVIDENCE = "先導的なスマートシティの100地域の創出"

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 640, "height": 450}
"""1280 pixels at 200 %."""


def build(library: Path, *sources: Path) -> None:
    """A library of `sources` with the real encoder."""
    _run("index", *sources, "--library", library)


@contextmanager
def serving(library: Path, log: Path, **settings: object) -> Iterator[str]:
    """`policyqa serve` in a process of its own; its address. Settings are those of settings.py."""
    port = free_port()
    given = {f"POLICYQA_{name.upper()}": _setting(value) for name, value in settings.items()}
    with log.open("w") as said:
        server = subprocess.Popen(
            _command("serve", "--library", library, "--port", port),
            stderr=said,
            env={**os.environ, **given},
        )
        try:
            address = f"http://127.0.0.1:{port}{settings.get('base_path', '/')}"
            wait_for(address, server, log)
            yield address
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    """Until the address answers."""
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        try:
            httpx.get(address, trust_env=False).raise_for_status()
            return
        except httpx.ConnectError:
            time.sleep(0.25)
    raise AssertionError(f"{address} did not answer within a minute")


class Portal(ThreadingHTTPServer):
    """The example portal on an origin of its own, with a server's address put into its pages."""

    policyqa = EXAMPLE_ADDRESS

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), partial(_PortalPages, directory=str(EXAMPLE)))

    @property
    def origin(self) -> str:
        # Another site than the server's 127.0.0.1, not only another port.
        return f"http://localhost:{self.server_port}"


class _PortalPages(SimpleHTTPRequestHandler):
    server: Portal

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        if file.suffix != ".html":
            super().do_GET()
            return
        page = file.read_text(encoding="utf-8").replace(EXAMPLE_ADDRESS, self.server.policyqa)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def portal() -> Iterator[Portal]:
    """A portal, served until the end of the block."""
    with Portal() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class Watched:
    """A page of a browser, and what went wrong or out in it."""

    def __init__(self, page: Page, *own: str) -> None:
        self.page = page
        self._own = own
        self.requests: list[Request] = []
        self.problems: list[str] = []
        # A busy machine takes its time; a page that never comes should not take half a minute.
        page.set_default_timeout(15_000)
        page.on("request", lambda request: self.requests.append(request))
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', "
            "event => console.error(`refused: ${event.violatedDirective} ${event.blockedURI}`))"
        )

    def outside(self) -> list[str]:
        """Addresses asked for that are not below those of this test's own servers."""
        addresses = [request.url for request in self.requests]
        return [address for address in addresses if not address.startswith((*self._own, "data:"))]

    def questions(self) -> int:
        """How many requests joined Gradio's queue."""
        return sum("/queue/join" in request.url for request in self.requests)

    def question_box(self) -> Locator:
        return self.page.locator(QUESTION_BOX)

    def results(self) -> Locator:
        return self.page.locator("#pq-results")

    def open(self, address: str) -> None:
        """Go there and wait until a question can be typed."""
        self.page.goto(address)
        self.question_box().wait_for()

    def ask(self, question: str, expected: str) -> None:
        """Type the question, press Enter, wait for `expected` on the page."""
        self.question_box().fill(question)
        self.question_box().press("Enter")
        self.page.get_by_text(expected).first.wait_for()

    def tab_to(self, selector: str) -> None:
        """Press Tab until what `selector` names, or something in it, has the focus."""
        for _ in range(30):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(
                "selector => Boolean(document.activeElement.closest(selector))", selector
            ):
                return
        raise AssertionError(f"30 times Tab never came to {selector}")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text}")


@contextmanager
def watching(browser: Browser, address: str, **context: object) -> Iterator[Watched]:
    """The page at `address`, opened in a browser context of its own."""
    with browser.new_context(**context) as opened:
        watched = Watched(opened.new_page(), address.split("?")[0])
        watched.open(address)
        yield watched


def axe_findings(page: Page) -> list[tuple[str, list[str]]]:
    """The rules of axe-core that the page breaks, and where."""
    found = Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window; 0 where nothing scrolls sideways."""
    widths = "[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
    content, room = page.evaluate(widths)
    return max(0, content - room)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _setting(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "policyqa", *map(str, arguments)]


def _run(*arguments: object) -> None:
    done = subprocess.run(_command(*arguments), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
