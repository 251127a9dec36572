"""Which chunks of a library are nearest to a question: its indexes, asked and fused."""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policyqa.catalogue import Catalogue
from policyqa.japanese import tokenise
from policyqa.search import Mask
from policyqa.search.dense import DenseIndex, Vectors
from policyqa.search.fusion import as_score, fuse
from policyqa.search.lexical import LexicalIndex
from policyqa.store import DATABASE

CANDIDATES = 200
"""How many rows each of meaning and words hands to the fusion, at least."""
FIELDS = ("body", "title", "sentence")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk's row, its fused score in 0..1, and what each signal gave it."""

    row: int
    score: float
    signals: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Signals:
    """A question before its signals are weighed: its vector, of shape (dimension,), the rows that
    may be found, what each signal gives them (a value a row), and milliseconds per step."""

    vector: Vectors
    rows: NDArray[np.int64]
    values: Mapping[str, Vectors]
    steps: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Ranking:
    """How many rows were compared, and these, best first."""

    candidates: int
    best: Iterator[Ranked]


class Ranker:
    """The indexes of a generation. A chunk has a row in each of body, title and words; sentences
    have rows of their own."""

    def __init__(self, folder: Path, chunks: int, catalogue: Catalogue) -> None:
        """Load what `indexing` wrote into the generation's folder."""
        self._dense = {
            field: DenseIndex.load(folder / "dense" / f"{field}.faiss") for field in FIELDS
        }
        self._lexical = LexicalIndex.load(folder / "lexical", chunks)
        self._catalogue = catalogue

    def misfit(self, manifest: Mapping[str, Any], dimension: int) -> str:
        """The first field whose vectors are not those that the manifest tells of; empty if none."""
        counts = manifest["counts"]
        for field, index in self._dense.items():
            rows = counts["sentences" if field == "sentence" else "chunks"]
            expected = (rows, dimension, manifest["dense"][field])
            if (index.rows, index.dimension, index.kind) != expected:
                return field
        return ""

    def signals(
        self, question: str, vector: Vectors, depth: int, allowed: Mask, steps: dict[str, float]
    ) -> Signals:
        """What the signals give the allowed rows that are among the best `depth` by meaning or by
        words.

        `vector` is the question's, of shape (dimension,); `steps` gets milliseconds per step.
        """
        lemmas = tokenise(question)
        with timed(steps, "dense"):
            found = {row for row, _ in self._dense["body"].search(vector, depth, allowed)}
        with timed(steps, "lexical"):
            found.update(row for row, _ in self._lexical.search(lemmas, depth, allowed))
        rows = np.array(sorted(found), np.int64)
        if not len(rows):
            return Signals(vector, rows, {}, steps)
        with timed(steps, "fuse"):
            values = {
                "dense": self._dense["body"].scores(vector, rows),
                "dense_title": self._dense["title"].scores(vector, rows),
                "sentence": self._best_sentences(vector, rows),
                "lexical": self._lexical.scores(lemmas, rows),
            }
        return Signals(vector, rows, values, steps)

    def sentence_cosines(self, vector: Vectors, sentences: NDArray[np.int64]) -> Vectors:
        """The cosine of a question with each of these sentences."""
        return self._dense["sentence"].scores(vector, sentences)

    def idf(self, lemmas: Collection[str]) -> dict[str, float]:
        """How rare each lemma is among the chunks."""
        return self._lexical.idf(lemmas)

    def _best_sentences(self, vector: Vectors, rows: NDArray[np.int64]) -> Vectors:
        """For each row the highest cosine of its sentences."""
        sentences, firsts = self._catalogue.sentence_rows(rows)
        return np.maximum.reduceat(self.sentence_cosines(vector, sentences), firsts)


def ranking(signals: Signals, weights: Mapping[str, float], steps: dict[str, float]) -> Ranking:
    """The rows by the weighed sum of their signals, best first."""
    if not len(signals.rows):
        return Ranking(0, iter(()))
    with timed(steps, "fuse"):
        fused = fuse(signals.values, weights)
    # One by one, since few of them are looked at.
    best = (
        Ranked(
            int(signals.rows[at]),
            as_score(fused[at]),
            {name: float(values[at]) for name, values in signals.values.items()},
        )
        for at in np.lexsort((signals.rows, -fused))
    )
    return Ranking(len(signals.rows), best)


def load(folder: Path, manifest: Mapping[str, Any]) -> tuple[Catalogue, Ranker]:
    """Open what `indexing` wrote into a generation's folder. At a damaged file each loader fails in
    ways of its own."""
    catalogue = Catalogue(folder / DATABASE)
    return catalogue, Ranker(folder, manifest["counts"]["chunks"], catalogue)


@contextmanager
def timed(steps: dict[str, float], name: str) -> Iterator[None]:
    """Add the milliseconds that the block takes to `steps`, to those that `name` has there."""
    began = time.perf_counter()
    yield
    steps[name] = steps.get(name, 0.0) + (time.perf_counter() - began) * 1000
