"""From use to test: what users asked and said, as draft questions that a person fills in.

A draft is an object of JSON lines with `said` (what users said), `candidates` (places that may
answer it) and, for a person to fill in, `gold` (numbers of candidates), `relevant`, `answers`,
`answerable`, `kind`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock

from policyqa.errors import EvaluationError, QuestionError
from policyqa.evaluation.cases import gold_of_original
from policyqa.evaluation.questions import (
    Question,
    check_place,
    gold_from,
    question_of,
    read_questions,
)
from policyqa.evaluation.run_files import write_whole
from policyqa.feedback import Opinion
from policyqa.library import Library, checked_question
from policyqa.models import Citation
from policyqa.search.duplicates import Fingerprint, fingerprint, nearly_same

FILE = Path("eval", "drafts.jsonl")
KEYS = (
    "id", "question", "said", "candidates", "gold", "relevant", "answers", "answerable", "kind"
)  # fmt: skip
CANDIDATES = 5
EXCERPT = 120
"""Characters of a candidate's text."""
KIND = "case"
"""The kind of an accepted question of which nobody said another."""

Draft = dict[str, Any]


def beside(library: Path) -> Path:
    """Where drafts are kept unless said otherwise: with the questions that users add."""
    return library.resolve().parent / FILE


# --- making them ---


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
    difference, nor does a tenth of the rest (`search.duplicates`)."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._by_numbers: dict[tuple[str, ...], list[tuple[Fingerprint, str]]] = {}
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
    identity = hashlib.sha256(fingerprint(said.question).key.encode()).hexdigest()[:12]
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


# --- on disk ---


def read_drafts(path: Path) -> list[Draft]:
    """The drafts of a file; none where there is no file. Raises EvaluationError for every wrong
    line."""
    if not path.exists():
        return []
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error
    drafts, problems = [], []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                drafts.append(_parsed(line))
            except ValueError as error:
                problems.append(f"{path}:{number}: {error}")
    if problems:
        raise EvaluationError("\n".join(problems))
    return drafts


def _parsed(line: str) -> Draft:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg})") from error
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a row's fault, reported with its line
    missing = [key for key in KEYS[:4] if key not in row]
    if missing:
        raise ValueError(f"no draft: {', '.join(missing)} is missing")
    unknown = sorted(row.keys() - set(KEYS))
    if unknown:
        raise ValueError(f"unknown key {', '.join(unknown)}")
    return row


def write_drafts(path: Path, drafts: Sequence[Draft]) -> None:
    """Replace a file of drafts, whole or not at all. Raises EvaluationError."""
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in drafts]
    write_whole(path, "".join(lines).encode())


def locked(path: Path) -> FileLock:
    """A lock for a file, whose folder is made. Raises EvaluationError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror}") from error
    return FileLock(path.with_name(f".{path.name}.lock"))


# --- accepting them ---


@dataclass(frozen=True, slots=True)
class Accepted:
    """What `accept` did: how many drafts were added, how many questions were there already, and
    how many drafts nobody has filled in."""

    added: int
    there: int
    left: int


def accept(
    drafts: Path,
    questions: Path,
    library: Library,
    edit: Callable[[list[Draft]], list[Draft]] = lambda drafts: drafts,
) -> Accepted:
    """Append the drafts that are filled in, by `edit` too, to a question set; the others stay in
    `drafts`. The set is written first: what a crash leaves, the next call completes.

    Raises EvaluationError naming every draft that is wrong; then nothing is written.
    """
    with locked(questions), locked(drafts):
        edited = edit(read_drafts(drafts))
        there = read_questions(questions) if has_content(questions) else []
        ids = {question.id for question in there}
        asked = {fingerprint(question.text).key for question in there}
        places = library.places
        new, left, problems = [], [], []
        for row in edited:
            try:
                question = _filled_in(row, places)
            except ValueError as error:
                problems.append(f"{drafts}: {row['id']}: {error}")
                continue
            if question is None:
                left.append(row)
            elif (
                row["id"] not in ids and (key := fingerprint(question["question"]).key) not in asked
            ):
                asked.add(key)
                new.append(question)
        if problems:
            raise EvaluationError("\n".join(problems))
        if new:
            _append(questions, new)
        write_drafts(drafts, left)
    return Accepted(len(new), len(edited) - len(left) - len(new), len(left))


def has_content(path: Path) -> bool:
    """Whether a file is there and not empty."""
    return path.exists() and bool(path.read_bytes().strip())


def _append(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    before = path.read_bytes() if path.exists() else b""
    joint = b"" if not before or before.endswith(b"\n") else b"\n"
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    write_whole(path, before + joint + lines.encode())


def _filled_in(row: Draft, places: Sequence[Citation]) -> dict[str, Any] | None:
    """A draft as a row of a question set; None while nobody has filled it in. Raises ValueError
    when it is filled in wrongly."""
    relevant = [*_chosen(row), *row.get("relevant", [])]
    answerable = row.get("answerable")
    if not relevant and answerable is None and not row.get("answers"):
        return None
    if not relevant and answerable is not False:
        raise ValueError("an answerable question needs a relevant place: fill in gold or relevant")
    question = {
        "id": row["id"],
        "question": row.get("question"),
        "answerable": bool(relevant) if answerable is None else answerable,
        "relevant": [place for at, place in enumerate(relevant) if place not in relevant[:at]],
        "answers": row.get("answers", []),
        "kind": row.get("kind") or KIND,
    }
    for gold in question_of(question).gold:
        check_place(gold, places)
    return question


def _chosen(row: Draft) -> list[dict[str, Any]]:
    candidates = row.get("candidates", [])
    numbers = row.get("gold", [])
    if not isinstance(numbers, list) or not all(
        type(number) is int and 1 <= number <= len(candidates) for number in numbers
    ):
        raise ValueError(f"gold must be numbers of candidates, 1 to {len(candidates)}")
    return [candidates[number - 1]["relevant"] for number in numbers]
