"""One ranking out of several. Pure functions."""

from collections.abc import Mapping, Sequence

from policyqa.search import Hit

WEIGHTS: Mapping[str, float] = {
    "dense": 0.35,
    "dense_title": 0.15,
    "lexical": 0.35,
    "lexical_title": 0.15,
}
"""Weight of each signal. They add up to 1, so a fused score is in 0..1."""


def fuse(signals: Mapping[str, Sequence[Hit]], weights: Mapping[str, float]) -> list[Hit]:
    """Weighted sum of the signals' scores, each scaled to 0..1 over its own hits (min-max).

    A row that a signal did not return gets 0 from it; a signal whose scores are all equal gives 1.
    Best first, ties by row.
    """
    fused: dict[int, float] = {}
    for name, hits in signals.items():
        if not hits:
            continue
        scores = [score for _, score in hits]
        low, high = min(scores), max(scores)
        for row, score in hits:
            scaled = (score - low) / (high - low) if high > low else 1.0
            fused[row] = fused.get(row, 0.0) + weights[name] * scaled
    return sorted(fused.items(), key=lambda hit: (-hit[1], hit[0]))
