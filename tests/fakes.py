"""Stand-ins for what is slow or needs a model: deterministic, without any file or network."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from policyqa import chunking

Vectors = NDArray[np.float32]


class FakeEncoder:
    """A bag of character bigrams hashed into 64 numbers: texts that share words are near."""

    dimension = 64
    max_tokens = 512

    def __init__(self) -> None:
        self.encoded: list[str] = []
        """Every passage that was ever encoded, in order."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([_vector(text) for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        return np.stack([_vector(text) for text in texts])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]


@dataclass
class FakeSource:
    """An encoder not yet loaded."""

    id: str = "fake@1"
    encoder: FakeEncoder = field(default_factory=FakeEncoder)

    def load(self) -> FakeEncoder:
        return self.encoder


def _vector(text: str) -> Vectors:
    vector = np.zeros(FakeEncoder.dimension, np.float32)
    padded = f" {text} "
    for first, second in zip(padded, padded[1:], strict=False):
        vector[zlib.crc32(f"{first}{second}".encode()) % FakeEncoder.dimension] += 1
    return vector / np.float32(np.linalg.norm(vector))


def chunk(document, count_tokens, budget=chunking.DEFAULT_BUDGET):
    """All chunks of a document, in order."""
    return [piece for unit in chunking.chunk(document, count_tokens, budget) for piece in unit]
