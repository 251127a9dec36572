"""`policyqa eval drift`: a suite against two generations of its library."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from policyqa.cli_tables import err
from policyqa.errors import EvaluationError
from policyqa.evaluation.drift import CURRENT, LOST, PREVIOUS, Drift, Found
from policyqa.progress import progress_bars
from policyqa.search.fusion import WEIGHTS
from policyqa.settings import load_settings


def drift_of_suite(
    suite: Annotated[
        Path, typer.Argument(help="A suite, .toml, or a question set: .jsonl, .csv, .xlsx.")
    ],
    before: Annotated[
        str, typer.Option("--from", metavar="GENERATION", help="A kept generation's name.")
    ] = PREVIOUS,
    after: Annotated[
        str, typer.Option("--to", metavar="GENERATION", help="Another one's, or current.")
    ] = CURRENT,
    library: Annotated[
        Path | None,
        typer.Option("--library", metavar="DIR", help="Of a question set: the library's folder."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone on stdout.")] = False,
    fail_on_change: Annotated[
        bool, typer.Option("--fail-on-change", help="Status 1 when gold changed or vanished.")
    ] = False,
) -> None:
    """List the questions whose gold, citations or answers are others than before."""
    from policyqa.evaluation import drift
    from policyqa.evaluation.suite_file import read_suite
    from policyqa.evaluation.suites import folder_of

    settings = load_settings()
    if suite.suffix == ".toml":
        if library:
            raise EvaluationError(f"{suite} says what is searched; leave --library out")
        read = read_suite(suite)
        if not (read.library or read.corpus):
            raise EvaluationError(f"{suite} asks a BEIR folder, whose documents do not change")
        settings = settings.model_copy(update=dict(read.settings))
        questions, folder, weights = read.questions, folder_of(read), read.weights
    else:
        questions, folder, weights = (suite,), library or settings.library, WEIGHTS
    first, second = (drift.generation_named(folder, name) for name in (before, after))
    with progress_bars(err) as progress:
        drifts = drift.drift(
            questions,
            folder,
            settings.encoder_choice,
            first,
            second,
            weights=weights,
            progress=progress,
        )
    if as_json:
        told = drift.as_json(str(suite), first, second, drifts)
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print(f"{suite}: {len(drifts)} questions, {first} to {second}")
        _print_drifts([row for row in drifts if row.is_any])
    if fail_on_change and any(row.gold in LOST for row in drifts):
        raise typer.Exit(1)


def _print_drifts(drifts: Sequence[Drift]) -> None:
    if not drifts:
        print("nothing changed for any of them")
    for row in drifts:
        print(f"{row.id}  {row.question}")
        if row.gold != "same":
            print(f"  gold {row.gold}")
        _print_change("cited as", "; ".join(row.citations_before), "; ".join(row.citations_after))
        _print_change("answer", _said(row.before), _said(row.after))
        _print_change("first passage", row.before.passage, row.after.passage)


def _print_change(what: str, before: str, after: str) -> None:
    if before != after:
        print(f"  {what}: {before or 'none'} -> {after or 'none'}")


def _said(answer: Found) -> str:
    return answer.evidence if answer.found else "not found"
