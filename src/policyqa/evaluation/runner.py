"""Ask a question set and keep what came back."""

from pathlib import Path
from statistics import mean
from typing import Any

from policyqa.answering import answer
from policyqa.evaluation.questions import Question, read_questions
from policyqa.japanese import squeeze
from policyqa.library import Library


def run(suite: Path, library: Library) -> dict[str, Any]:
    """Ask every question of `suite`; the report as JSON data."""
    rows = [_ask(question, library) for question in read_questions(suite)]
    return {
        "suite": str(suite),
        "questions": len(rows),
        "metrics": _metrics(rows),
        "per_question": rows,
    }


def _ask(question: Question, library: Library) -> dict[str, Any]:
    result = library.search(question.text, 10)
    found = answer(result, library.encoder)
    evidence = [item.text for item in found.evidence]
    return {
        "id": question.id,
        "question": question.text,
        "answerable": question.answerable,
        "found": found.found,
        "probability": found.probability,
        "right": [
            any(gold.covers(passage.citation) for gold in question.gold)
            for passage in result.passages
        ],
        "citations": [str(passage.citation) for passage in result.passages],
        "evidence": evidence,
        "contained": _contains(evidence[0] if evidence else "", question.answers),
        "took_ms": result.took_ms,
    }


def _contains(text: str, answers: tuple[str, ...]) -> bool:
    return any(squeeze(answer) in squeeze(text) for answer in answers)


def _metrics(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    answerable = [row for row in rows if row["answerable"]]
    others = [row for row in rows if not row["answerable"]]
    figures = {
        "section hit@1": [row["right"][:1] == [True] for row in answerable],
        "section hit@3": [any(row["right"][:3]) for row in answerable],
        "answer in first evidence": [row["contained"] for row in answerable],
        "first evidence length": [len(row["evidence"][0]) for row in answerable if row["evidence"]],
        "false refusals": [not row["found"] for row in answerable],
        "false answers": [row["found"] for row in others],
    }
    return {
        name: {"value": mean(values), "n": len(values)}
        for name, values in figures.items()
        if values
    }
