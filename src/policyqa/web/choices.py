"""What the filters offer: the values that a library's documents have."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from policyqa import strings
from policyqa.catalogue import DocumentRow

Choice = tuple[str, str]
"""What is shown, and the value."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The values of each filter; where there are none the filter is of no use."""

    documents: Sequence[Choice]
    publishers: Sequence[Choice]
    kinds: Sequence[Choice]
    dated: bool
    in_force: bool


def choices(documents: Collection[DocumentRow]) -> Choices:
    """The choices for these documents, each list in the order of what is shown."""
    titles = Counter(document.title for document in documents)
    return Choices(
        sorted((_name(document, titles[document.title]), document.id) for document in documents),
        _values(documents, "publisher"),
        _values(documents, "kind"),
        any(document.metadata.get("date") for document in documents),
        any(document.metadata.get("in_force") for document in documents),
    )


def chosen(documents: Iterable[DocumentRow], names: Collection[str]) -> list[str]:
    """The ids of the documents with one of these ids, titles or file names."""
    return [
        document.id
        for document in documents
        if not {document.id, document.title, PurePath(document.path).name}.isdisjoint(names)
    ]


def kind_name(kind: str) -> str:
    """A kind as it is shown."""
    return strings.KINDS.get(kind, kind)


def _name(document: DocumentRow, same: int) -> str:
    file = PurePath(document.path).name
    return (
        strings.SAME_TITLE.format(title=document.title, file=file) if same > 1 else document.title
    )


def _values(documents: Iterable[DocumentRow], key: str) -> list[Choice]:
    values = {document.metadata.get(key, "") for document in documents} - {""}
    return sorted((kind_name(value) if key == "kind" else value, value) for value in values)
