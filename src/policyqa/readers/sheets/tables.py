"""Blocks of rows to tables with heads, and a table's rows to lines."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from policyqa.japanese import squeeze
from policyqa.models import Section
from policyqa.readers.rows import row_text
from policyqa.readers.sheets.formats import one_line
from policyqa.readers.sheets.grid import Block, Row

_PERIOD = re.compile(
    r"(?:(?:明治|大正|昭和|平成|令和|[mtshr])?(?:[0-9]{1,2}|元|[12][0-9]{3})年度?)?(?:[0-9]{1,2}月(?:期|分|末)?)?"
    r"|(?:19|20)[0-9]{2}"
)
"""A year or a month: data in one table, a head in another."""
_FIGURE = re.compile(
    r"[¥$(△▲+\-−]{0,2}[0-9][0-9,.]*(?:[-/:][0-9:/.-]+(?: [0-9:]+)?)?\)?"
    r"(?:[十百千万億兆]*[円人件戸校社台回歳日年時分棟名点%]|世帯|[かヶ箇]所|ha|km|km2|m2)?"
    r"|true|false|[-−―‐*…]"
)
"""In NFKC, lower case: an amount, a date or a time; the sign that there is none."""
_SENTENCE = re.compile(r".*(?:[。？?]|か[。]?)")
_NOTE = re.compile(r"[※＊]|[(（]?注[0-9０-９]*[)）．.：:　 ]|備考[：:]|出典[：:]|資料[：:]")
_LONGEST_HEAD = 60
_DEEPEST_HEAD = 3
_MOST_ABOVE = 10
"""Rows of titles above a table's head."""
_CATEGORY = re.compile(r"(?:大)?(?:分類|区分|カテゴリー?|分野|項目|章)(?:名)?")
_LONG = 50
"""Rows from which on a table is cut by its categories, if each has _LEAST of them in a row."""
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Table:
    """A table's rows below its heads (empty: it has none), and the lines that stand above."""

    heads: tuple[str, ...]
    rows: Sequence[Row]
    titles: tuple[str, ...] = ()


def tables(blocks: Sequence[Block]) -> Iterator[Table]:
    """A table for each block. A block without a head goes on with the table above it, if it does
    not reach beyond that one's columns."""
    above: Table | None = None
    for block in blocks:
        at = _head_at(block)
        goes_on = above is not None and _fits_below(block, above)
        if above and goes_on and (at is None or not _is_evident(block, at)):
            yield Table(above.heads, block)
        elif at is None:
            yield Table((), block)
        else:
            depth = _depth(block, at)
            head = block[at : at + depth]
            above = Table(_heads(head), block[at + depth :], tuple(map(_plain, block[:at])))
            yield above


def lines_and_sections(table: Table) -> tuple[list[str], list[Section]]:
    """The rows as lines; those of a long table that is in the order of a category, as sections."""
    column = _category_column(table)
    if column is None:
        return [line_of(table, row) for row in table.rows], []
    runs = groupby(table.rows, key=lambda row: row.cells[column])
    return [], [
        Section("", one_line(name), "\n".join(line_of(table, row) for row in rows))
        for name, rows in runs
    ]


def line_of(table: Table, row: Row) -> str:
    """A row as a line: each cell behind the heads of the columns that it covers."""
    used = row.used
    if len(used) == 1 and (_NOTE.match(row.cells[used[0]]) or _is_title(row)):
        return _plain(row)
    heads = list(table.heads)
    for first, last in row.spans:
        covered = [head for head in table.heads[first:last] if head]
        heads[first : first + 1] = ["、".join(covered)] if first < len(heads) else []
    return row_text(heads, [one_line(cell) for cell in row.cells])


def is_figure(text: str) -> bool:
    """Whether a cell holds an amount, a date or a year, but no words."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    return bool(_FIGURE.fullmatch(plain) or _PERIOD.fullmatch(plain))


def is_sentence(text: str) -> bool:
    """Whether a cell ends as a sentence or a question does."""
    return bool(_SENTENCE.fullmatch(one_line(text)))


def _plain(row: Row) -> str:
    return row_text((), [one_line(cell) for cell in row.cells])


def _is_title(row: Row) -> bool:
    """Whether its only cell reaches over all columns."""
    return (0, len(row.cells)) in row.spans


# --- where the head is ---


def _head_at(block: Block) -> int | None:
    """The row of the head: the first one of short texts that is wider than all above it."""
    widest = 0
    for index, row in enumerate(block[: min(_MOST_ABOVE + 1, len(block) - 1)]):
        width = _width(row)
        if width >= 2 and width > widest and _is_head(row):
            return index
        widest = max(widest, width)
    return None


def _width(row: Row) -> int:
    """How many columns have a text. A title is one text, however wide it is merged."""
    if len(row.used) == 1 and row.used[0] == 0:
        return 1
    return sum(1 for text in _spread(row) if text)


def _spread(row: Row) -> list[str]:
    """The cells, with the text of merged ones in all columns that they cover."""
    cells = list(row.cells)
    for first, last in row.spans:
        cells[first:last] = [row.cells[first]] * (last - first)
    return cells


def _is_head(row: Row) -> bool:
    texts = [unicodedata.normalize("NFKC", one_line(cell)) for cell in row.cells if cell]
    words = [text for text in texts if not is_figure(text)]
    periods = [text for text in texts if _PERIOD.fullmatch(text.lower())]
    # A row of bare numbers that might be years is data.
    named = words or any(not period.isdigit() for period in periods)
    short = all(len(text) <= _LONGEST_HEAD and not is_sentence(text) for text in texts)
    return bool(named) and short and len(words) + len(periods) == len(texts)


def _depth(block: Block, at: int) -> int:
    """How many rows the head has: a cell that stands over several makes it go on below."""
    depth = 1
    while (
        depth < _DEEPEST_HEAD
        and block[at + depth - 1].spans
        and at + depth + 1 < len(block)
        and _is_head(block[at + depth])
    ):
        depth += 1
    return depth


def _heads(rows: Sequence[Row]) -> tuple[str, ...]:
    """The head of each column: what stands above it, from the top down."""
    columns = zip(*(_spread(row) for row in rows), strict=True)
    return tuple(
        "・".join(dict.fromkeys(one_line(text) for text in column if text)) for column in columns
    )


def _fits_below(block: Block, above: Table) -> bool:
    columns = {column for row in block for column in row.used}
    headed = {column for column, head in enumerate(above.heads) if head}
    return len(columns) > 1 and columns <= headed and min(columns) == min(headed)


def _is_evident(block: Block, at: int) -> bool:
    """Whether a row is a head and no data for sure: under a title, or over figures."""
    if at > 0:
        return True
    others = block[1:]
    return any(
        not is_figure(block[0].cells[column])
        and all(is_figure(row.cells[column]) for row in others if row.cells[column])
        and any(row.cells[column] for row in others)
        for column in block[0].used
    )


def _category_column(table: Table) -> int | None:
    """The column whose values obviously cut a long table into parts, if there is one."""
    for column, head in enumerate(table.heads):
        if len(table.rows) >= _LONG and _CATEGORY.fullmatch(squeeze(head)):
            runs = [name for name, _ in groupby(row.cells[column] for row in table.rows)]
            once = all(runs) and len(set(runs)) == len(runs)
            return column if once and 2 <= len(runs) <= len(table.rows) / _LEAST else None
    return None
