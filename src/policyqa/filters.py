"""Which documents a search is limited to."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import PurePath

from policyqa.catalogue import DocumentRow
from policyqa.japanese import squeeze
from policyqa.models import Filters


def selected(documents: Iterable[DocumentRow], filters: Filters) -> frozenset[str]:
    """The ids of the documents that pass all filters but `as_of` (see `versions`)."""
    return frozenset(document.id for document in documents if _passes(document, filters))


def _passes(document: DocumentRow, filters: Filters) -> bool:
    names = (document.id, document.title, document.path, PurePath(document.path).name)
    metadata = document.metadata
    return (
        _is_one_of(names, filters.documents)
        and _is_one_of([metadata.get("publisher", "")], filters.publishers)
        and _is_one_of([metadata.get("kind", "")], filters.kinds)
        and _is_within(metadata.get("date", ""), filters.date_from, filters.date_to)
    )


def _is_one_of(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether one of the names is wanted, however wide its characters; anything is if none is."""
    # Asked of every document at every search, mostly without any filter.
    if not wanted:
        return True
    known = {squeeze(name) for name in names if name}
    return any(squeeze(name) in known for name in wanted)


def _is_within(day: str, first: date | None, last: date | None) -> bool:
    if first is None and last is None:
        return True
    return bool(day) and (first or date.min).isoformat() <= day <= (last or date.max).isoformat()
