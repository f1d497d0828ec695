"""From CSV to rows of named cells. Used by `csv`."""

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headgate_core.formats.columns import MAX_CELLS, MAX_ROWS, Type, check_size, guess_type, name_columns, parse_cell
from headgate_node import Json, NodeError

MAX_CELL = 10_000_000
_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 50


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    quote: str
    trim: bool


@dataclass(frozen=True)
class Shape:
    """What of a file is asked for, and how."""

    header: bool
    columns: Sequence[str]
    skip: int
    limit: int
    fill: bool
    types: dict[str, Type]
    guess: bool


@dataclass(frozen=True)
class Table:
    columns: list[str]
    rows: list[dict[str, Json]]


Line = tuple[int, list[str]]


def guess_delimiter(text: str, quote: str) -> str:
    """The one that divides the first lines most evenly: the most columns, the same number in each."""

    def score(delimiter: str) -> tuple[bool, int]:
        lines = itertools.islice(_lines(text, Dialect(delimiter, quote, trim=False)), _LOOKED_AT)
        try:
            widths = {len(cells) for _, cells in lines}
        except NodeError:
            return (False, 0)
        return (len(widths) == 1, min(widths, default=0))

    return max(_DELIMITERS, key=score)


def read_table(text: str, dialect: Dialect, shape: Shape) -> Table:
    lines = _lines(text, dialect)
    for _ in itertools.islice(lines, shape.skip):
        pass
    names = list(shape.columns)
    if shape.header:
        number, header = next(lines, (shape.skip + 1, []))
        if names and len(names) != len(header):
            message = f"columns: {len(names)} names for {len(header)} columns: write one for each"
            raise NodeError("InvalidParameters", message)
        names = names or name_columns(header, f"line {number}")
    found = _take(lines, shape.limit, len(names))
    if not names:
        names = name_columns([""] * (len(found[0][1]) if found else 0), "line 1")
    unknown = sorted(shape.types.keys() - set(names))
    if unknown:
        message = f"types: there is no column {unknown[0]!r}: there are {', '.join(names[:20])}"
        raise NodeError("InvalidParameters", message)
    even = [(number, _even(cells, names, number, fill=shape.fill)) for number, cells in found]
    types = _choose_types(names, [cells for _, cells in even], shape)
    return Table(names, [_row(cells, names, types, number) for number, cells in even])


def _lines(text: str, dialect: Dialect) -> Iterator[Line]:
    """Lines with what stands in them, but for empty ones, each with the number of the line where it ends."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        skipinitialspace=dialect.trim,
        strict=True,
    )
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            what = _EXPLAINED.get(str(error), str(error))
            raise NodeError("NotCsv", f"text: line {reader.line_num}: {what}") from None
        if cells:
            yield reader.line_num, [cell.strip() for cell in cells] if dialect.trim else cells


_EXPLAINED = {
    "unexpected end of data": "a quoted cell has no end: close it, or choose another `quote` (empty for none)",
}


def _take(lines: Iterator[Line], limit: int, columns: int) -> list[Line]:
    found = []
    cells = 0
    for line in itertools.islice(lines, min(limit, MAX_ROWS + 1)):
        found.append(line)
        cells += len(line[1])
        if cells > MAX_CELLS:
            break
    check_size(len(found), max(columns, cells // max(len(found), 1)))
    return found


def _even(cells: list[str], names: Sequence[str], number: int, *, fill: bool) -> list[str]:
    """As many cells as there are columns. Empty ones at the end, as some programs write them, are cut off."""
    wanted = len(names)
    while len(cells) > wanted and not cells[-1]:
        cells = cells[:-1]
    if len(cells) == wanted:
        return cells
    if len(cells) < wanted and fill:
        return cells + [""] * (wanted - len(cells))
    remedy = "give `fill: true` if the last ones may be missing" if len(cells) < wanted else "is the delimiter right?"
    raise NodeError("UnevenRow", f"text: line {number}: {len(cells)} cells for {wanted} columns: {remedy}")


def _choose_types(names: Sequence[str], rows: Sequence[Sequence[str]], shape: Shape) -> list[Type]:
    if not shape.guess:
        return [shape.types.get(name, "text") for name in names]
    return [shape.types.get(name) or guess_type([row[at] for row in rows]) for at, name in enumerate(names)]


def _row(cells: Sequence[str], names: Sequence[str], types: Sequence[Type], number: int) -> dict[str, Json]:
    """An empty cell of a column that is no text is absent."""
    row: dict[str, Json] = {}
    for name, type_, cell in zip(names, types, cells, strict=True):
        if type_ == "text":
            row[name] = cell
        elif cell.strip():
            try:
                row[name] = parse_cell(cell, type_)
            except ValueError as error:
                message = f"text: line {number}, column {name!r}: {error}: mend it, or take the column as text"
                raise NodeError("InvalidCell", message) from None
    return row
