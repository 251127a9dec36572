"""What the API takes and answers, so that its OpenAPI document is exact."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, WithJsonSchema

from policyqa.library import LONGEST_QUESTION
from policyqa.models import Filters

MOST_PASSAGES = 100
MOST_NAMES = 100
"""Values of one filter."""
_LONGEST_NAME = 1000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# At least one character that `japanese.clean` leaves and that is no white space.
_SAYS_SOMETHING = (
    r"[^\s\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufffd]"
)


def day(given: Any) -> date:
    """An ISO 8601 day, in no other form. Raises ValueError."""
    if not isinstance(given, str) or not _DAY.fullmatch(given):
        raise ValueError("no day")
    return date.fromisoformat(given)


def _whole(given: Any) -> Any:
    """JSON has one kind of number: 10.0 is a whole one, too."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


Question = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_QUESTION,
        pattern=_SAYS_SOMETHING,
        description="The question, in Japanese.",
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=_LONGEST_NAME)]
Names = Annotated[list[Name], Field(max_length=MOST_NAMES)]
# Left out, never null: an address knows no null, and there is one way to say "any".
Day = Annotated[
    date | None, BeforeValidator(day), WithJsonSchema({"type": "string", "format": "date"})
]


def question_schema() -> dict[str, Any]:
    """The JSON schema of a question."""
    return TypeAdapter(Question).json_schema()


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_by_name=False)


class Filtered(_Form):
    """What is searched, and how much of it is wanted."""

    top_k: Annotated[
        int,
        Field(ge=1, le=MOST_PASSAGES, description="How many passages, at most."),
        BeforeValidator(_whole),
    ] = 10
    document: Annotated[
        Names, Field(description="Only these documents: ids, titles or file names.")
    ] = []
    publisher: Annotated[Names, Field(description="Only of these publishers.")] = []
    kind: Annotated[Names, Field(description="Only of these kinds, e.g. statute.")] = []
    date_from: Annotated[
        Day, Field(alias="from", description="Only documents dated this day or later.")
    ] = None
    date_to: Annotated[
        Day, Field(alias="to", description="Only documents dated this day or earlier.")
    ] = None
    as_of: Annotated[
        Day, Field(description="Statutes as in force on this day; today if left out.")
    ] = None

    @property
    def filters(self) -> Filters:
        return Filters(
            tuple(self.document),
            tuple(self.publisher),
            tuple(self.kind),
            self.date_from,
            self.date_to,
            self.as_of,
        )


class Asked(Filtered):
    """A question, as a body."""

    model_config = ConfigDict(strict=True)

    question: Question


class AskedByAddress(Filtered):
    """A question, as an address."""

    question: Annotated[Question, Field(alias="q")]


class Paging(_Form):
    """A part of a long list."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many, at most.")] = 20
    offset: Annotated[int, Field(ge=0, le=10**9, description="How many to leave out first.")] = 0


class _Answered(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Law(_Answered):
    """A statute's version; null is unknown."""

    id: str | None
    number: str | None
    promulgated: str | None
    in_force: str | None
    not_in_force_yet: bool


class Citation(_Answered):
    """A place to cite: `text` is the formal form, `full` adds publisher, day and address. Pages
    count from 1; `page_label` is the printed number."""

    text: str
    full: str
    document_id: str
    title: str
    file: str
    section: list[str]
    page: int | None
    page_last: int | None
    page_label: str | None
    url: str | None
    date: str | None
    publisher: str | None
    law: Law | None


class Reference(_Answered):
    """A place that a passage refers to, in its text from `start` to `end`."""

    text: str
    start: int
    end: int
    citation: Citation


class PassageCitation(Citation):
    """A passage's citation, and the places its text refers to."""

    references: list[Reference]


class Passage(_Answered):
    """A ranked passage. Offsets count Unicode code points in `text`."""

    id: str
    rank: int
    score: Annotated[float, Field(ge=0, le=1)]
    text: str
    citation: PassageCitation
    signals: dict[str, float]
    highlights: list[Annotated[list[int], Field(min_length=2, max_length=2)]]
    duplicates: list[Citation]


class Notice(_Answered):
    """Something to know about a result; `message` is Japanese."""

    code: str
    message: str


class UsedFilters(_Answered):
    """The filters as they were understood."""

    documents: list[str]
    publishers: list[str]
    kinds: list[str]
    date_from: str | None
    date_to: str | None
    as_of: str | None


class SearchAnswer(_Answered):
    """The passages for a question, best first."""

    question: str
    took_ms: float
    notices: list[Notice]
    filters: UsedFilters
    passages: list[Passage]


class Evidence(_Answered):
    """A sentence that supports the answer: in the passage of this rank, from `start` to `end`."""

    passage: int
    text: str
    start: int
    end: int
    page: int | None
    page_label: str | None
    citation: str


class AnswerText(_Answered):
    """The best sentence, empty where nothing was found, and up to three pieces of evidence."""

    text: str
    evidence: list[Evidence]


class AskAnswer(SearchAnswer):
    """Passages, and whether they answer the question."""

    found: bool
    probability: Annotated[float, Field(ge=0, le=1)]
    answer: AnswerText


class Document(_Answered):
    """A document. `metadata` holds what is known of publisher, date, kind, url, licence and, of a
    statute, law_number, promulgated and in_force; days are ISO 8601. `pages` is null where the
    format has none."""

    id: str
    title: str
    file: str
    pages: int | None
    metadata: dict[str, str]


class Documents(_Answered):
    """A part of the documents, in the order of their files; `total` counts all."""

    total: int
    limit: int
    offset: int
    documents: list[Document]


class Heading(_Answered):
    """A line of an outline; `depth` counts from 1."""

    text: str
    depth: int
    page: int | None


class OutlinedDocument(Document):
    """A document and its headings in reading order; of a statute down to the 条."""

    outline: list[Heading]


class Neighbour(_Answered):
    """Text beside a passage; `section` are the headings above it where they are not the
    passage's."""

    section: list[str]
    text: str


class PassageInContext(_Answered):
    """A passage where it stands, with the text just before and after it."""

    id: str
    text: str
    citation: Citation
    before: list[Neighbour]
    after: list[Neighbour]


class Health(_Answered):
    status: str


class Version(_Answered):
    """What answers: the program, and the generation of the library, built at `built` (UTC)."""

    policyqa: str
    generation: str
    built: str
    documents: int
    sections: int
    chunks: int
    encoder: str


class Problem(_Answered):
    """What is wrong (RFC 9457). `title` and `detail` are Japanese; `type` ends with a stable
    code."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
