"""Values inside values, by paths as expressions write them: `address.city`, `lines[0].price`, `headers["a-b"]`.

What is null counts as absent, as everywhere. Used by the nodes that sort, group, pick and change by a field.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import Field

from headgate_lang import paths
from headgate_lang.paths import kind_of
from headgate_node import NodeError

Path = Annotated[str, Field(min_length=1, max_length=500)]
Keys = Sequence[str | int]
Place = tuple[int, str | None]
"""An item of `items` and a path in it: spelled only where something is wrong there."""
MOST_STEPS = 50


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Literal[_Absent.ABSENT] = _Absent.ABSENT


def parse_path(text: str) -> tuple[str | int, ...]:
    """Read a path. Raises NodeError."""
    reference = paths.parse(f"x{text}" if text.startswith("[") else f"x.{text}")
    if reference is None:
        told = f'`{text}` is no path: write it like `address.city`, `lines[0].price` or `headers["content-type"]`'
        raise NodeError("InvalidPath", told)
    if len(reference.steps) > MOST_STEPS:
        raise NodeError("InvalidPath", f"`{text[:100]} …` has {len(reference.steps)} steps, at most {MOST_STEPS}")
    return tuple(step.key for step in reference.steps if step.key is not None)


def get(value: Any, keys: Keys) -> Any:
    """What stands at a path, or ABSENT."""
    for key in keys:
        if isinstance(key, str):
            value = value.get(key) if isinstance(value, dict) else None
        else:
            value = value[key] if isinstance(value, list) and key < len(value) else None
    return ABSENT if value is None else value


def spell_place(place: Place) -> str:
    index, path = place
    return f"items[{index}]{'' if path is None else path if path.startswith('[') else f'.{path}'}"


def with_value(value: Any, keys: Keys, new: Any) -> Any:
    """A copy in which something else stands at a path; objects on the way there are made. Raises NodeError."""
    if not keys:
        return new
    key, rest = keys[0], keys[1:]
    if isinstance(key, int):
        if not isinstance(value, list) or key >= len(value):
            held = f"a list of {len(value)}" if isinstance(value, list) else _kind(value)
            raise NodeError("NoSuchPlace", f"there is no item {key}, it is {held}: a list is not made longer")
        return [*value[:key], with_value(value[key], rest, new), *value[key + 1 :]]
    if value is not None and value is not ABSENT and not isinstance(value, dict):
        raise NodeError("NoSuchPlace", f"`{key}` cannot be put into {_kind(value)}: only an object has fields")
    fields: dict[str, Any] = value if isinstance(value, dict) else {}
    return {**fields, key: with_value(fields.get(key), rest, new)}


def without(value: Any, keys: Keys) -> Any:
    """A copy without what stands at a path; the same where nothing does."""
    key, rest = keys[0], keys[1:]
    if not paths.has(value, key):
        return value
    if isinstance(key, int):
        middle = [without(value[key], rest)] if rest else []
        return [*value[:key], *middle, *value[key + 1 :]]
    if rest:
        return {**value, key: without(value[key], rest)}
    copy = dict(value)
    del copy[key]
    return copy


def _kind(value: Any) -> str:
    return "nothing" if value is ABSENT or value is None else kind_of(value)
