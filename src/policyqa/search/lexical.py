"""Ranking by words: BM25 over fugashi lemmas, with bm25s."""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from policyqa.search import Hit, Mask

Scores = NDArray[np.float32]

_GROUPS = 1024
"""At least; enough for the highest scores to fall into different ones."""


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
        # Mapped: of a large index only the words that are asked for are ever read.
        index = bm25s.BM25.load(str(folder), mmap=True)
        # A slice of numpy's own class for mapped files costs more than what is done with it.
        for name in ("data", "indices", "indptr"):
            index.scores[name] = np.asarray(index.scores[name])
        return cls(index, rows)

    def save(self, folder: Path) -> None:
        self._index.save(str(folder), show_progress=False)

    def search(self, lemmas: Sequence[str], k: int, allowed: Mask) -> list[Hit]:
        """The `k` allowed rows with the highest BM25 score above zero, best first."""
        known = [lemma for lemma in lemmas if lemma in self._index.vocab_dict]
        if not known:
            return []
        scores = self._index.get_scores(known) * allowed
        return [(int(row), float(scores[row])) for row in _best(scores, k)]

    def scores(self, lemmas: Sequence[str], rows: NDArray[np.int64]) -> Scores:
        """The BM25 score of each of `rows`, as `search` gives it, without those of all others."""
        wanted = rows.astype(np.int32)
        scores = np.zeros(len(wanted), np.float32)
        for posted, gains in self._postings(lemmas):
            # bm25s keeps the rows of a word in order.
            places = np.minimum(np.searchsorted(posted, wanted), len(posted) - 1)
            scores += np.where(posted[places] == wanted, gains[places], np.float32(0))
        return scores

    def idf(self, lemmas: Collection[str]) -> dict[str, float]:
        """How telling each lemma is: ln(1 + (rows - n + 0.5) / (n + 0.5)) for one in n rows."""
        counts = {
            lemma: sum(len(posted) for posted, _ in self._postings([lemma])) for lemma in lemmas
        }
        return {
            lemma: math.log(1 + (self._rows - count + 0.5) / (count + 0.5))
            for lemma, count in counts.items()
        }

    def _postings(self, lemmas: Sequence[str]) -> Iterator[tuple[NDArray[np.int32], Scores]]:
        """For each lemma that is indexed the rows that have it, and what it adds to their
        scores."""
        matrix = self._index.scores
        for lemma in lemmas:
            column = self._index.vocab_dict.get(lemma)
            if column is not None:
                start, end = matrix["indptr"][column : column + 2]
                yield matrix["indices"][start:end], matrix["data"][start:end]


def _best(scores: Scores, k: int) -> NDArray[np.intp]:
    """The places of the `k` highest scores above zero, best first, ties by place.

    To sort all scores would take longer than to compute them. So they are dealt out to groups: if
    `k` groups have a score of at least `bar`, the `k` highest scores are among those that reach it.
    """
    groups = max(_GROUPS, 8 * k)
    bar = np.float32(0)
    if len(scores) > 2 * groups:
        whole = len(scores) // groups * groups
        highest = scores[:whole].reshape(-1, groups).max(axis=0)
        bar = np.partition(highest, groups - k)[groups - k]
    reached = np.flatnonzero(scores >= bar if bar > 0 else scores > 0)
    return reached[np.lexsort((reached, -scores[reached]))][:k]
