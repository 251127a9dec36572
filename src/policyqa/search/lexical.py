"""Ranking by words: BM25 over fugashi lemmas, with bm25s."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np

from policyqa.search import Hit, Mask


class LexicalIndex:
    """The words of one field, a row each."""

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
