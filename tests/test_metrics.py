"""Metrics against trec_eval and closed forms."""

import math
import random

import numpy as np
import pytest
import pytrec_eval

from policyqa.evaluation import metrics
from policyqa.evaluation.metrics import measure, measure_by_tag, per_question

TREC_NAMES = {
    "nDCG@10": "ndcg_cut_10",
    "P@1": "P_1",
    "R@10": "recall_10",
    "R@100": "recall_100",
    "AP": "map",
}


def row(index=0, **changes):
    """A row with nothing in it but what is given."""
    return {
        "id": f"q{index}",
        "question": f"質問{index}",
        "answerable": True,
        "tags": [],
        "gains": {},
        "ranking": [],
        "section_hit": None,
        "page_hit": None,
        "answers": [],
        "evidence": [],
        "found": True,
        "probability": 0.5,
    } | changes


def random_rows(seed, questions=200, score=random.Random.random):
    """Rankings of up to 100 of 300 targets with Japanese ids; some are empty, some gains are 0."""
    rng = random.Random(seed)
    rows = []
    for index in range(questions):
        targets = [f"第{target}条" for target in rng.sample(range(300), rng.choice([0, 3, 100]))]
        ranking = sorted(((target, score(rng)) for target in targets), key=lambda pair: -pair[1])
        gains = {f"第{target}条": rng.randint(0, 3) for target in rng.sample(range(300), 20)}
        rows.append(row(index, ranking=ranking, gains=gains))
    return rows


def trec_eval(rows):
    """Per question, straight from pytrec_eval."""
    qrels = {row["id"]: row["gains"] for row in rows}
    run = {row["id"]: dict(row["ranking"]) for row in rows}
    asked = {*TREC_NAMES.values(), "recip_rank"}
    return pytrec_eval.RelevanceEvaluator(qrels, asked).evaluate(run)


SCORES = {
    "distinct": random.Random.random,
    "ties": lambda rng: float(rng.randint(0, 4)),
    "equal in single precision only": lambda rng: 1 + rng.randint(0, 9) * 1e-9,
    "whole numbers": lambda rng: rng.randint(0, 1000),
}


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES.keys())
def test_equals_trec_eval(score):
    rows = random_rows(1, score=score)
    values = per_question(rows)
    theirs = trec_eval([r | {"ranking": [(t, float(s)) for t, s in r["ranking"]]} for r in rows])
    for name, trec_name in TREC_NAMES.items():
        expected = [theirs[row["id"]][trec_name] for row in rows]
        assert values[name] == pytest.approx(expected, abs=1e-12), name
    cut = [value if value > 0.0999 else 0.0 for value in _column(theirs, rows, "recip_rank")]
    assert values["RR@10"] == pytest.approx(cut, abs=1e-12)


def _column(theirs, rows, name):
    return [theirs[row["id"]][name] for row in rows]


def test_ties_go_to_the_last_id_whatever_the_order_of_the_row():
    ranking = [("a", 1.0), ("b", 1.0), ("c", 1.0)]
    rows = [row(gains={"b": 1}, ranking=order) for order in (ranking, ranking[::-1])]
    values = per_question(rows)
    assert values["RR@10"].tolist() == [0.5, 0.5]
    assert values["P@1"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("rank", "value"), [(1, 1.0), (9, 1 / 9), (10, 0.1), (11, 0.0)])
def test_reciprocal_rank_stops_after_ten(rank, value):
    ranking = [(f"d{place}", 1 / place) for place in range(1, 20)]
    values = per_question([row(gains={f"d{rank}": 1}, ranking=ranking)])
    assert values["RR@10"][0] == pytest.approx(value)


def test_gains_are_linear():
    values = per_question([row(gains={"a": 1, "b": 3}, ranking=[("a", 2.0), ("b", 1.0)])])
    gained, ideal = 1 + 3 / math.log2(3), 3 + 1 / math.log2(3)
    assert values["nDCG@10"][0] == pytest.approx(gained / ideal)


def test_no_result_counts_as_zero_and_unanswerable_not_at_all():
    found = row(0, gains={"a": 1}, ranking=[("a", 1.0)], section_hit=[True], page_hit=[True])
    found |= {"answers": ["答"], "evidence": ["答"]}
    missing = row(1, gains={"a": 1}, section_hit=[], page_hit=[], answers=["答"])
    impossible = row(2, answerable=False, ranking=[("a", 1.0)], section_hit=[False])
    figures = measure([found, missing, impossible])
    means = {name: (figure["value"], figure["n"]) for name, figure in figures.items()}
    for name in (*metrics._MEASURES, *metrics._HITS, *metrics._ANSWERS):
        assert means[name] == (0.5, 2), name
    assert means["evidence length@1"] == (1.0, 1)


def test_answerable_question_without_gains_counts_as_zero():
    values = per_question([row(ranking=[("a", 1.0)]), row(gains={"a": 0}, ranking=[("a", 1.0)])])
    assert values["nDCG@10"].tolist() == values["AP"].tolist() == [0.0, 0.0]


def test_nothing_to_measure():
    assert measure([]) == {}
    assert measure_by_tag([]) == {}
    only_unanswerable = measure([row(answerable=False, found=False)])
    assert {name: figure["value"] for name, figure in only_unanswerable.items()} == {
        "accuracy": 1.0,
        "false answers": 0.0,
    }


RANKED = {"ranking": [("a", 1.0)]}


@pytest.mark.parametrize(
    ("changes", "values"),
    [
        ({**RANKED, "section_hit": [False, True]}, [0.0, 1.0, None, None]),
        ({**RANKED, "section_hit": [False, False, False, True]}, [0.0, 0.0, None, None]),
        ({**RANKED, "section_hit": [True], "page_hit": [False]}, [1.0, 1.0, 0.0, 0.0]),
        ({**RANKED, "section_hit": []}, [None, None, None, None]),
        ({**RANKED, "section_hit": None, "page_hit": [True]}, [None, None, 1.0, 1.0]),
        ({"section_hit": [], "page_hit": []}, [0.0, 0.0, 0.0, 0.0]),
        ({"section_hit": None}, [None, None, None, None]),
    ],
)
def test_hits(changes, values):
    assert _row_values(row(**changes), metrics._HITS) == values


def _row_values(question, names):
    values = per_question([question])
    return [None if math.isnan(values[name][0]) else values[name][0] for name in names]


@pytest.mark.parametrize(
    ("sentence", "answer", "contained", "exact", "f1"),
    [
        ("申請は３０日以内に行う。", "30日以内", 1, 0, 2 * 5 / (12 + 5)),
        ("３０日以内", "30日 以内", 1, 1, 1),
        ("ﾃﾞｼﾞﾀﾙ庁", "デジタル庁", 1, 1, 1),
        ("ＡＩの利用", "ai", 1, 0, 2 * 2 / (5 + 2)),
        ("第五条　第二項", "第五条第二項", 1, 1, 1),
        ("第五条第二項", "第二項第五条", 0, 0, 1),
        ("市長", "市長が定める", 0, 0, 2 * 2 / (2 + 6)),
        ("ああい", "ああああ", 0, 0, 2 * 2 / (3 + 4)),
        ("十月一日", "10月1日", 0, 0, 2 * 2 / (4 + 5)),
        ("できない", "まる", 0, 0, 0),
        ("", "三年", 0, 0, 0),
    ],
)
def test_answers_in_japanese(sentence, answer, contained, exact, f1):
    names = [f"answer {name}@1" for name in ("contained", "exact", "F1")]
    values = _row_values(row(answers=[answer], evidence=[sentence]), names)
    assert values == pytest.approx([contained, exact, f1])


def test_best_of_sentences_and_answers():
    question = row(answers=["三年", "3年"], evidence=["期間について", "３年", "三年である"])
    assert _row_values(question, [f"answer exact@{k}" for k in (1, 2)]) == [0.0, 1.0]
    assert _row_values(question, [f"answer F1@{k}" for k in (1, 2)]) == [0.0, 1.0]
    assert _row_values(question, metrics._LENGTHS) == [6.0, 8.0]


@pytest.mark.parametrize(
    "changes", [{"answers": []}, {"answers": ["　"]}, {"answerable": False, "answers": ["年"]}]
)
def test_answers_do_not_apply(changes):
    values = _row_values(row(evidence=["三年"], **changes), metrics._ANSWERS)
    assert values == [None] * 6


def test_found_or_not():
    kinds = [(True, True)] * 3 + [(True, False)] + [(False, True)] * 2 + [(False, False)] * 4
    figures = measure([row(i, answerable=a, found=f) for i, (a, f) in enumerate(kinds)])
    shown = {name: (figures[name]["value"], figures[name]["n"]) for name in metrics._FOUND}
    assert shown == {
        "accuracy": (0.7, 10),
        "false answers": (pytest.approx(1 / 3), 6),
        "false refusals": (0.25, 4),
    }


def _classes(positive, negative):
    kinds = [(True, p) for p in positive] + [(False, p) for p in negative]
    return [row(i, answerable=a, probability=p) for i, (a, p) in enumerate(kinds)]


@pytest.mark.parametrize("seed", range(5))
def test_auroc_equals_brute_force(seed):
    rng = np.random.default_rng(seed)
    positive = (rng.integers(2, 11, 40) / 10).tolist()
    negative = (rng.integers(0, 9, 23) / 10).tolist()
    wins = sum((p > q) + (p == q) / 2 for p in positive for q in negative)
    figure = measure(_classes(positive, negative))["AUROC"]
    assert figure["value"] == pytest.approx(wins / (40 * 23))
    assert figure["low"] <= figure["value"] <= figure["high"]
    assert figure["n"] == 63


def test_calibration_error_by_hand():
    figures = measure(_classes([0.95, 0.91, 1.0, 0.3, 0.35], [0.92, 0.31, 0.0, 0.05]))
    # Bin 0.9-1: four, mean 0.945, three answerable; 0.3-0.4: three, 0.32, two; 0-0.1: two, 0.025.
    expected = (4 * abs(0.945 - 3 / 4) + 3 * abs(0.32 - 2 / 3) + 2 * 0.025) / 9
    assert figures["expected calibration error"]["value"] == pytest.approx(expected)


def test_interval_of_calibration_error():
    # Every question is 0.05 off, whichever are drawn.
    exact = measure(_classes([0.95] * 30, [0.05] * 20))["expected calibration error"]
    assert [exact[key] for key in ("value", "low", "high")] == pytest.approx([0.05] * 3)
    # One bin: the error is |z| standard errors of a share, whose 97.5% quantile is 2.24.
    chance = measure(_classes([0.5] * 500, [0.5] * 500))["expected calibration error"]
    assert chance["value"] == 0.0
    assert chance["high"] == pytest.approx(2.24 * 0.5 / math.sqrt(1000), rel=0.12)


@pytest.mark.parametrize(
    ("probability", "place"),
    [(0.0, 0), (0.0999, 0), (0.1, 1), (0.3, 3), (0.7, 7), (0.8999, 8), (0.9, 9), (1.0, 9)],
)
def test_calibration_bins(probability, place):
    assert metrics._bins(np.array([probability])).tolist() == [place]


def test_one_kind_of_question_has_no_auroc():
    for rows in (_classes([0.1, 0.9], []), _classes([], [0.1, 0.9])):
        assert not {"AUROC", "expected calibration error"} & measure(rows).keys()


def test_one_question_of_each_kind():
    figures = measure(_classes([0.9], [0.2]))
    assert figures["AUROC"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 2}
    assert figures["false refusals"] == {"value": 0.0, "low": 0.0, "high": 0.0, "n": 1}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_interval_of_a_share_is_the_binomials(share):
    n = 2000
    values = np.zeros(n)
    values[: round(n * share)] = 1
    figure = metrics.figures({"hit": values})["hit"]
    half = 1.96 * math.sqrt(share * (1 - share) / n)
    # 1,000 resamples place a 2.5% quantile to within about 0.08 standard errors: allow three times.
    assert figure["low"] == pytest.approx(share - half, abs=half / 8)
    assert figure["high"] == pytest.approx(share + half, abs=half / 8)


def test_interval_of_a_mean_is_the_normals():
    values = np.random.default_rng(2).normal(3, 2, 1000)
    figure = metrics.figures({"length": values})["length"]
    half = 1.96 * values.std() / math.sqrt(1000)
    assert figure["low"] == pytest.approx(values.mean() - half, abs=half / 8)
    assert figure["high"] == pytest.approx(values.mean() + half, abs=half / 8)


def test_interval_covers_the_truth_as_often_as_it_says():
    draws = np.random.default_rng(3).random((300, 100)) < 0.3
    covered = 0
    for draw in draws:
        figure = metrics.figures({"hit": draw.astype(float)})["hit"]
        covered += figure["low"] <= 0.3 <= figure["high"]
    # 300 trials at 0.93 to 0.95 for this size; 0.90 is more than two standard errors below.
    assert covered / 300 >= 0.90


def test_interval_of_auroc_is_hanley_and_mcneils():
    # Exponential scores: AUROC and its variance are known (Hanley and McNeil 1982).
    rng = np.random.default_rng(4)
    positive, negative = rng.exponential(3, 800), rng.exponential(1, 600)
    top = max(positive.max(), negative.max())
    figure = measure(_classes((positive / top).tolist(), (negative / top).tolist()))["AUROC"]
    area = figure["value"]
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (area * (1 - area) + 799 * (q1 - area**2) + 599 * (q2 - area**2)) / (800 * 600)
    assert figure["high"] - figure["low"] == pytest.approx(2 * 1.96 * math.sqrt(spread), rel=0.12)


def test_interval_resamples_auroc_as_scipy_ranks_it():
    from scipy.stats import mannwhitneyu

    rng = np.random.default_rng(5)
    positive, negative = rng.integers(0, 9, (7, 30)), rng.integers(0, 7, (7, 20))
    expected = mannwhitneyu(positive, negative, axis=-1).statistic / 600
    assert metrics._auroc(positive, negative) == pytest.approx(expected)


def test_batches_do_not_matter(monkeypatch):
    rows = _classes([0.9, 0.4, 0.6], [0.2, 0.5])
    whole = measure(rows)
    monkeypatch.setattr(metrics, "_BATCH", 1)
    single = measure(rows)
    assert whole.keys() == single.keys()
    # Other draws, as two samples take turns at the generator; the same estimate.
    assert single["accuracy"] == whole["accuracy"]
    assert single["AUROC"]["value"] == whole["AUROC"]["value"]


def test_metrics_of_other_questions_do_not_mix():
    values = {
        "a": np.array([1.0, 0.0, np.nan, np.nan]),
        "b": np.array([np.nan, np.nan, 4.0, 6.0]),
        "c": np.array([np.nan] * 4),
        "d": np.array([0.0, 1.0, np.nan, np.nan]),
    }
    figures = metrics.figures(values)
    assert list(figures) == ["a", "b", "d"]
    assert [figure["value"] for figure in figures.values()] == [0.5, 5.0, 0.5]
    assert [figure["n"] for figure in figures.values()] == [2, 2, 2]


def test_same_rows_same_figures():
    rows = random_rows(6, 30)
    assert measure(rows) == measure(rows)


def test_by_tag_is_measure_of_the_tagged_rows():
    rows = random_rows(7, 30)
    for index, question in enumerate(rows):
        question["tags"] = [["表"], ["表", "法令", "法令"], []][index % 3]
    by_tag = measure_by_tag(rows)
    assert list(by_tag) == ["法令", "表"]
    assert by_tag["法令"] == measure(rows[1::3])
    assert by_tag["表"] == measure([row for row in rows if "表" in row["tags"]])
    assert measure_by_tag(rows, per_question(rows)) == by_tag
