"""Fusion, near-duplicates: pure functions."""

import numpy as np
import pytest

from policyqa.duplicates import fingerprint, nearly_same
from policyqa.search.fusion import WEIGHTS, as_score, fuse


def test_the_weights_add_up_to_one():
    assert sum(WEIGHTS.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("signals", "weights", "expected"),
    [
        # Standard deviations from the mean: (1, 2, 3) stand at -1.2247, 0, 1.2247.
        ({"a": [1, 2, 3]}, {"a": 1.0}, [-1.2247, 0, 1.2247]),
        # The scale of a signal makes no difference.
        ({"a": [10, 20, 30], "b": [0.3, 0.2, 0.1]}, {"a": 0.5, "b": 0.5}, [0, 0, 0]),
        ({"a": [1, 2, 3], "b": [3, 2, 1]}, {"a": 0.75, "b": 0.25}, [-0.6124, 0, 0.6124]),
        # A signal that says the same of all says nothing.
        ({"a": [1, 2, 3], "b": [0, 0, 0]}, {"a": 0.5, "b": 0.5}, [-0.6124, 0, 0.6124]),
        ({"a": [0.1 + 0.2, 0.3]}, {"a": 1.0}, [0, 0]),
        ({"a": [5]}, {"a": 1.0}, [0]),
    ],
)
def test_fuse(signals, weights, expected):
    arrays = {name: np.array(values) for name, values in signals.items()}
    assert fuse(arrays, weights) == pytest.approx(expected, abs=1e-4)


def test_a_score_keeps_the_order():
    scores = [as_score(value) for value in (-3, -0.5, 0, 0.5, 3)]
    assert scores == sorted(scores)
    assert scores[2] == 0.5
    assert 0 < scores[0] < scores[-1] < 1


LONG = (
    "地方公共団体は、条例で定めるところにより、広域連携の推進に関する基本的な計画を定めるよう"
    "努めなければならない。国は、前項の計画が円滑に実施されるよう、情報の提供、助言その他の"
    "必要な支援を行い、毎年その実施の状況を取りまとめて公表するものとする。"
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (LONG, LONG, True),
        (LONG, LONG.replace("、", "、\n　"), True),
        ("令和４年度に選定した地域", "令和四年度に選定した地域", True),
        ("ＤＸの推進", "DXの推進", True),
        (LONG, LONG + "以上である。", True),
        # Other numbers say something else, however alike the rest is.
        (f"{LONG}令和４年度。", f"{LONG}令和５年度。", False),
        (LONG, LONG[:30], False),
        (LONG, "国は、予算の範囲内で補助することができる。", False),
        ("短い", "短い", True),
        ("短い", "長い", False),
    ],
)
def test_nearly_same(one, other, same):
    assert nearly_same(fingerprint(one), fingerprint(other)) is same
    assert nearly_same(fingerprint(other), fingerprint(one)) is same
