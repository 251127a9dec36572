"""Comparing two runs: the test holds its level, and unlike runs are refused."""

import json
import math

import numpy as np
import pytest

from policyqa.errors import EvaluationError
from policyqa.evaluation.compare import (
    compare,
    detectable,
    differences,
    holm,
    randomisation_test,
)


def row(id, rank=1, **changes):
    """An answerable question whose one relevant target stands at `rank`."""
    ranking = [[f"d{place}", 1 / place] for place in range(1, 12)]
    return {
        "id": id,
        "question": f"{id}とは",
        "answerable": True,
        "tags": [],
        "gains": {f"d{rank}": 1},
        "ranking": ranking,
        "section_hit": None,
        "page_hit": None,
        "answers": ["答"],
        "evidence": ["答"],
        "found": True,
        "probability": 0.9,
    } | changes


def run(rows, **changes):
    return {"suite": "suite.jsonl", "corpus": "sha256:1", "per_question": rows} | changes


def answer_at(id, rank, **changes):
    """The same gold, found at `rank`."""
    ranking = [[f"x{place}", 1 / place] for place in range(1, rank)] + [["gold", 0.01]]
    return row(id, gains={"gold": 1}, ranking=ranking, **changes)


def test_differences_are_paired_by_id():
    a = run([answer_at("q1", 2), answer_at("q2", 1), answer_at("q3", 5)])
    b = run([answer_at("q3", 5), answer_at("q2", 4), answer_at("q1", 1)])
    found = compare(a, b)
    reciprocal = found["metrics"]["RR@10"]
    assert reciprocal["a"] == pytest.approx((1 / 2 + 1 + 1 / 5) / 3)
    assert reciprocal["b"] == pytest.approx((1 + 1 / 4 + 1 / 5) / 3)
    assert reciprocal["difference"] == pytest.approx((1 / 2 - 3 / 4) / 3)
    assert reciprocal["low"] <= reciprocal["difference"] <= reciprocal["high"]
    assert [reciprocal[key] for key in ("wins", "losses", "ties", "n")] == [1, 1, 1, 3]
    assert found["questions"] == 3
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_lower_is_better_for_errors_and_lengths():
    a = run([row("q1", found=False), row("q2", evidence=["答である"])])
    b = run([row("q1", found=True), row("q2", evidence=["答"])])
    metrics = compare(a, b)["metrics"]
    assert metrics["false refusals"]["difference"] == -0.5
    for name in ("false refusals", "evidence length@1"):
        assert (metrics[name]["wins"], metrics[name]["losses"]) == (1, 0), name


def test_length_is_compared_where_both_have_evidence():
    a = run([row("q1", evidence=[]), row("q2", evidence=["答である"])])
    b = run([row("q1", evidence=["長い長い答"]), row("q2")])
    length = compare(a, b)["metrics"]["evidence length@1"]
    assert (length["n"], length["a"], length["b"]) == (1, 4.0, 1.0)


def test_the_same_run_twice():
    found = compare(run([row("q1"), row("q2")]), run([row("q1"), row("q2")]))
    assert found["moved"] == found["warnings"] == []
    for metric in found["metrics"].values():
        assert (metric["difference"], metric["p"], metric["p_holm"]) == (0.0, 1.0, 1.0)
        assert metric["detectable"] is None
        assert metric["ties"] == metric["n"]


@pytest.mark.parametrize(
    ("ids_a", "ids_b", "says"),
    [
        ("1 2", "2", "1 only in A (1)"),
        ("1", "1 2 3", "2 only in B (2, 3)"),
        ("1 2 3 4 5", "1", "4 only in A (2, 3, 4, …)"),
        ("1", "2", "1 only in A (1); 1 only in B (2)"),
    ],
)
def test_other_questions_are_refused(ids_a, ids_b, says):
    runs = [run([row(id) for id in ids.split()]) for ids in (ids_a, ids_b)]
    with pytest.raises(EvaluationError) as error:
        compare(*runs)
    assert str(error.value) == f"the runs asked different questions: {says}; run both on one suite"


def test_another_text_is_refused():
    with pytest.raises(EvaluationError, match=r"1 with another text \(q2\)"):
        compare(run([row("q1"), row("q2")]), run([row("q1"), row("q2", question="別")]))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({}, "run B has no per_question rows"),
        (run([]), "run B has no per_question rows"),
        (run([row("q1"), row("q1")]), "run B has a question id twice"),
        (run([{"id": "q1", "question": "問"}]), "the rows of run B lack answerable, answers, "),
    ],
)
def test_no_run_file(broken, says):
    with pytest.raises(EvaluationError, match=says):
        compare(run([row("q1")]), broken)


def test_warnings():
    a, b = run([row("q1")]), run([row("q1", answers=["別"])], corpus="sha256:2")
    corpus, gold = compare(a, b)["warnings"]
    assert "sha256:1 and sha256:2" in corpus
    assert gold == "the gold differs for 1 of 1 questions (q1)"


def test_most_moved_first():
    ranks = {"still": (1, 1), "little": (3, 2), "much": (1, 9), "up": (2, 1)}
    a = [answer_at(id, rank) for id, (rank, _) in ranks.items()]
    b = [answer_at(id, rank) for id, (_, rank) in ranks.items()]
    a.append(answer_at("words", 1))
    b.append(answer_at("words", 1, evidence=["答え"]))
    a.append(answer_at("lost", 1))
    b.append(answer_at("lost", 1, found=False))
    moved = compare(run(a), run(b))["moved"]
    assert [question["id"] for question in moved] == ["lost", "much", "up", "little", "words"]
    assert moved[1]["question"] == "muchとは"
    assert moved[1]["a"] == {"accuracy": 1.0, "nDCG@10": 1.0, "answer F1@1": 1.0}
    assert moved[1]["b"]["nDCG@10"] == pytest.approx(1 / math.log2(10))
    assert moved[4]["b"]["answer F1@1"] == pytest.approx(2 / 3)


def test_at_most_twenty_moved_and_no_answer_is_none():
    a = [answer_at(f"q{i}", 1, answers=[]) for i in range(30)]
    b = [answer_at(f"q{i}", 2, answers=[]) for i in range(30)]
    moved = compare(run(a), run(b))["moved"]
    assert [question["id"] for question in moved] == [f"q{i}" for i in range(20)]
    assert moved[0]["a"]["answer F1@1"] is None


def test_false_positives_are_as_rare_as_alpha_says():
    """400 pairs of runs without a difference: each a metric, so that one call tests them all."""
    rng = np.random.default_rng(1)
    hits = rng.random((400, 2, 200)) < 0.6
    null = {str(i): pair[1].astype(float) - pair[0] for i, pair in enumerate(hits)}
    rejected = sum(p <= 0.05 for p in randomisation_test(null).values())
    # Binomial(400, 0.05): mean 20, standard deviation 4.4. Flips of few distinct sums reject a
    # little less often than 0.05, never more.
    assert 5 <= rejected <= 33


def test_a_real_difference_is_found():
    rng = np.random.default_rng(2)
    sample = rng.normal(0, 1, 200)
    smallest = detectable(sample)
    shifted = rng.normal(smallest, 1, (400, 200))
    p = randomisation_test({str(i): values for i, values in enumerate(shifted)})
    power = sum(value <= 0.05 for value in p.values()) / 400
    assert power == pytest.approx(0.8, abs=0.1)


def test_p_value_by_hand():
    # Of the 8 ways to flip three equal differences, two are as far from zero.
    p = randomisation_test({"x": np.array([0.1, 0.1, 0.1]), "y": np.array([0.1, np.nan, 0.0])})
    assert p["x"] == pytest.approx(0.25, abs=0.02)
    assert p["y"] == 1.0


def test_p_value_is_never_zero():
    p = randomisation_test({"x": np.ones(100)})
    assert p["x"] == pytest.approx(1 / 10_001)


def test_p_value_does_not_hang_on_the_last_bits():
    whole = np.random.default_rng(5).integers(-3, 5, 30)
    p = randomisation_test({"whole": whole.astype(float), "tenths": whole / 10})
    assert p["whole"] == p["tenths"]


def test_p_value_equals_scipys():
    from scipy.stats import permutation_test

    sample = np.random.default_rng(3).normal(0.4, 1, 12)
    exact = permutation_test((sample,), np.mean, permutation_type="samples", n_resamples=np.inf)
    # Four standard errors of a share of 10,000.
    error = 4 * math.sqrt(exact.pvalue * (1 - exact.pvalue) / 10_000)
    assert randomisation_test({"x": sample})["x"] == pytest.approx(exact.pvalue, abs=error)


@pytest.mark.parametrize(
    ("p", "corrected"),
    [
        ([], []),
        ([0.03], [0.03]),
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.02, 0.02, 0.02], [0.06, 0.06, 0.06]),
        ([0.6, 0.9, 0.7], [1.0, 1.0, 1.0]),
    ],
)
def test_holm(p, corrected):
    keys = [str(index) for index in range(len(p))]
    found = holm(dict(zip(keys, p, strict=True)))
    assert list(found) == keys
    assert list(found.values()) == pytest.approx(corrected)


def test_detectable_difference():
    sample = np.array([1.0, -1.0] * 50)
    sd = math.sqrt(100 / 99)
    assert detectable(sample) == pytest.approx((1.959964 + 0.841621) * sd / 10, rel=1e-6)
    assert detectable(np.array([1.0])) is None
    assert detectable(np.zeros(5)) is None


def test_interval_of_a_difference_is_the_normals():
    rng = np.random.default_rng(4)
    a, b = rng.random(1000), rng.random(1000)
    found = differences({"x": a}, {"x": b})["x"]
    half = 1.96 * (b - a).std() / math.sqrt(1000)
    assert found["low"] == pytest.approx((b - a).mean() - half, abs=half / 8)
    assert found["high"] == pytest.approx((b - a).mean() + half, abs=half / 8)
