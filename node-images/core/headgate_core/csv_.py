"""Reads CSV: a table as text, into a list of rows with a field for each column.

The first line names the columns, unless `header` is false; then they are called by `columns`, or `column1` and so on.
All cells are texts unless `types` says otherwise: `{price: number}`, or `guessTypes` for all others, where a column is
a number only if every cell of it is one. An empty cell of such a column is absent. Lines without anything are left out.
"""

import asyncio
from typing import Annotated, Literal

from pydantic import Field

from headgate_core.formats.columns import MAX_COLUMNS, MAX_ROWS, Type
from headgate_core.formats.content import Encoding, Form, Letters, read_bytes, read_letters
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

Name = Annotated[str, Field(min_length=1, max_length=1_000)]


class CsvParams(Params):
    text: Letters
    """The table."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | Literal["guess"] = ","
    """What stands between cells; `guess` tries comma, semicolon, tab and `|`."""
    quote: Annotated[str, Field(max_length=1)] = '"'
    """What stands around cells, doubled inside of them; empty for nothing."""
    header: bool = True
    """Whether the first line names the columns."""
    columns: Annotated[list[Name], Field(max_length=MAX_COLUMNS)] | None = None
    """Names for the columns, in place of those in the header."""
    types: Annotated[dict[str, Type], Field(max_length=MAX_COLUMNS)] | None = None
    """Of which type the cells of a column are, by its name."""
    guess_types: bool = False
    """Whether the types of all other columns are guessed from their cells."""
    trim: bool = False
    """Whether blanks around cells are cut off."""
    fill: bool = False
    """Whether a line may lack its last cells."""
    skip: Annotated[int, Field(ge=0, le=MAX_ROWS)] = 0
    """How many lines to leave out before the header."""
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] | None = None
    """How many rows to read at most."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding = "utf-8"
    """Which letters the bytes are, if they are bytes."""


class CsvOutput(Output):
    rows: list[dict[str, Json]]
    """The rows, by the names of the columns."""
    columns: list[str]
    """The names of the columns, in their order."""
    delimiter: str
    """What stands between cells."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"text": 'name,price\n"Soap, green",1.20\nTea,3\n', "types": {"price": "number"}},
            output={
                "rows": [{"name": "Soap, green", "price": 1.2}, {"name": "Tea", "price": 3}],
                "columns": ["name", "price"],
                "delimiter": ",",
            },
        ),
        Example(
            with_={"text": "1;01067;\n2;80331;true\n", "delimiter": "guess", "header": False, "guessTypes": True},
            output={
                "rows": [{"column1": 1, "column2": "01067"}, {"column1": 2, "column2": "80331", "column3": True}],
                "columns": ["column1", "column2", "column3"],
                "delimiter": ";",
            },
        ),
        Example(with_={"text": "a,b\n1\n"}, fails="UnevenRow"),
    ),
)
async def run(params: CsvParams, ctx: Context) -> CsvOutput:
    return await asyncio.to_thread(_read, params)


def _read(params: CsvParams) -> CsvOutput:
    from headgate_core.formats.csv_reading import Dialect, Shape, guess_delimiter, read_table  # noqa: PLC0415 - at use

    text = params.text.removeprefix("\ufeff")
    if params.from_ != "text":
        text = read_letters(read_bytes(text, params.from_), params.encoding)
    delimiter = guess_delimiter(text, params.quote) if params.delimiter == "guess" else params.delimiter
    if delimiter == params.quote or {delimiter, params.quote} & {"\r", "\n"}:
        message = "delimiter: it must differ from `quote`, and neither can be the end of a line: choose another"
        raise NodeError("InvalidParameters", message)
    shape = Shape(
        header=params.header,
        columns=params.columns or (),
        skip=params.skip,
        limit=params.limit or MAX_ROWS + 1,
        fill=params.fill,
        types=params.types or {},
        guess=params.guess_types,
    )
    table = read_table(text, Dialect(delimiter, params.quote, params.trim), shape)
    return CsvOutput(rows=table.rows, columns=table.columns, delimiter=delimiter)
