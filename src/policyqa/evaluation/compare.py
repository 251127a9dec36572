"""Two runs over the same questions: what changed, and could it be chance? Pure: run files in,
a comparison as JSON data out."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from policyqa.errors import EvaluationError
from policyqa.evaluation.metrics import (
    LOWER_IS_BETTER,
    SEED,
    Figure,
    Row,
    Values,
    figures,
    per_question,
)

PERMUTATIONS = 10_000
ALPHA = 0.05
POWER = 0.8
MOST_MOVED = 20
_MOVED_BY = ("accuracy", "nDCG@10", "answer F1@1")
_NAMED = 3
"""How many questions an error names."""
_BATCH = 1 << 20
"""Signs held at a time: 8 MiB as float64."""


class Difference(TypedDict):
    """A metric of run B less that of run A, over the `n` questions for which both have a value."""

    a: float
    b: float
    difference: float
    """The mean of b - a; `low` and `high` are its 95% bootstrap interval."""
    low: float
    high: float
    n: int
    p: float
    """Two-sided paired randomisation test."""
    p_holm: float
    """`p` corrected for the number of metrics."""
    wins: int
    """Questions on which B is the better one: lower where lower is better."""
    losses: int
    ties: int
    detectable: float | None
    """The smallest true difference found with power 0.8; None where no question differs, since
    then the spread of differences is not known."""


class Moved(TypedDict):
    """A question whose figures differ; nan as None."""

    id: str
    question: str
    a: dict[str, float | None]
    b: dict[str, float | None]


class Comparison(TypedDict):
    """Two runs side by side."""

    a: str
    b: str
    questions: int
    warnings: list[str]
    metrics: dict[str, Difference]
    moved: list[Moved]


def compare(a: Mapping[str, Any], b: Mapping[str, Any]) -> Comparison:
    """Compare two run files (docs/evaluation-reference.md) question by question, in any order.

    Raises EvaluationError when a run has no rows, or when the two asked different questions.
    """
    rows_a = rows_of(a, "A")
    rows_b = _aligned(rows_a, rows_of(b, "B"))
    values_a, values_b = per_question(rows_a), per_question(rows_b)
    return {
        "a": str(a.get("suite", "")),
        "b": str(b.get("suite", "")),
        "questions": len(rows_a),
        "warnings": _warnings(a, b, rows_a, rows_b),
        "metrics": differences(values_a, values_b),
        "moved": _moved(rows_a, values_a, values_b),
    }


def rows_of(run: Mapping[str, Any], name: str) -> list[Row]:
    """The rows of a run file, checked; `name` is what errors call the run."""
    rows = run.get("per_question")
    if not isinstance(rows, list) or not rows:
        raise EvaluationError(f"run {name} has no per_question rows; make it with policyqa eval")
    missing = sorted({key for row in rows for key in Row.__required_keys__ - row.keys()})
    if missing:
        raise EvaluationError(f"the rows of run {name} lack {', '.join(missing)}; make it again")
    if len({row["id"] for row in rows}) < len(rows):
        raise EvaluationError(f"run {name} has a question id twice; make it again")
    return rows


def _aligned(rows_a: Sequence[Row], rows_b: Sequence[Row]) -> list[Row]:
    """The rows of B in the order of A."""
    by_a = {row["id"]: row for row in rows_a}
    by_b = {row["id"]: row for row in rows_b}
    faults = {
        "only in A": [id for id in by_a if id not in by_b],
        "only in B": [id for id in by_b if id not in by_a],
        "with another text": [
            id for id in by_a if id in by_b and by_a[id]["question"] != by_b[id]["question"]
        ],
    }
    if any(faults.values()):
        told = "; ".join(
            f"{len(ids)} {fault} ({_first(ids)})" for fault, ids in faults.items() if ids
        )
        raise EvaluationError(f"the runs asked different questions: {told}; run both on one suite")
    return [by_b[id] for id in by_a]


def _first(ids: Sequence[str]) -> str:
    return ", ".join([*ids[:_NAMED], *(["…"] if len(ids) > _NAMED else [])])


def _warnings(
    a: Mapping[str, Any], b: Mapping[str, Any], rows_a: Sequence[Row], rows_b: Sequence[Row]
) -> list[str]:
    warnings = []
    if a.get("corpus") != b.get("corpus"):
        warnings.append(
            f"the corpus differs ({a.get('corpus')} and {b.get('corpus')}):"
            " differences may be the documents', not the settings'"
        )
    other = [x["id"] for x, y in zip(rows_a, rows_b, strict=True) if not _same_gold(x, y)]
    if other:
        warnings.append(
            f"the gold differs for {len(other)} of {len(rows_a)} questions ({_first(other)})"
        )
    return warnings


def _same_gold(x: Mapping[str, Any], y: Mapping[str, Any]) -> bool:
    # Runs of before rows told their gold places have only these.
    keys = ["answerable", "gains", "answers", *(["gold"] if "gold" in x and "gold" in y else [])]
    return all(x[key] == y[key] for key in keys)


def differences(a: Values, b: Values) -> dict[str, Difference]:
    """Every metric of two runs over the same questions in the same order."""
    paired = {name: b[name] - a[name] for name in a if name in b}
    intervals = figures(paired)
    p = randomisation_test({name: paired[name] for name in intervals})
    corrected = holm(p)
    return {
        name: _difference(name, a[name], b[name], interval, p[name], corrected[name])
        for name, interval in intervals.items()
    }


def _difference(
    name: str,
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    interval: Figure,
    p: float,
    p_holm: float,
) -> Difference:
    paired = ~np.isnan(b - a)
    # Sums such as 0.1 + 0.2 must not turn a tie into a win.
    gain = np.round(b[paired] - a[paired], 12) * (-1 if name in LOWER_IS_BETTER else 1)
    return {
        "a": float(a[paired].mean()),
        "b": float(b[paired].mean()),
        "difference": interval["value"],
        "low": interval["low"],
        "high": interval["high"],
        "n": interval["n"],
        "p": p,
        "p_holm": p_holm,
        "wins": int((gain > 0).sum()),
        "losses": int((gain < 0).sum()),
        "ties": int((gain == 0).sum()),
        "detectable": detectable(gain),
    }


def detectable(differences: NDArray[np.float64]) -> float | None:
    """The smallest mean difference that a two-sided paired z test at 0.05 finds with power 0.8.

    (z(0.975) + z(0.8)) * sd / sqrt(n), for paired differences of shape (questions,), in their
    unit (Cohen 1988, with the normal for the t distribution). None where they do not vary.
    """
    if len(differences) < 2 or not np.ptp(differences):
        return None
    z = norm.ppf(1 - ALPHA / 2) + norm.ppf(POWER)
    return float(z * differences.std(ddof=1) / math.sqrt(len(differences)))


def randomisation_test(differences: Values) -> dict[str, float]:
    """Two-sided p-value of every metric's paired differences (nan: not a pair), by flipping signs.

    Under the null hypothesis a difference is as likely as its opposite; p is the share of 10,000
    random flips, with the observed one counted in, whose mean is at least as far from zero
    (Smucker et al. 2007; the + 1: Phipson and Smyth 2010). All metrics share the flips.
    """
    if not differences:
        return {}
    # A pair that is none adds nothing to any sum, which is leaving it out. (questions, metrics)
    pairs = np.nan_to_num(np.column_stack(list(differences.values())))
    # Sums that are equal on paper differ in the last bits: they count as equal.
    observed = np.abs(pairs.sum(axis=0)) - 1e-9 * np.abs(pairs).sum(axis=0)
    rng = np.random.default_rng(SEED)
    extreme = np.zeros(pairs.shape[1])
    for count in _batches(PERMUTATIONS, max(1, _BATCH // len(pairs))):
        extreme += (np.abs(_signs(rng, count, len(pairs)) @ pairs) >= observed).sum(axis=0)
    p = (extreme + 1) / (PERMUTATIONS + 1)
    return dict(zip(differences, p.tolist(), strict=True))


def _batches(total: int, size: int) -> list[int]:
    return [min(size, total - start) for start in range(0, total, size)]


def _signs(rng: np.random.Generator, count: int, length: int) -> NDArray[np.float64]:
    """Random signs, -1.0 or 1.0, shape (count, length): eight out of every random byte."""
    eights = rng.integers(0, 256, size=(count, -(-length // 8)), dtype=np.uint8)
    return np.unpackbits(eights, axis=1, count=length).astype(np.float64) * 2 - 1


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """p-values corrected for their number by Holm's step-down method (Holm 1979), same keys."""
    corrected: dict[str, float] = {}
    largest = 0.0
    for rank, name in enumerate(sorted(p, key=lambda name: p[name])):
        largest = max(largest, min(1.0, (len(p) - rank) * p[name]))
        corrected[name] = largest
    return {name: corrected[name] for name in p}


def _moved(rows: Sequence[Row], a: Values, b: Values) -> list[Moved]:
    """The questions that moved most: found or not found first, then by nDCG@10, then by F1."""
    size = np.column_stack([np.abs(np.nan_to_num(b[name] - a[name])) for name in _MOVED_BY])
    order = np.lexsort(-size.T[::-1])[:MOST_MOVED]
    return [
        {
            "id": rows[index]["id"],
            "question": rows[index]["question"],
            "a": _values_of(a, index),
            "b": _values_of(b, index),
        }
        for index in order
        if size[index].any()
    ]


def _values_of(values: Values, index: int) -> dict[str, float | None]:
    found = {name: float(values[name][index]) for name in _MOVED_BY}
    return {name: None if math.isnan(value) else value for name, value in found.items()}
