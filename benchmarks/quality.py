"""Run the dev suites and rewrite docs/quality.md: `make bench-quality`.

Sets that are not beside the project (../shared/eval) are named in the output and left out.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policyqa.evaluation.runner import DEPTH

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "eval"
RUNS = ROOT / "runs"
PAGE = ROOT / "docs" / "quality.md"

SHOWN = (
    "nDCG@10",
    "RR@10",
    "P@1",
    "R@10",
    "R@100",
    "section hit@1",
    "answer contained@1",
    "answer contained@2",
    "evidence length@1",
    "AUROC",
    "accuracy",
    "false answers",
    "false refusals",
    "expected calibration error",
)


@dataclass(frozen=True, slots=True)
class Suite:
    """A set to run. `foreign` has the questions asked of it that it cannot answer."""

    name: str
    kind: str
    path: Path
    foreign: Path


SUITES = (
    Suite(
        "juten-shisaku-dev",
        "run",
        ROOT / "eval" / "juten-shisaku-dev.jsonl",
        SHARED / "localgovfaq-dev",
    ),
    Suite("localgovfaq-dev", "beir", SHARED / "localgovfaq-dev", SHARED / "jaquad-dev"),
    Suite("jaquad-dev", "beir", SHARED / "jaquad-dev", SHARED / "localgovfaq-dev"),
)


def main() -> None:
    RUNS.mkdir(exist_ok=True)
    policyqa("index", ROOT / "corpus", "--library", ROOT / "index")
    reports, missing = [], []
    for suite in SUITES:
        if not suite.path.exists():
            print(f"missing: {suite.name} (should lie at {suite.path})")
            missing.append(suite.name)
            continue
        target = RUNS / f"{suite.name}.json"
        foreign = ["--foreign", suite.foreign] if suite.foreign.exists() else []
        policyqa("eval", suite.kind, suite.path, "--json", target, *foreign)
        reports.append((suite.name, json.loads(target.read_text(encoding="utf-8"))))
    PAGE.write_text("\n".join(page(reports, missing)) + "\n", encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


def policyqa(*arguments: object) -> None:
    command = [sys.executable, "-m", "policyqa", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=ROOT)


def page(reports: list[tuple[str, dict[str, Any]]], missing: list[str]) -> Iterator[str]:
    yield "# Quality today"
    yield ""
    yield "Written by `make bench-quality`; values with 95% bootstrap intervals."
    if missing:
        yield f"Not measured, because the data was not there: {', '.join(missing)}."
    yield ""
    yield "| metric | " + " | ".join(name for name, _ in reports) + " |"
    yield "|---" * (len(reports) + 1) + "|"
    for metric in SHOWN:
        cells = [figure(report["metrics"].get(metric)) for _, report in reports]
        if any(cells):
            yield f"| {metric} | " + " | ".join(cells) + " |"
    yield "| questions | " + " | ".join(questions(report) for _, report in reports) + " |"
    yield "| median ms a question | " + " | ".join(took(report) for _, report in reports) + " |"
    yield "| seconds in all | " + " | ".join(str(report["took_s"]) for _, report in reports) + " |"
    yield ""
    yield "Left out: a question asked again with its gold document taken out of the library (BEIR"
    yield "sets: with all rows of the same title). Foreign: a question of another set. Milliseconds"
    yield f"are the sum of the steps' medians, {DEPTH} passages deep."
    yield ""
    settings = reports[0][1]["settings"]
    yield f"Settings: `{json.dumps(settings, ensure_ascii=False)}`"


def figure(value: dict[str, float] | None) -> str:
    if value is None:
        return ""
    return f"{value['value']:.3f} ({value['low']:.3f}–{value['high']:.3f})"


def questions(report: dict[str, Any]) -> str:
    made = report["negatives"]
    asked = report["questions"] - sum(made.values())
    return f"{asked} + " + " + ".join(f"{count} {kind}" for kind, count in made.items())


def took(report: dict[str, Any]) -> str:
    return f"{sum(step['median'] for step in report['latency_ms'].values()):.1f}"


if __name__ == "__main__":
    main()
