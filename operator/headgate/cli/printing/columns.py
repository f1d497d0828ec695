"""A table as kubectl lays one out: titles, a row a line, as wide as it needs to be."""

from collections.abc import Sequence

_GAP = "   "


def in_columns(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Nothing for no rows. What stands in a cell begins no line."""
    if not rows:
        return ""
    lines = [titles, *([" ".join(cell.splitlines()) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(titles))]
    padded = (_GAP.join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "".join(f"{line.rstrip()}\n" for line in padded)
