"""`policyqa eval draft` and `eval accept-draft`: from what users asked to questions of a set."""

from pathlib import Path
from typing import Annotated

import typer

from policyqa import feedback
from policyqa.cli_tables import say
from policyqa.errors import EvaluationError
from policyqa.library import Library
from policyqa.settings import load_settings

LibraryOption = Annotated[
    Path | None, typer.Option("--library", metavar="DIR", help="The built library's folder.")
]


def draft_questions(
    library: LibraryOption = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The drafts; default: eval/drafts.jsonl beside it."),
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write them as a workbook.")
    ] = None,
    known: Annotated[
        list[Path] | None,
        typer.Option(help="A question set; what it asks is not drafted again. Repeatable."),
    ] = None,
) -> None:
    """Make draft questions of what users asked and said, with candidates for gold."""
    from policyqa.evaluation import cases, draft_files, drafts
    from policyqa.evaluation.draft_sheets import write_sheet
    from policyqa.evaluation.questions import read_question_files, read_questions

    settings = load_settings()
    folder = library or settings.library
    opinions = feedback.Feedback(settings.feedback or feedback.beside(folder)).all()
    case_file = settings.case_file or cases.beside(folder)
    given = read_questions(case_file) if draft_files.has_content(case_file) else []
    asked = [question.text for question in read_question_files(known or ())]
    target = out or drafts.beside(folder)
    opened = Library.open(folder, settings.encoder_choice)
    new, left_out = drafts.draft(opened, opinions, given, asked)
    for question in left_out:
        say(f"left out, since it cannot be asked: {question[:60]!r}")
    with draft_files.locked(target):
        before = draft_files.read_drafts(target)
        rows = drafts.merged(before, new)
        draft_files.write_drafts(target, rows)
    if xlsx:
        write_sheet(xlsx, rows)
    print(
        f"{target}: {len(rows)} drafts, {len(rows) - len(before)} of them new, from "
        f"{len(opinions)} opinions and {len(given)} questions that users added"
    )


def accept_drafts(
    draft_file: Annotated[
        Path, typer.Argument(metavar="DRAFTS", help="What policyqa eval draft wrote, .jsonl.")
    ],
    questions: Annotated[Path, typer.Argument(help="The question set to append to, .jsonl.")],
    library: LibraryOption = None,
    xlsx: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The workbook that was filled in, .xlsx or .csv."),
    ] = None,
) -> None:
    """Append the drafts that a person has filled in to a question set; the others stay."""
    from policyqa.evaluation import draft_files
    from policyqa.evaluation.draft_sheets import filled_in

    if not draft_file.exists():
        raise EvaluationError(f"no drafts at {draft_file}; make them with policyqa eval draft")
    if questions.suffix != ".jsonl":
        raise EvaluationError(f"{questions} is no .jsonl file; questions are appended to one only")
    settings = load_settings()
    opened = Library.open(library or settings.library, settings.encoder_choice)
    done = draft_files.accept(
        draft_file, questions, opened, lambda rows: filled_in(xlsx, rows) if xlsx else rows
    )
    print(
        f"{questions}: {done.added} questions added, {done.there} there already; "
        f"{done.left} drafts left in {draft_file}"
    )
