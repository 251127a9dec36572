"""How fast texts become vectors: policyqa's two runtimes beside SentenceTransformer.encode.

    python benchmarks/encode_speed.py [TEXTS]
    python benchmarks/encode_speed.py --write TEXTS

The baseline is the same model, texts, prompt and torch threads, in batches of 32. Rounds are
interleaved, since a shared machine's load varies: look at the ratios, which are medians over
rounds. `of the matrix rate`: the arithmetic that the layers' weights need for the texts' tokens, as
a share of what a float32 matrix product reaches on the same cores in the same minute; no runtime
without smaller numbers gets beyond 1. CPU time is that of all threads together; other processes'
load hardly counts in it. Peak memory is that of a process of its own for each runtime.

Texts are JaQuAD's, as policyqa cuts them. Written to a file they can be taken to another machine,
where policyqa.encoders, OpenVINO and sentence-transformers are all that is needed; `taskset -c 0,1`
keeps it to two cores there. torch takes a GPU where it finds one; CUDA_VISIBLE_DEVICES= hides it.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policyqa.encoders import EncoderChoice, Runtime

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "eval" / "jaquad-dev"
CORES = os.sched_getaffinity(0)
PASSAGES, BATCH_SIZE, ROUNDS, QUERIES = 256, 32, 3, 30
RUNTIMES: tuple[Runtime, ...] = ("openvino", "torch")
QUESTION = "保険料の免除はどのような場合に受けられますか。"

Vectors = NDArray[np.float32]
Texts = dict[str, list[str]]
"""Name of a kind of text to texts of it."""


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


def main(texts: Texts) -> None:
    import torch

    torch.set_num_threads(len(CORES))
    openvino, in_torch = (EncoderChoice(runtime=runtime).load() for runtime in RUNTIMES)
    encoders = {"openvino": openvino, "torch": in_torch}
    model, prompt = in_torch.model, in_torch.passage_prompt

    def baseline(given: list[str]) -> Vectors:
        return model.encode(
            given,
            prompt=prompt,
            batch_size=BATCH_SIZE,
            normalize_embeddings=True,
            show_progress_bar=False,
        )

    runs = {"SentenceTransformer.encode": baseline} | {
        f"policyqa, {name}": encoder.encode_passages for name, encoder in encoders.items()
    }
    for name, chosen in texts.items():
        prompted = [prompt + text for text in chosen]
        # And the two marks around each text.
        tokens = sum(openvino.count_tokens(prompted)) + 2 * len(chosen)
        compare(name, chosen, runs, tokens * operations(model), model.device)
    one_query({name: encoder.encode_queries for name, encoder in encoders.items()})
    for runtime in RUNTIMES:
        subprocess.run([sys.executable, __file__, "--peak", runtime], check=True)


def sample(folder: Path) -> Texts:
    """Chunks as policyqa cuts them, of documents drawn by a seed, and sentences of them."""
    # Imported here: a machine that gets its texts from a file needs none of it.
    from policyqa import chunking
    from policyqa.evaluation.beir import read_beir
    from policyqa.japanese import sentences

    documents = read_beir(folder).documents
    count_tokens = EncoderChoice().load().count_tokens
    passages: list[str] = []
    for _, document in random.Random(1).sample(documents, len(documents)):
        passages += [
            chunk.text for unit in chunking.chunk(document, count_tokens) for chunk in unit
        ]
        if len(passages) >= PASSAGES:
            break
    del passages[PASSAGES:]
    said = [text[a:b] for text in passages for a, b in sentences(text)]
    return {"passages": passages, "sentences": random.Random(1).sample(said, len(passages))}


def operations(model: Any) -> int:
    """Of floating point, that the weights of the layers need for a token: two for each."""
    return 2 * sum(
        weight.numel()
        for name, weight in model.named_parameters()
        if weight.dim() == 2 and "embeddings" not in name and "pooler" not in name
    )


def matrix_rate() -> float:
    """Operations a second of a float32 matrix product on the CPU, the best of many."""
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
    device: Any,
) -> None:
    """`needed`: operations for all texts; `device`: where torch runs."""
    timed = {run: Timed() for run in runs}
    for encode in runs.values():
        encode(texts[:BATCH_SIZE])  # the first one warms up
    for _ in range(ROUNDS):
        for run, encode in runs.items():
            timed[run].run(lambda encode=encode: encode(texts))
    first, *_ = timed.values()
    rate = matrix_rate()
    print(
        f"\n{len(texts)} {name} of {mean(map(len, texts)):.0f} characters, {len(CORES)} cores, "
        f"torch on {device}, matrix product {rate / 1e9:.0f} GFLOPS\n"
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


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--peak", runtime]:
            peak(runtime)
        case ["--write", file]:
            Path(file).write_text(json.dumps(sample(FOLDER), ensure_ascii=False), encoding="utf-8")
        case [file]:
            main(json.loads(Path(file).read_text(encoding="utf-8")))
        case _ if FOLDER.is_dir():
            main(sample(FOLDER))
        case _:
            print(f"no texts in {FOLDER}: nothing measured")
