"""Runs made from a seed, as `policyqa eval run --json` writes them: for the report's tests and its
benchmark, which need thousands of questions with long Japanese texts."""

import random
from typing import Any

from policyqa.evaluation.metrics import measure, measure_by_tag

TAGS = ("factoid", "list", "paraphrase", "数値", "期限")
SIGNALS = ("dense", "dense_title", "sentence", "lexical")
STEPS = {"lookup": 0.5, "encode": 20.0, "dense": 0.2, "lexical": 0.3, "fuse": 0.9, "fetch": 2.2}
_SUBJECTS = ("自治体", "大学", "スタートアップ", "協議会", "地方支分部局", "事業者", "研究機関")
_OBJECTS = ("計画", "交付金", "実証事業", "指針", "拠点都市", "データ連携基盤", "人材育成", "指標")
_VERBS = ("策定する", "支援する", "公表する", "見直す", "整備する", "選定する", "評価する")
_SETTINGS = {
    "encoder": "multilingual-e5-small-q4",
    "runtime": "openvino",
    "chunk_tokens": 200,
    "weights": dict.fromkeys(SIGNALS, 0.25),
}


def sentence(rng: random.Random) -> str:
    """A sentence of a plan that nobody wrote."""
    return (
        f"{rng.choice(_SUBJECTS)}は、{rng.randint(2020, 2035)}年度までに{rng.randint(2, 990)}件の"
        f"{rng.choice(_OBJECTS)}及び{rng.choice(_OBJECTS)}を{rng.choice(_VERBS)}こととし、"
        f"{rng.choice(_SUBJECTS)}と連携して{rng.choice(_OBJECTS)}の状況を{rng.choice(_VERBS)}。"
    )


def long_text(rng: random.Random, characters: int = 300) -> str:
    """Sentences, cut at so many characters."""
    text = ""
    while len(text) < characters:
        text += sentence(rng)
    return text[:characters]


def row(number: int, rng: random.Random, better: float = 0.0) -> dict[str, Any]:
    """A question, its five passages and what they are worth; `better` is added to its luck."""
    answerable = number % 4 != 3
    luck = min(1.0, rng.random() + better)
    rank = 1 if luck > 0.35 else rng.randint(2, 8)
    probability = min(0.999, (0.35 if answerable else 0.02) + 0.6 * luck * rng.random())
    asked = random.Random(number)
    evidence = [sentence(asked) for _ in range(2)]
    answer = f"{asked.randint(2, 990)}件"
    best = (0.5 if answerable else 0.35) + 0.45 * rng.random()
    ranking = [
        ["gold" if place == rank and answerable else f"place {place}", round(best / place, 4)]
        for place in range(1, 11)
    ]
    return {
        "id": f"q-{number:04}",
        "question": f"{sentence(asked)[:-1]}という目標は、どこにありますか（{number}）。",
        "answerable": answerable,
        "tags": [TAGS[number % len(TAGS)] if answerable else "left out"],
        "gains": {"gold": 1} if answerable else {},
        "ranking": ranking,
        "section_hit": [place == rank for place in range(1, 11)] if answerable else None,
        "page_hit": None,
        "answers": [answer] if answerable else [],
        "evidence": [f"{answer}。{evidence[0]}" if luck > 0.5 else evidence[0], evidence[1]],
        "found": probability >= 0.3,
        "probability": round(probability, 6),
        "citations": [f"「政策の計画」第{place}章" for place in range(1, 11)],
        "passages": [
            {
                "rank": place,
                "citation": f"「政策の計画{number % 40}」第{rng.randint(1, 9)}章第{place}節",
                "text": long_text(rng),
                "score": ranking[place - 1][1],
                "signals": {name: round(rng.random(), 4) for name in SIGNALS},
                "gold": answerable and place == rank,
            }
            for place in range(1, 6)
        ],
        "took_ms": {step: round(ms * (0.5 + rng.random()), 3) for step, ms in STEPS.items()},
    }


def run(questions: int, seed: int = 1, better: float = 0.0) -> dict[str, Any]:
    """A whole run; the same seed gives the same run."""
    rng = random.Random(seed)
    rows: list[Any] = [row(number, rng, better) for number in range(questions)]
    return {
        "suite": "eval/計画.toml",
        "questions": questions,
        "negatives": {"left out": sum(not row["answerable"] for row in rows), "foreign": 0},
        "created": "2026-11-25T15:30:00+00:00",
        "took_s": round(questions * 0.026, 1),
        "metrics": measure(rows),
        "by_tag": measure_by_tag(rows),
        "latency_ms": {step: {"median": ms, "p95": ms * 1.45} for step, ms in STEPS.items()},
        "per_question": rows,
        "settings": _SETTINGS,
        "versions": {"policyqa": "0.1.0"},
        "corpus": "sha256:1",
    }
