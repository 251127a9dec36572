"""CSV and TSV: the encoding as in text files, the delimiter by the suffix or by what fits."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from policyqa.errors import ReadError
from policyqa.readers.sheets.formats import cell_text
from policyqa.readers.sheets.grid import Cells, Sheet
from policyqa.readers.text import read_text

_DELIMITERS = ",\t;"
_SAMPLE = 100
"""Records that a delimiter is judged by."""
_DECLARED = re.compile(r"sep=([,;\t])\n")
"""What Excel writes on the first line of a file with another delimiter than the usual one."""


def read(path: Path) -> Sheet:
    """The file's only sheet."""
    text = read_text(path)
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
        delimiter = declared[1]
    else:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(text)
    cells = Cells()
    for number, record in enumerate(_records(text, delimiter), start=1):
        texts = ((column, cell_text(field)) for column, field in enumerate(record))
        cells.add(number, {column: text for column, text in texts if text})
    return Sheet("", cells.blocks())


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise ReadError(
            f"line {reader.line_num} is no row of a table ({error}); save it anew as CSV UTF-8"
        ) from error


def _lines(text: str) -> Iterable[str]:
    # str.splitlines would also break at what may stand inside a cell (form feed, U+0085).
    return (line + "\n" for line in text.split("\n"))


def _delimiter(text: str) -> str:
    """The delimiter by which most rows have the same number of fields, two at least."""
    return max(_DELIMITERS, key=lambda delimiter: _agreement(text, delimiter))


def _agreement(text: str, delimiter: str) -> float:
    try:
        records = [record for record in islice(_records(text, delimiter), _SAMPLE) if any(record)]
    except ReadError:
        return 0.0
    widths = Counter(len(record) for record in records if len(record) > 1)
    return max(widths.values(), default=0) / max(1, len(records))
