"""Question sets: one JSON object a line, or tables (schema: docs/evaluation-reference.md)."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from policyqa.errors import EvaluationError
from policyqa.evaluation.question_sheets import SHEETS, Record, read_sheet
from policyqa.japanese import squeeze
from policyqa.models import Citation

_KEYS = {"id", "question", "answerable", "relevant", "answers", "kind", "tags"}


@dataclass(frozen=True, slots=True)
class Gold:
    """A place that answers a question: a document by title or file name, and a section label or a
    page in it. Never a chunk, so that labels survive another way of cutting."""

    document: str | None = None
    file: str | None = None
    section: str | None = None
    page: int | None = None

    def as_json(self) -> dict[str, str | int]:
        """The place as `relevant` has it."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    def is_of(self, title: str, file: str) -> bool:
        """Whether the place is in the document with this title and file name."""
        if self.document is not None:
            return squeeze(self.document) == squeeze(title)
        return self.file == file

    def covers(self, citation: Citation) -> bool:
        """Whether `citation` cites this place."""
        return (
            self.is_of(citation.title, citation.file)
            and (self.section is None or self.in_path(citation.section))
            and (self.page is None or self.on_pages(citation.page, citation.page_last))
        )

    def in_path(self, path: tuple[str, ...]) -> bool:
        """Whether a heading of `path` is the section asked for: as a whole or by its label."""
        wanted = squeeze(self.section or "")
        return any(
            squeeze(heading) == wanted or heading.split("　")[0] == (self.section or "").strip()
            for heading in path
        )

    def on_pages(self, first: int | None, last: int | None) -> bool:
        return self.page is not None and first is not None and first <= self.page <= (last or first)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its gold. `answers` are strings of which any one answers it."""

    id: str
    text: str
    answerable: bool
    gold: tuple[Gold, ...] = ()
    answers: tuple[str, ...] = ()
    tags: tuple[str, ...] = field(default=())


def read_questions(path: Path, places: Collection[Citation] | None = None) -> list[Question]:
    """Read a question set: JSON lines, or a table (.csv, .xlsx; see `question_sheets`). With
    `places`, what it calls relevant must be among them.

    Raises EvaluationError with a line for every wrong row.
    """
    return read_question_files([path], places)


def read_question_files(
    paths: Sequence[Path], places: Collection[Citation] | None = None
) -> list[Question]:
    """Read several question sets as one: no id may stand twice. Raises as `read_questions`."""
    questions: list[Question] = []
    problems: list[str] = []
    seen: dict[str, tuple[Path, int]] = {}
    for path in paths:
        before = len(questions), len(problems)
        for number, row in _records(path):
            try:
                question = question_of(row)
                if question.id in seen:
                    raise ValueError(_twice(question.id, path, *seen[question.id]))
                seen[question.id] = path, number
                for gold in question.gold if places is not None else ():
                    check_place(gold, places or ())
                questions.append(question)
            except ValueError as error:
                problems.append(f"{path}:{number}: {error}")
        if before == (len(questions), len(problems)):
            problems.append(f"{path} holds no question")
    if problems:
        raise EvaluationError("\n".join(problems))
    return questions


def _twice(identity: str, path: Path, other: Path, number: int) -> str:
    where = f"on line {number}" if other == path else f"in {other}, line {number},"
    return f"the id {identity} stands {where} too"


def _records(path: Path) -> Iterator[tuple[int, Record]]:
    """Each row with the number of its line, the first being 1."""
    if path.suffix.lower() in SHEETS:
        yield from read_sheet(path)
        return
    try:
        # Not splitlines: a question may hold U+2028, which is no line end in JSON.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _parsed(line)


def _parsed(line: str) -> Record:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        return ValueError(f"not JSON ({error.msg})")
    return row if isinstance(row, dict) else ValueError("not a JSON object")


def question_of(row: Record) -> Question:
    """A row of a question set as a question. Raises ValueError when it is wrong."""
    if isinstance(row, ValueError):
        raise row
    unknown = sorted(row.keys() - _KEYS)
    if unknown:
        raise ValueError(f"unknown key {', '.join(unknown)}")
    text = row.get("question")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("the question is empty")
    if not isinstance(row.get("id"), str) or not row["id"].strip():
        raise ValueError("the id is missing or no string")
    gold = tuple(gold_from(place) for place in _list(row, "relevant", dict))
    answerable = row.get("answerable", bool(gold))
    if answerable is not bool(gold):
        raise ValueError("an answerable question needs a relevant place, another must have none")
    return Question(
        id=row["id"],
        text=text,
        answerable=answerable,
        gold=gold,
        answers=tuple(_list(row, "answers", str)),
        tags=tuple(_list(row, "tags", str)) or ((row["kind"],) if row.get("kind") else ()),
    )


def check_place(gold: Gold, places: Collection[Citation]) -> None:
    """Raise ValueError when the place is not among `places`."""
    inside = [place for place in places if gold.is_of(place.title, place.file)]
    if not inside:
        raise ValueError(f"the library has no document {gold.document or gold.file}")
    if not any(gold.covers(place) for place in inside):
        where = f"section {gold.section}" if gold.section else f"page {gold.page}"
        raise ValueError(f"{gold.document or gold.file} has no {where}")


def _list(row: Mapping[str, Any], key: str, kind: type) -> list[Any]:
    values = row.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
        raise ValueError(f"{key} is no list of {'objects' if kind is dict else 'strings'}")
    return values


def gold_from(place: Mapping[str, Any]) -> Gold:
    """A place as `relevant` has it. Raises ValueError when it is wrong."""
    unknown = sorted(place.keys() - {"document", "file", "section", "page"})
    if unknown:
        raise ValueError(f"unknown key {', '.join(unknown)} in relevant")
    if not (place.get("document") or place.get("file")):
        raise ValueError("a relevant place names neither document nor file")
    page = place.get("page")
    if page is not None and (not isinstance(page, int) or page < 1):
        raise ValueError("page is no whole number from 1")
    return Gold(place.get("document"), place.get("file"), place.get("section"), page)
