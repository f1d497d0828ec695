"""Picks, leaves out, renames and moves fields of an object.

Paths are written as in expressions: `address.city`, `lines[0].price`, `headers["content-type"]`. `flatten` makes
`{"a.b": 1}` of `{a: {b: 1}}`, and `unflatten` the other way; `entries` makes a list of `{key, value}`, and
`fromEntries` an object of it. To lay objects over one another there is `merge`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from headgate_core.bounds import MOST_ITEMS, check_items, wanted
from headgate_core.ordering import MOST_DEPTH
from headgate_core.paths import ABSENT, Path, get, parse_path, with_value, without
from headgate_lang.near import did_you_mean
from headgate_lang.paths import tell_names
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

Name = Annotated[str, Field(max_length=500)]


class Entry(Params):
    key: Name
    """The name of the field."""
    value: Json | None = None
    """What it holds; a field without it is left out."""


class ObjectParams(Params):
    operation: Literal[
        "entries", "flatten", "fromEntries", "get", "omit", "pick", "remove", "rename", "set", "unflatten"
    ]
    """What is done."""
    value: Annotated[dict[str, Json], Field(max_length=MOST_ITEMS)] | None = None
    """The object; every operation but `fromEntries` needs it."""
    paths: Annotated[list[Path], Field(min_length=1, max_length=200)] | None = None
    """What `pick` keeps and `omit` leaves out; what is not there is passed over."""
    path: Path | None = None
    """Where `get`, `set` and `remove` go."""
    to: Json | None = None
    """What `set` puts there."""
    default: Json | None = None
    """What `get` gives if there is nothing; without it the node fails then."""
    names: Annotated[dict[str, Name], Field(min_length=1, max_length=200)] | None = None
    """The new names of `rename`: old → new."""
    entries: Annotated[list[Entry], Field(max_length=MOST_ITEMS)] | None = None
    """What `fromEntries` makes an object of; the last of several with the same key counts."""
    separator: Annotated[str, Field(min_length=1, max_length=10)] = "."
    """What stands between the names in `flatten` and `unflatten`."""


class ObjectOutput(Output):
    value: Json
    """What comes out: an object, of `entries` a list, of `get` whatever stands there."""
    keys: list[str]
    """The names of its fields, if it is an object."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"operation": "pick", "value": {"id": 7, "a": {"b": 1, "c": 2}}, "paths": ["id", "a.b"]},
            output={"value": {"id": 7, "a": {"b": 1}}, "keys": ["id", "a"]},
        ),
        Example(
            with_={"operation": "set", "value": {"id": 7}, "path": "owner.name", "to": "Ana"},
            output={"value": {"id": 7, "owner": {"name": "Ana"}}, "keys": ["id", "owner"]},
        ),
        Example(
            with_={"operation": "entries", "value": {"a": 1}},
            output={"value": [{"key": "a", "value": 1}], "keys": []},
        ),
        Example(with_={"operation": "get", "value": {"name": "Ana"}, "path": "nmae"}, fails="NoValue"),
    ),
)
async def run(params: ObjectParams, ctx: Context) -> ObjectOutput:
    found = _OPERATIONS[params.operation](params)
    return ObjectOutput(value=found, keys=list(found) if isinstance(found, dict) else [])


def _value(params: ObjectParams) -> dict[str, Any]:
    if params.value is None:
        raise wanted("value", params.operation)
    return params.value


def _path(params: ObjectParams) -> tuple[str | int, ...]:
    if params.path is None:
        raise wanted("path", params.operation)
    return parse_path(params.path)


def _paths(params: ObjectParams) -> list[tuple[str | int, ...]]:
    if params.paths is None:
        raise wanted("paths", params.operation)
    return [parse_path(path) for path in params.paths]


def _pick(params: ObjectParams) -> Any:
    value = _value(params)
    picked: dict[str, Any] = {}
    for keys in _paths(params):
        fields = [key for key in keys if isinstance(key, str)]
        if len(fields) != len(keys):
            raise NodeError("InvalidPath", "`pick` takes fields, not places in lists: pick the whole list")
        if (found := get(value, keys)) is not ABSENT:
            picked = with_value(picked, keys, found)
    return picked


def _omit(params: ObjectParams) -> Any:
    value = _value(params)
    for keys in _paths(params):
        value = without(value, keys)
    return value


def _get(params: ObjectParams) -> Any:
    value, keys = _value(params), _path(params)
    found = get(value, keys)
    if found is not ABSENT:
        return found
    if params.default is None:
        near = did_you_mean(str(keys[0]), value) if keys[0] not in value else ""
        raise NodeError(
            "NoValue", f"there is nothing at `{params.path}`: {near or tell_names(value)}; or give a `default`"
        )
    return params.default


def _set(params: ObjectParams) -> Any:
    if params.to is None:
        raise wanted("to", params.operation)
    return with_value(_value(params), _path(params), params.to)


def _rename(params: ObjectParams) -> Any:
    value, names = _value(params), params.names
    if names is None:
        raise wanted("names", params.operation)
    renamed: dict[str, Any] = {}
    for name, member in value.items():
        new = names.get(name, name)
        if new in renamed:
            raise NodeError("NameTaken", f"two fields would be called `{new}`: omit one of them first")
        renamed[new] = member
    return renamed


def _flatten(params: ObjectParams) -> Any:
    flat = {}
    for name, value in _leaves(_value(params), "", params.separator, 0):
        if name in flat:
            raise NodeError("NameTaken", f"two fields would be called `{name}`: choose another `separator`")
        flat[name] = value
    return flat


def _leaves(value: dict[str, Any], before: str, separator: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > MOST_DEPTH:
        raise NodeError("TooDeep", f"it is nested deeper than {MOST_DEPTH}: flatten a part of it")
    for name, member in value.items():
        if isinstance(member, dict) and member:
            yield from _leaves(member, f"{before}{name}{separator}", separator, depth + 1)
        else:
            yield f"{before}{name}", member


def _unflatten(params: ObjectParams) -> Any:
    root: dict[str, Any] = {}
    for name, member in _value(params).items():
        *way, last = name.split(params.separator)
        if len(way) > MOST_DEPTH:
            raise NodeError("TooDeep", f"`{name[:60]} …` is nested deeper than {MOST_DEPTH}")
        held = root
        for step in way:
            held = held.setdefault(step, {})
            if not isinstance(held, dict):
                raise NodeError("NameTaken", f"`{name}` needs an object at `{step}`, where another value is already")
        if last in held:
            raise NodeError("NameTaken", f"there is something at `{name}` already: leave one of them out")
        held[last] = dict(member) if isinstance(member, dict) else member
    return root


def _entries(params: ObjectParams) -> Any:
    return [{"key": key, "value": member} for key, member in _value(params).items() if member is not None]


def _from_entries(params: ObjectParams) -> Any:
    if params.entries is None:
        raise wanted("entries", params.operation)
    check_items(len(params.entries), "`entries`")
    return {entry.key: entry.value for entry in params.entries if entry.value is not None}


_OPERATIONS: Mapping[str, Callable[[ObjectParams], Any]] = {
    "entries": _entries,
    "flatten": _flatten,
    "fromEntries": _from_entries,
    "get": _get,
    "omit": _omit,
    "pick": _pick,
    "remove": lambda params: without(_value(params), _path(params)),
    "rename": _rename,
    "set": _set,
    "unflatten": _unflatten,
}
