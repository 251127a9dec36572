"""`policyqa eval sweep`: quality against latency over settings."""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import platformdirs
import typer
from rich.console import Console
from rich.table import Table

from policyqa.encoders import EncoderChoice, Runtime
from policyqa.progress import progress_bars
from policyqa.search.fusion import WEIGHTS
from policyqa.settings import Settings, load_settings

# A pipe or a file is as wide as the table.
_out = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


def sweep(
    file: Annotated[Path, typer.Argument(metavar="SWEEP", help="A sweep's file, .toml.")],
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the table to this file.")
    ] = None,
    workdir: Annotated[
        Path | None,
        typer.Option("--workdir", metavar="DIR", help="What is kept; default: the user's cache."),
    ] = None,
) -> None:
    """Try settings; print quality against latency, the best trade-offs marked."""
    from policyqa.evaluation.run_files import write_whole
    from policyqa.evaluation.sweep import run_sweep
    from policyqa.evaluation.sweep_file import read_sweep
    from policyqa.evaluation.trials import Point

    settings = load_settings()
    read = read_sweep(file)
    defaults = Point(settings.chunk_tokens, settings.runtime, settings.encoder, dict(WEIGHTS))
    with progress_bars(_err) as progress:
        table = run_sweep(
            read,
            defaults,
            lambda model, runtime: _encoder(settings, model, runtime),
            workdir or _workdir(file),
            progress=progress,
            say=lambda message: _err.print(f"policyqa: {message}", markup=False),
        )
    if json_file:
        write_whole(json_file, json.dumps(table, ensure_ascii=False, indent=1).encode())
    _print_table(table)


def _encoder(settings: Settings, model: str | None, runtime: Runtime) -> EncoderChoice:
    return EncoderChoice(
        model, settings.query_prompt, settings.passage_prompt, settings.cache, runtime
    )


def _workdir(file: Path) -> Path:
    name = hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:8]
    return Path(platformdirs.user_cache_dir("policyqa")) / "sweeps" / f"{file.stem}-{name}"


def _print_table(table: Mapping[str, Any]) -> None:
    from policyqa.evaluation.sweep_table import OTHERS

    trials = table["trials"]
    objective = table["objective"]
    others = [name for name in OTHERS if name != objective and name in trials[0]["metrics"]]
    varied = _varied([trial["settings"] for trial in trials])
    print(
        f"{table['sweep']}: {len(trials)} trials of {table['asked']} questions, by {objective}; "
        "★ no other is better in it and in ms; weights of " + ", ".join(WEIGHTS)
    )
    columns = (
        *("", *varied, objective, "less defaults", "95% interval", "p (Holm)", *others),
        *("ms", "p95", "MB", "build s", "embedded"),
    )
    printed = Table(*columns, box=None)
    for trial in trials:
        metrics = trial["metrics"]
        printed.add_row(
            "★" if trial["best"] else "",
            *(_setting(trial["settings"][name]) for name in varied),
            f"{metrics[objective]['value']:.4f}",
            *_difference(trial["difference"]),
            *(f"{metrics[name]['value']:.3f}" for name in others),
            f"{trial['latency_ms']['median']:.1f}",
            f"{trial['latency_ms']['p95']:.1f}",
            f"{trial['library_mb']:.2f}",
            "-" if trial["build_s"] is None else f"{trial['build_s']:.1f}",
            "-" if trial["embedded"] is None else str(trial["embedded"]),
        )
    _out.print(printed)


def _varied(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """The settings that are not the same in all trials."""
    return [name for name in settings[0] if any(one[name] != settings[0][name] for one in settings)]


def _setting(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{weight:.2f}" for weight in value.values())
    return str(value)


def _difference(difference: Mapping[str, float] | None) -> tuple[str, str, str]:
    if difference is None:
        return "defaults", "", ""
    return (
        f"{difference['value']:+.4f}",
        f"{difference['low']:+.4f} to {difference['high']:+.4f}",
        f"{difference['p_holm']:.4f}",
    )
