"""A sweep's trials as a table of quality against latency. Pure: trials in, JSON data out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policyqa.errors import EvaluationError
from policyqa.evaluation.compare import holm, randomisation_test
from policyqa.evaluation.metrics import LOWER_IS_BETTER, Figure, figures, per_question
from policyqa.evaluation.sweep_file import Sweep
from policyqa.evaluation.trials import Point

OTHERS = ("nDCG@10", "P@1", "R@10", "answer contained@1", "accuracy")
"""The metrics beside the objective."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the table needs of a run. `values` is the objective of each question, nan where it has
    none; `took_ms` the search of each; those of one `stage` differ in their weights alone."""

    point: Point
    file: Path
    stage: str
    metrics: Mapping[str, Figure]
    values: NDArray[np.float64]
    took_ms: NDArray[np.float64]
    library_mb: float
    build_s: float | None
    embedded: int | None


def trial_of(point: Point, file: Path, run: Mapping[str, Any], objective: str) -> Trial:
    """A run as a trial. EvaluationError when no question has the objective."""
    if objective not in run["metrics"]:
        raise EvaluationError(
            f"objective: no question of {run['suite']} has a value of {objective}; "
            f"those with one are {', '.join(run['metrics'])}"
        )
    rows = run["per_question"]
    took = [
        sum(value for step, value in row["took_ms"].items() if step != "answer") for row in rows
    ]
    return Trial(
        point,
        file,
        run["stage"],
        run["metrics"],
        per_question(rows)[objective],
        np.array(took),
        run["library_mb"],
        run["build_s"],
        run["embedded"],
    )


def table(sweep: Sweep, defaults: Point, trials: Sequence[Trial]) -> dict[str, Any]:
    """The trials, best objective first, each beside the one with the defaults."""
    name = sweep.objective
    sign = -1 if name in LOWER_IS_BETTER else 1
    latency = _latency(trials)
    values = [round(trial.metrics[name]["value"], 4) for trial in trials]
    times = [latency[trial.stage]["median"] for trial in trials]
    best = pareto([(sign * value, took) for value, took in zip(values, times, strict=True)])
    base = next(trial for trial in trials if trial.point == defaults)
    differences = _differences(base, trials)
    order = sorted(range(len(trials)), key=lambda at: (-sign * values[at], times[at]))
    return {
        "sweep": str(sweep.path),
        "questions": str(sweep.questions),
        "objective": name,
        "lower_is_better": sign < 0,
        "asked": len(base.values),
        "trials": [
            {
                "settings": trial.point.as_json(),
                "defaults": trial is base,
                "best": best[at],
                "metrics": dict(trial.metrics),
                "difference": differences.get(at),
                "latency_ms": latency[trial.stage],
                "library_mb": trial.library_mb,
                "build_s": trial.build_s,
                "embedded": trial.embedded,
                "run": str(trial.file),
            }
            for at in order
            for trial in [trials[at]]
        ],
    }


def pareto(points: Sequence[tuple[float, float]]) -> list[bool]:
    """For each (quality, cost) whether no other is at least as good in both and better in one."""
    return [
        not any(other[0] >= one[0] and other[1] <= one[1] and other != one for other in points)
        for one in points
    ]


def _latency(trials: Sequence[Trial]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of a search, in milliseconds to a tenth, by stage: weights do not
    change what is worked out, so what trials differ in by them alone is noise."""
    took: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for trial in trials:
        took[trial.stage].append(trial.took_ms)
    return {
        stage: {
            "median": round(float(np.median(np.concatenate(values))), 1),
            "p95": round(float(np.percentile(np.concatenate(values), 95)), 1),
        }
        for stage, values in took.items()
    }


def _differences(base: Trial, trials: Sequence[Trial]) -> dict[int, dict[str, float]]:
    """Each trial's objective less that of the defaults: the paired interval, the p of the paired
    randomisation test, and that corrected for the number of trials (Holm). By position."""
    others = {
        str(at): trial.values - base.values for at, trial in enumerate(trials) if trial is not base
    }
    p = randomisation_test(others)
    corrected = holm(p)
    return {
        int(at): {
            "value": figure["value"],
            "low": figure["low"],
            "high": figure["high"],
            "p": p[at],
            "p_holm": corrected[at],
        }
        for at, figure in figures(others).items()
    }
