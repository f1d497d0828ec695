"""Reads the tables of an HTML page, each as a list of rows with a field for each column.

The first row names the columns if all its cells are headers (`<th>`); otherwise they are called `column1` and so on. A
cell that spans several columns or rows stands in each of them. Tables inside of tables are read on their own.
"""

import asyncio
from typing import Annotated, Any

from pydantic import Field

from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

MAX_TABLES = 1_000
MAX_CELLS = 300_000
MAX_SPAN = 1_000


class HtmlTablesParams(Params):
    text: Annotated[str, Field(max_length=5_000_000)]
    """The page."""


class Table(Output):
    columns: list[str]
    """The names of the columns."""
    rows: list[dict[str, Json]]
    """The rows, by the names of the columns; all cells are texts."""


class HtmlTablesOutput(Output):
    tables: list[Table]
    """The tables, in their order."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"text": "<table><tr><th>name<th>price<tr><td>Soap<td>1.20<tr><td>Tea<td>3</table>"},
            output={
                "tables": [
                    {
                        "columns": ["name", "price"],
                        "rows": [{"name": "Soap", "price": "1.20"}, {"name": "Tea", "price": "3"}],
                    }
                ]
            },
        ),
        Example(
            with_={"text": "<table><tr><td rowspan=2>a<td>b<tr><td>c</table>"},
            output={
                "tables": [
                    {
                        "columns": ["column1", "column2"],
                        "rows": [{"column1": "a", "column2": "b"}, {"column1": "a", "column2": "c"}],
                    }
                ]
            },
        ),
    ),
)
async def run(params: HtmlTablesParams, ctx: Context) -> HtmlTablesOutput:
    return HtmlTablesOutput(tables=await asyncio.to_thread(_read, params.text))


def _read(text: str) -> list[Table]:
    from headgate_core.formats.html_reading import parse  # noqa: PLC0415 - loads libxml2

    root = parse(text)
    tables = [] if root is None else list(root.iter("table"))
    if len(tables) > MAX_TABLES:
        raise NodeError("TooLarge", f"text: there are {len(tables):,} tables, at most {MAX_TABLES:,} are read")
    reader = _Reader()
    return [reader.read(table) for table in tables]


class _Reader:
    def __init__(self) -> None:
        self._left = MAX_CELLS

    def read(self, table: Any) -> Table:
        rows = [*table.iterfind("tr"), *(row for name in _GROUPS for row in table.iterfind(f"{name}/tr"))]
        if table.find("thead") is not None:
            rows = [*table.iterfind("thead/tr"), *(row for row in rows if row.getparent().tag != "thead")]
        grid = self._lay_out(rows)
        has_header = bool(rows) and all(cell.tag == "th" for cell in rows[0] if cell.tag in ("td", "th"))
        width = max((len(row) for row in grid), default=0)
        header = grid.pop(0) if has_header and grid else []
        columns = _unique([*header, *[""] * (width - len(header))])
        return Table(columns=columns, rows=[dict(zip(columns, row, strict=False)) for row in grid if any(row)])

    def _lay_out(self, rows: list[Any]) -> list[list[str]]:
        """The cells of each row, with those that reach down from rows above."""
        from headgate_core.formats.html_reading import text_of  # noqa: PLC0415 - loads libxml2

        grid: list[list[str]] = []
        reaching: dict[int, tuple[int, str]] = {}
        for row in rows:
            cells: list[str] = []
            for cell in row.iterchildren("td", "th"):
                self._fill(cells, reaching)
                text, down = text_of(cell), _span(cell, "rowspan")
                for _ in range(_span(cell, "colspan")):
                    if down > 1:
                        reaching[len(cells)] = (down, text)
                    self._add(cells, text)
            self._fill(cells, reaching)
            reaching = {at: (left - 1, text) for at, (left, text) in reaching.items() if left > 1}
            grid.append(cells)
        return grid

    def _fill(self, cells: list[str], reaching: dict[int, tuple[int, str]]) -> None:
        while len(cells) in reaching:
            self._add(cells, reaching[len(cells)][1])

    def _add(self, cells: list[str], text: str) -> None:
        self._left -= 1 + len(text) // 64
        if self._left < 0:
            raise NodeError("TooLarge", f"text: its tables have more than {MAX_CELLS:,} cells: give a part of it")
        cells.append(text)


_GROUPS = ("thead", "tbody", "tfoot")


def _span(cell: Any, name: str) -> int:
    text = (cell.get(name) or "").strip()
    return max(1, min(int(text), MAX_SPAN)) if text.isascii() and text.isdecimal() and len(text) < 9 else 1


def _unique(names: list[str]) -> list[str]:
    """A second column of a name gets a number, as in `price 2`."""
    seen: dict[str, int] = {}
    unique = []
    for number, name in enumerate(names, 1):
        name = " ".join(name.split()) or f"column{number}"  # noqa: PLW2901 - the same name, mended
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return unique
