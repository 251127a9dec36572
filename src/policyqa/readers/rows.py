"""A row of a table as a line of text: `column head：cell｜column head：cell`, in every format."""

from collections.abc import Sequence
from itertools import chain, repeat


def row_text(heads: Sequence[str], cells: Sequence[str]) -> str:
    """Each cell behind its column's head; empty cells are left out, cells without a head are just
    their text."""
    labelled = zip(chain(heads, repeat("")), cells, strict=False)
    return "｜".join(f"{head}：{cell}" if head else cell for head, cell in labelled if cell)
