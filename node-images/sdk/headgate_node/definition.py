"""What a node file defines: `@node` makes a `NodeDefinition` of its function. Importing such a file does no more work.

The runtime runs it, the generator writes a `NodeType` of it, tests run its examples.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar, get_type_hints

from headgate_node.context import Context
from headgate_node.shapes import FieldsOf, Output, Params, SchemaOf, TypeOf


class Trait(StrEnum):
    """What is true of a node."""

    INSTANT = "Instant"
    """Bounded CPU, no I/O: may share a pod with anything."""
    LIGHT = "Light"
    """Waits for I/O more than it computes."""
    INTERNET = "Internet"
    """Reaches beyond the cluster."""
    USER_CODE = "UserCode"
    """Runs code that a user wrote: never in a pod with a credential."""
    GPU = "Gpu"
    IDEMPOTENT = "Idempotent"
    """May run again after a failure whose effect is unknown."""


@dataclass(frozen=True, slots=True)
class Example:
    """Parameters and what they give, or the reason for which they fail. Run as a test, and part of the docs."""

    with_: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] | None = None
    fails: str | None = None
    """The reason of the error that comes of it."""
    description: str | None = None
    needs: Literal["network", "credential", "reader"] | None = None
    """What stands in the way of running it alone. The node's own test runs it, with a peer, with a credential, or with
    a reader of an output that differs each time."""

    def __post_init__(self) -> None:
        if (self.output is None) == (self.fails is None):
            raise ValueError("an example has an output, or says with which reason it fails")


P = TypeVar("P", bound=Params)
Like = TypeOf | FieldsOf | SchemaOf


@dataclass(frozen=True, slots=True)
class NodeDefinition(Generic[P]):
    """A node, as its file defines it."""

    name: str
    version: int
    module: str
    """The module of the file: its docstring is the description, and its docs."""
    function: Callable[[P, Context], Awaitable[Output]]
    params: type[P]
    output: type[Output]
    traits: frozenset[Trait]
    examples: tuple[Example, ...]
    timeout: str | None = None
    """The longest that one attempt may take, unless the workflow says otherwise: `5m`."""
    retry: Mapping[str, Any] | None = None
    """As in a workflow: `{"limit": 3, "reasons": [...], "backoff": {...}}`."""
    idempotent_when: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """With which parameters it is idempotent although the node is not: parameter → values."""
    output_like: Like | None = None
    """What the output as a whole is like, where its class cannot say it."""
    deprecated: str | None = None
    """Why, and what to use instead."""


def node(  # noqa: PLR0913 - each is a field of a NodeType
    *,
    traits: Sequence[Trait],
    examples: Sequence[Example],
    version: int = 1,
    timeout: str | None = None,
    retry: Mapping[str, Any] | None = None,
    idempotent_when: Mapping[str, Sequence[Any]] | None = None,
    output_like: Like | None = None,
    deprecated: str | None = None,
) -> Callable[[Callable[[P, Context], Awaitable[Output]]], NodeDefinition[P]]:
    """Make the node of a file out of its `async def run(params, ctx)`. It is found there as `run`."""

    def define(function: Callable[[P, Context], Awaitable[Output]]) -> NodeDefinition[P]:
        hints = get_type_hints(function)
        return NodeDefinition(
            name=name_of(function.__module__),
            version=version,
            module=function.__module__,
            function=function,
            params=hints["params"],
            output=hints["return"],
            traits=frozenset(traits),
            examples=tuple(examples),
            timeout=timeout,
            retry=retry,
            idempotent_when=idempotent_when or {},
            output_like=output_like,
            deprecated=deprecated,
        )

    return define


_AGE = re.compile(r"_v[1-9][0-9]*$")


def name_of(module: str) -> str:
    """The name of the node that a module defines: of `headgate_core.set_` and `headgate_core.set_v1` it is `set`."""
    return _AGE.sub("", module.rpartition(".")[2]).removesuffix("_").replace("_", "-")
