"""How fast PDFs are read, and whether the memory it takes grows with their pages.

The white papers' pages are put together to files of 125, 250 and 500 pages; each is read in a
process of its own. `python benchmarks/pdf_speed.py`
"""

import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

import pypdfium2 as pdfium

from policyqa.readers import read

SAMPLES = Path(__file__).resolve().parent.parent.parent / "shared" / "corpus" / "whitepaper"
SIZES = (125, 250, 500)


def concatenation(pages: int, path: Path) -> None:
    """The samples one after the other, over and over, until there are `pages` pages."""
    made = pdfium.PdfDocument.new()
    samples = [pdfium.PdfDocument(sample) for sample in sorted(SAMPLES.glob("*.pdf"))]
    for sample in cycle(samples):
        made.import_pages(sample, list(range(min(len(sample), pages - len(made)))))
        if len(made) >= pages:
            break
    made.save(path)


def measure(path: Path) -> None:
    """Read a file and print its figures."""
    began = time.perf_counter()
    document = read(path)
    took = time.perf_counter() - began
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    pages = document.page_count or 0
    print(
        f"{pages} pages ({path.stat().st_size / 2**20:.0f} MiB): {pages / took:.1f} pages/s, "
        f"peak {own:.0f} MiB, each worker at most {worker:.0f} MiB"
    )


def main() -> None:
    if not SAMPLES.is_dir():
        print(f"no samples in {SAMPLES}: nothing measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        for pages in SIZES:
            path = Path(folder) / f"{pages}.pdf"
            concatenation(pages, path)
            subprocess.run([sys.executable, __file__, str(path)], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        main()
