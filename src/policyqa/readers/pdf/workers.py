"""PDFs read by worker processes, so that no fault of pdfium's ends or swells this one.

The first worker gives what the file says of itself, then pages; a long file's pages are dealt out
to two, since pdfium uses one core. What they run is `extraction`. A worker is no further ahead of
what is read than its pipe holds.
"""

import pickle  # noqa: S403 - only what our own processes wrote
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import Any

from policyqa.errors import ReadError
from policyqa.readers.pdf.furniture import TextPage
from policyqa.readers.pdf.headings import Bookmark

_Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Workers:
    """What workers run and what they may take. `program` is Python code."""

    program: str = "from policyqa.readers.pdf.extraction import main; main()"
    alone: int = 60
    """A file with at most this many pages, a few seconds' work, has one worker."""
    stretch: int = 32
    """After this many pages a worker opens the file anew: pdfium keeps what it has parsed."""
    seconds: float = 60
    """For the head, or for one page, of which most take a twentieth of a second."""
    memory: int = 2**30
    """Bytes of address space; a white paper's worker takes less than a tenth."""


USUAL = Workers()


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself. `warnings` are for whoever reads the log."""

    page_count: int
    title: str
    marks: tuple[Bookmark, ...]
    warnings: tuple[str, ...] = ()


def team_size(page_count: int, alone: int) -> int:
    """How many workers share the pages."""
    return 1 if page_count <= alone else 2


@contextmanager
def reading(path: Path, setup: Workers) -> Iterator[tuple[Head, Iterator[TextPage]]]:
    """A file's head and its pages in order. Raises ReadError when a worker fails."""
    with ExitStack() as stack:
        first = stack.enter_context(_reader(path, 0, setup))
        head = _receive(first, setup.seconds)
        others = range(1, team_size(head.page_count, setup.alone))
        team = [first, *(stack.enter_context(_reader(path, nth, setup)) for nth in others)]
        yield head, _pages(head.page_count, team, setup.seconds)


def _pages(count: int, workers: list[_Process], seconds: float) -> Iterator[TextPage]:
    for index in range(count):
        yield _receive(workers[index % len(workers)], seconds)


def only_item(path: Path, program: str, numbers: Sequence[int], seconds: float) -> Any:
    """What a worker that runs `program` with a file and `numbers` delivers first. Raises ReadError
    when it fails or takes longer than `seconds`."""
    with _started(path, program, numbers) as worker:
        return _receive(worker, seconds)


def _reader(path: Path, nth: int, setup: Workers) -> AbstractContextManager[_Process]:
    numbers = (nth, setup.alone, setup.stretch, setup.memory)
    return _started(path, setup.program, numbers)


@contextmanager
def _started(path: Path, program: str, numbers: Sequence[int]) -> Iterator[_Process]:
    # The same modules as here; not those of the folder in which the command is given.
    code = f"import sys; sys.path[:] = {sys.path!r}; {program}"
    worker = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, str(path), *map(str, numbers)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        # An interrupt from the terminal is for this process, which then ends the worker.
        process_group=0,
    )
    try:
        yield worker
    finally:
        worker.kill()
        worker.communicate()


def _receive(worker: _Process, seconds: float) -> Any:
    """The next thing a worker has written. Raises ReadError for what it says went wrong, when it
    died, and when it takes longer than `seconds`."""
    assert worker.stdout is not None  # noqa: S101 - asked for above
    late = Event()

    def stop() -> None:
        late.set()
        worker.kill()

    timer = Timer(seconds, stop)
    timer.start()
    try:
        received = pickle.load(worker.stdout)  # noqa: S301
    except (EOFError, pickle.UnpicklingError) as error:
        status = worker.wait()
        reason = _too_long(seconds) if late.is_set() else _died(status)
        raise ReadError(reason) from error
    finally:
        timer.cancel()
    if isinstance(received, str):
        raise ReadError(received)
    return received


def _too_long(seconds: float) -> str:
    return f"the PDF takes too long to read (over {seconds:g} s for a page); export it again"


def _died(status: int) -> str:
    how = signal.strsignal(-status) if status < 0 else f"status {status}"
    return f"the PDF is damaged or too large (its reader died: {how}); export it again"
