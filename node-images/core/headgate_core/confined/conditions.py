"""A condition of CEL, asked of each item of a list. Loaded by the child for `filter`."""

from collections.abc import Mapping
from typing import Any

from headgate_core.confined.engines import FaultError
from headgate_lang import cel, engine
from headgate_lang.near import did_you_mean
from headgate_lang.values import ExpressionError, to_engine

ROOTS = ("item", "index", "args")

engine.untyped()


def choose(job: Mapping[str, Any]) -> list[bool]:
    """For each item, whether the condition is true of it."""
    condition = _compiled(job["where"])
    args = to_engine(job["args"])
    return [_holds(condition, item, index, args) for index, item in enumerate(job["items"])]


def _compiled(source: str) -> cel.Compiled:
    try:
        condition = cel.compile_expression(source)
    except cel.InvalidExpressionError as error:
        raise FaultError("InvalidProgram", f"`where` is no CEL: {error}") from None
    for reference in condition.references:
        if reference.root not in ROOTS:
            near = did_you_mean(reference.root, ROOTS) or f"write `item.{reference.root}`, or hand it over in `args`"
            raise FaultError("InvalidProgram", f"`where` cannot read `{reference.root}`: {near}")
    return condition


def _holds(condition: cel.Compiled, item: Any, index: int, args: Any) -> bool:
    try:
        answer = cel.evaluate(condition, {"item": to_engine(item), "index": index, "args": args})
    except ExpressionError as error:
        raise FaultError("ExpressionError", f"`where`, asked of items[{index}]: {error}") from None
    if not isinstance(answer, bool):
        told = f"`where`, asked of items[{index}], gives {str(answer)[:100]!r}, no boolean: compare it with something"
        raise FaultError("ExpressionError", told)
    return answer
