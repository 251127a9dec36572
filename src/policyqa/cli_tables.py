"""Runs and comparisons of `policyqa eval` as tables on stdout."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from policyqa.evaluation.run_files import write_whole

# A pipe or a file is as wide as the tables.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    """Tell something beside the result, on stderr."""
    err.print(f"policyqa: {message}", markup=False)


def write_json(path: Path, value: object) -> None:
    """Write JSON whole or not at all."""
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=1).encode())


def print_report(report: Mapping[str, Any]) -> None:
    """A run: how many questions, how long it took, the metrics."""
    made = ", ".join(f"{count} {kind}" for kind, count in report["negatives"].items())
    latency = report["latency_ms"]
    searching = sum(step["median"] for step in latency.values())
    print(
        f"{report['suite']}: {report['questions']} questions (of them made negatives: {made}) "
        f"in {report['took_s']} s, {searching:.1f} ms a question (sum of the steps' medians)"
    )
    print_figures(report["metrics"])


def print_figures(metrics: Mapping[str, Any]) -> None:
    """Metrics with their intervals."""
    table = Table("metric", "value", "95% interval", "n", box=None)
    for name, figure in metrics.items():
        interval = f"{figure['low']:.3f} to {figure['high']:.3f}"
        table.add_row(name, f"{figure['value']:.3f}", interval, str(figure["n"]))
    out.print(table)


def print_differences(metrics: Mapping[str, Any]) -> None:
    """The metrics of two runs and their differences."""
    columns = ("metric", "A", "B", "B-A", "95% interval", "p (Holm)", "wins/losses/ties", "detects")
    table = Table(*columns, box=None)
    for name, row in metrics.items():
        detects = "-" if row["detectable"] is None else f"{row['detectable']:.3f}"
        table.add_row(
            name,
            f"{row['a']:.3f}",
            f"{row['b']:.3f}",
            f"{row['difference']:+.3f}",
            f"{row['low']:+.3f} to {row['high']:+.3f}",
            f"{row['p_holm']:.4f}",
            f"{row['wins']}/{row['losses']}/{row['ties']}",
            detects,
        )
    out.print(table)


def print_moved(moved: Sequence[Mapping[str, Any]]) -> None:
    """The questions whose figures differ."""
    if not moved:
        print("no question moved")
        return
    print(f"questions that moved most ({', '.join(moved[0]['a'])}):")
    table = Table("id", "A", "B", "question", box=None)
    for row in moved:
        table.add_row(
            row["id"],
            *(
                " ".join("-" if value is None else f"{value:.2f}" for value in row[run].values())
                for run in ("a", "b")
            ),
            row["question"],
        )
    out.print(table)


def print_bars(bars: Sequence[Mapping[str, Any]]) -> None:
    """The bars of a suite, with what they were held against."""
    missed = sum(not bar["passed"] for bar in bars)
    print(f"bars: {len(bars) - missed} of {len(bars)} passed")
    table = Table("", "metric", "of", "value", "95% interval", "bar", box=None)
    for bar in bars:
        table.add_row(
            "passed" if bar["passed"] else "MISSED",
            bar["metric"],
            bar["tag"] or "all",
            f"{bar['value']:.3f}",
            f"{bar['low']:.3f} to {bar['high']:.3f}",
            f"at {'least' if bar['kind'] == 'min' else 'most'} {bar['bar']:g}",
        )
    out.print(table)


def print_changes(comparison: Mapping[str, Any]) -> None:
    """What differs between two runs: metrics, then questions."""
    for warning in comparison["warnings"]:
        say(f"warning: {warning}")
    metrics = {
        name: row for name, row in comparison["metrics"].items() if row["wins"] + row["losses"]
    }
    if metrics:
        print_differences(metrics)
    else:
        print("no metric differs")
    print_moved(comparison["moved"])
