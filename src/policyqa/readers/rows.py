"""Rows of tables as lines of text, alike in all formats."""

from collections.abc import Sequence


def row_text(heads: Sequence[str], cells: Sequence[str]) -> str:
    """`head：cell｜head：cell`, empty cells left out; a cell without a head is just its text."""
    named = [heads[at] if at < len(heads) else "" for at in range(len(cells))]
    return "｜".join(
        f"{head}：{cell}" if head else cell for head, cell in zip(named, cells, strict=True) if cell
    )
