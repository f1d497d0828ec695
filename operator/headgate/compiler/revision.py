"""What a spec says, apart from how it is written: its content hash, and what tells two of them apart.

A Run pins the revision of its workflow; history, rollback and `diff` come from the same. Never part of it: descriptions
for people, places on a canvas, the order of nodes (which orders nothing), and defaults that somebody wrote out.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from headgate.api.common import Shape
from headgate.api.workflow import Node, WorkflowSpec
from headgate.compiler.document.bounds import as_stored
from headgate.errors import Item, Path
from headgate_lang import documents

_FOR_PEOPLE: dict[type[Shape], frozenset[str]] = {
    WorkflowSpec: frozenset({"description"}),
    Node: frozenset({"description", "position"}),
}
_BY_NAME = {"nodes", "finally"}
_REQUIRED = object()
_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. An absent side is None: the literal null is in no spec."""

    path: Path
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.path}: {_short(self.after)}"
        if self.after is None:
            return f"- {self.path}: {_short(self.before)}"
        before, after = _around_difference(_text(self.before), _text(self.after))
        return f"~ {self.path}: {before} → {after}"


def content_hash(spec: Shape) -> str:
    """The hash of what a spec says: `sha256:` and 64 digits."""
    return documents.digest(_canonical(spec))


def revision(spec: Shape) -> str:
    """The hash as people read it: its first 12 digits. What must not be forged compares the whole."""
    return content_hash(spec).removeprefix("sha256:")[:12]


def diff(old: Shape, new: Shape) -> tuple[Change, ...]:
    """What became of a spec, a change a field. Empty exactly if the hashes are equal."""
    return tuple(_differences(_canonical(old), _canonical(new), Path()))


def _canonical(value: Any) -> Any:
    """Plain JSON in which whatever means the same looks the same."""
    match value:
        case Shape():
            return _canonical_shape(value)
        case dict():
            return {key: _canonical(member) for key, member in value.items()}
        case list() | tuple():
            return [_canonical(item) for item in value]
        case float():
            return as_stored(value)
        case str():
            return str(value)
        case _:
            return value


def _canonical_shape(shape: Shape) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, alias, default in _fields(type(shape)):
        value = getattr(shape, name)
        if value is None or value == default:
            continue
        plain = _canonical(value)
        if plain or default is _REQUIRED or not isinstance(value, Shape):
            said[alias] = plain
    if isinstance(shape, WorkflowSpec):
        for name in _BY_NAME & said.keys():
            said[name] = {node["name"]: node for node in said[name]}
    return said


@cache
def _fields(shape: type[Shape]) -> tuple[tuple[str, str, Any], ...]:
    """The fields that count: name, alias, and the value that says nothing."""
    return tuple(
        (name, field.alias or name, _REQUIRED if field.is_required() else field.get_default(call_default_factory=True))
        for name, field in shape.model_fields.items()
        if name not in _FOR_PEOPLE.get(shape, ())
    )


def _differences(old: Any, new: Any, path: Path) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            below = _step(path, key)
            if key not in new:
                yield Change(below, before=old[key])
            elif key not in old:
                yield Change(below, after=new[key])
            else:
                yield from _differences(old[key], new[key], below)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _differences(before, after, path / Item(index))
    elif type(old) is not type(new) or old != new:
        yield Change(path, old, new)


def _step(path: Path, key: str) -> Path:
    """Nodes are named, as everywhere: `nodes[draft]`."""
    return path / Item(0, key) if path.steps in (("nodes",), ("finally",)) else path / key


def _text(value: Any) -> str:
    if isinstance(value, str):
        return (
            value if value and value.isprintable() and value.strip() == value else json.dumps(value, ensure_ascii=False)
        )
    return json.dumps(value, ensure_ascii=False)


def _short(value: Any) -> str:
    """A node by what it does, anything else by how it begins."""
    if isinstance(value, Mapping) and "use" in value and "name" in value:
        return str(value["use"])
    text = _text(value)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _around_difference(before: str, after: str) -> tuple[str, str]:
    """Of two long texts, the part where they part."""
    same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = 0 if max(len(before), len(after)) <= _WIDTH else max(0, same - _WIDTH // 4)
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    end = start + _WIDTH
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
