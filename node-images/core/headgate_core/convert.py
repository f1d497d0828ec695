"""Converts types, units, number bases and sizes in bytes.

Give one of `type`, `unit`, `base` and `bytes`. What cannot be converted without losing something is refused: `1.5` is
no integer, `maybe` no boolean, `nan` no number. `decimalMark: ","` reads `1.234,56`. Units are written as usual (`km`,
`lb`, `C`, `kWh`, `km/h`, `MiB`), capitals count; `unit: {to: km}` reads the unit in the text, `"3 mi"`.
"""

from typing import Annotated, Literal

from pydantic import Field

from headgate_core.converting import convert_base, convert_type, convert_with_unit, size_text, size_value
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

Name = Annotated[str, Field(min_length=1, max_length=20)]
Base = Annotated[int, Field(ge=2, le=36)]


class UnitChange(Params):
    from_: Name | None = None
    """The unit of `value`; without it, `value` is a text with a unit in it."""
    to: Name
    """The unit that comes out."""


class BaseChange(Params):
    from_: Base = 10
    """The base in which `value` is written."""
    to: Base = 10
    """The base that comes out; 2 is binary, 16 hexadecimal."""


class ConvertParams(Params):
    value: Json
    """What is converted."""
    type: Literal["boolean", "integer", "list", "number", "text"] | None = None
    """The type that comes out."""
    unit: UnitChange | None = None
    """From which unit to which: `{from: km, to: mi}`."""
    base: BaseChange | None = None
    """From which number base to which: `{from: 16, to: 2}`."""
    bytes: Literal["binary", "decimal", "parse"] | None = None
    """`parse` makes bytes of `1.5 GiB`; `binary` (KiB) and `decimal` (kB) write a number of bytes so."""
    decimal_mark: Literal[".", ","] = "."
    """What stands before the decimals in a text; the other one, blanks and `'` may stand between thousands."""


class ConvertOutput(Output):
    value: Json
    """What comes out, with its type."""
    text: str
    """The same as a text."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"value": "42", "type": "integer"}, output={"value": 42, "text": "42"}),
        Example(
            with_={"value": 26.2, "unit": {"from": "mi", "to": "km"}},
            output={"value": 42.1648128, "text": "42.1648128 km"},
        ),
        Example(with_={"value": "ff", "base": {"from": 16, "to": 2}}, output={"value": "11111111", "text": "11111111"}),
        Example(with_={"value": "1.5 GiB", "bytes": "parse"}, output={"value": 1610612736, "text": "1610612736"}),
        Example(with_={"value": "1.5", "type": "integer"}, fails="NotConvertible"),
    ),
)
async def run(params: ConvertParams, ctx: Context) -> ConvertOutput:
    given = [name for name in ("type", "unit", "base", "bytes") if getattr(params, name) is not None]
    if len(given) != 1:
        told = f"there are {' and '.join(f'`{name}`' for name in given)}" if given else "there is none"
        raise NodeError("InvalidParameters", f"give one of `type`, `unit`, `base` and `bytes`: {told}")
    value, mark = params.value, params.decimal_mark
    found: Json
    if params.unit is not None:
        found, text = convert_with_unit(value, params.unit.from_, params.unit.to, mark)
    elif params.base is not None:
        found = text = convert_base(value, params.base.from_, params.base.to)
    elif params.type is not None:
        found, text = convert_type(value, params.type, mark)
    elif params.bytes == "parse":
        found, text = size_value(value, mark)
    else:
        found = text = size_text(value, binary=params.bytes == "binary")
    return ConvertOutput(value=found, text=text)
