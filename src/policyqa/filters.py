"""Which documents a search is limited to."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import PurePath

from policyqa.catalogue import DocumentRow
from policyqa.models import Filters

_Named = Mapping[str, Sequence[str]]
"""A name, however wide its characters, to the ids of the documents that have it."""


class Selector:
    """Finds the documents that pass filters, without looking at each one at every search."""

    def __init__(self, documents: Iterable[DocumentRow]) -> None:
        self._documents = list(documents)
        self._all = frozenset(document.id for document in self._documents)

    def selected(self, filters: Filters) -> frozenset[str]:
        """The ids of the documents that pass all filters but `as_of` (see `versions`)."""
        passing = self._all
        if filters.documents:
            passing &= _with_one_of(filters.documents, self._names)
        if filters.publishers:
            passing &= _with_one_of(filters.publishers, self._publishers)
        if filters.kinds:
            passing &= _with_one_of(filters.kinds, self._kinds)
        if filters.date_from or filters.date_to:
            passing &= self._within(filters.date_from or date.min, filters.date_to or date.max)
        return passing

    @cached_property
    def _names(self) -> _Named:
        return _named(
            (name, document.id)
            for document in self._documents
            for name in {
                document.id,
                document.title,
                document.path,
                PurePath(document.path).name,
            }
        )

    @cached_property
    def _publishers(self) -> _Named:
        return self._with("publisher")

    @cached_property
    def _kinds(self) -> _Named:
        return self._with("kind")

    def _with(self, key: str) -> _Named:
        return _named((document.metadata.get(key, ""), document.id) for document in self._documents)

    def _within(self, first: date, last: date) -> frozenset[str]:
        return frozenset(
            document.id
            for document in self._documents
            if first.isoformat() <= document.metadata.get("date", "") <= last.isoformat()
        )


def _named(pairs: Iterable[tuple[str, str]]) -> _Named:
    """From (name, id); what has no name is left out."""
    named: dict[str, list[str]] = {}
    for name, identity in pairs:
        if name:
            named.setdefault(plain(name), []).append(identity)
    return named


def plain(name: str) -> str:
    """As `japanese.squeeze`, which is slow because it keeps account of offsets."""
    return "".join(unicodedata.normalize("NFKC", name).lower().split())


def _with_one_of(wanted: Sequence[str], named: _Named) -> frozenset[str]:
    return frozenset(identity for name in wanted for identity in named.get(plain(name), ()))
