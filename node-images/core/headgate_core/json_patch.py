"""Changes a document: JSON Patch says what to do where, a merge says what it should look like.

`patch` is JSON Patch (RFC 6902): add, remove, replace, move, copy, test, one after the other; if one fails, the node
fails. `merge` is JSON Merge Patch (RFC 7396): members of objects are merged, everything else is replaced. A null that
an expression brings along takes a member away; in a workflow, where null cannot be written, `remove` does it. With
both, `merge` comes first.
"""

import asyncio
from typing import Annotated, Literal

from pydantic import Field

from headgate_core.formats.patch import apply_patch, merge
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

Pointer = Annotated[str, Field(max_length=2_000)]


class Operation(Params):
    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    """What to do."""
    path: Pointer
    """Where: a JSON Pointer such as `/items/0/name`; `-` in place of a number is the end of a list."""
    value: Json | None = None
    """What to add, to put there or to find there."""
    from_: Pointer | None = None
    """From where to move or copy."""


class JsonPatchParams(Params):
    document: Json
    """What to change."""
    patch: Annotated[list[Operation], Field(max_length=1_000)] | None = None
    """What to do, in this order."""
    merge: dict[str, Json] | None = None
    """What to merge into it."""


class JsonPatchOutput(Output):
    value: Json
    """The changed document."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={
                "document": {"tags": ["a"], "old": 1},
                "patch": [{"op": "add", "path": "/tags/-", "value": "b"}, {"op": "remove", "path": "/old"}],
            },
            output={"value": {"tags": ["a", "b"]}},
        ),
        Example(
            with_={"document": {"a": {"x": 1, "y": 2}, "b": [1]}, "merge": {"a": {"y": 3}, "b": [2]}},
            output={"value": {"a": {"x": 1, "y": 3}, "b": [2]}},
        ),
        Example(with_={"document": {"a": 1}, "patch": [{"op": "remove", "path": "/b"}]}, fails="NotFound"),
    ),
)
async def run(params: JsonPatchParams, ctx: Context) -> JsonPatchOutput:
    try:
        value = await asyncio.to_thread(_change, params)
    except RecursionError:
        raise NodeError("InvalidParameters", "document: it is nested too deep: change a part of it") from None
    if value is None:
        raise NodeError("NoValue", "patch: nothing is left of the document: remove a part of it")
    return JsonPatchOutput(value=value)


def _change(params: JsonPatchParams) -> Json:
    document = params.document if params.merge is None else merge(params.document, params.merge)
    return apply_patch(document, [one.model_dump(by_alias=True) for one in params.patch or []])
