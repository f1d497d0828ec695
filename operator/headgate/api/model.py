"""`Model`: a served model, by vLLM in this cluster or by somebody else's endpoint. Written by platform people."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictInt, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from headgate.api.common import (
    AGE,
    Column,
    Conditions,
    Count,
    Definition,
    Duration,
    Line,
    ObjectName,
    Resource,
    Shape,
    condition,
    rules,
)
from headgate.api.pod import Pod

Url = Annotated[str, StringConstraints(max_length=1024, pattern=r"^https?://[^\s{}$]+$")]


class Engine(StrEnum):
    VLLM = "vllm"
    EXTERNAL = "external"


class Task(StrEnum):
    GENERATE = "Generate"
    EMBED = "Embed"


class SecretKey(Shape):
    """A value in a Secret of the same namespace."""

    secret: ObjectName
    """The Secret."""
    key: Annotated[str, StringConstraints(max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")]
    """The key in it."""


class External(Shape):
    """An endpoint that speaks OpenAI's protocol."""

    url: Url
    """Where it is, with its path up to `/v1`."""
    key: SecretKey | None = None
    """The API key; only the guarded client of node pods is given it."""


class Scale(Shape):
    """How many replicas there are."""

    min: Annotated[StrictInt, Field(ge=0, le=64)] = 0
    """At least; 0: it sleeps when nobody needs it."""
    max: Annotated[StrictInt, Field(ge=1, le=64)] = 1
    """At most."""
    idle_after: Duration = "15m"
    """How long nobody must have needed it before it sleeps."""


class Vllm(Shape):
    """A Deployment of vLLM."""

    image: Annotated[str, StringConstraints(max_length=512, pattern=r"^[^\s{}$]+$")] | None = None
    """The image, if not the platform's."""
    args: Annotated[tuple[Annotated[str, StringConstraints(max_length=512)], ...], Field(max_length=64)] = ()
    """Further arguments of the server."""
    pod: Pod | None = None
    """What its pods ask of the cluster; without `gpu` it runs on CPU."""
    scale: Scale = Scale()
    """How many replicas there are."""


class ModelSpec(Shape):
    """Which model, and who serves it."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            *(
                (f"(self.engine == '{engine}') == has(self.{engine})", f"engine {engine} comes with the field {engine}")
                for engine in Engine
            )
        )
    )

    description: Line | None = None
    """For people."""
    engine: Engine
    """vllm: in this cluster. external: somebody else's endpoint."""
    model: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    """What the server calls the model."""
    task: Task = Task.GENERATE
    """What it is for."""
    vllm: Vllm | None = None
    """How vLLM runs it."""
    external: External | None = None
    """Where it is served."""

    @model_validator(mode="after")
    def _engine_has_its_field(self) -> Self:
        for engine, given in ((Engine.VLLM, self.vllm), (Engine.EXTERNAL, self.external)):
            if (self.engine is engine) != (given is not None):
                told = f"`engine: {self.engine}` comes with the field `{self.engine}`, and with no other"
                raise PydanticCustomError("ExclusiveChoice", told, {"remedy": f"write `{self.engine}: {{…}}`"})
        return self


class ModelStatus(Shape):
    """How the model is doing."""

    endpoint: Url | None = None
    """Where nodes reach it."""
    replicas: Count | None = None
    """How many replicas are ready."""
    conditions: Conditions = ()
    """Ready: whether nodes can be sent there; of an external one, whether its key is there."""


class Model(Resource):
    """A served model: vLLM on GPU or CPU, or an external endpoint."""

    crd = Definition(
        plural="models",
        short_names=("hmodel",),
        columns=(
            Column("Engine", ".spec.engine"),
            Column("Model", ".spec.model"),
            Column("Ready", condition("Ready")),
            Column("Replicas", ".status.replicas", type="integer"),
            Column("Endpoint", ".status.endpoint", wide=True),
            AGE,
        ),
    )

    kind: Literal["Model"]
    spec: ModelSpec
    status: ModelStatus | None = None
