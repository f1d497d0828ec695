"""Values as the API server writes them: what is asked is compared with what it kept."""

from typing import Any

_INTEGERS = range(-(2**63), 2**63)


def as_stored(value: Any) -> Any:
    """Raises ValueError for a number that it cannot keep at all."""
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
            return {as_stored(key): as_stored(member) for key, member in value.items()}
        case list():
            return [as_stored(item) for item in value]
    return value
