"""Whether every 条 and 項 of the sample statutes is found by its name, and how fast they are read.

Each place of the main provisions (of the structured files also of the original 附則) is looked up
in kanji and in arabic numerals, in a library of all samples; it must be the first passage, with
its citation and its whole text. The look-up has nothing to do with vectors, so the tests' fake
encoder makes them. `python benchmarks/statutes.py`
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "tests"))

from fakes import FakeSource  # noqa: E402
from policyqa import indexing  # noqa: E402
from policyqa.japanese import place_key  # noqa: E402
from policyqa.library import Library  # noqa: E402
from policyqa.readers import read  # noqa: E402
from statutes import citable  # noqa: E402

CORPUS = REPOSITORY.parent / "shared" / "corpus"
FOLDERS = ("statutes-xml", "statutes-html")
SHOWN = 10


def main() -> None:
    if not CORPUS.is_dir():
        print(f"no samples in {CORPUS}: nothing measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = [CORPUS / name for name in FOLDERS]
        summary = indexing.build(paths, Path(folder), FakeSource())
        print(f"{summary.documents} statutes: {summary.sections} sections, {summary.chunks} chunks")
        library = Library.open(Path(folder), FakeSource())
        for path in paths:
            measure(path, library)
        library.close()


def measure(folder: Path, library: Library) -> None:
    """Read the statutes of a folder and look all their places up."""
    reading: dict[str, float] = {}
    steps: list[float] = []
    asked, missed = 0, []
    for file in sorted(folder.iterdir()):
        began = time.perf_counter()
        document = read(file)
        reading[document.title] = time.perf_counter() - began
        for citation, text, label in citable(document, folder.name == "statutes-xml"):
            for question in (citation + label, place_key(citation + label)):
                result = library.search(question, 1)
                first = result.passages[0] if result.passages else None
                asked += 1
                steps.append(result.steps["lookup"])
                if first is None or (str(first.citation), first.chunk.text) != (citation, text):
                    missed.append(f"{question} -> {first and first.citation}")
    slowest = max(reading, key=lambda title: reading[title])
    print(
        f"{folder.name}: read {len(reading)} in {sum(reading.values()):.2f} s, slowest {slowest} "
        f"{reading[slowest]:.2f} s; {asked - len(missed)} of {asked} places first, "
        f"look-up {median(steps):.2f} ms at the median"
    )
    for line in missed[:SHOWN]:
        print(f"  missed: {line}")


if __name__ == "__main__":
    main()
