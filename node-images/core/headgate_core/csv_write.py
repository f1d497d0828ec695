"""Writes rows as CSV: a line for each, a column for each field.

The columns are those of `columns`, or every field in the order in which they first occur. Booleans are `true` and
`false`, lists and objects JSON, what is absent an empty cell. A text that begins with `=`, `+`, `-`, `@`, a tab or a
line break would be run as a formula by the programs that people open such files with: an apostrophe is put before it,
and `escaped` says how often. With `formulas: keep` they stay as they are, with `refuse` the node fails.
"""

import asyncio
from typing import Annotated, Literal

from pydantic import Field

from headgate_core.formats.columns import MAX_COLUMNS, MAX_ROWS
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

Name = Annotated[str, Field(max_length=1_000)]


class CsvWriteParams(Params):
    rows: Annotated[list[dict[str, Json]], Field(max_length=MAX_ROWS)]
    """The rows, by the names of their columns."""
    columns: Annotated[list[Name], Field(max_length=MAX_COLUMNS)] | None = None
    """Which fields to write, in which order."""
    header: bool = True
    """Whether the first line names the columns."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """What stands between cells."""
    quote: Literal["needed", "all"] = "needed"
    """Which cells have quotes around them: those that need them, or all."""
    line_end: Literal["lf", "crlf"] = "lf"
    """How a line ends; RFC 4180 asks for `crlf`."""
    formulas: Literal["escape", "keep", "refuse"] = "escape"
    """What to do with texts that would be run as formulas."""


class CsvWriteOutput(Output):
    text: str
    """The CSV."""
    rows: int
    """How many rows there are."""
    escaped: int
    """How many cells have an apostrophe before them, since they would be run as formulas."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"rows": [{"name": "Soap, green", "price": 1.2}, {"name": "Tea", "stock": True}]},
            output={
                "text": 'name,price,stock\n"Soap, green",1.2,\nTea,,true\n',
                "rows": 2,
                "escaped": 0,
            },
        ),
        Example(
            with_={"rows": [{"a": "=1+1", "b": -1}], "columns": ["b", "a"], "delimiter": ";", "header": False},
            output={"text": "-1;'=1+1\n", "rows": 1, "escaped": 1},
        ),
        Example(with_={"rows": [{"a": "@SUM(A1)"}], "formulas": "refuse"}, fails="FormulaInCell"),
    ),
)
async def run(params: CsvWriteParams, ctx: Context) -> CsvWriteOutput:
    if params.delimiter in '"\r\n':
        message = "delimiter: a quote or the end of a line cannot stand between cells: choose another"
        raise NodeError("InvalidParameters", message)
    return await asyncio.to_thread(_write, params)


def _write(params: CsvWriteParams) -> CsvWriteOutput:
    from headgate_core.formats.csv_writing import Writer  # noqa: PLC0415 - at use

    columns = params.columns
    if columns is None:
        columns = list(dict.fromkeys(name for row in params.rows for name in row))
    line_end = "\r\n" if params.line_end == "crlf" else "\n"
    writer = Writer(params.delimiter, line_end, params.quote == "all", params.formulas)
    text = writer.write(params.rows, columns, header=params.header)
    return CsvWriteOutput(text=text, rows=len(params.rows), escaped=writer.escaped)
