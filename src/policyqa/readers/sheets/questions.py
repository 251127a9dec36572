"""Tables of questions and answers: each row becomes a section."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from policyqa.japanese import squeeze
from policyqa.models import Section
from policyqa.readers.rows import row_text
from policyqa.readers.sheets.formats import one_line
from policyqa.readers.sheets.grid import Row
from policyqa.readers.sheets.tables import Table, line_of
from policyqa.readers.text import join_paragraphs

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_QUESTION = re.compile(
    r"(?:よくある)?[ご御]?質問(?:内容|事項|文)?|問い?|設問|[ご御]?お?問い?合わ?せ(?:内容)?|q|questions?|faq"
)
_ANSWER = re.compile(r"[ご御]?回答(?:内容|文|例|案)?|答え?|a|answers?")
_NUMBER = re.compile(r"(?:no|番号|項番|通番|連番|通し番号|(?:質問|問|q|faq)(?:番号|no)|#|id)\.?")
"""Heads as `_key` gives them."""
_ASKS = re.compile(r".*(?:[？?]|か。)[」』）)]?")
_COUNTED = re.compile(r"[Qq問Ｑｑ第]?[0-9０-９]+(?:[-－.．][0-9０-９]+)*[.．問]?")
_MOSTLY = 0.6
_LEAST = 2
"""Rows by which a table without heads is judged."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table has its questions, its answers, and their numbers."""

    question: int
    answer: int
    number: int | None


@dataclass(slots=True)
class _Draft:
    """A question with its answer, or a band: a line that stands over the questions below it."""

    label: str
    title: str
    answer: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    below: list["_Draft"] = field(default_factory=list)

    def section(self) -> Section:
        children = tuple(draft.section() for draft in self.below)
        return Section(self.label, self.title, "\n".join(self.answer + self.others), children)


def columns_of(table: Table) -> Columns | None:
    """The columns of questions and answers, by their heads, or by what they hold."""
    return _by_heads(table.heads) if table.heads else _by_texts(table.rows)


def sections(table: Table, columns: Columns) -> tuple[list[str], list[Section]]:
    """Lines that are no questions, and a section for each question with an answer."""
    lines: list[str] = []
    top = _Draft("", "")
    band: _Draft = top
    last: _Draft | None = None
    for row in table.rows:
        question, answer = row.cells[columns.question], row.cells[columns.answer]
        asked = one_line(question)
        if answer and last and asked in ("", last.title):
            _add(last, table, row, columns)
        elif question and answer:
            last = _Draft(_label(row, columns), asked)
            band.below.append(last)
            _add(last, table, row, columns)
        elif len(row.used) == 1 and not answer and not _ASKS.fullmatch(asked):
            band, last = _Draft("", one_line(row.cells[row.used[0]])), None
            top.below.append(band)
        else:
            lines.append(line_of(table, row))
    # A line with no question below it is a note.
    lines += [draft.title for draft in top.below if not draft.answer and not draft.below]
    kept = [draft.section() for draft in top.below if draft.answer or draft.below]
    return lines, kept


def _add(draft: _Draft, table: Table, row: Row, columns: Columns) -> None:
    draft.answer += join_paragraphs(row.cells[columns.answer].split("\n"), set())
    number = columns.number if draft.label == _label(row, columns) else None
    for column, cell in enumerate(row.cells):
        if cell and column not in (columns.question, columns.answer, number):
            text = row_text([*table.heads[column : column + 1]], [one_line(cell)])
            if text not in draft.others:
                draft.others.append(text)


def _label(row: Row, columns: Columns) -> str:
    return "" if columns.number is None else one_line(row.cells[columns.number])


def _by_heads(heads: Sequence[str]) -> Columns | None:
    keys = [_key(head) for head in heads]
    question = _first(keys, _QUESTION)
    answer = _first(keys, _ANSWER)
    if question is None or answer is None:
        return None
    return Columns(question, answer, _first(keys, _NUMBER))


def _key(head: str) -> str:
    plain = squeeze(head)
    return _BRACKETS.sub("", plain) or plain


def _first(keys: Sequence[str], pattern: re.Pattern[str]) -> int | None:
    return next((column for column, key in enumerate(keys) if pattern.fullmatch(key)), None)


def _by_texts(rows: Sequence[Row]) -> Columns | None:
    """A first column, after the numbers, that mostly asks, and a second one that is longer."""
    full = [row for row in rows if len(row.used) > 1]
    if len(full) < _LEAST:
        return None
    number = 0 if _share(full, 0, _COUNTED) > _MOSTLY else None
    question = 0 if number is None else 1
    answer = question + 1
    if answer >= len(full[0].cells) or _share(full, question, _ASKS) < _MOSTLY:
        return None
    longer = _length(full, answer) > _length(full, question)
    return Columns(question, answer, number) if longer else None


def _share(rows: Sequence[Row], column: int, pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(one_line(row.cells[column]))) for row in rows) / len(rows)


def _length(rows: Sequence[Row], column: int) -> int:
    return sum(len(row.cells[column]) for row in rows)
