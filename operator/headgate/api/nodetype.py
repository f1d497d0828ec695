"""`NodeType`: one version of a node that workflows can use; the contract between the operator and any image."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from headgate.api.common import (
    AGE,
    Column,
    Conditions,
    Definition,
    Document,
    Duration,
    Line,
    Resource,
    Shape,
    Text,
    condition,
    exclusive,
    rules,
)
from headgate.api.workflow import Retry

NAME_PATTERN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\.v[1-9][0-9]{0,3}$"
"""`http.v2`, which workflows use as `http@2`."""

IMAGE = r"^[^\s{}$]+@sha256:[0-9a-f]{64}$"
"""By digest: a tag may be another image tomorrow."""


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
    with_: Document = Field(default_factory=dict, alias="with")
    """The parameters."""
    output: Document = Field(default_factory=dict)
    """What the node answers."""


_NEXT = "a NodeType never changes what it is: make the next version, such as http.v3"
"""The image may be built anew, and more be said of it: Runs under way keep what they pinned. The rest of what workflows
rely on is frozen by the chart's admission policy `nodetypes`: rules of a CRD cannot look into `params` and `output`."""


def _without_digest(spec: str) -> str:
    """In CEL. (`split` would cost more than a rule may.)"""
    return f"{spec}.image.substring(0, {spec}.image.size() - {len('@sha256:') + 64})"


class NodeTypeSpec(Shape):
    """What a node of this type takes, gives and needs: that never changes, a change is another version."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            ("has(self.gate) == has(oldSelf.gate)", _NEXT),
            (
                f"!has(self.image) || !has(oldSelf.image) || {_without_digest('self')} == {_without_digest('oldSelf')}",
                _NEXT,
            ),
            ("has(self.image) != has(self.gate)", "give an image, or a gate, and not both"),
        )
    )

    description: Line
    """What the node does, in a sentence."""
    docs: Text | None = None
    """More about it, in Markdown."""
    image: Annotated[str, StringConstraints(max_length=512, pattern=IMAGE)] | None = None
    """The image, by digest; none for a gate."""
    command: Annotated[tuple[Annotated[str, StringConstraints(max_length=1024)], ...], Field(max_length=64)] = ()
    """What the image runs."""
    gate: Annotated[Gate, Field(json_schema_extra=rules(("self == oldSelf", _NEXT)))] | None = None
    """What the node waits for, in place of an image."""
    params: Annotated[Document, Field(max_length=200)] = Field(default_factory=dict)
    """What it takes: name → JSON Schema; required unless it has a default or is optional."""
    output: Annotated[Document, Field(max_length=200)] = Field(default_factory=dict)
    """What it gives: name → JSON Schema."""
    traits: Annotated[tuple[Trait, ...], Field(max_length=6, json_schema_extra={"x-kubernetes-list-type": "set"})] = ()
    """What is true of it."""
    timeout: Duration | None = None
    """The longest that one attempt may take, unless the node or the workflow says otherwise."""
    retry: Retry | None = None
    """When a failed attempt is repeated, unless the node or the workflow says otherwise."""
    idempotent_when: Annotated[Document, Field(max_length=20)] = Field(default_factory=dict)
    """With which parameters it is idempotent although the type is not: parameter → list of values."""
    examples: Annotated[tuple[Example, ...], Field(max_length=20)] = ()
    """Examples, run as tests."""
    deprecated: Line | None = None
    """Why, and what to use instead; lint repeats it."""

    @model_validator(mode="after")
    def _image_or_gate(self) -> Self:
        if (self.image is None) == (self.gate is None):
            raise exclusive("image", "gate")
        return self


class NodeTypeStatus(Shape):
    """What Headgate found."""

    conditions: Conditions = ()
    """Valid: whether workflows can use it."""


class NodeType(Resource):
    """One version of a node that workflows can use: image, schemas, traits."""

    crd = Definition(
        plural="nodetypes",
        short_names=("hnt",),
        columns=(
            Column("Valid", condition("Valid")),
            Column("Description", ".spec.description"),
            Column("Traits", ".spec.traits"),
            Column("Deprecated", ".spec.deprecated", wide=True),
            Column("Image", ".spec.image", wide=True),
            AGE,
        ),
        cluster=True,
        rules=rules((f"self.metadata.name.matches(r'{NAME_PATTERN}')", "the name ends in its version: http.v2")),
    )

    kind: Literal["NodeType"]
    spec: NodeTypeSpec
    status: NodeTypeStatus | None = None
