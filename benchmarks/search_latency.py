"""How long `Library.search` and `answer` take in process, by step, on the built library.

.venv/bin/python benchmarks/search_latency.py [LIBRARY] [QUESTIONS.jsonl]
"""

import json
import os
import sys
import time
from pathlib import Path
from statistics import median

from policyqa.answering import answer
from policyqa.library import Library
from policyqa.settings import load_settings

ROUNDS = 10


def main() -> None:
    settings = load_settings()
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else settings.library
    suite = Path(sys.argv[2] if len(sys.argv) > 2 else "eval/juten-shisaku-dev.jsonl")
    questions = [json.loads(line)["question"] for line in suite.read_text().splitlines()]
    library = Library.open(folder, settings.encoder_choice)
    library.search(questions[0])  # the first one warms up
    searches, answers = [], []
    for question in questions * ROUNDS:
        result = library.search(question)
        began = time.perf_counter()
        answer(result)
        searches.append(result)
        answers.append((time.perf_counter() - began) * 1000)
    took = median(result.took_ms for result in searches)
    print(f"{len(searches)} searches on {os.cpu_count()} cores, median ms (share of search)")
    for step in searches[0].steps:
        value = median(result.steps[step] for result in searches)
        print(f"  {step:<8} {value:8.2f}  {value / took:6.2f}")
    print(f"  {'search':<8} {took:8.2f}  {1:6.2f}")
    print(f"  {'answer':<8} {median(answers):8.2f}  {median(answers) / took:6.2f}")


if __name__ == "__main__":
    main()
