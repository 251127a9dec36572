"""Places that a question or a passage names, found in the library."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from policyqa import strings
from policyqa.catalogue import Catalogue, Extent, Place
from policyqa.japanese import place_key, tokenise
from policyqa.models import Chunk, Notice
from policyqa.places import ANY_AMENDMENT
from policyqa.search.mentions import Titles
from policyqa.search.references import (
    Home,
    Named,
    heading_candidates,
    named_places,
    references_in,
)
from policyqa.short_names import short_names

MOST_PLACES = 20
"""So many places are shown for one name."""

_HOME = re.compile(
    r"(?P<base>附則(?:\([^()]*\))?)?(?P<article>第[^項号]*条[の0-9]*)?"
    r"(?P<paragraph>第[0-9]+項[の0-9]*)?(?P<item>第[0-9]+号[の0-9]*)?"
)
_DAY = re.compile(r"(?<=年)[0-9]+月[0-9]+日")


@dataclass(frozen=True, slots=True)
class Found:
    """What a question names. `rest` is the question without it; `missing`: it names a statute or
    a place that is not in the library."""

    extents: tuple[Extent, ...]
    notices: tuple[Notice, ...]
    rest: str
    missing: bool

    @property
    def only(self) -> bool:
        """Whether nothing is asked beyond a place that is not there."""
        return self.missing and not self.extents and not tokenise(self.rest)


class Lookup:
    """Finds places by their names."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._titles = _titles(catalogue.names())
        self._known = Titles(self._titles)
        self._paged = [row for row in catalogue.documents.values() if row.page_count]

    def find(self, question: str, documents: AbstractSet[str]) -> Found:
        """The places that `question` names in these documents, in the order of the question."""
        extents: list[Extent] = []
        notices: list[Notice] = []
        missing = False
        named = named_places(question, self._known)
        for name in named:
            written = question[name.start : name.end]
            among = self._documents_of(name.law, documents)
            if not among:
                missing = True
                known = place_key(name.law) in self._known
                code = "outside-filters" if known or not name.law else "statute-missing"
                notices.append(_notice(code, name=name.law or written))
                continue
            found = self._page(name, among) if name.page else self._places(name.key, among)
            extents += [extent for _, own in found for extent in own]
            if not found:
                missing = True
                notices.append(_notice("place-missing", name=written))
            elif len(found) > 1:
                candidates = "、".join(cited for cited, _ in found)
                notices.append(_notice("place-ambiguous", name=written, candidates=candidates))
        if not named:
            extents = [extent for _, own in self._headings(question, documents) for extent in own]
        rest = _without(question, named)
        return Found(tuple(dict.fromkeys(extents)), tuple(notices), rest, missing)

    def references(
        self, chunk: Chunk, document: str, documents: AbstractSet[str]
    ) -> list[tuple[int, int, Place]]:
        """The places that a statute's text refers to: offsets in the chunk, and the place."""
        title = place_key(self._catalogue.documents[document].title)
        found: list[tuple[int, int, Place]] = []
        for start, line in _lines(chunk.text):
            provision = chunk.provision_at(start)
            if provision is None:
                continue
            home = _home(title, provision.place)
            for name in references_in(line, home, self._known):
                among = self._documents_of(name.law, documents) if name.law else {document}
                place = self._referred(name, among)
                if place is not None:
                    found.append((start + name.start, start + name.end, place))
        return found

    def _referred(self, name: Named, among: Collection[str]) -> Place | None:
        for place in self._named(name.key, among):
            if not name.step:
                return place
            beside = self._catalogue.beside(place, name.step)
            if beside is not None and name.rest:
                key = place_key(beside.place) + name.rest
                return next(iter(self._named(key, {beside.document})), None)
            return beside
        return None

    def _documents_of(self, law: str, documents: AbstractSet[str]) -> AbstractSet[str]:
        """The documents with the title `law`; all of them where no law is named."""
        return self._titles.get(place_key(law), set()) & documents if law else documents

    def _places(self, key: str, documents: AbstractSet[str]) -> list[tuple[str, list[Extent]]]:
        """The places of this name, as they are cited, and their texts."""
        for spelling in _spellings(key):
            found = self._named(spelling, documents)
            if found:
                return [(self._cited(place), self._extents(place)) for place in found]
        return []

    def _page(self, name: Named, documents: AbstractSet[str]) -> list[tuple[str, list[Extent]]]:
        assert name.page is not None  # noqa: S101 - asked for by the caller
        found = []
        for document in self._paged:
            if document.id not in documents:
                continue
            extents = self._catalogue.on_page(name.page, document.id)
            if extents:
                found.append((f"「{document.title}」（p.{name.page}）", extents))
            if len(found) == MOST_PLACES:
                break
        return found

    def _headings(
        self, question: str, documents: Collection[str]
    ) -> list[tuple[str, list[Extent]]]:
        """The places whose whole numbered heading stands in the question; the longest counts."""
        found = self._catalogue.named(heading_candidates(question), documents)
        longest = max((len(key) for key, _ in found), default=0)
        rows = [row for key, row in found if len(key) == longest]
        places = self._catalogue.places(rows[:MOST_PLACES])
        return [(self._cited(place), self._extents(place)) for place in places]

    def _named(self, key: str, documents: Collection[str]) -> list[Place]:
        """The places of this name, MOST_PLACES at most."""
        rows = [row for _, row in self._catalogue.named([key], documents)]
        return self._catalogue.places(rows[:MOST_PLACES])

    def _extents(self, place: Place) -> list[Extent]:
        """A provision whole; of any other section its chunks and those of the sections inside."""
        if place.place and place.kind != "division" and place.end > place.start:
            return [place.extent]
        return [chunk.extent for chunk in self._catalogue.chunks_inside(place)[:MOST_PLACES]]

    def _cited(self, place: Place) -> str:
        title = self._catalogue.documents[place.document].title
        return f"{title}{place.place}" if place.place else f"「{title}」{'　'.join(place.path)}"


def _titles(names: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The names of the documents, and the short names in common use, to the documents' ids."""
    titles: dict[str, set[str]] = {}
    for name, document in names:
        titles.setdefault(name, set()).add(document)
    for short, full in short_names().items():
        if place_key(full) in titles:
            titles.setdefault(place_key(short), set()).update(titles[place_key(full)])
    return titles


def _spellings(key: str) -> Iterator[str]:
    """The key, then what else may be meant: 第2条第1号 in a 条 of several 項 is in the first one; a
    附則 without a law number that the original one does not have is an amending law's."""
    yield key
    if re.search(r"条[の0-9]*第[0-9]+号", key):
        yield re.sub(r"(条[の0-9]*)(?=第[0-9]+号)", r"\1第1項", key)
    if key.startswith("附則第"):
        yield ANY_AMENDMENT + key.removeprefix("附則")


def _home(title: str, place: str) -> Home:
    match = _HOME.match(place_key(place))
    parts = {name: part or "" for name, part in (match.groupdict() if match else {}).items()}
    return Home(
        title,
        _DAY.sub("", parts.get("base", "")),
        parts.get("article", ""),
        parts.get("paragraph", ""),
        parts.get("item", ""),
    )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _without(question: str, named: Sequence[Named]) -> str:
    """The question without the places it names."""
    rest, position = "", 0
    for name in named:
        rest += question[position : name.start] + " "
        position = max(position, name.end)
    return (rest + question[position:]).strip()


def _notice(code: str, **values: str) -> Notice:
    return Notice(code, strings.NOTICES[code].format(**values))
