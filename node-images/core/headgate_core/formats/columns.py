"""Names and types of the columns of a table. Used by `csv` and `excel`."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Literal

from headgate_node import Json, NodeError

MAX_ROWS = 200_000
MAX_COLUMNS = 2_000
MAX_CELLS = 1_000_000

Type = Literal["text", "integer", "number", "boolean"]

_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEAN = {"true": True, "false": False}


def name_columns(header: Sequence[str], place: str) -> list[str]:
    """The names of columns, those without one by their number. Two of one name are refused."""
    names = [name.strip() or f"column{number}" for number, name in enumerate(header, 1)]
    if len(names) > MAX_COLUMNS:
        raise NodeError("TooLarge", f"{place}: there are {len(names):,} columns, at most {MAX_COLUMNS:,} are read")
    seen: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        if name in seen:
            message = f"{place}: columns {seen[name]} and {number} are both called {name!r}"
            raise NodeError("DoubledColumn", f"{message}: give names of your own in `columns`, and `skip` the header")
        seen[name] = number
    return names


def check_size(rows: int, columns: int) -> None:
    if rows > MAX_ROWS or rows * columns > MAX_CELLS:
        message = f"there are more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells: read a part, with `skip` and `limit`"
        raise NodeError("TooLarge", message)


def parse_cell(text: str, type_: Type) -> Json:
    """The value of a cell. Raises ValueError if it is none of that type."""
    match type_:
        case "text":
            return text
        case "integer" if _INTEGER.fullmatch(bare := text.strip()):
            return int(bare)
        case "number" if _NUMBER.fullmatch(bare := text.strip()) and math.isfinite(float(bare)):
            return int(bare) if _INTEGER.fullmatch(bare) else float(bare)
        case "boolean" if (found := _BOOLEAN.get(text.strip().lower())) is not None:
            return found
    raise ValueError(f"{text[:40]!r} is no {type_}")


def guess_type(cells: Sequence[str]) -> Type:
    """The narrowest type that every cell of a column is of. A number with zeros before it is a text, as in `01067`."""
    given = [cell.strip() for cell in cells if cell.strip()]
    tests: dict[Type, Callable[[str], object]] = {
        "boolean": lambda cell: cell.lower() in _BOOLEAN,
        "integer": _INTEGER.fullmatch,
        "number": lambda cell: _NUMBER.fullmatch(cell) and math.isfinite(float(cell)),
    }
    for type_, fits in tests.items():
        if given and all(map(fits, given)):
            return type_
    return "text"
