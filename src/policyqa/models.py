"""The nouns of policyqa. They are only data; this module imports nothing of ours."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

_DIVISION = re.compile(r"(第[^　]{1,8}[部編章節款目](?:の[^　]{1,5})?)　.*")
"""第１章　総則 is cited by its label alone: 第１章."""
_BETWEEN_DIVISIONS = re.compile(r"(?<=[部編章節款目])　(?=第)")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")

Span = tuple[int, int]
"""Start and end offsets in Unicode code points, end exclusive."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom on a page as it is shown, in PDF points from its top left corner."""


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Where a piece of a section's text, from `start` to `end`, is printed: a line on a page.

    `kind` is `text`, `note` (a footnote), `table` (a row) or `caption` (of a figure or a table).
    """

    start: int
    end: int
    page: int
    box: Box
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Section:
    """A node of a document's tree.

    `text` is the section's own text without its heading and without its children; a newline
    separates paragraphs. Pages count from 1 and are None where the format has none; `spans` say
    where each piece of `text` is printed, in the order of the text.

    `kind` is set in statutes: division (編章節款目), article (条), paragraph (項), item (号),
    subitem (イ, （１）), supplement (附則), appendix (別表, 様式), or rest: text without a label
    that goes on after a provision's items. `mark` is the number printed before the text where the
    label is another (`２` for 第二項).
    """

    label: str
    title: str
    text: str = ""
    children: tuple["Section", ...] = ()
    first_page: int | None = None
    last_page: int | None = None
    spans: tuple[TextSpan, ...] = ()
    kind: str = ""
    mark: str = ""

    @property
    def heading(self) -> str:
        """Label and title as they read in the document, e.g. `１．スマートシティ`."""
        glue = "　" if self.label and self.title and self.label[-1] not in "．.）)、　" else ""
        return f"{self.label}{glue}{self.title}"

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "Section"]]:
        """Yield (headings from the top, section) in reading order, this section first."""
        yield path, self
        for child in self.children:
            yield from child.walk((*path, child.heading))


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read. `root` holds text before the first heading as its own text."""

    title: str
    root: Section
    metadata: Mapping[str, str] = field(default_factory=dict)
    page_count: int | None = None
    page_labels: Mapping[int, str] = field(default_factory=dict)
    """Page to the number printed on it, where there is one."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of a document's outline; `depth` counts from 1."""

    text: str
    depth: int
    page: int | None


@dataclass(frozen=True, slots=True)
class Provision:
    """A 条, 項 or 号 in a chunk: where its text stands, how it is cited after the statute's title,
    and its path of headings."""

    start: int
    end: int
    place: str
    section: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of one section, the unit of retrieval.

    `section` is the path of headings from the top, empty for text before the first heading.
    `text` ends with the section's text from `start` to `end`; in front of it stands a line for
    each span of `lead`, the 柱書 that provisions depend on. In a statute both count in the text of
    the whole 条. `spans` and `provisions` count from the beginning of `text`; of the provisions,
    the narrower comes later.
    """

    section: tuple[str, ...]
    text: str
    start: int
    end: int
    first_page: int | None = None
    last_page: int | None = None
    spans: tuple[TextSpan, ...] = ()
    lead: tuple[Span, ...] = ()
    provisions: tuple[Provision, ...] = ()

    def in_unit(self, offset: int) -> int:
        """The place, in the text that `start` counts in, of the character at `offset`."""
        for start, end in self.lead:
            if offset <= end - start:
                return start + offset
            offset -= end - start + 1
        return self.start + offset

    def provision_at(self, offset: int) -> Provision | None:
        """The narrowest provision that holds the text at `offset`."""
        holding = [part for part in self.provisions if part.start <= offset < part.end]
        return holding[-1] if holding else None

    def page_at(self, offset: int) -> int | None:
        """The page on which the text at `offset` is printed."""
        return next((span.page for span in self.spans if span.end > offset), self.first_page)


@dataclass(frozen=True, slots=True)
class Law:
    """What is known of a statute's version; empty means unknown. Dates are ISO 8601.

    `mark` goes behind its citations: that it is not in force yet.
    """

    id: str
    number: str
    promulgated: str
    in_force: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """The place an official cites. `page_labels` are the numbers printed on its pages."""

    document_id: str
    title: str
    file: str
    section: tuple[str, ...]
    page: int | None = None
    page_last: int | None = None
    url: str | None = None
    date: str | None = None
    publisher: str | None = None
    page_labels: Mapping[int, str] = field(default_factory=dict)
    place: str = ""
    """A statute's provision as it is cited after the title; else empty."""
    law: "Law | None" = None

    @property
    def page_label(self) -> str | None:
        """The number printed on the first page, where it has one."""
        return None if self.page is None else self.page_labels.get(self.page)

    def on_page(self, page: int | None) -> "Citation":
        """The same place, narrowed to one of its pages."""
        return self if page is None else replace(self, page=page, page_last=page)

    def narrowed(self, provision: Provision | None) -> "Citation":
        """The same place, narrowed to one of its 項 or 号."""
        if provision is None:
            return self
        return replace(self, place=provision.place, section=provision.section)

    def __str__(self) -> str:
        if self.law:
            return f"{self.title}{self.place}{self.law.mark}"
        page = "" if self.page is None else f"（p.{self.page}）"
        if self.page is not None and self.page_last not in (None, self.page):
            page = f"（pp.{self.page}-{self.page_last}）"
        place = "　".join(_DIVISION.sub(r"\1", heading) for heading in self.section)
        return f"「{self.title}」{_BETWEEN_DIVISIONS.sub('', place)}{page}"

    @property
    def full(self) -> str:
        """`str()` with the publisher, the day and the address, as far as they are known."""
        known = "、".join(filter(None, (self.publisher, in_words(self.date or ""))))
        return f"{self}{f'（{known}）' if known else ''}{self.url or ''}"


def in_words(day: str) -> str:
    """An ISO day as it is written in Japanese; what is none as it is."""
    match = _ISO_DAY.fullmatch(day)
    return f"{int(match[1])}年{int(match[2])}月{int(match[3])}日" if match else day


@dataclass(frozen=True, slots=True)
class Reference:
    """A place named in a passage, text[start:end], and the citation of what it names."""

    start: int
    end: int
    citation: Citation


class Word(NamedTuple):
    """A word of a text: text[start:end], its normalised UniDic lemma, its part of speech.

    `name` tells what a proper noun names (人名, 地名, 一般); else it is empty.
    """

    start: int
    end: int
    lemma: str
    pos: str
    pos2: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage, chunk.text[start:end], and its cosine with the question."""

    start: int
    end: int
    cosine: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A ranked chunk with its citation. `score` is in 0..1; `signals` is what each ranker gave;
    `highlights` are words of the question; `duplicates` are the places of chunks further down that
    say nearly the same; `words` are the content words of its text."""

    id: str
    rank: int
    chunk: Chunk
    citation: Citation
    score: float
    signals: Mapping[str, float]
    words: Sequence[Word] = field(compare=False, repr=False)
    highlights: tuple[Span, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    references: tuple[Reference, ...] = ()
    duplicates: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader should know about a result; `code` is stable, `message` Japanese."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents are searched; empty means all. `documents` are ids, titles or file names.

    `date_from` and `date_to` are the first and last day of a document's date; one without a date
    is outside any such range. Of a statute in several versions the one in force on `as_of` counts.
    """

    documents: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages for a question, best first. `steps` gives milliseconds per step.

    `asked` is the question without the places it names; `missing`: it names a statute or a place
    that the library does not have. Passages that are a place it names have the signal `place`.
    `idf` tells of each lemma of the question how rare it is in the library, `candidates` how many
    chunks were compared.
    """

    question: str
    passages: tuple[Passage, ...]
    notices: tuple[Notice, ...]
    took_ms: float
    steps: Mapping[str, float]
    asked: str = ""
    missing: bool = False
    filters: Filters = field(default_factory=Filters)
    idf: Mapping[str, float] = field(default_factory=dict)
    candidates: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that supports an answer: passage.chunk.text[start:end]."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.chunk.text[self.start : self.end]

    @property
    def citation(self) -> Citation:
        """The passage's citation, narrowed to the page or provision where the sentence begins."""
        chunk = self.passage.chunk
        return self.passage.citation.narrowed(chunk.provision_at(self.start)).on_page(
            chunk.page_at(self.start)
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """`found` says whether the passages answer the question; without evidence it is False."""

    found: bool
    probability: float
    evidence: tuple[Evidence, ...]

    @property
    def text(self) -> str:
        return self.evidence[0].text if self.found else ""
