"""Changes to a JSON document: JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396). Used by `json-patch`.

The document that comes in is never changed: what is on the way to a change is copied, the rest is shared.
"""

import copy
from collections.abc import Callable
from typing import Any, NoReturn

from headgate_core.formats.pointer import child, find, index, kind, read_pointer, write_pointer
from headgate_node import Json, NodeError

MAX_VALUES = 1_000_000
"""That `copy` may add, all together: forty copies can make a document that no machine can hold."""


def apply_patch(document: Json, operations: list[dict[str, Json]]) -> Json:
    """All operations, or none: a NodeError of one leaves nothing."""
    left = MAX_VALUES
    for number, operation in enumerate(operations):
        name = f"patch[{number}]"
        steps = read_pointer(operation["path"], f"{name}.path")
        match operation["op"]:
            case "add":
                document = _add(document, steps, _value(operation, name), f"{name}.path")
            case "replace":
                document = _replace(document, steps, _value(operation, name), f"{name}.path")
            case "remove":
                document = _remove(document, steps, f"{name}.path")
            case "move":
                source = _source(operation, name)
                if steps[: len(source)] == source and steps != source:
                    message = f"{name}: {write_pointer(source)!r} cannot be moved into itself: use `copy`"
                    raise NodeError("InvalidParameters", message)
                moved = find(document, source, f"{name}.from")
                document = _add(_remove(document, source, f"{name}.from"), steps, moved, f"{name}.path")
            case "copy":
                found = find(document, _source(operation, name), f"{name}.from")
                left -= weigh(found, left)
                if left <= 0:
                    message = f"{name}: what was copied has more than {MAX_VALUES:,} values: copy less"
                    raise NodeError("TooLarge", message)
                document = _add(document, steps, found, f"{name}.path")
            case "test":
                _test(find(document, steps, f"{name}.path"), _value(operation, name), f"{name}: {write_pointer(steps)}")
    return document


def merge(document: Json, changes: Json) -> Json:
    """Members of objects are merged, everything else is replaced, and null takes away."""
    if not isinstance(changes, dict):
        return changes
    merged = dict(document) if isinstance(document, dict) else {}
    for name, change in changes.items():
        if change is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), change)
    return merged


def weigh(document: Json, bound: int) -> int:
    """How many values there are, as far as the bound. A long text counts as several."""
    weight, rest = 0, [document]
    while rest and weight <= bound:
        value = rest.pop()
        weight += 1
        if isinstance(value, dict):
            rest += value.values()
        elif isinstance(value, list):
            rest += value
        elif isinstance(value, str):
            weight += len(value) // 64
    return weight


def is_same(one: Json, other: Json) -> bool:
    """Equal as JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)


def _add(document: Json, steps: list[str], value: Json, name: str) -> Json:
    def change(parent: Json, last: str, told: str) -> None:
        if isinstance(parent, dict):
            parent[last] = value
        elif isinstance(parent, list):
            parent.insert(len(parent) if last == "-" else index(last, len(parent) + 1, told), value)
        else:
            _no_members(parent, told)

    return _change(document, steps, name, change) if steps else value


def _replace(document: Json, steps: list[str], value: Json, name: str) -> Json:
    def change(parent: Json, last: str, told: str) -> None:
        child(parent, last, told)
        parent[last if isinstance(parent, dict) else int(last)] = value

    return _change(document, steps, name, change) if steps else value


def _remove(document: Json, steps: list[str], name: str) -> Json:
    def change(parent: Json, last: str, told: str) -> None:
        child(parent, last, told)
        del parent[last if isinstance(parent, dict) else int(last)]

    return _change(document, steps, name, change) if steps else None


def _change(document: Json, steps: list[str], name: str, change: Callable[[Json, str, str], None]) -> Json:
    """A document with a new parent of what changes, and new parents of that one up to the root."""
    root = copy.copy(document)
    parent = root
    for number, step in enumerate(steps[:-1], 1):
        below = copy.copy(child(parent, step, f"{name}: {write_pointer(steps[:number])}"))
        parent[step if isinstance(parent, dict) else int(step)] = below
        parent = below
    change(parent, steps[-1], f"{name}: {write_pointer(steps)}")
    return root


def _source(operation: dict[str, Any], name: str) -> list[str]:
    if operation.get("from") is None:
        raise NodeError("InvalidParameters", f"{name}.from: {operation['op']} needs it: say what to {operation['op']}")
    return read_pointer(operation["from"], f"{name}.from")


def _value(operation: dict[str, Json], name: str) -> Json:
    if operation.get("value") is None:
        raise NodeError("InvalidParameters", f"{name}.value: {operation['op']} needs it: say which value")
    return operation["value"]


def _test(found: Json, expected: Json, told: str) -> None:
    if not is_same(found, expected):
        raise NodeError("TestFailed", f"{told} is {str(found)[:100]!r}, expected {str(expected)[:100]!r}")


def _no_members(parent: Json, told: str) -> NoReturn:
    message = f"{told} cannot be added: what comes before it is {kind(parent)}, which has no members"
    raise NodeError("NotFound", message)
