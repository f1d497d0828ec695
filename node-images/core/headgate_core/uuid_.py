"""Makes UUIDs: v4 by chance, v5 of a name, v7 in the order of time.

A retry gives the same ones: chance comes from the Run and the place in it, or from `seed`, and the time of v7 is that
at which the Run began. So a UUID names something, but is no secret: whoever knows the Run's uid can compute it.
"""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from headgate_core.bounds import wanted
from headgate_core.chance import Chance
from headgate_node import Context, Example, NodeError, Output, Params, Trait, node

_NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS,
    "url": uuid.NAMESPACE_URL,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
}


class UuidParams(Params):
    version: Literal["v4", "v5", "v7"] = "v4"
    """Which kind of UUID."""
    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    """How many, of v4 and v7."""
    name: Annotated[str, Field(max_length=10_000)] | None = None
    """What v5 is made of: the same name gives the same UUID, everywhere."""
    namespace: Annotated[str, Field(max_length=100)] = "url"
    """In which space the name of v5 lies: `dns`, `url`, `oid`, `x500`, or a UUID."""
    seed: Annotated[str, Field(max_length=1000)] | None = None
    """What chance is drawn from; without it, from the Run and the place in it."""


class UuidOutput(Output):
    uuid: str
    """The first."""
    uuids: list[str]
    """All of them."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"version": "v5", "namespace": "dns", "name": "example.com"},
            output={
                "uuid": "cfbff0d1-9375-5685-968c-48ce8b15ae17",
                "uuids": ["cfbff0d1-9375-5685-968c-48ce8b15ae17"],
            },
        ),
        Example(
            with_={"seed": "order 7"},
            output={
                "uuid": "4ce1bfb7-2cfb-4e9d-9504-85fd0bb1669b",
                "uuids": ["4ce1bfb7-2cfb-4e9d-9504-85fd0bb1669b"],
            },
        ),
        Example(with_={"version": "v5"}, fails="InvalidParameters"),
    ),
)
async def run(params: UuidParams, ctx: Context) -> UuidOutput:
    if params.version == "v5":
        return _of_name(params)
    chance = Chance(ctx.idempotency_key if params.seed is None else params.seed, "uuid")
    milliseconds = _milliseconds(ctx.run.started_at) if params.version == "v7" else 0
    found = []
    for number in range(params.count):
        bits = int.from_bytes(chance.bytes(16), "big")
        if params.version == "v4":
            bits = _marked(bits, 4)
        else:  # RFC 9562, method 1: behind the time a counter, so that those of one node are in order as well
            counter = number >> 2 << 64 | (number & 3) << 60
            bits = _marked(milliseconds << 80 | counter | bits & ((1 << 60) - 1), 7)
        found.append(str(uuid.UUID(int=bits)))
    return UuidOutput(uuid=found[0], uuids=found)


def _of_name(params: UuidParams) -> UuidOutput:
    if params.name is None:
        raise wanted("name", "v5")
    if params.count != 1:
        raise NodeError("InvalidParameters", "v5 gives one UUID of one name: write `forEach` over the names")
    try:
        namespace = _NAMESPACES.get(params.namespace) or uuid.UUID(params.namespace)
        found = str(uuid.uuid5(namespace, params.name))
    except ValueError:
        known = ", ".join(_NAMESPACES)
        raise NodeError("InvalidParameters", f"`namespace` is {params.namespace!r}: write {known}, or a UUID") from None
    return UuidOutput(uuid=found, uuids=[found])


def _milliseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)


def _marked(bits: int, version: int) -> int:
    """With the version, and the variant of RFC 9562."""
    return bits & ~(0xF << 76) & ~(0x3 << 62) & ((1 << 128) - 1) | version << 76 | 0x2 << 62
