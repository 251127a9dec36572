"""From use to test: what users asked and said, as draft questions that a person fills in.

A draft is an object of JSON lines with `said` (what users said), `candidates` (places that may
answer it) and, for a person to fill in, `gold` (numbers of candidates), `relevant`, `answers`,
`answerable`, `kind`.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policyqa.duplicates import Fingerprint, fingerprint, nearly_same
from policyqa.errors import QuestionError
from policyqa.evaluation.cases import gold_of_original
from policyqa.evaluation.draft_files import Draft
from policyqa.evaluation.questions import (
    Question,
    gold_from,
)
from policyqa.feedback import Opinion
from policyqa.japanese import place_key
from policyqa.library import Library, checked_question

FILE = Path("eval", "drafts.jsonl")
CANDIDATES = 5
EXCERPT = 120
"""Characters of a candidate's text."""


def beside(library: Path) -> Path:
    """Where drafts are kept unless said otherwise: with the questions that users add."""
    return library.resolve().parent / FILE


@dataclass(slots=True)
class _Said:
    """What users said of a question and of those that are nearly the same."""

    question: str
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)
    citations: list[str] = field(default_factory=list)
    golds: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**self.verdicts, "reasons": self.reasons, "citations": self.citations}


class Questions:
    """Questions by what they say: white space, width and the way of writing numbers make no
    difference, nor does a tenth of the rest (`duplicates`)."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._by_numbers: dict[str, list[tuple[Fingerprint, str]]] = {}
        for text in texts:
            self.add(text)

    def like(self, text: str) -> str | None:
        """The first question added that says nearly the same; None where there is none."""
        own = fingerprint(text)
        others = self._by_numbers.get(own.numbers, ())
        return next((other for print_, other in others if nearly_same(print_, own)), None)

    def add(self, text: str) -> None:
        own = fingerprint(text)
        self._by_numbers.setdefault(own.numbers, []).append((own, text))


def draft(
    library: Library,
    opinions: Sequence[Opinion],
    cases: Sequence[Question],
    known: Iterable[str] = (),
) -> tuple[list[Draft], list[str]]:
    """What users asked as drafts with candidates for gold, without questions like the `known` ones;
    then the questions that cannot be asked, which are left out."""
    known_ones = Questions(known)
    drafts, left_out = [], []
    for said in _gathered(opinions, cases).values():
        if known_ones.like(said.question):
            continue
        try:
            checked_question(said.question)
        except QuestionError:
            left_out.append(said.question)
            continue
        drafts.append(_draft(library, said))
    return drafts, left_out


def _gathered(opinions: Sequence[Opinion], cases: Sequence[Question]) -> dict[str, _Said]:
    gathered: dict[str, _Said] = {}
    questions = Questions()

    def of(text: str) -> _Said:
        first = questions.like(text)
        if first is None:
            first = text
            questions.add(text)
        return gathered.setdefault(first, _Said(first))

    for opinion in opinions:
        said = of(opinion.question)
        said.verdicts[opinion.verdict] += 1
        _add(said.reasons, opinion.reason)
        _add(said.citations, opinion.citation or "")
    for case in cases:
        said = of(case.text)
        said.verdicts["answered" if case.gold else "unanswerable"] += 1
        for gold in case.gold:
            _add(said.golds, gold.as_json())
    return gathered


def _add(values: list[Any], value: Any) -> None:
    if value and value not in values:
        values.append(value)


def _draft(library: Library, said: _Said) -> Draft:
    identity = hashlib.sha256(place_key(said.question).encode()).hexdigest()[:12]
    return {
        "id": f"draft-{identity}",
        "question": said.question,
        "said": said.as_json(),
        "candidates": list(_candidates(library, said)),
        "gold": [],
        "relevant": [],
        "answers": [],
        "answerable": None,
        "kind": "",
    }


def _candidates(library: Library, said: _Said) -> Iterator[dict[str, Any]]:
    """The places that users marked, then those of the first passages, each once."""
    places = library.places
    seen: list[dict[str, Any]] = []
    for relevant in said.golds:
        gold = gold_from(relevant)
        cited = next((place for place in places if gold.covers(place)), None)
        if cited:
            seen.append(relevant)
            yield {"citation": str(cited), "text": "", "relevant": relevant}
    for passage in library.search(said.question, CANDIDATES).passages:
        original = library.originals.passage(passage.id, library.today)
        if original is None:
            continue
        relevant = gold_of_original(library, original)
        if relevant not in seen:
            seen.append(relevant)
            text = passage.chunk.text[:EXCERPT]
            yield {"citation": str(passage.citation), "text": text, "relevant": relevant}


def merged(old: Sequence[Draft], new: Sequence[Draft]) -> list[Draft]:
    """The drafts there are, as a person left them but with what users said since, and behind them
    those that are new."""
    by_id = {row["id"]: row for row in new}
    kept = [row | {"said": by_id[row["id"]]["said"]} if row["id"] in by_id else row for row in old]
    ids = {row["id"] for row in old}
    return [*kept, *(row for row in new if row["id"] not in ids)]
