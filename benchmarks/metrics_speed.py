"""Seconds for all metrics with intervals, overall and per tag: 4,000 questions x 100 results.

    python benchmarks/metrics_speed.py [questions]

The bar is 5 seconds on two cores.
"""

import random
import sys
import time

from policyqa.evaluation.metrics import Row, measure, measure_by_tag, per_question

_SIGNS = (
    "地方公共団体は、行政手続法に基づき令和７年度の重点的施策を定め、第５条第２項の基準を公にする。"
)


def _text(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(_SIGNS, k=length))


def _row(rng: random.Random, index: int) -> Row:
    answerable = rng.random() < 0.8
    targets = rng.sample(range(50_000), 100)
    scores = sorted((rng.random() for _ in targets), reverse=True)
    relevant = rng.sample(targets, 2) + [rng.randrange(50_000)] if answerable else []
    return {
        "id": f"q{index}",
        "question": _text(rng, 30),
        "answerable": answerable,
        "tags": [rng.choice(["表", "本文", "別表", "定義"]), rng.choice(["法令", "白書", "FAQ"])],
        "gains": {f"d{target}": rng.randint(1, 3) for target in relevant},
        "ranking": [(f"d{target}", score) for target, score in zip(targets, scores, strict=True)],
        "section_hit": [rng.random() < 0.1 for _ in targets],
        "page_hit": [rng.random() < 0.1 for _ in targets] if rng.random() < 0.5 else None,
        "answers": [_text(rng, 12) for _ in range(2)],
        "evidence": [_text(rng, 60) for _ in range(3)],
        "found": rng.random() < 0.7,
        "probability": rng.random(),
    }


def main(questions: int) -> None:
    rng = random.Random(1)
    rows = [_row(rng, index) for index in range(questions)]
    start = time.perf_counter()
    values = per_question(rows)
    scored = time.perf_counter()
    overall = measure(rows, values)
    measured = time.perf_counter()
    tags = measure_by_tag(rows, values)
    end = time.perf_counter()
    print(f"{questions} questions x 100 results, {len(overall)} metrics, {len(tags)} tags")
    print(f"per question {scored - start:6.2f} s")
    print(f"overall      {measured - scored:6.2f} s")
    print(f"per tag      {end - measured:6.2f} s")
    print(f"together     {end - start:6.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
