"""The numbers of a report; pure: run files in, plain data out, no word of Japanese."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest

from policyqa.errors import EvaluationError
from policyqa.evaluation.compare import ALPHA, Comparison, compare, rows_of
from policyqa.evaluation.metrics import (
    CALIBRATION_BINS,
    CONFIDENCE,
    LOWER_IS_BETTER,
    Figure,
    Row,
    Values,
    per_question,
)

HISTOGRAM_BINS = 20
_NEEDED = ("metrics", "by_tag", "latency_ms")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question. Values are None where they do not apply to it."""

    right: bool
    """Answerable: found, with a gold place first. Not answerable: not found."""
    found: bool
    probability: float
    rank: int | None
    """Of the first gold place, from 1, in the order of trec_eval; None: not ranked."""
    ndcg: float | None
    f1: float | None
    contained: bool | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Whole questions: what the summary says in plain words."""

    questions: int
    right: int
    answerable: int
    first: int
    """Answerable ones with a gold place first; `ten`: among the first ten."""
    ten: int
    with_answers: int
    contained: int
    """Of those with answer strings, the ones whose first evidence contains one."""
    refused: int
    """Answerable, but said to be not found."""
    answered: int
    """Not answerable, but said to be found."""

    @property
    def unanswerable(self) -> int:
        return self.questions - self.answerable


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many questions fall into each of equal bins from `low` to `high`."""

    low: float
    high: float
    answerable: list[int]
    unanswerable: list[int]


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Questions whose probability lies in a tenth: the mean of it, and how many had an answer."""

    low: float
    high: float
    n: int
    probability: float
    share: float
    share_low: float
    """95% interval of the share (Wilson 1927)."""
    share_high: float


@dataclass(frozen=True, slots=True)
class Report:
    """All that the pages of a report are made of."""

    run: Mapping[str, Any]
    rows: list[Row]
    outcomes: list[Outcome]
    counts: Counts
    probabilities: Histogram
    scores: Histogram | None
    """Of the first passage; None where nothing was ranked."""
    calibration: list[CalibrationBin]
    """Empty where all questions are of one kind."""
    threshold: float | None
    """The least probability that was found, where it parts found from not found."""
    baseline: Mapping[str, Any] | None
    comparison: Comparison | None
    before: list[Outcome] | None
    """The baseline's outcomes, in the order of `rows`."""

    @property
    def metrics(self) -> Mapping[str, Figure]:
        figures: Mapping[str, Figure] = self.run["metrics"]
        return figures

    @property
    def bars(self) -> Sequence[Mapping[str, Any]]:
        bars: Sequence[Mapping[str, Any]] = self.run.get("bars") or ()
        return bars


def build(run: Mapping[str, Any], baseline: Mapping[str, Any] | None = None) -> Report:
    """The figures of a run, and of its differences from a baseline over the same questions.

    Raises EvaluationError when a run lacks what the report needs or the questions differ.
    """
    rows = rows_of(run, str(run.get("suite", "")))
    missing = [key for key in _NEEDED if not isinstance(run.get(key), dict)]
    if missing:
        raise EvaluationError(f"the run lacks {', '.join(missing)}; make it again")
    answerable = np.array([row["answerable"] for row in rows], dtype=np.bool_)
    probability = np.array([row["probability"] for row in rows], dtype=np.float64)
    results = outcomes(rows)
    comparison = None if baseline is None else compare(baseline, run)
    return Report(
        run,
        rows,
        results,
        counts(rows, results),
        _histogram(probability, answerable, 0.0, 1.0),
        _scores(rows),
        calibration(probability, answerable),
        _threshold(results),
        baseline,
        comparison,
        None if baseline is None else _before(baseline, rows),
    )


def _before(baseline: Mapping[str, Any], rows: Sequence[Row]) -> list[Outcome]:
    own = rows_of(baseline, str(baseline.get("suite", "")))
    by_id = {row["id"]: result for row, result in zip(own, outcomes(own), strict=True)}
    return [by_id[row["id"]] for row in rows]


def outcomes(rows: Sequence[Row]) -> list[Outcome]:
    """The outcome of every row, in their order."""
    values = per_question(rows)
    return [_outcome(row, values, index) for index, row in enumerate(rows)]


def _outcome(row: Row, values: Values, index: int) -> Outcome:
    rank = _rank(row)
    contained = _value(values, "answer contained@1", index)
    return Outcome(
        right=row["found"] == row["answerable"] and (not row["answerable"] or rank == 1),
        found=row["found"],
        probability=row["probability"],
        rank=rank,
        ndcg=_value(values, "nDCG@10", index),
        f1=_value(values, "answer F1@1", index),
        contained=None if contained is None else bool(contained),
    )


def _rank(row: Row) -> int | None:
    """Where the first gold target stands, ordered as the metrics order the ranking."""
    order = sorted(
        row["ranking"], key=lambda hit: (np.float32(hit[1]), hit[0].encode()), reverse=True
    )
    places = (rank for rank, (target, _) in enumerate(order, 1) if row["gains"].get(target, 0) > 0)
    return next(places, None)


def _value(values: Values, metric: str, index: int) -> float | None:
    value = float(values[metric][index])
    return None if np.isnan(value) else value


def counts(rows: Sequence[Row], results: Sequence[Outcome]) -> Counts:
    """Whole questions of each outcome."""
    pairs = list(zip(rows, results, strict=True))
    positive = [result for row, result in pairs if row["answerable"]]
    return Counts(
        questions=len(rows),
        right=sum(result.right for result in results),
        answerable=len(positive),
        first=sum(result.rank == 1 for result in positive),
        ten=sum(result.rank is not None and result.rank <= 10 for result in positive),
        with_answers=sum(result.contained is not None for result in positive),
        contained=sum(result.contained is True for result in positive),
        refused=sum(not result.found for result in positive),
        answered=sum(result.found for row, result in pairs if not row["answerable"]),
    )


def moved(now: Outcome, before: Outcome) -> int:
    """1: better than before, -1: worse, 0: the same; by being right, then nDCG@10, then F1."""
    for new, old in (
        (now.right, before.right),
        (now.ndcg or 0.0, before.ndcg or 0.0),
        (now.f1 or 0.0, before.f1 or 0.0),
    ):
        # Sums such as 0.1 + 0.2 must not turn a tie into a move.
        if abs(new - old) > 1e-9:
            return 1 if new > old else -1
    return 0


def verdicts(comparison: Comparison) -> dict[str, str]:
    """Metric -> better, worse or same: a difference counts from Holm's p below 0.05."""
    found = {}
    for name, row in comparison["metrics"].items():
        gain = row["difference"] * (-1 if name in LOWER_IS_BETTER else 1)
        found[name] = "same" if row["p_holm"] >= ALPHA else "better" if gain > 0 else "worse"
    return found


def _scores(rows: Sequence[Row]) -> Histogram | None:
    ranked = [row for row in rows if row["ranking"]]
    if not ranked:
        return None
    best = np.array([max(score for _, score in row["ranking"]) for row in ranked])
    high = 1.0 if best.max() <= 1 else float(best.max())
    low = min(0.0, float(best.min()))
    return _histogram(best, np.array([row["answerable"] for row in ranked]), low, high)


def _histogram(values: Any, answerable: Any, low: float, high: float) -> Histogram:
    def count(chosen: Any) -> list[int]:
        counted: list[int] = np.histogram(chosen, HISTOGRAM_BINS, (low, high))[0].tolist()
        return counted

    return Histogram(low, high, count(values[answerable]), count(values[~answerable]))


def calibration(probability: Any, answerable: Any) -> list[CalibrationBin]:
    """Tenths of the probability that hold a question; `probability`, `answerable`: (questions,)."""
    if answerable.all() or not answerable.any():
        return []
    bins = np.floor(probability * CALIBRATION_BINS).clip(0, CALIBRATION_BINS - 1)
    return [
        _calibration_bin(int(number), probability[bins == number], answerable[bins == number])
        for number in np.unique(bins)
    ]


def _calibration_bin(number: int, probability: Any, answerable: Any) -> CalibrationBin:
    n, positive = len(answerable), int(answerable.sum())
    interval = binomtest(positive, n).proportion_ci(CONFIDENCE, method="wilson")
    return CalibrationBin(
        number / CALIBRATION_BINS,
        (number + 1) / CALIBRATION_BINS,
        n,
        float(probability.mean()),
        positive / n,
        float(interval.low),
        float(interval.high),
    )


def _threshold(results: Iterable[Outcome]) -> float | None:
    found = [result.probability for result in results if result.found]
    rest = [result.probability for result in results if not result.found]
    return min(found) if found and rest and max(rest) < min(found) else None
