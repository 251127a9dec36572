"""Ranking by meaning: cosine similarity of vectors, with FAISS."""

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from policyqa.search import Hit, Mask

Vectors = NDArray[np.float32]


class DenseIndex:
    """Vectors of one field, a row each. Vectors are normalised, so inner product is cosine."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> "DenseIndex":
        """`vectors` has the shape (rows, dimension)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> "DenseIndex":
        return cls(faiss.read_index(str(path)))

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @property
    def rows(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def search(self, query: Vectors, k: int, allowed: Mask) -> list[Hit]:
        """The `k` nearest of the allowed rows to `query`, a vector of shape (dimension,), best
        first."""
        bits = np.packbits(allowed, bitorder="little")
        # faiss' stubs know the C++ signatures only, not those of its Python layer.
        selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
        parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        k = min(k, int(allowed.sum()))
        if not k:
            return []
        scores, rows = self._index.search(query[None, :], k, params=parameters)
        return [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True)]

    def scores(self, query: Vectors, rows: NDArray[np.int64]) -> Vectors:
        """The cosine of `query` with each of `rows`."""
        return np.asarray(self._index.reconstruct_batch(rows) @ query)
