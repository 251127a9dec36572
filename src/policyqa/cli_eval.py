"""`policyqa eval`: run question sets, compare runs."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from policyqa import cli_report, indexing
from policyqa.evaluation.run_files import read_run, write_whole
from policyqa.library import Library
from policyqa.progress import progress_bars
from policyqa.search.fusion import WEIGHTS
from policyqa.settings import Settings, load_settings

evaluation_app = typer.Typer(help="Measure a library with question sets.", no_args_is_help=True)
evaluation_app.command("report")(cli_report.report_run)

# A pipe or a file is as wide as the tables.
_out = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the run to this file.")
]
TrecFolder = Annotated[
    Path | None, typer.Option("--trec", metavar="DIR", help="Write qrels.txt and run.txt there.")
]
ForeignSet = Annotated[
    list[Path] | None,
    typer.Option("--foreign", help="Another set, whose questions have no answer here. Repeatable."),
]


@evaluation_app.command("run")
def run_suite(
    suite: Annotated[Path, typer.Argument(help="A question set, .jsonl.")],
    library: Annotated[
        Path | None, typer.Option("--library", metavar="DIR", help="The built library's folder.")
    ] = None,
    json_file: JsonFile = None,
    trec: TrecFolder = None,
    foreign: ForeignSet = None,
) -> None:
    """Ask a question set and print the metrics."""
    from policyqa.evaluation import runner

    settings = load_settings()
    opened = Library.open(library or settings.library, settings.encoder_choice)
    asked = runner.suite(suite, opened)
    negatives = runner.left_out(asked, opened.places)
    _run(str(suite), opened, [*asked, *negatives], settings, json_file, trec, foreign)


@evaluation_app.command("beir")
def run_beir(
    folder: Annotated[Path, typer.Argument(help="corpus.jsonl, queries.jsonl, qrels/test.tsv.")],
    library: Annotated[
        Path | None,
        typer.Option("--library", metavar="DIR", help="Where to build; default: the user's cache."),
    ] = None,
    json_file: JsonFile = None,
    trec: TrecFolder = None,
    foreign: ForeignSet = None,
) -> None:
    """Build a BEIR folder's own library (reused when unchanged), ask its questions."""
    from policyqa.evaluation import runner
    from policyqa.evaluation.beir import library_folder, read_beir

    settings = load_settings()
    data = read_beir(folder)
    target = library or library_folder(folder)
    with progress_bars(_err) as progress:
        indexing.build_documents(
            data.documents,
            target,
            settings.encoder_choice,
            chunk_tokens=settings.chunk_tokens,
            progress=progress,
            say=lambda message: _err.print(f"policyqa: {message}", markup=False),
        )
    opened = Library.open(target, settings.encoder_choice)
    asked = runner.beir(data)
    negatives = runner.left_out_of_beir(asked, data)
    _run(str(folder), opened, [*asked, *negatives], settings, json_file, trec, foreign)


def _run(
    name: str,
    library: Library,
    asked: Sequence[Any],
    settings: Settings,
    json_file: Path | None,
    trec: Path | None,
    foreign: list[Path] | None,
) -> None:
    from policyqa.evaluation import runner
    from policyqa.evaluation.trec import write_trec

    others = [item for path in foreign or () for item in runner.foreign(path)]
    used = {
        "encoder": settings.encoder_choice.id,
        "runtime": settings.runtime,
        "chunk_tokens": settings.chunk_tokens,
        "weights": dict(WEIGHTS),
    }
    keep = json_file.with_name(f"{json_file.name}.partial") if json_file else None
    with progress_bars(_err) as progress:
        report = runner.run(name, [*asked, *others], library, used, keep=keep, progress=progress)
    if json_file:
        _write(json_file, report)
    if trec:
        write_trec(trec, report)
    _print_report(report)


def _print_report(report: Mapping[str, Any]) -> None:
    made = ", ".join(f"{count} {kind}" for kind, count in report["negatives"].items())
    latency = report["latency_ms"]
    searching = sum(step["median"] for step in latency.values())
    print(
        f"{report['suite']}: {report['questions']} questions (of them made negatives: {made}) "
        f"in {report['took_s']} s, {searching:.1f} ms a question (sum of the steps' medians)"
    )
    _print_figures(report["metrics"])


def _print_figures(metrics: Mapping[str, Any]) -> None:
    table = Table("metric", "value", "95% interval", "n", box=None)
    for name, figure in metrics.items():
        interval = f"{figure['low']:.3f} to {figure['high']:.3f}"
        table.add_row(name, f"{figure['value']:.3f}", interval, str(figure["n"]))
    _out.print(table)


@evaluation_app.command("trec")
def measure_trec(
    qrels: Annotated[Path, typer.Argument(help="A TREC qrels file.")],
    run: Annotated[Path, typer.Argument(help="A TREC run file.")],
) -> None:
    """Print the ranking metrics of any system's TREC run file."""
    from policyqa.evaluation.metrics import figures, per_question
    from policyqa.evaluation.trec import read_trec

    values = per_question(read_trec(qrels, run))
    ranking = ("nDCG@10", "RR@10", "P@1", "R@10", "R@100", "AP")
    _print_figures(figures({name: values[name] for name in ranking}))


@evaluation_app.command("compare")
def compare_runs(
    a: Annotated[Path, typer.Argument(help="A run written with --json.")],
    b: Annotated[Path, typer.Argument(help="Another run of the same questions.")],
    json_file: JsonFile = None,
) -> None:
    """Did it help? Paired differences (B less A) with intervals and tests."""
    from policyqa.evaluation.compare import compare

    comparison = compare(read_run(a), read_run(b))
    if json_file:
        _write(json_file, comparison)
    for warning in comparison["warnings"]:
        _err.print(f"policyqa: warning: {warning}", markup=False)
    print(f"A {a}\nB {b}\n{comparison['questions']} questions; differences are B less A")
    _print_differences(comparison["metrics"])
    _print_moved(comparison["moved"])


def _print_differences(metrics: Mapping[str, Any]) -> None:
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
    _out.print(table)


def _print_moved(moved: Sequence[Mapping[str, Any]]) -> None:
    if not moved:
        print("no question moved")
        return
    print("questions that moved most (accuracy, nDCG@10, answer F1@1):")
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
    _out.print(table)


def _write(path: Path, value: object) -> None:
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=1).encode())
