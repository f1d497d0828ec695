"""Merges objects, the later ones over the earlier, or joins lists.

`values` are either all objects or all lists. With `deep`, objects inside objects are merged as well, and `lists` says
what becomes of lists that meet there. Lists are joined in their order, or, with `by`, matched: objects with the same
value there become one. `onConflict` says what happens where two values differ.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from headgate_core.bounds import check_items
from headgate_core.ordering import MOST_DEPTH, identity, unique
from headgate_core.paths import ABSENT, Path, get, parse_path
from headgate_lang.paths import kind_of
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

if TYPE_CHECKING:
    from collections.abc import Hashable


class MergeParams(Params):
    values: Annotated[list[Json], Field(min_length=1, max_length=100)]
    """The objects, or the lists. Those that are null are passed over."""
    deep: bool = False
    """Whether objects inside objects are merged, and not replaced."""
    lists: Literal["replace", "append", "unique"] = "replace"
    """With `deep`, what becomes of two lists: the later one, one after the other, or each value once."""
    on_conflict: Literal["last", "first", "fail"] = "last"
    """Which of two values stays where they differ."""
    by: Path | None = None
    """Of lists of objects: the field by which they are matched, such as `id`."""
    keep: Literal["all", "first", "common"] = "all"
    """With `by`, which objects come out: all, those of the first list, or those that every list has."""


class MergeOutput(Output):
    value: Json
    """What comes out: an object, or a list."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"values": [{"a": 1}, {"b": 2}]}, output={"value": {"a": 1, "b": 2}}),
        Example(
            with_={"values": [{"a": {"b": 1, "c": [1]}}, {"a": {"c": [2]}}], "deep": True, "lists": "append"},
            output={"value": {"a": {"b": 1, "c": [1, 2]}}},
        ),
        Example(
            description="Lists matched by a field.",
            with_={
                "values": [[{"id": 1, "name": "Ana"}, {"id": 2, "name": "Bob"}], [{"id": 1, "age": 7}]],
                "by": "id",
                "keep": "common",
            },
            output={"value": [{"id": 1, "name": "Ana", "age": 7}]},
        ),
        Example(with_={"values": [{"a": 1}, {"a": 2}], "onConflict": "fail"}, fails="Conflict"),
    ),
)
async def run(params: MergeParams, ctx: Context) -> MergeOutput:
    values = [(index, value) for index, value in enumerate(params.values) if value is not None]
    kinds = {dict if isinstance(value, dict) else list if isinstance(value, list) else None for _, value in values}
    if None in kinds or len(kinds) != 1:
        told = (
            ", ".join(f"values[{index}] is {kind_of(value)}" for index, value in values[:5]) or "all of them are null"
        )
        raise NodeError("NotMergeable", f"{told}: give objects only, or lists only")
    if kinds == {list}:
        lists = [value for _, value in values]
        check_items(sum(map(len, lists)))
        return MergeOutput(value=_matched(lists, params) if params.by else [item for one in lists for item in one])
    if params.by is not None:
        raise NodeError("InvalidParameters", "`by` matches the items of lists, and `values` are objects: leave it out")
    merged: dict[str, Any] = {}
    for _, value in values:
        merged = _merged(merged, value, params, "", 0)
    return MergeOutput(value=merged)


def _merged(old: dict[str, Any], new: dict[str, Any], params: MergeParams, at: str, depth: int) -> dict[str, Any]:
    if depth > MOST_DEPTH:
        raise NodeError("TooDeep", f"`{at[:60]} …` is nested deeper than {MOST_DEPTH}: merge a part of it")
    merged = dict(old)
    for name, value in new.items():
        if value is not None:
            before = merged.get(name)
            merged[name] = value if before is None else _one(before, value, params, f"{at}.{name}".lstrip("."), depth)
    return merged


def _one(old: Any, new: Any, params: MergeParams, at: str, depth: int) -> Any:
    if params.deep and isinstance(old, dict) and isinstance(new, dict):
        return _merged(old, new, params, at, depth + 1)
    if params.deep and isinstance(old, list) and isinstance(new, list) and params.lists != "replace":
        check_items(len(old) + len(new), f"`{at}`")
        return [*old, *new] if params.lists == "append" else unique([*old, *new])
    if params.on_conflict == "fail" and identity(old) != identity(new):
        raise NodeError("Conflict", f"`{at}` differs: write `onConflict: last` or `first`, or leave it out of one")
    return old if params.on_conflict == "first" else new


def _matched(lists: list[list[Any]], params: MergeParams) -> list[Any]:
    keys = parse_path(params.by or "")
    found: dict[Hashable, Any] = {}
    seen: dict[Hashable, set[int]] = {}
    for number, items in enumerate(lists):
        for index, item in enumerate(items):
            value = get(item, keys)
            if not isinstance(item, dict) or value is ABSENT:
                raise NodeError("NotMergeable", f"values[{number}][{index}] has no `{params.by}`: filter it out first")
            key = identity(value)
            found[key] = _merged(found[key], item, params, "", 0) if key in found else item
            seen.setdefault(key, set()).add(number)
    if params.keep == "first":
        return [item for key, item in found.items() if 0 in seen[key]]
    if params.keep == "common":
        return [item for key, item in found.items() if len(seen[key]) == len(lists)]
    return list(found.values())
