"""The beginning of an output, for people: `{"status":200,"body":[…14]}`. Bounded in time as in length."""

from collections.abc import Mapping
from typing import Any

from headgate_lang.text import compact

LONGEST = 1024
"""Bytes."""
_TEXT, _MEMBERS, _DEPTH = 200, 20, 4


def preview_of(document: Any) -> str:
    """A single text is shown as it is."""
    if isinstance(document, Mapping) and len(document) == 1 and isinstance(only := next(iter(document.values())), str):
        return _cut(only[:LONGEST])
    return _cut(_shown(document, 0))


def _shown(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return compact(value if len(value) <= _TEXT else f"{value[: _TEXT - 1]}…")
    if isinstance(value, list):
        if depth and (len(value) > 3 or depth >= _DEPTH):
            return f"[…{len(value)}]"
        items = [_shown(item, depth + 1) for item in value[:_MEMBERS]]
        return f"[{','.join([*items, *(['…'] if len(value) > _MEMBERS else [])])}]"
    if isinstance(value, Mapping):
        if depth >= _DEPTH and value:
            return f"{{…{len(value)}}}"
        members = [f"{compact(str(key)[:_TEXT])}:{_shown(value[key], depth + 1)}" for key in list(value)[:_MEMBERS]]
        return f"{{{','.join([*members, *(['…'] if len(value) > _MEMBERS else [])])}}}"
    return compact(value)


def _cut(text: str) -> str:
    data = text.encode(errors="replace")
    if len(data) <= LONGEST:
        return text
    return f"{data[: LONGEST - 3].decode(errors='ignore')}…"
