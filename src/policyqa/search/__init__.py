"""Rankers over the rows of a library, and their fusion."""

from collections.abc import Sequence
from typing import Protocol

Hit = tuple[int, float]
"""A row of the library and the score a ranker gave it."""


class Ranker(Protocol):
    """Ranks rows for a question, best first, at most `k` of them."""

    def search(self, query: str, k: int) -> Sequence[Hit]: ...
