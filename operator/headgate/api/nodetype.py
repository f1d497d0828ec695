"""`NodeType`: one version of a node that workflows can use; the contract between the operator and any image."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from headgate.api.common import OPEN, Condition, Document, Duration, Line, Resource, Shape, Text
from headgate.api.workflow import Retry


class Trait(StrEnum):
    INSTANT = "Instant"
    """Bounded CPU, no I/O: may share a pod with anything."""
    LIGHT = "Light"
    """Waits for I/O more than it computes: may share a pod where nobody waits longer for it."""
    INTERNET = "Internet"
    """Reaches beyond the cluster."""
    USER_CODE = "UserCode"
    """Runs code that a user wrote: never in a pod with a credential."""
    GPU = "Gpu"
    """Needs a GPU."""
    IDEMPOTENT = "Idempotent"
    """May run again after a failure whose effect is unknown."""


class Gate(StrEnum):
    """What a node waits for outside pods. The operator carries these out itself."""

    APPROVAL = "Approval"
    CLARIFICATION = "Clarification"
    TIMER = "Timer"
    EVENT = "Event"


class Example(Shape):
    """Parameters and what they give; run as a test of the type."""

    description: Line | None = None
    """What the example shows."""
    with_: Document = Field(default_factory=dict, alias="with", json_schema_extra=OPEN)
    """The parameters."""
    output: Document = Field(default_factory=dict, json_schema_extra=OPEN)
    """What the node answers."""


class NodeTypeSpec(Shape):
    """What a node of this type takes, gives and needs. Never changes: a change is another version."""

    description: Line
    """What the node does, in a sentence."""
    docs: Text | None = None
    """More about it, in Markdown."""
    image: Annotated[str, StringConstraints(max_length=512, pattern=r"^[^\s{}$]+@sha256:[0-9a-f]{64}$")] | None = None
    """The image, by digest; none for a gate."""
    command: Annotated[tuple[Annotated[str, StringConstraints(max_length=1024)], ...], Field(max_length=64)] = ()
    """What the image runs."""
    gate: Gate | None = None
    """What the node waits for, in place of an image: Approval, Clarification, Timer or Event."""
    params: Annotated[Document, Field(max_length=200, json_schema_extra=OPEN)] = Field(default_factory=dict)
    """What it takes: name → JSON Schema; required unless it has a default or is optional."""
    output: Annotated[Document, Field(max_length=200, json_schema_extra=OPEN)] = Field(default_factory=dict)
    """What it gives: name → JSON Schema."""
    traits: Annotated[tuple[Trait, ...], Field(max_length=6)] = ()
    """What is true of it: Instant, Light, Internet, UserCode, Gpu, Idempotent."""
    timeout: Duration | None = None
    """The longest that one attempt may take, unless the node or the workflow says otherwise."""
    retry: Retry | None = None
    """When a failed attempt is repeated, unless the node or the workflow says otherwise."""
    idempotent_when: Annotated[Document, Field(max_length=20, json_schema_extra=OPEN)] = Field(default_factory=dict)
    """With which parameters it is idempotent although the type is not: parameter → list of values."""
    examples: Annotated[tuple[Example, ...], Field(max_length=20)] = ()
    """Examples, run as tests."""
    deprecated: Line | None = None
    """Why, and what to use instead; lint repeats it."""


class NodeTypeStatus(Shape):
    """What Headgate found."""

    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] = ()
    """Valid: whether workflows can use it."""


class NodeType(Resource):
    """One version of a node that workflows can use: image, schemas, traits."""

    kind: Literal["NodeType"] = "NodeType"
    spec: NodeTypeSpec
    status: NodeTypeStatus | None = None
