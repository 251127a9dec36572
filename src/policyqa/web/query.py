"""What the page is asked: the question and the filters as they come from its fields and address."""

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Self
from urllib.parse import parse_qs, urlencode

from policyqa import strings
from policyqa.japanese import clean
from policyqa.library import LONGEST_QUESTION
from policyqa.models import Filters

_LISTS = {"documents": "document", "publishers": "publisher", "kinds": "kind"}
_WORDS = {"question": "q", "date_from": "from", "date_to": "to", "as_of": "as_of"}
_NAMES = _WORDS | _LISTS | {"passage": "passage"}
"""The names in the page's address."""
_DAYS = {
    "date_from": strings.FILTER_FROM,
    "date_to": strings.FILTER_TO,
    "as_of": strings.FILTER_AS_OF,
}


@dataclass(frozen=True, slots=True)
class Query:
    """A question and its filters; the days are ISO 8601 or empty. `passage` is the id of the one
    to point out."""

    question: str = ""
    documents: list[str] = field(default_factory=list)
    publishers: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    date_from: str = ""
    date_to: str = ""
    as_of: str = ""
    passage: str = ""

    @classmethod
    def from_address(cls, address: str) -> Self:
        """From a query string; what it does not name is empty, of what may not repeat the first
        counts."""
        given = parse_qs(address.removeprefix("?"))
        lists = {name: given.get(key, []) for name, key in _LISTS.items()}
        words = {name: given.get(key, [""])[0] for name, key in _NAMES.items() if name not in lists}
        return cls(**lists, **words)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """The query string that leads to the same result."""
        given = {_NAMES[part.name]: getattr(self, part.name) for part in fields(self)}
        said = {key: value for key, value in given.items() if value}
        # Half a surrogate pair cannot stand in an address; it is no part of the question either.
        return f"?{urlencode(said, doseq=True, errors='replace')}"

    @property
    def filters(self) -> Filters:
        """Raises ValueError when a day is none (see `problem`)."""
        return Filters(
            tuple(self.documents),
            tuple(self.publishers),
            tuple(self.kinds),
            *(_day(getattr(self, name)) for name in _DAYS),
        )

    @property
    def problem(self) -> str | None:
        """Why it cannot be asked, in the reader's words."""
        if not clean(self.question).strip():
            return strings.EMPTY_QUESTION
        if len(self.question) > LONGEST_QUESTION:
            return strings.QUESTION_TOO_LONG.format(
                limit=LONGEST_QUESTION, length=len(self.question)
            )
        for name, label in _DAYS.items():
            if not _is_day(given := getattr(self, name)):
                return strings.NO_DAY.format(label=label, given=clean(given))
        filters = self.filters
        if filters.date_from and filters.date_to and filters.date_from > filters.date_to:
            return strings.DAYS_REVERSED
        return None


def _day(given: str) -> date | None:
    return date.fromisoformat(given.strip()) if given.strip() else None


def _is_day(given: str) -> bool:
    try:
        _day(given)
    except ValueError:
        return False
    return True
