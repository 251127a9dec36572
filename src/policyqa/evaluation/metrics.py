"""Metrics of a run with 95% bootstrap intervals; pure: rows of a run in, figures out.

Ranking metrics come from trec_eval, through ir-measures and pytrec_eval, so that they equal what
others get from the same run file:

- nDCG takes the gains as they are (linear, Järvelin and Kekäläinen 2002), discounted by
  log2(rank + 1), over the ideal ranking of all judged targets; not 2**gain - 1.
- Results are ordered by score, in single precision; equal scores by target id in descending byte
  order. The order in the row is not looked at, so that luck among ties cannot flatter a run.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypedDict

import ir_measures
import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

from policyqa.japanese import squeeze

RESAMPLES = 1000
CONFIDENCE = 0.95
SEED = 20250401
"""Fixed, so that the same rows always give the same interval."""
CALIBRATION_BINS = 10
_BATCH = 1 << 20
"""Resampled values held at a time: 8 MiB as float64."""

# RR has no cut-off here: ir-measures gives RR@10 to another provider, which breaks ties the other
# way round. The cut is made in `_ranking`.
_MEASURES = {
    "nDCG@10": ir_measures.nDCG @ 10,
    "RR@10": ir_measures.RR,
    "P@1": ir_measures.P @ 1,
    "R@10": ir_measures.R @ 10,
    "R@100": ir_measures.R @ 100,
    "AP": ir_measures.AP,
}
_HITS = tuple(f"{place} hit@{k}" for place in ("section", "page") for k in (1, 3))
_ANSWERS = tuple(f"answer {score}@{k}" for score in ("contained", "exact", "F1") for k in (1, 2))
_LENGTHS = ("evidence length@1", "evidence length@2")
_FOUND = ("accuracy", "false answers", "false refusals")

PER_QUESTION = (*_MEASURES, *_HITS, *_ANSWERS, *_LENGTHS, *_FOUND)
"""The metrics that are means over questions, so that two runs can be paired by them."""

LOWER_IS_BETTER = frozenset(
    {"false answers", "false refusals", "expected calibration error", *_LENGTHS}
)

Values = dict[str, NDArray[np.float64]]
"""Metric -> one value a question, nan where the metric does not apply to the question."""


class Row(TypedDict):
    """What a run says of one question. JSON data; a row on disk may hold more keys."""

    id: str
    question: str
    answerable: bool
    tags: list[str]
    gains: dict[str, int]
    """The question's qrels: target id -> gain, above zero where relevant."""
    ranking: list[tuple[str, float]]
    """(target id, score), best first, distinct targets; empty when nothing was found."""
    section_hit: list[bool] | None
    """For each ranked chunk, whether it cites a gold section. None when the gold names no section;
    so does an empty list beside a ranking that is not empty."""
    page_hit: list[bool] | None
    """The same for pages; None when the gold names no page."""
    answers: list[str]
    """Strings of which any one answers the question; may be empty."""
    evidence: list[str]
    """Evidence sentences, best first; may be empty."""
    found: bool
    """Whether the answer was held to be in the library."""
    probability: float
    """The estimated probability of that, 0..1."""


class Figure(TypedDict):
    """A metric over `n` questions, with its 95% bootstrap interval (all in the metric's unit)."""

    value: float
    low: float
    high: float
    n: int


def measure(rows: Sequence[Row], values: Values | None = None) -> dict[str, Figure]:
    """All metrics of `rows`; those that apply to no row are left out.

    `values` is `per_question(rows)` where the caller has it already.
    """
    return figures(per_question(rows) if values is None else values) | _not_found(rows)


def measure_by_tag(
    rows: Sequence[Row], values: Values | None = None
) -> dict[str, dict[str, Figure]]:
    """`measure` for the rows of each tag, tags in alphabetical order."""
    values = per_question(rows) if values is None else values
    tagged: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        for tag in set(row["tags"]):
            tagged[tag].append(index)
    return {
        tag: measure(
            [rows[index] for index in chosen],
            {name: value[chosen] for name, value in values.items()},
        )
        for tag, chosen in sorted(tagged.items())
    }


def per_question(rows: Sequence[Row]) -> Values:
    """One value a row for every metric that is a mean over questions, in the order of `rows`.

    Ranking, hit and answer metrics are those of answerable questions, where no result is a zero.
    AUROC and calibration error have no value for a single question and are not here.
    """
    others = [_hits(row) | _answers(row) | _lengths(row) | _found(row) for row in rows]
    return _ranking(rows) | {
        name: np.array([other.get(name, np.nan) for other in others], dtype=np.float64)
        for name in (*_HITS, *_ANSWERS, *_LENGTHS, *_FOUND)
    }


def _ranking(rows: Sequence[Row]) -> Values:
    values = {name: np.full(len(rows), np.nan) for name in _MEASURES}
    # By position: ids need not be distinct here. An answerable question without gains scores zero.
    qrels = {str(i): row["gains"] for i, row in enumerate(rows) if row["answerable"]}
    run = {i: {id: float(score) for id, score in rows[int(i)]["ranking"]} for i in qrels}
    names = {measure: name for name, measure in _MEASURES.items()}
    # This provider by name, so that all of the metrics have one way to break ties.
    for metric in ir_measures.pytrec_eval.iter_calc(list(names), qrels, run):
        values[names[metric.measure]][int(metric.query_id)] = metric.value
    reciprocal = values["RR@10"]
    reciprocal[reciprocal < 1 / 10.5] = 0.0
    return values


def _hits(row: Row) -> dict[str, float]:
    if not row["answerable"]:
        return {}
    section = None if row["ranking"] and not row["section_hit"] else row["section_hit"]
    return {
        f"{place} hit@{k}": float(any(hits[:k]))
        for place, hits in (("section", section), ("page", row["page_hit"]))
        if hits is not None
        for k in (1, 3)
    }


def _answers(row: Row) -> dict[str, float]:
    answers = [answer for answer in map(squeeze, row["answers"]) if answer]
    if not row["answerable"] or not answers:
        return {}
    evidence = [squeeze(sentence) for sentence in row["evidence"][:2]]
    values: dict[str, float] = {}
    for name, score in _SCORES.items():
        best = [max(score(sentence, answer) for answer in answers) for sentence in evidence]
        values |= {f"answer {name}@{k}": max(best[:k], default=0.0) for k in (1, 2)}
    return values


def _contained(sentence: str, answer: str) -> float:
    return float(answer in sentence)


def _exact(sentence: str, answer: str) -> float:
    return float(answer == sentence)


def character_f1(sentence: str, answer: str) -> float:
    """F1 of the two bags of characters, 0..1: SQuAD's F1 (Rajpurkar et al. 2016) with characters
    in the place of words, as for JaQuAD (So et al. 2022). Neither text is normalised here."""
    common = (Counter(sentence) & Counter(answer)).total()
    return 2 * common / (len(sentence) + len(answer)) if common else 0.0


_SCORES: dict[str, Callable[[str, str], float]] = {
    "contained": _contained,
    "exact": _exact,
    "F1": character_f1,
}


def _lengths(row: Row) -> dict[str, float]:
    """Characters a reader is shown: in the first sentence, and in the first two together."""
    if not row["answerable"] or not row["evidence"]:
        return {}
    lengths = [len(sentence) for sentence in row["evidence"]]
    return {name: float(sum(lengths[:k])) for k, name in enumerate(_LENGTHS, start=1)}


def _found(row: Row) -> dict[str, float]:
    accuracy = {"accuracy": float(row["found"] == row["answerable"])}
    if row["answerable"]:
        return accuracy | {"false refusals": float(not row["found"])}
    return accuracy | {"false answers": float(row["found"])}


def figures(values: Values) -> dict[str, Figure]:
    """Mean and 95% interval of every metric that applies to a question at least.

    The interval is the bootstrap's percentile interval (Efron 1979) over questions. Metrics of the
    same questions share their resamples. Where all values are equal, or there is but one, it has
    no width: `n` then says how little that means.
    """
    found: dict[str, Figure] = {}
    for names, applies in _by_questions(values):
        sample = np.stack([values[name][applies] for name in names])
        low, high = _interval((sample,), np.mean)
        for row, name in enumerate(names):
            found[name] = _figure(sample[row].mean(), low[row], high[row], sample.shape[1])
    return {name: found[name] for name in values if name in found}


def _by_questions(values: Values) -> Iterator[tuple[list[str], NDArray[np.bool_]]]:
    """The metrics grouped by the questions that they apply to, with these as a mask."""
    groups: dict[bytes, list[str]] = defaultdict(list)
    for name, value in values.items():
        groups[(~np.isnan(value)).tobytes()].append(name)
    for mask, names in groups.items():
        applies = np.frombuffer(mask, dtype=np.bool_)
        if applies.any():
            yield names, applies


def _not_found(rows: Sequence[Row]) -> dict[str, Figure]:
    """AUROC and calibration of the probability; nothing where all questions are of a kind."""
    answerable = np.array([row["answerable"] for row in rows], dtype=np.bool_)
    if answerable.all() or not answerable.any():
        return {}
    probability = np.array([row["probability"] for row in rows], dtype=np.float64)
    # The place of a value among the distinct ones orders as the value does.
    places = np.unique(probability, return_inverse=True)[1]
    classes = (places[answerable], places[~answerable])
    binned = (_bins(probability), probability - answerable)
    return {
        "AUROC": _figure(_auroc(*classes), *_interval(classes, _auroc), len(rows)),
        "expected calibration error": _figure(
            _calibration_error(*binned),
            *_interval(binned, _calibration_error, paired=True),
            len(rows),
        ),
    }


def _auroc(
    positive: NDArray[np.integer[Any]], negative: NDArray[np.integer[Any]], axis: int = -1
) -> NDArray[np.float64]:
    """Probability that a positive stands above a negative, a tie counting half (Mann-Whitney U).

    In: whole numbers from 0, shapes (..., positives) and (..., negatives); out: shape (...).
    Counting them is several times faster than sorting every resample.
    """
    levels = int(max(positive.max(), negative.max())) + 1
    above, below = _counts(positive, levels), _counts(negative, levels)
    beaten = np.cumsum(below, axis=-1) - below / 2
    pairs = positive.shape[axis] * negative.shape[axis]
    return np.asarray(np.einsum("...i,...i->...", above, beaten) / pairs)


def _bins(probability: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bin of each probability: ten of equal width, 1.0 in the last."""
    bins = np.floor(probability * CALIBRATION_BINS).astype(np.int64)
    return bins.clip(0, CALIBRATION_BINS - 1)


def _calibration_error(
    bins: NDArray[Any], gap: NDArray[np.float64], axis: int = -1
) -> NDArray[np.float64]:
    """Expected calibration error (Naeini et al. 2015), 0..1.

    `gap` is probability - outcome, shape (..., questions) as `bins`. A bin's share times its mean
    gap is its sum of gaps over the number of questions.
    """
    sums = _counts(bins, CALIBRATION_BINS, gap)
    return np.asarray(np.abs(sums).sum(axis=-1) / bins.shape[axis])


def _counts(
    values: NDArray[Any], levels: int, weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """How often each of 0..levels-1 stands in the last axis (its weight): shape (..., levels)."""
    outer = values.shape[:-1]
    rows = int(np.prod(outer))
    # One bincount for all of the rows: each has its own range of numbers.
    shifted = values.reshape(rows, -1).astype(np.int64) + levels * np.arange(rows)[:, None]
    flat = None if weights is None else weights.ravel()
    counts = np.bincount(shifted.ravel(), weights=flat, minlength=rows * levels)
    return counts.astype(np.float64).reshape(*outer, levels)


def _interval(
    samples: tuple[NDArray[Any], ...], statistic: Callable[..., Any], paired: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The 95% percentile interval of `statistic`, resampling the last axis of each sample.

    Samples are resampled independently (so AUROC within its classes) unless `paired`.
    """
    # SciPy refuses a sample of one; drawn twice over, it resamples to itself all the same.
    samples = tuple(
        np.repeat(sample, 2, axis=-1) if sample.shape[-1] == 1 else sample for sample in samples
    )
    result = bootstrap(
        samples,
        statistic,
        n_resamples=RESAMPLES,
        batch=max(1, _BATCH // sum(sample.size for sample in samples)),
        vectorized=True,
        paired=paired,
        axis=-1,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    return result.confidence_interval.low, result.confidence_interval.high


def _figure(value: Any, low: Any, high: Any, n: int) -> Figure:
    return {"value": float(value), "low": float(low), "high": float(high), "n": int(n)}
