"""How fast PDFs are read, and whether the memory it takes grows with their pages.

The white papers' pages are put together to files of 125 to 1000 pages; each is read in a process
of its own. Peaks are resident sizes from Linux' /proc. A second reading, by tracemalloc, tells what
the document takes from what reading takes beyond it at its peak. `python benchmarks/pdf_speed.py`
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from itertools import cycle
from pathlib import Path

import pypdfium2 as pdfium

from policyqa.readers import read

SAMPLES = Path(__file__).resolve().parent.parent.parent / "shared" / "corpus" / "whitepaper"
SIZES = (125, 250, 500, 1000)
ONCE = 1
"""Pages. The time for a short file is mostly the start of a worker."""


def concatenation(pages: int, path: Path) -> None:
    """The samples one after the other, over and over, until there are `pages` pages."""
    made = pdfium.PdfDocument.new()
    samples = [pdfium.PdfDocument(sample) for sample in sorted(SAMPLES.glob("*.pdf"))]
    for sample in cycle(samples):
        made.import_pages(sample, list(range(min(len(sample), pages - len(made)))))
        if len(made) >= pages:
            break
    made.save(path)


def peak(process: int | str = "self") -> float:
    """A process' largest resident size so far, in MiB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


class Children(threading.Thread):
    """Looks at this process' children until `stop`; keeps each one's peak in MiB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peaks: dict[int, float] = {}
        self.done = threading.Event()

    def run(self) -> None:
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        while not self.done.wait(0.02):
            for child in children.read_text(encoding="utf-8").split():
                self._look(int(child))

    def _look(self, child: int) -> None:
        try:
            self.peaks[child] = peak(child)
        except (OSError, StopIteration):
            return  # it has just ended


def traced(path: Path) -> tuple[float, float]:
    """MiB that reading a file leaves allocated, the document, and what it takes beyond that."""
    tracemalloc.start()
    document = read(path)
    left, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del document
    return left / 2**20, (most - left) / 2**20


def measure(path: Path) -> None:
    """Read a file and print its figures."""
    before = peak()
    children = Children()
    children.start()
    began = time.perf_counter()
    pages = read(path).page_count or 0
    took = time.perf_counter() - began
    own = peak()
    children.done.set()
    children.join()
    workers = " and ".join(f"{workers:.0f}" for workers in children.peaks.values())
    document, working = traced(path)
    print(
        f"{pages} pages ({path.stat().st_size / 2**20:.0f} MiB): {took:.2f} s, "
        f"{pages / took:.1f} pages/s; this process {before:.0f} MiB, at its peak {own:.0f}, "
        f"of which the document {document:.1f} and beyond it {working:.1f}; "
        f"workers at their peak {workers} MiB",
        flush=True,
    )


def main() -> None:
    if not SAMPLES.is_dir():
        print(f"no samples in {SAMPLES}: nothing measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        for pages in (ONCE, *SIZES):
            path = Path(folder) / f"{pages}.pdf"
            concatenation(pages, path)
            subprocess.run([sys.executable, __file__, str(path)], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        main()
