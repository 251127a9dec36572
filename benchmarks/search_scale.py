"""How `Library.search` grows with the library: time by step, recall, memory, time to build.

.venv/bin/python benchmarks/search_scale.py [CHUNKS ...]

A library of each size (default 1,000 and 100,000 chunks) is made as `synthetic` says, a document
for each chunk up to 100,000, and served by a process of its own, which measures itself. Searches
are those of the developer questions and MORE_QUESTIONS of each of other suites, with the real
encoder, each asked once: nothing of an answer is known from before. Recall@10 compares the index of
the bodies with the true cosines, over the same questions. Memory is that of the serving process
after its searches: `own` is what no other process could share; the rest is files in the page cache
that are mapped. Needs ../shared.
"""

import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from policyqa import store
from policyqa.library import Library
from policyqa.models import Filters
from policyqa.search.dense import DenseIndex
from policyqa.settings import load_settings
from synthetic import Models, Recipe, Vectors, build, read_models

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
SIZES = (1_000, 100_000)
MORE_QUESTIONS = 100
"""Of each suite."""
WARM_UP = 11
"""Questions after the first that are not counted either."""
SUITES = ("localgovfaq-dev", "jaquad-dev")
FILTERS = {
    "publisher": Filters(publishers=("総務省",)),
    "one document": Filters(documents=("0000007.txt",)),
}
Times = dict[str, tuple[float, float]]
"""For each step the median and the tenth percentile in ms; on a busy machine the latter says more
of the code."""
_KIB = 1024
"""In a MiB."""


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or list(SIZES)
    if not SHARED.is_dir():
        print(f"no samples in {SHARED}: nothing measured")
        return
    settings = load_settings()
    encoder = settings.encoder_choice
    asked = developer_questions()
    loaded = encoder.load()
    models = read_models(corpus(), loaded, encoder.id, settings.library / "vectors")
    asked += other_questions()
    vectors = loaded.encode_queries(asked)
    print(f"{len(models.own)} real chunks, {len(models.sentences)} real sentences")
    first: Times = {}
    for chunks in sizes:
        with tempfile.TemporaryDirectory(prefix="policyqa-scale-") as folder:
            took = measure(Path(folder), models, chunks, asked, vectors)
        first = first or took
        for step, (half, tenth) in took.items():
            ratio = half / first[step][0]
            print(f"  {step:<24} {half:9.2f} {tenth:9.2f}  x{ratio:.2f}")


def corpus() -> list[Path]:
    folder = SHARED / "corpus"
    statutes = sorted((folder / "statutes-html").iterdir())
    return [folder / "juten-shisaku.txt", *statutes, folder / "whitepaper" / "wp-1.pdf"]


def developer_questions() -> list[str]:
    lines = (REPOSITORY / "eval" / "juten-shisaku-dev.jsonl").read_text().splitlines()
    return [json.loads(line)["question"] for line in lines]


def other_questions() -> list[str]:
    found: list[str] = []
    for suite in SUITES:
        lines = (SHARED / "eval" / suite / "queries.jsonl").read_text().splitlines()
        found += [json.loads(line)["text"] for line in lines[:MORE_QUESTIONS]]
    return found


def measure(
    folder: Path, models: Models, chunks: int, asked: Sequence[str], vectors: Vectors
) -> Times:
    """Build, serve and print."""
    # A million chunks with two sentences each are enough to search through.
    recipe = Recipe(models, chunks, per_chunk=4 if chunks <= 200_000 else 2)
    seconds = build(recipe, folder, load_settings().encoder_choice.id)
    print(f"\n{chunks:,} chunks, {recipe.sentences_of.size:,} sentences")
    steps = ", ".join(f"{step} {value:.1f}" for step, value in seconds.items())
    print(f"  built in s: {steps}")
    generation = store.current(folder)
    # The other fields are not searched.
    index = DenseIndex.load(generation.folder / "dense" / "body.faiss")
    value = recall(index, recipe.vectors_of("body"), vectors)
    print(f"  {index.kind}: recall@10 {value:.3f}")
    # A fresh process, as a server is.
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        served = pool.apply(serve, (folder, list(asked)))
    print("  {opened:.1f} s to open; RSS {rss:.0f} MiB, of that own {own:.0f} MiB".format(**served))
    print(f"  {'':<24} median ms   10th pc  ratio to the first")
    return served["steps"]


def recall(index: DenseIndex, made: Vectors, questions: Vectors) -> float:
    """The share of the ten nearest rows that are among the ten found."""
    everything = np.ones(len(made), np.bool_)
    shares = []
    for question in questions:
        cosines = made @ question
        nearest = np.argpartition(-cosines, 10)[:10]
        found = [row for row, _ in index.search(question, 10, everything)]
        shares.append(len(set(nearest.tolist()) & set(found)) / 10)
    return float(np.mean(shares))


def serve(folder: Path, asked: Sequence[str]) -> dict[str, Any]:
    began = time.perf_counter()
    library = Library.open(folder, load_settings().encoder_choice)
    opened = time.perf_counter() - began
    first, *others = [library.search(question) for question in asked]
    # What a process makes once is made for the first of them.
    results = others[WARM_UP:]
    steps = {step: _times([one.steps[step] for one in results]) for step in results[0].steps}
    steps["search"] = _times([one.took_ms for one in results])
    steps["first search"] = _times([first.took_ms])
    for name, filters in FILTERS.items():
        # The first search with these filters makes their mask.
        took = [library.search(question, filters=filters).took_ms for question in asked]
        steps[f"{name}, first"], steps[f"{name}, then"] = _times(took[:1]), _times(took[1:])
    return {"opened": opened, "steps": steps, **memory()}


def _times(milliseconds: Sequence[float]) -> tuple[float, float]:
    return median(milliseconds), float(np.quantile(milliseconds, 0.1))


def memory() -> dict[str, float]:
    """MiB of this process: all that is resident, and what is its own."""
    lines = Path("/proc/self/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    rss, own = (int(status[name].split()[0]) / _KIB for name in ("VmRSS", "RssAnon"))
    return {"rss": rss, "own": own}


if __name__ == "__main__":
    main()
