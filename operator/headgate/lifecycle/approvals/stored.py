"""Values as the API server writes them: what is asked is compared with what it kept."""

from typing import Any

from headgate.compiler.document.depth import NESTED_DEEPER, is_deeper

_INTEGERS = range(-(2**63), 2**63)


def as_stored(value: Any) -> Any:
    """Raises ValueError for a number that it cannot keep at all, and for what is so deep that not all of it is read."""
    if is_deeper(value):
        raise ValueError(f"a value {NESTED_DEEPER}: show a part of it, or a text")
    return _as_stored(value)


def _as_stored(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() if value not in _INTEGERS:
            try:
                return float(value)
            except OverflowError:
                raise ValueError("a number has more than 308 digits: show it as a text") from None
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_as_stored(key): _as_stored(member) for key, member in value.items()}
        case list():
            return [_as_stored(item) for item in value]
    return value
