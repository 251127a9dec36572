"""Ask questions of a library and keep, row by row, what came back."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from policyqa import __version__
from policyqa.answering import answer
from policyqa.errors import EvaluationError
from policyqa.evaluation.beir import BeirSet, read_beir_queries
from policyqa.evaluation.metrics import measure, measure_by_tag, per_question
from policyqa.evaluation.questions import Question, read_question_files, read_questions
from policyqa.library import Library
from policyqa.models import Citation, Passage, SearchResult

DEPTH = 100
"""Passages asked for, so that R@100 has something to count."""
SHOWN = 5
"""Passages kept with their text, for the report."""
EXCERPT = 300
"""Characters kept of each."""
LEFT_OUT, FOREIGN = "left out", "foreign"
"""The two kinds of made negatives: the gold document taken out of the library; a question of
another corpus."""

_PACKAGES = ("numpy", "faiss-cpu", "bm25s", "fugashi", "unidic-lite", "openvino", "torch", "gradio")

Progress = Callable[[str, int, int], None]
Target = Callable[[Citation], str]
"""What a place counts as in the ranking: a section, or a document of a BEIR corpus."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is put: with its qrels, and the ids of documents taken out for it."""

    question: Question
    target: Target
    gains: Mapping[str, int] = field(default_factory=dict)
    without: frozenset[str] = frozenset()


Search = Callable[[Asked], SearchResult]


# --- what is asked ---


def suite(path: Path, library: Library) -> list[Asked]:
    """The questions of a question set. Raises EvaluationError naming every wrong row."""
    return question_files([path], library)


def question_files(paths: Sequence[Path], library: Library) -> list[Asked]:
    """The questions of several question sets. Raises EvaluationError naming every wrong row."""
    return [
        Asked(question, _section_target(question), _section_gains(question))
        for question in read_question_files(paths, library.places)
    ]


def beir(data: BeirSet) -> list[Asked]:
    """The questions of a BEIR set, for a library made of its documents."""
    names = {source.document_id: source.path for source, _ in data.documents}
    return [
        Asked(question, _document_target(names), data.gains.get(question.id, {}))
        for question in data.questions
    ]


def left_out(asked: Sequence[Asked], places: Sequence[Citation]) -> list[Asked]:
    """Each answerable question of a JSONL suite again, its gold documents taken out.

    A question whose gold is all the library has is not asked: nothing would be left to find.
    """
    documents = {place.document_id for place in places}
    negatives = []
    for item in asked:
        gold = frozenset(
            place.document_id
            for place in places
            for gold in item.question.gold
            if gold.is_of(place.title, place.file)
        )
        if gold and gold != documents:
            negatives.append(_negative(item, LEFT_OUT, gold))
    return negatives


def left_out_of_beir(asked: Sequence[Asked], data: BeirSet) -> list[Asked]:
    """Each answerable question of a BEIR set again, without its gold rows and all rows that share
    a title with one: passages of the same article often hold the answer too."""
    ids = {source.path: source.document_id for source, _ in data.documents}
    by_title: dict[str, set[str]] = {}
    for row, title in data.titles.items():
        by_title.setdefault(title or row, set()).add(ids[row])
    return [
        _negative(
            item,
            LEFT_OUT,
            frozenset().union(*(by_title[data.titles[row] or row] for row in item.gains)),
        )
        for item in asked
        if item.question.answerable
    ]


def foreign(path: Path) -> list[Asked]:
    """The questions of another suite (JSONL) or BEIR folder, as unanswerable here."""
    questions = read_beir_queries(path) if path.is_dir() else read_questions(path)
    asked = [Asked(question, _section_target(question)) for question in questions]
    return [_negative(item, FOREIGN, frozenset()) for item in asked]


def _negative(item: Asked, kind: str, without: frozenset[str]) -> Asked:
    question = item.question
    negative = Question(f"{question.id}/{kind}", question.text, False, tags=(kind,))
    return Asked(negative, item.target, {}, without)


def _section_gains(question: Question) -> dict[str, int]:
    return {f"gold {number}": 1 for number in range(len(question.gold))}


def _section_target(question: Question) -> Target:
    def target(place: Citation) -> str:
        for number, gold in enumerate(question.gold):
            if gold.covers(place):
                return f"gold {number}"
        return "/".join((place.document_id, *place.section, str(place.page or "")))

    return target


def _document_target(names: Mapping[str, str]) -> Target:
    return lambda place: names[place.document_id]


# --- asking ---


def run(
    name: str,
    asked: Sequence[Asked],
    library: Library,
    settings: Mapping[str, Any],
    *,
    keep: Path | None = None,
    progress: Progress = lambda step, done, of: None,
    search: Search | None = None,
) -> dict[str, Any]:
    """Ask everything and measure; the report as JSON data. `search` is how each question is
    searched for where it is not `Library.search` alone.

    With `keep`, rows are written there as they come, and rows already there, from a run that was
    broken off with the same questions, library and settings, are not asked again.
    """
    began = time.perf_counter()
    digest = library.generation.manifest["corpus"]
    head = {"suite": name, "generation": library.generation.name, "settings": dict(settings)}
    search = search or (lambda item: library.search(item.question.text, DEPTH, item.without))
    rows = _ask_all(asked, search, _Kept(keep, head), progress)
    values = per_question(rows)
    metrics, by_tag = measure(rows, values), measure_by_tag(rows, values)
    return {
        "suite": name,
        "questions": len(rows),
        "negatives": {
            kind: sum(kind in row["tags"] for row in rows) for kind in (LEFT_OUT, FOREIGN)
        },
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "took_s": round(time.perf_counter() - began, 1),
        "metrics": metrics,
        "by_tag": by_tag,
        "latency_ms": _latency(rows),
        "per_question": rows,
        "settings": dict(settings),
        "versions": versions(),
        "corpus": digest,
    }


def versions() -> dict[str, str]:
    """The versions of policyqa and of what its figures depend on."""
    return {"policyqa": __version__, **{name: version(name) for name in _PACKAGES}}


def _ask_all(
    asked: Sequence[Asked], search: Search, kept: "_Kept", progress: Progress
) -> list[Any]:
    rows = []
    with kept:
        for number, item in enumerate(asked, start=1):
            row = kept.row(item) or kept.add(_ask(item, search))
            rows.append(row)
            progress("ask", number, len(asked))
    return rows


def _ask(item: Asked, search: Search) -> dict[str, Any]:
    question = item.question
    result = search(item)
    began = time.perf_counter()
    found = answer(result)
    steps = {**result.steps, "answer": (time.perf_counter() - began) * 1000}
    best: dict[str, float] = {}
    for passage in result.passages:
        for place in (passage.citation, *passage.duplicates):
            best.setdefault(item.target(place), round(passage.score, 6))
    has_section = any(gold.section for gold in question.gold)
    has_page = any(gold.page for gold in question.gold)
    return {
        "id": question.id,
        "question": question.text,
        "answerable": question.answerable,
        "tags": list(question.tags),
        "gold": [gold.as_json() for gold in question.gold],
        "gains": dict(item.gains),
        "ranking": list(best.items()),
        "section_hit": _hits(question, result.passages, "section") if has_section else None,
        "page_hit": _hits(question, result.passages, "page") if has_page else None,
        "answers": list(question.answers),
        "evidence": [evidence.text for evidence in found.evidence],
        "evidence_citations": [str(evidence.citation) for evidence in found.evidence],
        "found": found.found,
        "probability": round(found.probability, 6),
        "citations": [str(passage.citation) for passage in result.passages[:10]],
        "passages": [_shown(item, passage) for passage in result.passages[:SHOWN]],
        "took_ms": {step: round(took, 3) for step, took in steps.items()},
    }


def _shown(item: Asked, passage: Passage) -> dict[str, Any]:
    places = (passage.citation, *passage.duplicates)
    return {
        "rank": passage.rank,
        "citation": str(passage.citation),
        "text": passage.chunk.text[:EXCERPT],
        "score": round(passage.score, 4),
        "signals": {name: round(value, 4) for name, value in passage.signals.items()},
        # As the ranking counts it: what says nearly the same stands for its twins, too.
        "gold": any(item.gains.get(item.target(place), 0) > 0 for place in places),
    }


def _hits(question: Question, passages: Sequence[Passage], place: str) -> list[bool]:
    return [
        any(getattr(gold, place) and gold.covers(passage.citation) for gold in question.gold)
        for passage in passages[:10]
    ]


def _latency(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of each step, in milliseconds, over the questions that took it.

    One that asks for a place that is not there, for example, is never searched.
    """
    took: dict[str, list[float]] = {}
    for row in rows:
        for step, milliseconds in row["took_ms"].items():
            took.setdefault(step, []).append(milliseconds)
    return {
        step: {"median": round(float(np.median(values)), 3), "p95": _p95(values)}
        for step, values in took.items()
    }


def _p95(values: Sequence[float]) -> float:
    return round(float(np.percentile(values, 95)), 3)


class _Kept:
    """Rows of a run that may be broken off: a file of JSON lines, the first one its heading."""

    def __init__(self, path: Path | None, head: Mapping[str, Any]) -> None:
        self._path = path
        self._head = json.dumps(head, ensure_ascii=False, sort_keys=True)
        self._rows = dict(self._read())

    def _read(self) -> Iterator[tuple[str, Any]]:
        if self._path is None or not self._path.exists():
            return
        head, *lines = self._path.read_text(encoding="utf-8").split("\n")
        for line in lines if head == self._head else ():
            try:
                row = json.loads(line)
            except ValueError:
                continue  # the line that was being written when the run was broken off
            yield row["id"], row

    def __enter__(self) -> None:
        if self._path is None:
            return
        try:
            self._file = self._path.open("w", encoding="utf-8")
        except OSError as error:
            raise EvaluationError(f"{self._path} cannot be written: {error.strerror}") from error
        self._file.write(f"{self._head}\n")
        for row in self._rows.values():
            self.add(row)

    def __exit__(self, kind: Any, *_: object) -> None:
        if self._path is None:
            return
        self._file.close()
        if kind is None:
            self._path.unlink()

    def row(self, item: Asked) -> Any:
        """The kept row of a question, if it is the same question."""
        row = self._rows.get(item.question.id)
        question = item.question
        now = (question.text, [gold.as_json() for gold in question.gold], dict(item.gains))
        return row if row and (row["question"], row.get("gold"), row["gains"]) == now else None

    def add(self, row: Any) -> Any:
        if self._path is not None:
            self._file.write(f"{json.dumps(row, ensure_ascii=False)}\n")
            self._file.flush()
        return row
