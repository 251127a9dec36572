"""How long building a library takes, by step: `python benchmarks/ingest_speed.py [DOCUMENTS...]`.

No vectors are kept from before, so every text is encoded. Afterwards the same texts are encoded by
SentenceTransformer.encode, the baseline of encode_speed.py, in batches of 32.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from policyqa import indexing, vectors
from policyqa.encoders import EncoderChoice

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
STATUTE = SHARED / "corpus" / "statutes-xml" / "405AC0000000088.xml"

WATCHED: tuple[tuple[Any, str, str], ...] = (
    (indexing, "read_all", "read"),
    (EncoderChoice, "load", "load"),
    (indexing.chunking, "chunk", "chunk"),
    (indexing, "_write_words", "words"),
    (indexing, "sentences", "sentences"),
    (indexing, "_write_dense", "write"),
    (indexing, "write_database", "write"),
)
"""Of what the time of all calls is taken: where it is looked up, its name, and its step."""


def main(files: list[Path]) -> None:
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
        ExitStack() as watches,
        tempfile.TemporaryDirectory() as folder,
        patch.object(vectors.VectorCache, "vectors", watched),
    ):
        for owner, name, step in WATCHED:
            watches.enter_context(watching(owner, name, steps, step))
        with added(steps, "all"):
            summary = indexing.build(files, Path(folder), choice)
    whole = steps.pop("all")
    steps["rest"] = whole - sum(steps.values())
    print(
        f"library of {summary.documents} documents: {summary.chunks} chunks, "
        f"{len(encoded)} texts to encode, {whole:.1f} s, {summary.chunks / whole:.1f} chunks/s"
    )
    for step, took in sorted(steps.items(), key=lambda item: -item[1]):
        print(f"  {step:<9} {took:7.2f} s  {took / whole:5.2f} of it")
    took = baseline(encoded)
    print(
        f"  the same texts by the baseline {took:.1f} s: {took / steps['encode']:.2f} times the "
        f"step, {took / whole:.2f} times the whole build"
    )


def baseline(texts: list[str]) -> float:
    """Seconds that SentenceTransformer.encode takes for them."""
    import torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    encoder = EncoderChoice(runtime="torch").load()
    encoder.encode_passages(texts[:32])  # the first ones warm up
    began = time.perf_counter()
    encoder.model.encode(
        texts,
        prompt=encoder.passage_prompt,
        batch_size=32,
        normalize_embeddings=True,
        show_progress_bar=False,
    )
    return time.perf_counter() - began


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
    given = [Path(file) for file in sys.argv[1:]] or [STATUTE]
    if missing := [file for file in given if not file.is_file()]:
        print(f"no {missing[0]}: nothing measured")
    else:
        main(given)
