"""Fit the weights of evidence and of "found": `make tune`, or

.venv/bin/python benchmarks/fitting.py [EVERY]

Asks every EVERYth question (4) of the BEIR dev sets beside the project, each also with its gold
documents left out, and the questions of the other set. Prints what goes into evidence.py and
answering.py, and the tables of docs/retrieval.md; writes the calibration curve there.
"""

import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from policyqa import indexing
from policyqa.answering import READ_PASSAGES, found_features
from policyqa.evaluation import runner
from policyqa.evaluation.beir import BeirSet, library_folder, read_beir
from policyqa.evidence import LONGEST_EVIDENCE, WEIGHTS, candidates, evidence
from policyqa.library import Library
from policyqa.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "eval"
SETS = ("localgovfaq-dev", "jaquad-dev")
CURVE = ROOT / "docs" / "images" / "found-calibration.svg"
FOLDS = 5
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
KINDS = ("answerable", runner.LEFT_OUT, runner.FOREIGN)

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A question as asked. `group` is the document its answer is in; `sentences` has a row of
    features for each sentence read, `holds` whether it holds an answer, as shown."""

    suite: str
    kind: str
    group: str
    found: list[float]
    sentences: Matrix
    holds: NDArray[np.bool_]


def main() -> None:
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    data = {name: read_beir(SHARED / name) for name in SETS}
    rows = [row for name in SETS for row in ask(name, data, every)]
    fit_evidence([row for row in rows if row.holds.any() and row.kind == KINDS[0]])
    fit_found(rows)


# --- asking ---


def ask(name: str, data: dict[str, BeirSet], every: int) -> Iterator[Row]:
    settings = load_settings()
    target = library_folder(SHARED / name)
    indexing.build_documents(
        data[name].documents,
        target,
        settings.encoder_choice,
        chunk_tokens=settings.chunk_tokens,
    )
    library = Library.open(target, settings.encoder_choice)
    # Questions of a document stand together: every one of a small set, some of a large one.
    step = every if len(data[name].questions) > 1000 else 1
    own = runner.beir(data[name])[::step]
    other = next(folder for folder in SETS if folder != name)
    asked = [
        *own,
        *runner.left_out_of_beir(own, data[name]),
        *runner.foreign(SHARED / other)[:: every if step == 1 else 1],
    ]
    for number, item in enumerate(asked, start=1):
        yield _row(name, item, data[name], library)
        if number % 500 == 0:
            print(f"{name}: {number} of {len(asked)} asked", file=sys.stderr)
    library.close()


def _row(name: str, item: runner.Asked, data: BeirSet, library: Library) -> Row:
    question = item.question
    result = library.search(question.text, 10, item.without)
    found = candidates(result.passages[:READ_PASSAGES], question.text)
    identity = question.id.split("/")[0]
    gold = max(data.gains.get(identity, {question.text: 1}).items(), key=lambda gain: gain[1])[0]
    holds = [
        any(answer in evidence(one, question.text).text for answer in question.answers)
        for one in found
    ]
    return Row(
        name,
        question.tags[0] if item.question.tags[:1] in (KINDS[1:2], KINDS[2:]) else KINDS[0],
        data.titles.get(gold, gold),
        list(found_features(result, found).values()),
        np.array([list(one.features.values()) for one in found], np.float64),
        np.array(holds, np.bool_),
    )


# --- evidence ---


def fit_evidence(rows: Sequence[Row]) -> None:
    """Weights under which a sentence that holds the answer comes first (softmax likelihood)."""
    names = list(WEIGHTS)
    every = list(range(len(names)))
    print(f"\nevidence: {len(rows)} questions whose answer is in a sentence read, of at most")
    print(f"{LONGEST_EVIDENCE} characters; {FOLDS} folds by document\n")
    print("| features | holds the answer: first | one of the first two |")
    print("|---|---|---|")
    for left_out in [None, *every]:
        used = [number for number in every if number != left_out]
        first, second = _cross_validated(rows, used)
        label = "all" if left_out is None else f"without {names[left_out]}"
        print(f"| {label} | {first:.3f} | {second:.3f} |")
    weights = _softmax_fit(rows, every)
    print("\nWEIGHTS =", {name: round(float(w), 2) for name, w in zip(names, weights, strict=True)})


def _cross_validated(rows: Sequence[Row], used: list[int]) -> tuple[float, float]:
    first = second = 0
    for fold in range(FOLDS):
        weights = _softmax_fit([row for row in rows if _fold(row) != fold], used)
        for row in rows:
            if _fold(row) == fold:
                order = np.argsort(-(row.sentences[:, used] @ weights), kind="stable")
                first += bool(row.holds[order[0]])
                second += bool(row.holds[order[:2]].any())
    return first / len(rows), second / len(rows)


def _softmax_fit(rows: Sequence[Row], used: list[int]) -> Matrix:
    def loss(weights: Matrix) -> tuple[float, Matrix]:
        value, gradient = 0.0, np.zeros(len(used))
        for row in rows:
            features = row.sentences[:, used]
            scores = features @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            held = shares * row.holds
            value -= np.log(held.sum() + 1e-12)
            gradient -= features.T @ (held / (held.sum() + 1e-12) - shares)
        # So little that it only keeps a useless weight from growing.
        return value / len(rows) + 1e-4 * weights @ weights, gradient / len(rows) + 2e-4 * weights

    return np.asarray(minimize(loss, np.zeros(len(used)), jac=True, method="L-BFGS-B").x)


def _fold(row: Row) -> int:
    return zlib.crc32(row.group.encode()) % FOLDS


# --- found ---


def fit_found(rows: Sequence[Row]) -> None:
    """A logistic regression on half of the documents, reported on the other half."""
    names = ("sentence", "passage", "words", "rise")
    features = np.array([row.found for row in rows])
    positive = np.array([row.kind == KINDS[0] for row in rows])
    fitted = np.array([zlib.crc32(f"half {row.group}".encode()) % 2 == 0 for row in rows])
    importance = _importance(rows)
    weights, bias = _logistic_fit(features[fitted], positive[fitted], importance[fitted])
    print("\nFOUND_WEIGHTS =", dict(zip(names, np.round(weights, 2).tolist(), strict=True)))
    print("FOUND_BIAS =", round(float(bias), 2))
    probability = 1 / (1 + np.exp(-(features @ weights + bias)))
    _thresholds(rows, probability, fitted)
    _curve(probability[~fitted], positive[~fitted], importance[~fitted])


def _thresholds(rows: Sequence[Row], probability: Matrix, fitted: NDArray[np.bool_]) -> None:
    """Print what each threshold does to the documents that were not fitted on."""
    suites = np.array([row.suite for row in rows])
    kinds = np.array([row.kind for row in rows])
    for name in SETS:
        of = {kind: probability[~fitted & (suites == name) & (kinds == kind)] for kind in KINDS}
        aurocs = ", ".join(f"{kind} {_auroc(of[KINDS[0]], of[kind]):.3f}" for kind in KINDS[1:])
        print(f"\n{name}, the other half. AUROC: {aurocs}\n")
        print("| threshold | false refusals | false answers: left out | foreign |")
        print("|---|---|---|---|")
        for threshold in THRESHOLDS:
            refused = np.mean(of[KINDS[0]] < threshold)
            left_out, foreign = (np.mean(of[kind] >= threshold) for kind in KINDS[1:])
            print(f"| {threshold:.2f} | {refused:.3f} | {left_out:.3f} | {foreign:.3f} |")


def _importance(rows: Sequence[Row]) -> Matrix:
    """Each set, and in it answerable and not, counts alike; so do the kinds of negatives."""
    keys = [(row.suite, row.kind) for row in rows]
    counts = {key: keys.count(key) for key in set(keys)}
    share = {KINDS[0]: 2.0, KINDS[1]: 1.0, KINDS[2]: 1.0}
    return np.array([share[kind] / counts[(suite, kind)] for suite, kind in keys])


def _logistic_fit(features: Matrix, positive: Matrix, importance: Matrix) -> tuple[Matrix, float]:
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    scaled = np.column_stack([(features - mean) / deviation, np.ones(len(features))])
    share = importance / importance.sum()
    sign = np.where(positive, 1.0, -1.0)

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        margin = sign * (scaled @ weights)
        value = share @ np.logaddexp(0, -margin)
        return value, -scaled.T @ (share * sign / (1 + np.exp(margin)))

    found = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B").x
    weights = found[:-1] / deviation
    return weights, float(found[-1] - weights @ mean)


def _auroc(positive: Matrix, negative: Matrix) -> float:
    order = np.sort(negative)
    below = np.searchsorted(order, positive, "left") + np.searchsorted(order, positive, "right")
    return float(below.mean() / 2 / len(negative))


def _curve(probability: Matrix, positive: Matrix, importance: Matrix) -> None:
    """Print the reliability table (ten bins) and draw it."""
    bins = np.minimum((probability * 10).astype(int), 9)
    print("\n| probability | questions | mean | answerable (each set and kind alike) |")
    print("|---|---|---|---|")
    points = []
    for number in range(10):
        of = bins == number
        if of.any():
            mean = np.average(probability[of], weights=importance[of])
            share = np.average(positive[of], weights=importance[of])
            points.append((float(mean), float(share)))
            edges = f"{number / 10:.1f}–{(number + 1) / 10:.1f}"
            print(f"| {edges} | {of.sum()} | {mean:.2f} | {share:.2f} |")
    CURVE.parent.mkdir(exist_ok=True)
    CURVE.write_text(_svg(points), encoding="utf-8")
    print(f"\nwrote {CURVE.relative_to(ROOT)}")


def _svg(points: Sequence[tuple[float, float]]) -> str:
    def at(x: float, y: float) -> str:
        return f"{50 + 300 * x:.1f},{330 - 300 * y:.1f}"

    dots = "".join(
        f'<circle cx="{at(*point).split(",")[0]}" cy="{at(*point).split(",")[1]}" r="4"/>'
        for point in points
    )
    ticks = "".join(
        f'<text x="{50 + 300 * tick:.0f}" y="348" text-anchor="middle">{tick:.1f}</text>'
        f'<text x="44" y="{334 - 300 * tick:.0f}" text-anchor="end">{tick:.1f}</text>'
        for tick in (0, 0.2, 0.4, 0.6, 0.8, 1)
    )
    line = " ".join(at(*point) for point in points)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 370 375" font-family="sans-serif" '
        'font-size="11"><rect width="370" height="375" fill="#fff"/>'
        '<rect x="50" y="30" width="300" height="300" fill="none" stroke="#999"/>'
        '<path d="M50 330L350 30" stroke="#bbb" stroke-dasharray="4"/>'
        f'<polyline points="{line}" fill="none" stroke="#0017c1" stroke-width="2"/>'
        f'<g fill="#0017c1">{dots}</g>{ticks}'
        '<text x="200" y="368" text-anchor="middle">probability given</text>'
        '<text x="50" y="20">share of answerable questions</text></svg>\n'
    )


if __name__ == "__main__":
    main()
