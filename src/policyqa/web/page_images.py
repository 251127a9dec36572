"""Images of PDF pages: drawn by worker processes, a few at a time, the last ones kept."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from policyqa.errors import ReadError
from policyqa.originals import File
from policyqa.readers.pdf.workers import only_item

WIDTH = 1400
"""Pixels."""
_PROGRAM = "from policyqa.rendering import main; main()"
_SECONDS = 20.0
_MEMORY = 2**30
_AT_ONCE = 2
_WAITING = 16
"""So many requests may wait for their turn, each for half a second a page before it."""
_KEPT_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as a PNG, and its width and height in points."""

    width: float
    height: float
    png: bytes


Render = Callable[[Path, int], PageImage | None]
"""Draws a page (from 1) of a file; None where there is no such page. Raises ReadError."""


def rendered(path: Path, page: int) -> PageImage | None:
    """A page drawn by a process of its own."""
    drawn = only_item(path, _PROGRAM, (page, WIDTH, _MEMORY), _SECONDS)
    return PageImage(*drawn) if drawn else None


class PageImages:
    """Draws pages and keeps the last 64 MiB of them. Safe to use from several threads."""

    def __init__(self, render: Render = rendered, kept_bytes: int = _KEPT_BYTES) -> None:
        self._render = render
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[tuple[str, int], PageImage] = OrderedDict()
        self._lock = threading.Lock()
        self._turn = threading.Semaphore(_AT_ONCE)
        self._places = threading.Semaphore(_AT_ONCE + _WAITING)

    def get(self, file: File, page: int) -> PageImage | None:
        """The image of a page; None where there is no such page. Raises ReadError when it cannot
        be drawn, or too many wait for theirs."""
        key = (file.sha256, page)
        found = self._known(key)
        if found:
            return found
        if not self._places.acquire(blocking=False):
            raise ReadError(f"more than {_WAITING} images of pages are waited for; ask again later")
        try:
            with self._turn:
                # Whoever waited may find it drawn for another.
                image = self._known(key) or self._render(file.path, page)
        finally:
            self._places.release()
        if image:
            self._keep(key, image)
        return image

    def _known(self, key: tuple[str, int]) -> PageImage | None:
        with self._lock:
            image = self._kept.get(key)
            if image:
                self._kept.move_to_end(key)
            return image

    def _keep(self, key: tuple[str, int], image: PageImage) -> None:
        with self._lock:
            self._kept[key] = image
            while sum(len(kept.png) for kept in self._kept.values()) > self._kept_bytes:
                self._kept.popitem(last=False)
