"""Drafts of questions on disk; those that a person has filled in, accepted into a question set."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from policyqa.errors import EvaluationError
from policyqa.evaluation.questions import check_place, question_of, read_questions
from policyqa.evaluation.run_files import write_whole
from policyqa.japanese import place_key
from policyqa.library import Library
from policyqa.models import Citation

KEYS = (
    "id", "question", "said", "candidates", "gold", "relevant", "answers", "answerable", "kind"
)  # fmt: skip
KIND = "case"
"""The kind of an accepted question of which nobody said another."""

Draft = dict[str, Any]
"""An object of JSON lines with KEYS; `drafts` tells what they mean."""


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
        asked = {place_key(question.text) for question in there}
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
            elif row["id"] not in ids and (key := place_key(question["question"])) not in asked:
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
