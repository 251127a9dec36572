"""Which version of a statute was in force on a day."""

from collections.abc import Iterable, Mapping
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


def not_in_force(documents: Iterable[Dated], day: date) -> frozenset[str]:
    """The ids of the statutes of which another version was in force on `day`.

    Of several versions the latest that had come into force counts, else the first to come. A
    version of unknown date counts as the oldest.
    """
    versions: dict[str, list[Dated]] = {}
    for document in documents:
        law = document.metadata.get("law_number") or document.metadata.get("law_id")
        if law:
            versions.setdefault(place_key(law), []).append(document)
    hidden: set[str] = set()
    for same in versions.values():
        same.sort(key=lambda document: document.metadata.get("in_force", ""))
        begun = [document for document in same if not is_future(document, day)]
        current = begun[-1] if begun else same[0]
        hidden.update(document.id for document in same if document is not current)
    return frozenset(hidden)


def is_future(document: Dated, day: date) -> bool:
    """Whether a statute's version comes into force only after `day`."""
    return document.metadata.get("in_force", "") > day.isoformat()
