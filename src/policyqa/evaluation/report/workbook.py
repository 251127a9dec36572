"""The report as an Excel workbook: 概要, 指標, タグ別, 質問."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from policyqa import strings_report as text
from policyqa.evaluation.report import wording
from policyqa.evaluation.report.figures import Report
from policyqa.evaluation.report.questions import first_citation

Cell = str | float | int | None
_LONGEST = 32_767
"""Characters of a cell that Excel opens."""


def workbook(report: Report) -> bytes:
    """The workbook as .xlsx."""
    book = Workbook(write_only=True)
    _sheet(book, text.SHEET_SUMMARY, (28, 90), _summary(report))
    _sheet(book, text.SHEET_METRICS, (44, 10, 14, 14, 8, 60), _metrics(report))
    _sheet(book, text.SHEET_TAGS, (20, 44, 10, 14, 14, 8), _tags(report))
    _sheet(book, text.SHEET_QUESTIONS, _QUESTION_WIDTHS, _questions(report))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _sheet(book: Any, title: str, widths: Sequence[int], rows: Sequence[Sequence[Cell]]) -> None:
    """A sheet whose first row, its head, stays in view and filters the others."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    head, *others = rows
    sheet.append([_cell(sheet, value, bold=True) for value in head])
    for row in others:
        sheet.append([_cell(sheet, value) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{len(rows)}"


def _cell(sheet: Any, value: Cell, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        # Text is text: a question that begins with = must not become a formula, nor when its cell
        # is edited, which the quote prefix sees to.
        cell.value = (
            ILLEGAL_CHARACTERS_RE.sub("�", value[:_LONGEST]).encode("utf-8", "replace").decode()
        )
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(("=", "+", "-", "@"))
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    else:
        cell.value = value
        cell.alignment = Alignment(vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell


def _summary(report: Report) -> list[Sequence[Cell]]:
    return [
        (text.ITEM, text.CONTENT),
        *wording.about(report),
        *wording.settings(report),
        (text.BARS, wording.bars_said(report)),
        *(
            (f"{text.BARS}：{name}", f"{said}（{tag}、{value}、{text.BAR} {bar}）")
            for name, tag, value, bar, passed in wording.bar_rows(report)
            for said in [wording.said(passed)]
        ),
        *((text.NOTE, warning) for warning in wording.warnings(report)),
        *((text.SUMMARY, sentence) for sentence in wording.summary(report)),
        (text.NOTE, text.RIGHT_MEANING),
    ]


def _metrics(report: Report) -> list[Sequence[Cell]]:
    head = (text.METRIC, text.VALUE, text.LOW, text.HIGH, text.COUNT, text.MEANING)
    rows: list[Sequence[Cell]] = [
        (
            wording.metric_name(name),
            figure["value"],
            figure["low"],
            figure["high"],
            figure["n"],
            wording.metric_meaning(name),
        )
        for name, figure in report.metrics.items()
    ]
    if report.comparison is None:
        return [head, *rows]
    differences = report.comparison["metrics"]
    more = (text.BEFORE, text.DIFFERENCE, text.DIFFERENCE_LOW, text.DIFFERENCE_HIGH)
    keys = ("a", "difference", "low", "high", "p_holm", "wins", "losses", "ties")
    compared = [
        [differences[name][key] for key in keys] if name in differences else []  # type: ignore[literal-required]
        for name in report.metrics
    ]
    return [
        (*head, *more, text.P_HOLM_NOTE, *text.WINS.split("／")),
        *((*row, *values) for row, values in zip(rows, compared, strict=True)),
    ]


def _tags(report: Report) -> list[Sequence[Cell]]:
    return [
        (text.TAG, text.METRIC, text.VALUE, text.LOW, text.HIGH, text.COUNT),
        *(
            (tag, wording.metric_name(name), one["value"], one["low"], one["high"], one["n"])
            for tag, figures in report.run["by_tag"].items()
            for name, one in figures.items()
        ),
    ]


_QUESTION_WIDTHS = (16, 60, 16, 12, 8, 14, 10, 12, 10, 10, 12, 30, 60, 60, 14, 10)


def _questions(report: Report) -> list[Sequence[Cell]]:
    head = (
        text.ID,
        text.QUESTION,
        text.TAGS,
        text.IS_ANSWERABLE,
        text.FILTER_RIGHT,
        text.FILTER_FOUND,
        text.PROBABILITY,
        text.RANK,
        "nDCG@10",
        "F1",
        f"{text.TIME}（{text.UNIT_MS}）",
        text.EXPECTED,
        text.EVIDENCE,
        text.TOP_CITATION,
        *((text.BEFORE_RIGHT, text.MOVE) if report.before else ()),
    )
    changes = wording.moves(report)
    rows: list[Sequence[Cell]] = []
    for number, (row, now) in enumerate(zip(report.rows, report.outcomes, strict=True)):
        took: Any = row.get("took_ms")
        compared = (
            (_right(report.before[number].right), text.MOVES[changes[number]])
            if report.before
            else ()
        )
        rows.append(
            (
                row["id"],
                row["question"],
                "、".join(row["tags"]),
                text.YES if row["answerable"] else text.NO,
                _right(now.right),
                text.FOUND if now.found else text.NOT_FOUND,
                now.probability,
                now.rank,
                now.ndcg,
                now.f1,
                round(sum(took.values()), 1) if took else None,
                "\n".join(row["answers"]),
                "\n".join(row["evidence"]),
                first_citation(row),
                *compared,
            )
        )
    return [head, *rows]


def _right(right: bool) -> str:
    return text.RIGHT if right else text.WRONG
