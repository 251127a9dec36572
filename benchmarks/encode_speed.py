"""How fast texts become vectors: policyqa's two runtimes beside SentenceTransformer.encode.

    python benchmarks/encode_speed.py [PASSAGES] [BEIR FOLDER] [DOCUMENTS...]

The baseline is the same model, texts, prompt and torch threads, in batches of 32. Rounds are
interleaved, since a shared machine's load varies: look at the ratios, which are medians over
rounds. `of the matrix rate`: the arithmetic that the layers' weights need for the texts' tokens, as
a share of what a float32 matrix product reaches on this machine in the same minute; no runtime
without smaller numbers gets beyond 1. CPU time is that of all threads together; other processes'
load hardly counts in it. Peak memory is that of a process of its own for each runtime. At the end,
building a library of files by step, without any vectors kept from before.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from policyqa import chunking, indexing, vectors
from policyqa.database import Source
from policyqa.encoders import EncoderChoice, Runtime
from policyqa.evaluation.beir import read_beir
from policyqa.japanese import sentences
from policyqa.models import Document

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
FOLDER = SHARED / "eval" / "jaquad-dev"
STATUTE = SHARED / "corpus" / "statutes-xml" / "405AC0000000088.xml"
THREADS = os.cpu_count() or 1
BATCH_SIZE, ROUNDS, QUERIES = 32, 3, 30
RUNTIMES: tuple[Runtime, ...] = ("openvino", "torch")
QUESTION = "保険料の免除はどのような場合に受けられますか。"

Vectors = NDArray[np.float32]


@dataclass
class Timed:
    """What rounds of one runtime took, in seconds, and what came out last."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    result: Any = None

    def run(self, call: Callable[[], Any]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        self.result = call()
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(time.process_time() - cpu)


def main(passages: int, folder: Path, files: list[Path]) -> None:
    import torch

    if not folder.is_dir():
        print(f"no texts in {folder}: nothing measured")
        return
    torch.set_num_threads(THREADS)
    read = read_beir(folder).documents
    openvino, in_torch = (EncoderChoice(runtime=runtime).load() for runtime in RUNTIMES)
    encoders = {"openvino": openvino, "torch": in_torch}
    model, prompts = in_torch.model, {"passage": in_torch.passage_prompt}

    def baseline(texts: list[str]) -> Vectors:
        return model.encode(
            texts,
            prompt=prompts["passage"],
            batch_size=BATCH_SIZE,
            normalize_embeddings=True,
            show_progress_bar=False,
        )

    runs = {"SentenceTransformer.encode": baseline} | {
        f"policyqa, {name}": encoder.encode_passages for name, encoder in encoders.items()
    }
    texts = sample(read, openvino.count_tokens, passages)
    said = [text[a:b] for text in texts for a, b in sentences(text)]
    said = random.Random(1).sample(said, min(len(said), passages))
    for name, chosen in (("passages", texts), ("sentences", said)):
        prompted = [in_torch.passage_prompt + text for text in chosen]
        # And the two marks around each text.
        tokens = sum(openvino.count_tokens(prompted)) + 2 * len(chosen)
        compare(name, chosen, runs, tokens * operations(model))
    one_query({name: encoder.encode_queries for name, encoder in encoders.items()})
    for runtime in RUNTIMES:
        subprocess.run([sys.executable, __file__, "--peak", runtime], check=True)
    ingest(files, runs["SentenceTransformer.encode"])


def sample(
    documents: list[tuple[Source, Document]],
    count_tokens: Callable[[list[str]], list[int]],
    count: int,
) -> list[str]:
    """Chunks as policyqa cuts them, of documents drawn by a seed."""
    order = random.Random(1).sample(documents, len(documents))
    texts: list[str] = []
    for _, document in order:
        texts += [chunk.text for unit in chunking.chunk(document, count_tokens) for chunk in unit]
        if len(texts) >= count:
            break
    return texts[:count]


def operations(model: Any) -> int:
    """Of floating point, that the weights of the layers need for a token: two for each."""
    return 2 * sum(
        weight.numel()
        for name, weight in model.named_parameters()
        if weight.dim() == 2 and "embeddings" not in name and "pooler" not in name
    )


def matrix_rate() -> float:
    """Operations a second of a float32 matrix product, the best of many."""
    import torch

    side = 1024
    one, other = torch.rand(side, side), torch.rand(side, side)
    product = Timed()
    for _ in range(20):
        product.run(lambda: one @ other)
    return 2 * side**3 / min(product.wall)


def compare(
    name: str,
    texts: list[str],
    runs: dict[str, Callable[[list[str]], Vectors]],
    needed: int,
) -> None:
    """`needed`: operations for all texts."""
    timed = {run: Timed() for run in runs}
    for encode in runs.values():
        encode(texts[:BATCH_SIZE])  # the first one warms up
    for _ in range(ROUNDS):
        for run, encode in runs.items():
            timed[run].run(lambda encode=encode: encode(texts))
    first, *_ = timed.values()
    rate = matrix_rate()
    print(
        f"\n{len(texts)} {name} of {mean(map(len, texts)):.0f} characters, {THREADS} threads, "
        f"matrix product {rate / 1e9:.0f} GFLOPS\n"
    )
    print(
        "| runtime | texts/s | ratio | ratio by CPU time | of the matrix rate "
        "| cosine: mean | least |"
    )
    print("|---|---|---|---|---|---|---|")
    for run, own in timed.items():
        cosines = (first.result * own.result).sum(axis=1)
        print(
            f"| {run} | {len(texts) / median(own.wall):.1f} | {ratio(first.wall, own.wall)} "
            f"| {ratio(first.cpu, own.cpu)} | {needed / median(own.wall) / rate:.2f} "
            f"| {cosines.mean():.6f} | {cosines.min():.6f} |"
        )


def ratio(first: list[float], own: list[float]) -> str:
    """How many times as fast, the median of rounds that ran next to each other."""
    return f"{median(a / b for a, b in zip(first, own, strict=True)):.2f}"


def one_query(runs: dict[str, Callable[[list[str]], Vectors]]) -> None:
    timed = {run: Timed() for run in runs}
    for _ in range(QUERIES):
        for run, encode in runs.items():
            timed[run].run(lambda encode=encode: encode([QUESTION]))
    print(f"\none question of {len(QUESTION)} characters, {QUERIES} times")
    for run, own in timed.items():
        print(
            f"  {run:<9} median {median(own.wall) * 1000:6.1f} ms, least {min(own.wall) * 1000:.1f}"
        )


def peak(runtime: str) -> None:
    encoder = EncoderChoice(runtime=runtime).load()
    encoder.encode_queries([QUESTION])
    asked = memory()
    encoder.encode_passages([QUESTION * 20] * BATCH_SIZE)
    print(
        f"  {runtime:<9} peak {asked:.0f} MiB after a question, {memory():.0f} after passages too",
        flush=True,
    )


def memory() -> float:
    """This process' largest resident size so far, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


# --- building a library ---


def ingest(files: list[Path], baseline: Callable[[list[str]], Any]) -> None:
    """Build a library without any vectors kept, by step; then encode its texts by the baseline."""
    steps: dict[str, float] = {}
    encoded: list[str] = []
    choice = EncoderChoice()
    choice.converted_folder()  # so that converting is no part of the build
    original = vectors.VectorCache.vectors

    def watched(cache: Any, texts: Any, encode: Any, progress: Any) -> Any:
        encoded.extend(dict.fromkeys(texts))
        with added(steps, "encode"):
            return original(cache, texts, encode, progress)

    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(vectors.VectorCache, "vectors", watched),
        watching(indexing, "read_all", steps, "read"),
        watching(EncoderChoice, "load", steps, "load"),
        watching(indexing.chunking, "chunk", steps, "chunk"),
        watching(indexing, "_write_words", steps, "words"),
        watching(indexing, "sentences", steps, "sentences"),
        watching(indexing, "_write_dense", steps, "write"),
        watching(indexing, "write_database", steps, "write"),
        added(steps, "all"),
    ):
        summary = indexing.build(files, Path(folder), choice)
    whole = steps.pop("all")
    steps["rest"] = whole - sum(steps.values())
    print(
        f"\nlibrary of {summary.documents} documents: {summary.chunks} chunks, "
        f"{len(encoded)} texts to encode, {whole:.1f} s, {summary.chunks / whole:.1f} chunks/s"
    )
    for step, took in sorted(steps.items(), key=lambda item: -item[1]):
        print(f"  {step:<9} {took:7.2f} s  {took / whole:5.2f} of it")
    own = Timed()
    own.run(lambda: baseline(encoded))
    took = own.wall[0]
    print(
        f"  the same texts by the baseline {took:.1f} s: {took / steps['encode']:.2f} times the "
        f"step, {took / whole:.2f} times the whole build"
    )


@contextmanager
def watching(module: Any, name: str, steps: dict[str, float], step: str) -> Iterator[None]:
    """While open, the time of all calls of module.name is added to steps[step]."""
    original = getattr(module, name)

    def watched(*arguments: Any, **named: Any) -> Any:
        with added(steps, step):
            return original(*arguments, **named)

    with patch.object(module, name, watched):
        yield


@contextmanager
def added(steps: dict[str, float], step: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    steps[step] = steps.get(step, 0.0) + time.perf_counter() - began


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        peak(sys.argv[2])
    else:
        given = sys.argv[1:]
        main(
            int(given[0]) if given else 256,
            Path(given[1]) if len(given) > 1 else FOLDER,
            [Path(file) for file in given[2:]] or [STATUTE],
        )
