"""`policyqa eval run SUITE.toml` and `policyqa eval accept`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from policyqa.cli_tables import err, print_bars, print_changes, print_report, say, write_json
from policyqa.errors import EvaluationError
from policyqa.evaluation.run_files import read_run
from policyqa.library import Library
from policyqa.progress import progress_bars
from policyqa.settings import Settings

_NAMED = 5
"""How many questions a line names."""


def used(settings: Settings, library: Library, weights: Mapping[str, float]) -> dict[str, Any]:
    """The settings that a run tells of."""
    return {
        "encoder": settings.encoder_choice.id,
        "runtime": settings.runtime,
        "chunk_tokens": library.generation.manifest["chunk_tokens"],
        "weights": dict(weights),
    }


def partial_of(json_file: Path | None) -> Path | None:
    """Where the rows of an unfinished run are kept."""
    return json_file.with_name(f"{json_file.name}.partial") if json_file else None


def run_suite_file(
    path: Path, settings: Settings, json_file: Path | None, trec: Path | None, fail_under: bool
) -> None:
    """Run a suite, print metrics and bars, and what became of the accepted run. With `fail_under`
    the status is 1 where a bar is missed or a metric is significantly worse than accepted."""
    from policyqa.evaluation import suites
    from policyqa.evaluation.suite_file import read_suite
    from policyqa.evaluation.trec import write_trec

    suite = read_suite(path)
    if fail_under and not suite.bars:
        raise EvaluationError(f"{path}: --fail-under needs [bars] in it")
    settings = settings.model_copy(update=dict(suite.settings))
    with progress_bars(err) as progress:
        library, asked = suites.opened(
            suite, settings.encoder_choice, settings.chunk_tokens, progress, say
        )
        report = suites.run(
            suite,
            library,
            asked,
            used(settings, library, suite.weights),
            keep=partial_of(json_file),
            progress=progress,
        )
    if json_file:
        write_json(json_file, report)
    if trec:
        write_trec(trec, report)
    print_report(report)
    if suite.bars:
        print_bars(report["bars"])
    worse = _compare_with_accepted(suite.baseline, report)
    if fail_under and (worse or not all(bar["passed"] for bar in report["bars"])):
        raise typer.Exit(1)


def _compare_with_accepted(path: Path, report: Mapping[str, Any]) -> bool:
    """Print how the run stands to the accepted one; whether it is significantly worse."""
    from policyqa.evaluation.baselines import compare_shared, losses, read_baseline

    accepted = read_baseline(path)
    if accepted is None:
        print(f"accepted run: none yet at {path}")
        return False
    comparison, only_here, only_there = compare_shared(accepted, report)
    print(f"accepted run: {path}, of {accepted.get('created', 'an unknown day')}")
    _print_others("new", only_here)
    _print_others("not asked any more", only_there)
    if comparison is None:
        print("it shares no question with this run; accept another one")
        return False
    for warning in comparison["warnings"]:
        say(f"warning: {warning}")
    worse = losses(comparison)
    for name in worse:
        row = comparison["metrics"][name]
        print(f"WORSE   {name}: {row['a']:.3f} to {row['b']:.3f}, p (Holm) {row['p_holm']:.4f}")
    if not worse:
        print(f"no metric is significantly worse over {comparison['questions']} questions")
    return bool(worse)


def _print_others(what: str, ids: Sequence[str]) -> None:
    if ids:
        named = ", ".join([*ids[:_NAMED], *(["..."] if len(ids) > _NAMED else [])])
        print(f"questions {what}: {len(ids)} ({named})")


def accept_run(
    suite: Annotated[Path, typer.Argument(help="A suite, .toml.")],
    run: Annotated[Path, typer.Argument(help="A run of it, written with --json.")],
) -> None:
    """Make RUN the accepted run of SUITE, and say what changes."""
    from policyqa.evaluation.baselines import accept, compare_shared, read_baseline
    from policyqa.evaluation.compare import rows_of
    from policyqa.evaluation.suite_file import read_suite

    wanted, report = read_suite(suite), read_run(run)
    if report.get("suite") != wanted.name:
        raise EvaluationError(
            f"{run} is a run of {report.get('suite')}, not of {wanted.name}; "
            f"make one with policyqa eval run {suite} --json FILE"
        )
    rows_of(report, str(run))
    accepted = read_baseline(wanted.baseline)
    # Compared before it is replaced: what cannot be compared is no run.
    compared = compare_shared(accepted, report) if accepted else None
    accept(wanted.baseline, report)
    missed = [bar["metric"] for bar in report.get("bars", ()) if not bar["passed"]]
    if missed:
        say(f"warning: the run misses the bars for {', '.join(missed)}")
    print(f"accepted {run} as {wanted.baseline}: {len(report['per_question'])} questions")
    if compared is None:
        print("there was none before")
        return
    comparison, only_here, only_there = compared
    _print_others("new", only_here)
    _print_others("not asked any more", only_there)
    if comparison:
        print(f"differences over {comparison['questions']} questions, B (new) less A (before):")
        print_changes(comparison)
