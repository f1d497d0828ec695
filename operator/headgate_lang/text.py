"""A value inside a text, by the rules of LANGUAGE §3.7. Asked by `resolve` for every `${…}` among other words."""

import json
from typing import Any

from headgate_lang.values import ABSENT, ExpressionError


def text_of(value: Any) -> str:
    """A value as text. Raises ExpressionError for nothing: never empty text, and never the word null."""
    if isinstance(value, str):
        return value
    if value is ABSENT or value is None:
        raise ExpressionError(f"it is {'absent' if value is ABSENT else 'null'}, which is no text", _OR_VALUE)
    try:
        return compact(value)
    except RecursionError:
        raise ExpressionError("it is nested too deep for a text", "write a part of it") from None


_OR_VALUE = "write `.?` before the last name and `.orValue('')` after it"


def compact(value: Any) -> str:
    """JSON without blanks, keys sorted, and numbers in their shortest form: `1.0` is `1`."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, dict):
        members = (f"{_quoted(key)}:{compact(value[key])}" for key in sorted(value))
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(compact, value))}]"
    return _quoted(value)


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
