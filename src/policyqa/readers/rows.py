"""A row of a table as one line of text, the same in every format."""

from collections.abc import Sequence


def row_text(heads: Sequence[str], cells: Sequence[str]) -> str:
    """`head：cell｜head：cell`. A cell without a head is its text, an empty one is left out."""
    pairs = [
        (heads[column] if column < len(heads) else "", cell) for column, cell in enumerate(cells)
    ]
    return "｜".join(f"{head}：{cell}" if head else cell for head, cell in pairs if cell)
