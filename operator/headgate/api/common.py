"""What several kinds share: the base of every shape, bounded scalars, metadata and conditions.

Every string, list and map has a bound: the API server enforces it before our code sees the object, and its estimate of
what a validation rule may cost depends on it. The docstring under a field is its description in the CRD.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from headgate.names import API_VERSION, NODE_NAME
from headgate_lang import durations


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


def by(*keys: str) -> JsonDict:
    """A list whose items are told apart by these keys: server-side apply can own one of them."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [*keys]}


def rules(*pairs: tuple[str, str]) -> JsonDict:
    """Validation rules for the API server, in CEL, each with what it says to whoever breaks it."""
    return {"x-kubernetes-validations": [{"rule": rule, "message": message} for rule, message in pairs]}


def frozen(remedy: str) -> JsonDict:
    """A field that nobody changes, once it is there. Adding and removing it is a matter of the shape around it."""
    return rules(("self == oldSelf", f"cannot be changed: {remedy}"))


def stays(remedy: str, *fields: str) -> list[tuple[str, str]]:
    """Rules of a shape whose fields are neither added nor removed later."""
    return [(f"has(self.{name}) == has(oldSelf.{name})", f"{name} cannot be changed: {remedy}") for name in fields]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`. Never a date: kubectl prints `<invalid>` for a time to come."""

    title: str
    path: str
    type: str = "string"
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """What the CRD of a kind says beside its schema."""

    plural: str
    short_names: tuple[str, ...]
    columns: tuple[Column, ...]
    cluster: bool = False
    rules: JsonDict = field(default_factory=dict)
    """About the object as a whole: its name."""


OBJECT_NAME = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
WORD = r"^[A-Z][A-Za-z0-9]{0,62}$"
TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$"

Line = Annotated[str, StringConstraints(max_length=1024)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Word = Annotated[str, StringConstraints(max_length=63, pattern=WORD)]
"""A stable reason or type: PascalCase."""

ObjectName = Annotated[str, StringConstraints(max_length=253, pattern=OBJECT_NAME)]
UserName = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Expression = Annotated[str, StringConstraints(max_length=8192)]
Digest = Annotated[str, StringConstraints(max_length=71, pattern=r"^sha256:[0-9a-f]{12,64}$")]
Revision = Annotated[str, StringConstraints(max_length=12, pattern=r"^[0-9a-f]{12}$")]
Time = Annotated[str, StringConstraints(max_length=30, pattern=TIME)]
Duration = Annotated[str, StringConstraints(max_length=11, pattern=durations.PATTERN)]
Count = Annotated[StrictInt, Field(ge=0, le=2_147_483_647)]

NodeName = Annotated[str, Field(json_schema_extra={"maxLength": 40, "pattern": f"^{NODE_NAME.pattern}$"})]
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

    def is_part_of(self, run_uid: str) -> bool:
        """Whether this Run owns it; by group and kind too, as anybody may write the uid into a reference of a kind of
        theirs, for which no admission policy stands."""
        return any(
            (owner.uid, owner.api_version, owner.kind) == (run_uid, API_VERSION, "Run") and bool(owner.controller)
            for owner in self.owner_references
        )


class Resource(Shape):
    """A whole object of one of our kinds."""

    crd: ClassVar[Definition]

    api_version: Literal["headgate.dev/v1alpha1"]
    kind: str
    metadata: Metadata
    spec: Shape
    status: Shape | None = None


class ConditionStatus(StrEnum):
    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Condition(Shape):
    """As everywhere in Kubernetes."""

    type: Word
    """What the condition is about."""
    status: ConditionStatus
    """Whether it is so."""
    reason: Word
    """Why, in one stable word."""
    message: Annotated[str, StringConstraints(max_length=32_768)]
    """Why, in a sentence."""
    last_transition_time: Time
    """When the status last changed."""
    observed_generation: Count | None = None
    """The generation of the object that this is said of."""


Conditions = Annotated[tuple[Condition, ...], Field(max_length=16, json_schema_extra=by("type"))]


def exclusive(*fields: str) -> PydanticCustomError:
    """What is wrong where not exactly one of these fields is given."""
    names = ", ".join(f"`{field}`" for field in fields)
    return PydanticCustomError(
        "ExclusiveChoice", "one of {names} is needed, and only one", {"names": names, "remedy": "give one of them"}
    )


def condition(type_: str) -> str:
    """The path of a condition's status, for a column."""
    return f'.status.conditions[?(@.type=="{type_}")].status'


AGE = Column("Age", ".metadata.creationTimestamp", type="date")
