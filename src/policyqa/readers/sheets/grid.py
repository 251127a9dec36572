"""A sheet as plain data: blocks of rows, which empty rows set apart."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from policyqa.errors import ReadError
from policyqa.models import Span

MOST_ROWS = 200_000
MOST_COLUMNS = 500
TOO_MANY_ROWS = f"a sheet has more than {MOST_ROWS:,} rows; split it"
_MOST_MERGED = 2_000_000
"""Rows that merged cells reach over. They never overlap in a sound file, which has fewer."""

Range = tuple[int, int, int, int]
"""First column, first row, last column, last row, from 1, as openpyxl gives them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row's texts, and the columns that its horizontally merged cells cover (end exclusive)."""

    cells: tuple[str, ...]
    spans: tuple[Span, ...] = ()

    @property
    def used(self) -> list[int]:
        """The columns that have a text."""
        return [column for column, cell in enumerate(self.cells) if cell]


Block = list[Row]


@dataclass(frozen=True, slots=True)
class Sheet:
    title: str
    blocks: tuple[Block, ...]


@dataclass(slots=True)
class Hidden:
    """The rows and columns that are not shown."""

    rows: set[int] = field(default_factory=set)
    columns: list[range] = field(default_factory=list)

    def column(self, number: int) -> bool:
        return any(number in columns for columns in self.columns)


@dataclass(slots=True)
class Cells:
    """The texts of a sheet by row and column as they are in the file, counted from 1."""

    hidden: Hidden = field(default_factory=Hidden)
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    spans: dict[int, list[Span]] = field(default_factory=dict)

    def add(self, number: int, texts: Mapping[int, str]) -> None:
        """Keep a row, numbered upwards. Raises ReadError when there are too many."""
        if not texts:
            return
        if len(self.rows) == MOST_ROWS:
            raise ReadError(TOO_MANY_ROWS)
        self.rows[number] = dict(texts)

    def merge(self, ranges: Sequence[Range]) -> None:
        """Give every row that a merged cell reaches over its text, where it is shown first."""
        numbers = sorted(self.rows)
        reached = 0
        for left, top, right, bottom in ranges:
            text = self.rows.get(top, {}).get(left)
            within = numbers[bisect_left(numbers, top) : bisect_left(numbers, bottom + 1)]
            reached += len(within)
            if reached > _MOST_MERGED:
                raise ReadError("the file is damaged (merged cells overlap); save it anew")
            column = next((at for at in range(left, right + 1) if not self.hidden.column(at)), 0)
            if text and column:
                self._fill(within, column, right + 1, text)

    def _fill(self, numbers: Sequence[int], first: int, last: int, text: str) -> None:
        for number in numbers:
            self.rows[number].setdefault(first, text)
            if last - first > 1:
                self.spans.setdefault(number, []).append((first, last))

    def blocks(self) -> tuple[Block, ...]:
        """What is shown, without empty columns. A hidden row sets nothing apart."""
        columns = sorted({column for texts in self.rows.values() for column in texts})
        columns = [column for column in columns if not self.hidden.column(column)]
        if len(columns) > MOST_COLUMNS:
            raise ReadError(f"a sheet has more than {MOST_COLUMNS} columns; split it")
        rows = ((number, self._row(number, columns)) for number in sorted(self.rows))
        shown = [
            (number, row) for number, row in rows if row.used and number not in self.hidden.rows
        ]
        stretches = self._stretches([number for number, _ in shown])
        grouped = groupby(zip(stretches, shown, strict=True), key=lambda pair: pair[0])
        return tuple([row for _, (_, row) in block] for _, block in grouped)

    def _stretches(self, numbers: Sequence[int]) -> Iterator[int]:
        """For each row, how many empty stretches stand above it."""
        stretch, before = 0, 0
        for number in numbers:
            between = range(before + 1, number)
            stretch += any(row not in self.hidden.rows and row not in self.rows for row in between)
            before = number
            yield stretch

    def _row(self, number: int, columns: Sequence[int]) -> Row:
        texts = self.rows[number]
        spans = [
            (bisect_left(columns, first), bisect_left(columns, last))
            for first, last in self.spans.get(number, [])
        ]
        return Row(
            tuple(texts.get(column, "") for column in columns),
            tuple(span for span in spans if span[1] - span[0] > 1),
        )
