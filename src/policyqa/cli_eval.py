"""`policyqa eval`: run question sets, compare runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from policyqa import cli_drafts, cli_drift, cli_report, cli_suites
from policyqa.cli_suites import partial_of, used
from policyqa.cli_sweep import sweep
from policyqa.cli_tables import (
    err,
    print_differences,
    print_figures,
    print_moved,
    print_report,
    say,
    write_json,
)
from policyqa.errors import EvaluationError
from policyqa.evaluation.run_files import read_run
from policyqa.library import Library
from policyqa.progress import progress_bars
from policyqa.search.fusion import WEIGHTS
from policyqa.settings import Settings, load_settings

evaluation_app = typer.Typer(help="Measure a library with question sets.", no_args_is_help=True)
evaluation_app.command("accept")(cli_suites.accept_run)
evaluation_app.command("draft")(cli_drafts.draft_questions)
evaluation_app.command("accept-draft")(cli_drafts.accept_drafts)
evaluation_app.command("drift")(cli_drift.drift_of_suite)
evaluation_app.command("sweep")(sweep)
evaluation_app.command("report")(cli_report.report_run)

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
    suite: Annotated[
        Path, typer.Argument(help="A suite, .toml, or a question set: .jsonl, .csv, .xlsx.")
    ],
    library: Annotated[
        Path | None, typer.Option("--library", metavar="DIR", help="The built library's folder.")
    ] = None,
    json_file: JsonFile = None,
    trec: TrecFolder = None,
    foreign: ForeignSet = None,
    fail_under: Annotated[
        bool, typer.Option("--fail-under", help="Status 1 when a bar of the suite is missed.")
    ] = False,
) -> None:
    """Ask a suite or a question set and print the metrics."""
    from policyqa.evaluation import runner

    settings = load_settings()
    if suite.suffix == ".toml":
        if library or foreign:
            raise EvaluationError(f"{suite} says what is searched; leave --library, --foreign out")
        cli_suites.run_suite_file(suite, settings, json_file, trec, fail_under)
        return
    if fail_under:
        raise EvaluationError("--fail-under needs a suite, .toml, with [bars]")
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
    from policyqa.evaluation.beir import read_beir
    from policyqa.evaluation.suites import beir_library

    settings = load_settings()
    data = read_beir(folder)
    with progress_bars(err) as progress:
        opened = beir_library(
            data,
            folder,
            settings.encoder_choice,
            settings.chunk_tokens,
            progress=progress,
            say=say,
            target=library,
        )
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
    with progress_bars(err) as progress:
        report = runner.run(
            name,
            [*asked, *others],
            library,
            used(settings, library, WEIGHTS),
            keep=partial_of(json_file),
            progress=progress,
        )
    if json_file:
        write_json(json_file, report)
    if trec:
        write_trec(trec, report)
    print_report(report)


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
    print_figures(figures({name: values[name] for name in ranking}))


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
        write_json(json_file, comparison)
    for warning in comparison["warnings"]:
        say(f"warning: {warning}")
    print(f"A {a}\nB {b}\n{comparison['questions']} questions; differences are B less A")
    print_differences(comparison["metrics"])
    print_moved(comparison["moved"])
