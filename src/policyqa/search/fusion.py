"""One ranking out of several. Pure functions."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

WEIGHTS: Mapping[str, float] = {
    "dense": 0.25,
    "dense_title": 0.25,
    "sentence": 0.25,
    "lexical": 0.25,
}
"""Weight of each signal, chosen by the tables of docs/retrieval.md. They add up to 1."""


def fuse(
    signals: Mapping[str, NDArray[np.floating]], weights: Mapping[str, float]
) -> NDArray[np.float64]:
    """Weighted sum of the signals' z-scores over the candidates: shape (candidates,), as each
    signal has it.

    How far a candidate stands above the others, in standard deviations; a signal that gives all
    candidates the same says nothing.
    """
    return np.asarray(sum(weights[name] * _standardised(signals[name]) for name in signals))


def as_score(fused: float) -> float:
    """A fused value in 0..1 (logistic), for those who read scores; the order stays the same."""
    return float(1 / (1 + np.exp(-fused)))


def _standardised(values: NDArray[np.floating]) -> NDArray[np.float64]:
    values = np.asarray(values, np.float64)
    deviation = values.std()
    # Equal values differ in the last digit at most.
    return (values - values.mean()) / deviation if deviation > 1e-9 else np.zeros_like(values)
