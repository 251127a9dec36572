"""Which version of a statute was in force on a day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from policyqa.japanese import place_key


class Dated(Protocol):
    """A document as far as its version goes; `metadata` may have law_id, law_number, in_force."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def metadata(self) -> Mapping[str, str]: ...


Versions = Sequence[Sequence[Dated]]
"""Documents that are versions of one statute together, the oldest first."""


def versions_of(documents: Iterable[Dated]) -> Versions:
    """The versions of each statute that has several, told by its number. One of unknown date
    counts as the oldest."""
    same: dict[str, list[Dated]] = {}
    for document in documents:
        law = document.metadata.get("law_number") or document.metadata.get("law_id")
        if law:
            same.setdefault(place_key(law), []).append(document)
    return [
        sorted(versions, key=lambda version: version.metadata.get("in_force", ""))
        for versions in same.values()
        if len(versions) > 1
    ]


def not_in_force(versions: Versions, day: date, without: Collection[str] = ()) -> frozenset[str]:
    """The ids of the documents of which another version was in force on `day`: the latest that
    had come into force, else the first to come. Those `without` count for nothing."""
    hidden: set[str] = set()
    for same in versions:
        left = [version for version in same if version.id not in without]
        begun = [version for version in left if not is_future(version, day)]
        current = begun[-1:] or left[:1]
        hidden.update(version.id for version in left if version not in current)
    return frozenset(hidden)


def is_future(document: Dated, day: date) -> bool:
    """Whether a statute's version comes into force only after `day`."""
    return document.metadata.get("in_force", "") > day.isoformat()
