"""The content words of chunks, found when they are indexed and kept: to find them again in the
passages that are shown would take most of a search.

A word is kept as where it stands and the number of its kind.
"""

import zlib
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import overload

import numpy as np

from policyqa.models import Word

WordKind = tuple[str, str, str, str]
"""All of a word but its place: lemma, two levels of its part of speech, what it names."""

_NUMBER = np.dtype("<u4")


class WordTable:
    """The words of the chunks, a row each, in the order in which they were added."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        """Packed words, for `PackedWords`."""
        self.kinds: list[WordKind] = []
        """Every kind of word, by its number."""
        self._numbers: dict[WordKind, int] = {}

    def add(self, words: Sequence[Word]) -> None:
        """A row of words, in the order of their text."""
        self.rows.append(packed(words, [self._number(word[2:]) for word in words]))

    def _number(self, kind: WordKind) -> int:
        number = self._numbers.setdefault(kind, len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(kind)
        return number


def packed(words: Sequence[Word], kinds: Sequence[int]) -> bytes:
    """Words whose kinds have these numbers, about three bytes a word."""
    starts = np.array([word.start for word in words], np.int64)
    lengths = [word.end - word.start for word in words]
    # How far a word is from the one before is a small number, and those compress well.
    columns = np.stack([np.diff(starts, prepend=0), lengths, kinds])
    return zlib.compress(columns.astype(_NUMBER).tobytes())


class PackedWords(Sequence[Word]):
    """The words that `packed` was given, made when they are looked at: of most passages a search
    needs only those to mark."""

    def __init__(self, row: bytes, kinds: Sequence[WordKind]) -> None:
        self._row = row
        self._kinds = kinds

    def among(self, lemmas: Collection[str]) -> list[Word]:
        """The words with one of these lemmas."""
        return [
            Word(start, end, *self._kinds[kind])
            for start, end, kind in self._places
            if self._kinds[kind][0] in lemmas
        ]

    @cached_property
    def _places(self) -> list[tuple[int, int, int]]:
        steps, lengths, kinds = np.frombuffer(zlib.decompress(self._row), _NUMBER).reshape(3, -1)
        starts = np.cumsum(steps)
        return list(zip(starts.tolist(), (starts + lengths).tolist(), kinds.tolist(), strict=True))

    @cached_property
    def _words(self) -> list[Word]:
        return [Word(start, end, *self._kinds[kind]) for start, end, kind in self._places]

    def __len__(self) -> int:
        return len(self._words)

    @overload
    def __getitem__(self, place: int) -> Word: ...
    @overload
    def __getitem__(self, place: slice) -> list[Word]: ...
    def __getitem__(self, place: int | slice) -> Word | list[Word]:
        return self._words[place]

    def __iter__(self) -> Iterator[Word]:
        return iter(self._words)
