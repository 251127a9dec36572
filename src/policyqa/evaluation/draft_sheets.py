"""Drafts of questions as an Excel workbook that a person fills in, and back."""

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from policyqa import strings_questions as text
from policyqa.errors import EvaluationError
from policyqa.evaluation.draft_files import Draft
from policyqa.evaluation.question_sheets import (
    Cells,
    answers_of,
    places_of,
    read_cells,
    several,
    text_of,
    yes_or_no,
)
from policyqa.evaluation.run_files import write_whole

_WIDTHS = {"question": 44, "said": 28, "document": 24, "section": 24, "answers": 28}
_WIDTH, _CANDIDATE_WIDTH = 12, 44
_NUMBERS = re.compile(r"[\s,、，・]+")
_VERDICTS = {
    "up": text.SAID_UP,
    "down": text.SAID_DOWN,
    "answered": text.SAID_ANSWERED,
    "unanswerable": text.SAID_UNANSWERABLE,
}
_MOST_CANDIDATES = 1000
"""Columns that are looked for when a sheet is read back."""


def write_sheet(path: Path, drafts: Sequence[Draft]) -> None:
    """Write the drafts as a workbook: a row each, and one for each further place that a person
    has named. Raises EvaluationError when it cannot be written."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = text.DRAFTS_SHEET
    candidates = max((len(row["candidates"]) for row in drafts), default=0)
    head = [*text.DRAFT_COLUMNS, *(_candidate(number) for number in range(1, candidates + 1))]
    rows = [head, *(line for row in drafts for line in _lines(row))]
    for number, line in enumerate(rows, start=1):
        for column, value in enumerate(line, start=1):
            _fill(sheet.cell(number, column), value, head=number == 1)
    sheet.cell(1, list(text.DRAFT_COLUMNS.values()).index("gold") + 1).comment = Comment(
        text.DRAFT_HINT, "policyqa"
    )
    keys = [*text.DRAFT_COLUMNS.values(), *["candidate"] * candidates]
    for column, key in enumerate(keys, start=1):
        width = _CANDIDATE_WIDTH if key == "candidate" else _WIDTHS.get(key, _WIDTH)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "C2"
    content = io.BytesIO()
    book.save(content)
    write_whole(path, content.getvalue())


def _candidate(number: int) -> str:
    return text.CANDIDATE.format(number=number)


def _fill(cell: Any, value: str, head: bool) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font

    # What a user wrote is text, also where it begins like a formula and after it was edited.
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) or None
    if cell.value is not None:
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(("=", "+", "-", "@"))
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if head:
        cell.font = Font(bold=True)


def _lines(row: Draft) -> list[list[str]]:
    places: Sequence[Mapping[str, Any]] = row.get("relevant") or [{}]
    answerable = {None: "", True: text.HAS_ANSWER, False: text.HAS_NONE}[row.get("answerable")]
    first = {
        "question": row["question"],
        "said": _said(row["said"]),
        "gold": ",".join(map(str, row.get("gold", []))),
        "answers": "\n".join(row.get("answers", [])),
        "answerable": answerable,
        "kind": row.get("kind", ""),
    }
    shown = [
        "\n".join(filter(None, (candidate["citation"], candidate["text"])))
        for candidate in row["candidates"]
    ]
    lines = []
    for number, place in enumerate(places):
        cells = {"id": row["id"], **(first if number == 0 else {}), **place}
        own = [str(cells.get(key, "")) for key in text.DRAFT_COLUMNS.values()]
        lines.append(own + (shown if number == 0 else []))
    return lines


def _said(said: Mapping[str, Any]) -> str:
    counts = [
        form.format(count=said[verdict]) for verdict, form in _VERDICTS.items() if verdict in said
    ]
    return "\n".join([*counts, *said["reasons"]])


def filled_in(path: Path, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts with what a person wrote into their workbook (or a CSV file of it); those that
    are not in it as they were.

    Raises EvaluationError naming every wrong row.
    """
    columns = dict(text.DRAFT_COLUMNS)
    columns |= {_candidate(number): f"candidate {number}" for number in range(_MOST_CANDIDATES)}
    by_id = {row["id"]: dict(row) for row in drafts}
    touched: set[str] = set()
    problems = []
    for number, cells in read_cells(path, columns):
        try:
            identity = text_of(cells.get("id"))
            if identity not in by_id:
                raise ValueError(f"no draft has the id {identity or '(empty)'}")
            _apply(cells, by_id[identity], first=identity not in touched)
            touched.add(identity)
        except ValueError as error:
            problems.append(f"{path}:{number}: {error}")
    if problems:
        raise EvaluationError("\n".join(problems))
    return list(by_id.values())


def _apply(cells: Cells, row: Draft, first: bool) -> None:
    if first:
        row["question"] = text_of(cells.get("question")) or row["question"]
        row["gold"] = [_number(part) for part in several(cells.get("gold"), _NUMBERS)]
        row["answers"] = answers_of(cells)
        row["answerable"] = yes_or_no(cells["answerable"]) if "answerable" in cells else None
        row["kind"] = text_of(cells.get("kind"))
        row["relevant"] = []
    row["relevant"] = [*row["relevant"], *places_of(cells)]


def _number(part: str) -> int:
    if not part.isdecimal():
        raise ValueError(f"{part} is no number of a candidate")
    return int(part)
