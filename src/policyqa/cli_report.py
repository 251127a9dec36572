"""`policyqa eval report`: a run as files that people read."""

from pathlib import Path
from typing import Annotated

import typer

from policyqa.errors import EvaluationError
from policyqa.evaluation.run_files import read_run, write_whole


def report_run(
    run: Annotated[Path, typer.Argument(help="A run written with --json.")],
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Another run of the same questions."),
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write one HTML page there.")
    ] = None,
    markdown_file: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="For a pull request.")
    ] = None,
    xlsx_file: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="Write an Excel workbook.")
    ] = None,
) -> None:
    """Make a report of a run, in Japanese."""
    from policyqa.evaluation import report

    formats = (
        (html_file, report.html),
        (markdown_file, report.markdown),
        (xlsx_file, report.workbook),
    )
    wanted = [(path, render) for path, render in formats if path]
    if not wanted:
        raise EvaluationError("nothing to write: give --html, --markdown or --xlsx")
    made = report.build(read_run(run), read_run(baseline) if baseline else None)
    # All of them are made before the first is written.
    contents = [(path, render(made)) for path, render in wanted]
    for path, content in contents:
        write_whole(path, content)
        print(f"{path}: {len(content) / 1e6:.1f} MB")
