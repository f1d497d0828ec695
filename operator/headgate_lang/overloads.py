"""What the engine says when a function or operator does not take the types it was given, in the words of people."""

import re
from collections.abc import Mapping

_IN_CHECKER = re.compile(r"no matching overload for '(?P<function>[^']+)' applied to '\((?P<types>.*)\)'$")
_IN_EVALUATION = re.compile(
    r"No matching overloads found : (?:\((?P<target>[^)]*)\)\.)?(?P<function>[^(]+)(?:\((?P<types>.*)\))?$"
)
_NO_RANGE = re.compile(r"expression of type '(?P<type>[^']*)' cannot be the range")


def no_overload(said: str) -> tuple[str, str] | None:
    """Message and remedy, if that is what was said.

    Evaluation says `found : _+_(int64, string)` or `found : (string).size()`, the checker `for '_+_' applied to
    '(int, string)'`, and of macros that something `cannot be the range`.
    """
    if no_range := _NO_RANGE.search(said):
        return f"a macro goes through a list or a map, not {_kind(no_range['type'])}", "read a list before the dot"
    overload = _IN_CHECKER.search(said) or _IN_EVALUATION.search(said)
    if overload is None:
        return None
    function = overload["function"]
    types = [overload.groupdict().get("target"), *split_types(overload["types"] or "")]
    kinds = [_kind(name) for name in types if name]
    remedy = _remedy(function, kinds)
    if function in _CONDITIONS:
        wrong = next((f", not {kind}" for kind in kinds if kind != "a boolean"), "")
        return f"{_CONDITIONS[function]} needs a boolean{wrong}", remedy or "there is no truthiness: compare it"
    if len(kinds) == 2 and function == "_+_":
        return f"`+` cannot join {kinds[0]} and {kinds[1]}", remedy
    if len(kinds) == 2 and function in _COMPARISONS:
        return f"`{function.strip('_')}` cannot compare {kinds[0]} with {kinds[1]}", remedy
    if function in _OF_OPTIONALS and kinds[:1] != ["an optional"]:
        return f"`{function}` wants an optional before it", "write `.?` before the last name"
    if function == "<iter_range>":
        return "a macro goes through a list or a map, and nothing else", "read a list before the dot"
    sign = _SIGNS.get(function, function.strip("_@"))
    return f"`{sign}` does not take {' and '.join(kinds) or 'this'}", remedy


_OF_OPTIONALS = frozenset({"hasValue", "or", "orValue", "value"})
_COMPARISONS = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"})
_CONDITIONS = {"_?_:_": "a condition", "<jump_condition>": "a condition", "_&&_": "`&&`", "_||_": "`||`", "!_": "`!`"}
_SIGNS = {"_[_]": "[…]", "_[?_]": "[?…]", "_?._": ".?", "-_": "-", "@in": "in"}


def split_types(arguments: str) -> list[str]:
    """Types one by one; what stands in their own brackets is kept together."""
    found, depth, name = [], 0, ""
    for sign in arguments:
        depth += (sign in "(<") - (sign in ")>")
        if sign == "," and depth == 0:
            found.append(name.strip())
            name = ""
        else:
            name += sign
    return [*found, name.strip()] if name.strip() else found


_KINDS: Mapping[str, str] = {
    "int": "an integer",
    "int64": "an integer",
    "uint": "an unsigned integer",
    "uint64": "an unsigned integer",
    "double": "a number",
    "string": "a string",
    "bool": "a boolean",
    "bytes": "bytes",
    "list": "a list",
    "map": "a map",
    "null_type": "null",
    "dyn": "something unknown",
    "type": "a type",
    "*opaque*": "an optional",
    "optional_type": "an optional",
    "google.protobuf.Timestamp": "a timestamp",
    "google.protobuf.Duration": "a duration",
    "timestamp": "a timestamp",
    "duration": "a duration",
}


_MANY = {"string": "strings", "int": "integers", "double": "numbers", "bool": "booleans"}


def _kind(name: str) -> str:
    if name.startswith("list(") and (many := _MANY.get(name[5:-1])):
        return f"a list of {many}"
    return _KINDS.get(name.partition("(")[0].partition("<")[0], "an object")


def _remedy(function: str, kinds: list[str]) -> str:
    if function in _CONDITIONS:
        return "write `.orValue(…)` after the optional" if "an optional" in kinds else ""
    if function in _OF_OPTIONALS:
        return "give a value of the same type"
    if "an optional" in kinds:
        return "write `.orValue(…)` after the optional"
    if {"an integer", "a number"} <= set(kinds):
        return "write `double(x)` for the integer, or `2.0` for `2`"
    if "a string" in kinds and {"an integer", "a number", "a boolean"} & set(kinds):
        return "write `int(x)` for the string" if function in _COMPARISONS else "write `string(x)`"
    if kinds and kinds[0] == "an object" and function == "_[_]":
        return "write `.name` for a field of it"
    return "give it what it takes, or convert it: `string(…)`, `int(…)`, `double(…)`"
