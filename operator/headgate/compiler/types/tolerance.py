"""What CEL's checker refuses and evaluation does not mind: no problem of anybody. Used by `checker`.

Comparisons mix integers and numbers (LANGUAGE §3.7). And the checker knows our objects as messages, where evaluation
has maps.
"""

import re

from headgate.compiler.types.messages import PACKAGE
from headgate_lang.overloads import split_types

_OVERLOAD = re.compile(r"no matching overload for '(?P<function>[^']+)' applied to '\((?P<types>.*)\)'$")
_RANGE = re.compile(rf"expression of type '{PACKAGE}\.[^']*' cannot be the range")
_TOO_DEEP = re.compile(r"^Exceeded max recursion depth")
"""The renamed expression is one step deeper than the one that was written, which parsed."""
_NUMBER = re.compile(r"\b(?:u?int|double)\b")
_COMPARE = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"})
_TAKE_MAPS = frozenset({"size", "@in", "_[_]", "_[?_]", "_==_", "_!=_", "_?_:_", "orValue", "or"})


def runs_anyway(said: str) -> bool:
    """Whether an error of the checker is none in evaluation."""
    if _RANGE.search(said) or _TOO_DEEP.search(said):
        return True
    overload = _OVERLOAD.search(said)
    if overload is None:
        return False
    function = overload["function"]
    if f"{PACKAGE}." in overload["types"]:
        return function in _TAKE_MAPS and not overload["types"].endswith(", int")
    return _agree(function, [_NUMBER.sub("number", one) for one in split_types(overload["types"])])


def _agree(function: str, types: list[str]) -> bool:
    """Whether the types would do, if integers were numbers."""
    match types:
        case [left, right] if function in _COMPARE:
            return left == right
        case [item, many] if function == "@in":
            return many == f"list({item})"
        case [optional, other] if function in ("orValue", "or"):
            return optional == f"optional_type({other})" or (function == "or" and optional == other)
        case [_, yes, no] if function == "_?_:_":
            return types[0] == "bool" and yes == no
    return False
