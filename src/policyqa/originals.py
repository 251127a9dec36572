"""What lies behind a passage: its section, what is beside it, its document, and its file."""

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from policyqa.catalogue import Catalogue, DocumentRow, Extent, Place
from policyqa.citations import Citations
from policyqa.lookup import Lookup
from policyqa.models import Chunk, Citation, Reference, Span
from policyqa.store import sha256_of
from policyqa.versions import Versions, not_in_force

_CHUNK_ID = re.compile(r"[0-9a-f]{16}")
_SECTION_ID = re.compile(r"([0-9a-f]{12})\.([0-9]{1,7})")
_STRETCH = re.compile(r"(.+)\.([0-9]{1,9})-([0-9]{1,9})")
_AROUND = 400
"""Characters shown before and after a passage."""
_ENOUGH_AROUND = 120
"""With fewer characters in its own section, the section beside it is shown too."""
_DIGESTS = 4096

FileState = Literal["whole", "changed", "gone", "none"]
"""As it was indexed, with other content, not there any more; or the document never had a file."""


@dataclass(frozen=True, slots=True)
class File:
    """The file a document was read from. Only one that is `whole` may be shown."""

    path: Path
    sha256: str
    state: FileState


@dataclass(frozen=True, slots=True)
class Original:
    """A passage where it stands: `place` is its section, `extent` its stretch of a unit's text."""

    id: str
    document: DocumentRow
    place: Place
    extent: Extent
    chunk: Chunk
    citation: Citation

    @property
    def stretches(self) -> list[Span]:
        """What of the unit's text the passage is made of."""
        return [*self.extent.lead, (self.extent.start, self.extent.end)]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Text beside a passage; `path` are the headings of its section where that is another one."""

    path: tuple[str, ...]
    text: str


class Originals:
    """Reads what lies behind passages. Safe to use from several threads."""

    def __init__(
        self, folder: Path, catalogue: Catalogue, lookup: Lookup, versions: Versions
    ) -> None:
        self._folder = folder.resolve()
        self._catalogue = catalogue
        self._lookup = lookup
        self._versions = versions
        self._citations = Citations(catalogue)
        self._digest = lru_cache(_DIGESTS)(_digest)

    def id_of(self, extent: Extent) -> str:
        """The id of a passage: its chunk's, or one that says which stretch of which section it is.

        The latter stays the same as long as the document does.
        """
        for chunk in self._catalogue.chunks_of_units({extent.unit}):
            if chunk.extent == extent:
                return chunk.id
        (place,) = self._catalogue.places([extent.section])
        return f"{self.section_id(place)}.{extent.start}-{extent.end}"

    def section_id(self, place: Place) -> str:
        """The id of a section: its document's, and the how manieth it is there."""
        return f"{place.document}.{place.row - self._catalogue.first_section(place.document)}"

    def document(self, identity: str) -> DocumentRow | None:
        return self._catalogue.documents.get(identity)

    def passage(self, identity: str, day: date) -> Original | None:
        """The passage with this id, cited as of `day`; None where there is none."""
        extent = self._extent(identity)
        if extent is None:
            return None
        (chunk,) = self._catalogue.read([extent])
        (place,) = self._catalogue.places([extent.section])
        citation = replace(
            self._citations.of(place, day), page=chunk.first_page, page_last=chunk.last_page
        )
        document = self._catalogue.documents[place.document]
        return Original(identity, document, place, extent, chunk, citation)

    def section(self, identity: str) -> Place | None:
        """The section with this id; None where there is none."""
        match = _SECTION_ID.fullmatch(identity)
        if match is None or match[1] not in self._catalogue.documents:
            return None
        row = self._catalogue.first_section(match[1]) + int(match[2])
        found = [place for place in self._catalogue.places([row]) if place.document == match[1]]
        return next(iter(found), None)

    def unit(self, place: Place) -> Place:
        """The section that is all of the running text a place stands in: of a 号 its 条."""
        (unit,) = self._catalogue.places([place.unit])
        return unit

    def text(self, unit: Place) -> Chunk:
        """The whole running text of a unit."""
        (chunk,) = self._catalogue.read([unit.extent])
        return chunk

    def provisions(self, unit: Place) -> list[Place]:
        """The 条, 項 and 号 of a unit, the wider before the narrower."""
        return self._catalogue.provisions([unit.row])

    def cited(self, place: Place, day: date) -> Citation:
        return self._citations.of(place, day)

    def references(self, text: Chunk, document: str, day: date) -> list[tuple[Reference, str]]:
        """The places that a statute's text refers to, in the versions of `day`, with their ids."""
        documents = self._catalogue.documents.keys() - not_in_force(self._versions, day)
        found = self._lookup.references(text, document, documents)
        return [
            (Reference(start, end, self._citations.of(place, day)), self.section_id(place))
            for start, end, place in found
        ]

    def beside(self, unit: Place) -> tuple[Place | None, Place | None]:
        """The running texts before and after one, in reading order."""
        return self._catalogue.unit_beside(unit, -1), self._catalogue.unit_beside(unit, 1)

    def outline(self, document: str) -> list[Place]:
        """A document's sections down to the 条, in reading order."""
        return self._catalogue.units(document)

    def on_page(self, document: str, page: int) -> list[Chunk]:
        """What stands on a page, in reading order."""
        return self._catalogue.read(self._catalogue.on_page(page, document))

    def context(self, original: Original) -> tuple[list[Neighbour], list[Neighbour]]:
        """The text just before and just after a passage, in reading order."""
        unit = self.unit(original.place)
        text = self.text(unit).text
        before = _pieces(text[: original.extent.start])
        after = _pieces(text[original.extent.end :])
        previous, following = self.beside(unit)
        if previous and len("".join(before)) < _ENOUGH_AROUND:
            first = Neighbour(previous.path, _tail(self.text(previous).text))
            befores = [first, *(Neighbour(unit.path, _tail(piece)) for piece in before)]
        else:
            befores = [Neighbour((), _tail(piece)) for piece in before]
        afters = [Neighbour((), _head(piece)) for piece in after]
        if following and len("".join(after)) < _ENOUGH_AROUND:
            afters.append(Neighbour(following.path, _head(self.text(following).text)))
        return befores, afters

    def file(self, document: str) -> File:
        """The file a document was read from, and whether it still is what was read."""
        recorded, sha256 = self._catalogue.file_of(document)
        if recorded is None:
            return File(self._folder, sha256, "none")
        path = (self._folder / recorded).resolve()
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                return File(path, sha256, "gone")
            digest = self._digest(path, status.st_size, status.st_mtime_ns)
        except OSError:
            # Not there, or not for this server to read: to the reader it is the same.
            return File(path, sha256, "gone")
        return File(path, sha256, "whole" if digest == sha256 else "changed")

    def _extent(self, identity: str) -> Extent | None:
        if _CHUNK_ID.fullmatch(identity):
            chunk = self._catalogue.chunk(identity)
            return chunk.extent if chunk else None
        match = _STRETCH.fullmatch(identity)
        place = self.section(match[1]) if match else None
        if match is None or place is None:
            return None
        start, end = int(match[2]), int(match[3])
        whole = self.unit(place)
        return Extent(place.row, place.unit, start, end) if start < end <= whole.end else None


def _digest(path: Path, size: int, changed: int) -> str:
    """A file's SHA-256. It was worked out before if `size` and `changed` (ns) are the same."""
    return sha256_of(path)


def _pieces(text: str) -> Sequence[str]:
    text = text.strip("\n")
    return [text] if text else []


def _tail(text: str) -> str:
    """The end of a text, from the beginning of a line or a sentence."""
    if len(text) <= _AROUND:
        return text
    cut = text[-_AROUND:]
    border = re.search(r"[\n。]", cut[:-1])
    return "…" + (cut[border.end() :] if border else cut)


def _head(text: str) -> str:
    """The beginning of a text, up to the end of a line or a sentence."""
    if len(text) <= _AROUND:
        return text
    cut = text[:_AROUND]
    border = max(cut.rfind("\n"), cut.rfind("。"))
    return (cut[: border + 1] if border > 0 else cut).rstrip("\n") + "…"
