"""Passages that say the same (pure functions)."""

import re
from dataclasses import dataclass
from functools import cached_property

from policyqa.japanese import place_key

_SHINGLE = 5
"""Signs."""
_ALIKE = 0.9
_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class Fingerprint:
    """What a text is compared by: its numbers in order, how many different runs of five signs it
    has, and these."""

    numbers: str
    runs: int
    text: str

    @cached_property
    def shingles(self) -> frozenset[str]:
        # Made when needed: most texts differ in their numbers or lengths already.
        return _shingles(place_key(self.text))


def fingerprint(text: str) -> Fingerprint:
    """White space, width and the way numbers are written make no difference."""
    key = place_key(text)
    return Fingerprint(" ".join(_NUMBER.findall(key)), len(_shingles(key)), text)


def nearly_same(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether at least nine tenths of all runs of signs are in both (Jaccard; Broder 1997).

    Never with other numbers: 令和４年度に51地域 and 令和５年度に60地域 say something else.
    """
    if one.numbers != other.numbers:
        return False
    if min(one.runs, other.runs) < _ALIKE * max(one.runs, other.runs):
        return False
    both, either = one.shingles & other.shingles, one.shingles | other.shingles
    return len(both) >= _ALIKE * len(either)


def _shingles(key: str) -> frozenset[str]:
    return frozenset([key[at : at + _SHINGLE] for at in range(max(1, len(key) - _SHINGLE + 1))])
