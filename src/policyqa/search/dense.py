"""Ranking by meaning: cosine similarity of vectors, with FAISS."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from policyqa.search import Hit, Mask

Vectors = NDArray[np.float32]

EXACT_ROWS = 50_000
"""Up to so many rows, each is compared with the question."""
PROBES = 200
"""Clusters that are searched: recall@10 is 0.95 or more at 100,000 to a million rows, and at a
million 128 are too few (docs/architecture.md)."""
_FEW = 1_000
"""Allowed rows that are compared one by one (3 ms): to pass over all others in a million takes
9 ms."""
_TRAINED_ON = 40
"""Rows for each cluster; k-means gains little from more."""
_TRAINED_IN_ALL = 100_000
"""Rows that the range of each number is taken from."""
_SEED = 1


class DenseIndex:
    """Vectors of one field, a row each. Vectors are normalised, so inner product is cosine."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors, exact_rows: int = EXACT_ROWS) -> "DenseIndex":
        """An exact index of up to `exact_rows` rows, a clustered one of more. `vectors` has the
        shape (rows, dimension)."""
        return cls.exact(vectors) if len(vectors) <= exact_rows else cls.clustered(vectors)

    @classmethod
    def exact(cls, vectors: Vectors) -> "DenseIndex":
        """All rows are compared with the question. 16 bits a number: cosines within 0.001."""
        index = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        index.add(vectors)
        return cls(index)

    @classmethod
    def compact(cls, vectors: Vectors) -> "DenseIndex":
        """For rows that are compared but not searched. 8 bits a number: cosines within 0.005, half
        the memory."""
        index = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        drawn = np.random.default_rng(_SEED).permutation(len(vectors))[:_TRAINED_IN_ALL]
        index.train(vectors[np.sort(drawn)])
        index.add(vectors)
        return cls(index)

    @classmethod
    def clustered(cls, vectors: Vectors) -> "DenseIndex":
        """Only the clusters near the question are searched. 8 bits a number, of
        the difference from the cluster's middle: cosines within 0.005.

        As many clusters as FAISS' guidelines advise for up to a million rows (4 to 16 times the
        root of the rows), the same at every build.
        """
        rows, dimension = vectors.shape
        clusters = round(4 * math.sqrt(rows))
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dimension),
            dimension,
            clusters,
            faiss.ScalarQuantizer.QT_8bit,
            faiss.METRIC_INNER_PRODUCT,
        )
        index.cp.seed = _SEED
        drawn = np.random.default_rng(_SEED).permutation(rows)[: clusters * _TRAINED_ON]
        index.train(vectors[np.sort(drawn)])
        index.make_direct_map()
        index.add(vectors)
        index.nprobe = min(PROBES, clusters)
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> "DenseIndex":
        # Mapped: pages come into memory as they are read, and processes share them.
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))

    def save(self, path: Path) -> None:
        # By a file of ours: FAISS' own does not tell when a full disk cuts it short.
        with path.open("wb") as stream:
            writer = faiss.PyCallbackIOWriter(stream.write)  # type: ignore[attr-defined]
            faiss.write_index(self._index, writer)

    @property
    def kind(self) -> dict[str, int | str]:
        """What the manifest says of the index."""
        if isinstance(self._index, faiss.IndexIVF):
            return {"kind": "IVF,SQ8", "nlist": self._index.nlist, "nprobe": self._index.nprobe}
        bytes_a_number = self._index.sa_code_size() // self._index.d
        return {"kind": "SQ8" if bytes_a_number == 1 else "SQfp16"}

    @property
    def rows(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def search(self, query: Vectors, k: int, allowed: Mask) -> list[Hit]:
        """The `k` nearest of the allowed rows to `query`, a vector of shape (dimension,), best
        first."""
        count = int(np.count_nonzero(allowed))
        k = min(k, count)
        if not k:
            return []
        if isinstance(self._index, faiss.IndexIVF) and count <= _FEW:
            return self._compared(query, np.flatnonzero(allowed))[:k]
        parameters = self._parameters(allowed, count)
        with _one_thread():
            scores, rows = self._index.search(query[None, :], k, params=parameters)
        # Where clusters hold fewer than `k` allowed rows, FAISS fills up with -1.
        return [
            (int(row), float(score))
            for row, score in zip(rows[0], scores[0], strict=True)
            if row >= 0
        ]

    def _compared(self, query: Vectors, rows: NDArray[np.int64]) -> list[Hit]:
        hits = zip(rows.tolist(), self.scores(query, rows).tolist(), strict=True)
        return sorted(hits, key=lambda hit: -hit[1])

    def scores(self, query: Vectors, rows: NDArray[np.int64]) -> Vectors:
        """The cosine of `query` with each of `rows`."""
        with _one_thread():
            vectors = self._vectors(rows)
        # `vectors @ query` would start the threads of BLAS.
        return np.asarray(np.vecdot(vectors, query))

    def _vectors(self, rows: NDArray[np.int64]) -> Vectors:
        if isinstance(self._index, faiss.IndexIVF):
            return np.asarray(self._index.reconstruct_batch(rows))
        # Unpacked together: `reconstruct_batch` sets up anew for each row and takes 2.5 times as
        # long, most of what the signals of a search take.
        codes = self._index.codes  # type: ignore[attr-defined]
        table = faiss.rev_swig_ptr(codes.data(), codes.size()).reshape(self.rows, -1)
        return np.asarray(self._index.sa_decode(table[rows]))

    def _parameters(self, allowed: Mask, count: int) -> faiss.SearchParameters:
        # faiss' stubs know the C++ signatures only, not those of its Python layer.
        options: dict[str, Any] = {}
        if count < self.rows:
            bits = np.packbits(allowed, bitorder="little")
            options["sel"] = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
        if not isinstance(self._index, faiss.IndexIVF):
            return faiss.SearchParameters(**options)
        # The fewer rows are allowed, the more clusters: so about as many rows are compared.
        probes = math.ceil(self._index.nprobe * self.rows / count)
        options["nprobe"] = min(probes, self._index.nlist)
        return faiss.SearchParametersIVF(**options)


@contextmanager
def _one_thread() -> Iterator[None]:
    """One question keeps one thread busy, yet FAISS starts as many as there are cores and waits
    for all of them: on busy cores that took longer (12 ms) than the work."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
