"""What several kinds share: the base of every shape, bounded scalars, metadata and conditions.

Every string, list and map has a bound: the API server enforces it before our code sees the object, and its estimate of
what a validation rule may cost depends on it. The docstring under a field is its description in the CRD.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from headgate.names import NODE_NAME


class Shape(BaseModel):
    """Part of a kind: immutable, camelCase outside and snake_case inside, and without room for a field unknown."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
        serialize_by_alias=True,
    )


OPEN: JsonDict = {"x-kubernetes-preserve-unknown-fields": True}
"""Marks, in the CRD, what Kubernetes must keep without knowing its shape."""

Line = Annotated[str, StringConstraints(max_length=1024)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{0,62}$")]
"""A stable reason or type: PascalCase."""

ObjectName = Annotated[str, StringConstraints(max_length=253, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
UserName = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Expression = Annotated[str, StringConstraints(max_length=8192)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{12,64}$")]
Revision = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
Time = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$")]
Duration = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$")]
Count = Annotated[StrictInt, Field(ge=0, le=2_147_483_647)]

NodeName = Annotated[
    str, StringConstraints(max_length=40), Field(json_schema_extra={"pattern": f"^{NODE_NAME.pattern}$"})
]
"""The API server enforces the pattern. Here the compiler does, which says why, and still finds the other problems."""

Document = dict[str, Any]
"""A JSON object of any shape."""
FieldSchema = dict[str, Any]
"""The JSON Schema of one field: an input, a parameter, an output, an answer."""


class OwnerReference(Shape):
    api_version: Line
    kind: Line
    name: Line
    uid: Line
    controller: StrictBool | None = None
    block_owner_deletion: StrictBool | None = None


class Metadata(Shape):
    """Kubernetes' own; the API server checks it."""

    name: Line | None = None
    generate_name: Line | None = None
    namespace: Line | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    uid: Line | None = None
    generation: StrictInt | None = None
    resource_version: Line | None = None
    creation_timestamp: Line | None = None
    deletion_timestamp: Line | None = None
    deletion_grace_period_seconds: StrictInt | None = None
    owner_references: tuple[OwnerReference, ...] = ()
    finalizers: tuple[str, ...] = ()
    managed_fields: tuple[Document, ...] = ()
    self_link: Line | None = None


class Resource(Shape):
    """A whole object of one of our kinds."""

    api_version: Literal["headgate.dev/v1alpha1"]
    kind: str
    metadata: Metadata


class ConditionStatus(StrEnum):
    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Condition(Shape):
    type: Word
    """What the condition is about."""
    status: ConditionStatus
    """True, False or Unknown."""
    reason: Word
    """Why, in one stable word."""
    message: Annotated[str, StringConstraints(max_length=32_768)]
    """Why, in a sentence."""
    last_transition_time: Time
    """When the status last changed."""
    observed_generation: Count | None = None
    """The generation of the spec that this is said of."""
