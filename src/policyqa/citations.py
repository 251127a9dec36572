"""Rows of the catalogue to citations."""

from datetime import date
from pathlib import Path

from policyqa import strings
from policyqa.catalogue import Catalogue, DocumentRow, Place
from policyqa.models import Citation, Law
from policyqa.versions import is_future


class Citations:
    """Cites the places of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._documents = catalogue.documents

    def of(self, place: Place, day: date) -> Citation:
        """The citation of a section; one of a statute not in force on `day` says so."""
        document = self._documents[place.document]
        metadata = document.metadata
        return Citation(
            document_id=document.id,
            title=document.title,
            file=Path(document.path).name,
            section=place.path,
            page=place.first_page,
            page_last=place.last_page,
            url=metadata.get("url"),
            date=metadata.get("date"),
            publisher=metadata.get("publisher"),
            page_labels=document.page_labels,
            place=place.place,
            law=_law(document, day),
        )


def _law(document: DocumentRow, day: date) -> Law | None:
    metadata = document.metadata
    if metadata.get("kind") != "statute":
        return None
    return Law(
        metadata.get("law_id", ""),
        metadata.get("law_number", ""),
        metadata.get("promulgated", ""),
        metadata.get("in_force", ""),
        strings.NOT_IN_FORCE if is_future(document, day) else "",
    )
