"""The accepted run of a suite: kept small beside it, compared with, replaced."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from policyqa.errors import EvaluationError
from policyqa.evaluation.compare import ALPHA, Comparison, compare
from policyqa.evaluation.metrics import LOWER_IS_BETTER
from policyqa.evaluation.run_files import read_run, write_whole

# What compare, metrics and report read of a row; passages and times are left out.
_ROW = (
    "id", "question", "answerable", "tags", "gold", "gains", "ranking", "section_hit", "page_hit",
    "answers", "evidence", "found", "probability", "citations",
)  # fmt: skip
_DIGITS = 4
_EVIDENCE = 2
"""Sentences that metrics look at."""
_NOT_A_LOSS = frozenset({"evidence length@1", "evidence length@2"})
"""Longer evidence is a price, not a fault."""


def read_baseline(path: Path) -> dict[str, Any] | None:
    """The accepted run; None where none was accepted yet. Raises EvaluationError."""
    return read_run(path) if path.exists() else None


def accept(path: Path, run: Mapping[str, Any]) -> None:
    """Make `run` the accepted one: written whole or not at all, one question a line."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror}") from error
    write_whole(path, _as_lines(trimmed(run)).encode())


def trimmed(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run without what no comparison needs, its numbers rounded."""
    head = {key: _rounded(value) for key, value in run.items() if key != "per_question"}
    return head | {"per_question": [_trimmed(row) for row in run["per_question"]]}


def _trimmed(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: row[key] for key in _ROW if key in row}
    return kept | {
        "ranking": _to_last_gold(row["ranking"], row["gains"]),
        "evidence": row["evidence"][:_EVIDENCE],
        "probability": round(row["probability"], _DIGITS),
        "citations": row.get("citations", [])[:1],
    }


def _to_last_gold(ranking: Sequence[Any], gains: Mapping[str, int]) -> list[Any]:
    """The ranking down to the last judged target: what is below it counts in no metric. Equal
    scores, in single precision as trec_eval compares them, stay together."""
    judged = [np.float32(score) for target, score in ranking if target in gains]
    if not judged:
        # No gold is found, and that something was stays true.
        return list(ranking[:1])
    return [[target, score] for target, score in ranking if np.float32(score) >= min(judged)]


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


def _as_lines(run: Mapping[str, Any]) -> str:
    """JSON in which a question is a line, so that a diff shows those that moved."""
    head = {key: value for key, value in run.items() if key != "per_question"}
    lines = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    rows = ",\n".join(_json(row) for row in run["per_question"])
    return "{\n" + ",\n".join([*lines, f'"per_question": [\n{rows}\n]']) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def compare_shared(
    accepted: Mapping[str, Any], run: Mapping[str, Any]
) -> tuple[Comparison | None, list[str], list[str]]:
    """The run compared with the accepted one over the questions that both asked with the same text;
    None where there is none. Then the ids only in the run, and those only in the accepted one.
    """
    before = {row["id"]: row["question"] for row in accepted.get("per_question", ())}
    now = {row["id"]: row["question"] for row in run["per_question"]}
    both = {id for id, text in now.items() if before.get(id) == text}
    comparison = compare(_only(accepted, both), _only(run, both)) if both else None
    return comparison, [id for id in now if id not in both], [id for id in before if id not in both]


def _only(run: Mapping[str, Any], ids: set[str]) -> dict[str, Any]:
    return {**run, "per_question": [row for row in run["per_question"] if row["id"] in ids]}


def losses(comparison: Comparison) -> list[str]:
    """The metrics that are worse than in the accepted run and not by chance: the paired test's p,
    corrected for the number of metrics, is below 0.05. Longer evidence is no loss."""
    return [
        name
        for name, row in comparison["metrics"].items()
        if row["p_holm"] < ALPHA
        and name not in _NOT_A_LOSS
        and (row["difference"] > 0) == (name in LOWER_IS_BETTER)
    ]
