"""How fast PDFs are read, and whether the memory it takes grows with their pages.

The white papers' pages are put together to files of 125 to 1000 pages; each is read in a process
of its own. The working memory is what that process grows by beyond the document it gets, at its
peak. Peaks come from Linux' /proc. `python benchmarks/pdf_speed.py`
"""

import gc
import os
import subprocess
import sys
import tempfile
import threading
import time
from itertools import cycle
from pathlib import Path

import pypdfium2 as pdfium

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


def size(value: object) -> float:
    """MiB of a value with all that it holds, each object once; classes and modules left out."""
    seen: dict[int, object] = {}
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if id(item) not in seen and not isinstance(item, type):
            seen[id(item)] = item
            waiting += gc.get_referents(item)
    return sum(map(sys.getsizeof, seen.values())) / 2**20


def measure(path: Path) -> None:
    """Read a file and print its figures."""
    from policyqa.readers import read

    before = peak()
    children = Children()
    children.start()
    began = time.perf_counter()
    document = read(path)
    took = time.perf_counter() - began
    own = peak()
    children.done.set()
    children.join()
    pages = document.page_count or 0
    result = size(document)
    workers = " and ".join(f"{workers:.0f}" for workers in children.peaks.values())
    print(
        f"{pages} pages ({path.stat().st_size / 2**20:.0f} MiB): {took:.2f} s, "
        f"{pages / took:.1f} pages/s; peak {own:.1f} MiB = {before:.1f} before "
        f"+ {result:.1f} the document + {own - before - result:.1f} working; "
        f"workers {workers} MiB"
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
