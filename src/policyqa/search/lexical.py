"""Ranking by words: BM25 over fugashi lemmas, with bm25s."""

import math
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from policyqa.search import Hit, Mask


class LexicalIndex:
    """The words of the chunks, a row each."""

    def __init__(self, index: bm25s.BM25, rows: int) -> None:
        self._index = index
        self._rows = rows

    @classmethod
    def build(cls, rows: Iterable[Sequence[str]]) -> "LexicalIndex":
        """`rows` are the lemmas of each row."""
        # bm25s cannot index a collection without a single word; a sign no lemma equals will do.
        tokens = [list(row) or ["\x00"] for row in rows]
        index = bm25s.BM25()
        index.index(tokens, show_progress=False)
        return cls(index, len(tokens))

    @classmethod
    def load(cls, folder: Path, rows: int) -> "LexicalIndex":
        return cls(bm25s.BM25.load(str(folder)), rows)

    def save(self, folder: Path) -> None:
        self._index.save(str(folder), show_progress=False)

    def search(self, lemmas: Sequence[str], k: int, allowed: Mask) -> list[Hit]:
        """The `k` allowed rows with the highest BM25 score above zero, best first."""
        known = [lemma for lemma in lemmas if lemma in self._index.vocab_dict]
        if not known:
            return []
        scores = np.where(allowed, self._index.get_scores(known), 0.0)
        count = min(k, self._rows)
        best = np.argpartition(-scores, count - 1)[:count]
        best = best[np.lexsort((best, -scores[best]))]
        return [(int(row), float(scores[row])) for row in best if scores[row] > 0]

    def scores(self, lemmas: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The BM25 score of each of `rows`."""
        known = [lemma for lemma in lemmas if lemma in self._index.vocab_dict]
        if not known:
            return np.zeros(len(rows), np.float32)
        return np.asarray(self._index.get_scores(known)[rows])

    def idf(self, lemmas: Collection[str]) -> dict[str, float]:
        """How telling each lemma is: ln(1 + (rows - n + 0.5) / (n + 0.5)) for one in n rows."""
        ends = self._index.scores["indptr"]
        counts = {}
        for lemma in lemmas:
            word = self._index.vocab_dict.get(lemma)
            counts[lemma] = 0 if word is None else int(ends[word + 1] - ends[word])
        return {
            lemma: math.log(1 + (self._rows - count + 0.5) / (count + 0.5))
            for lemma, count in counts.items()
        }
