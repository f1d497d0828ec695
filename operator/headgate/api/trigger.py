"""`Trigger`: a schedule, a webhook or an event that creates Runs. Who wrote it is the requester of what it starts."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictBool, StringConstraints, model_validator

from headgate.api.common import (
    AGE,
    Column,
    Conditions,
    Definition,
    Document,
    Duration,
    Line,
    ObjectName,
    Resource,
    Shape,
    Time,
    UserName,
    condition,
    exclusive,
    rules,
)


class Schedule(Shape):
    """At certain times."""

    cron: Annotated[str, StringConstraints(min_length=9, max_length=128)]
    """Five fields, as in crontab."""
    time_zone: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")] = "UTC"
    """Of the IANA database, such as Europe/Zurich."""


class Webhook(Shape):
    """When somebody calls."""

    credential: ObjectName
    """The Credential that the caller's signature is checked with."""


class Event(Shape):
    """When something has happened."""

    type: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    """The event's type, as in CloudEvents."""
    source: Line | None = None
    """The event's source; absent: any."""


class TriggerSpec(Shape):
    """What starts which workflow, with what."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            (
                "[has(self.schedule), has(self.webhook), has(self.event)].filter(given, given).size() == 1",
                "give exactly one of schedule, webhook and event",
            )
        )
    )

    workflow: ObjectName
    """The Workflow, in the same namespace."""
    inputs: Annotated[Document, Field(max_length=200)] = Field(default_factory=dict)
    """What the Runs are given: name → value."""
    environment: ObjectName | None = None
    """Which of the workflow's environments applies."""
    ttl: Duration | None = None
    """How long a Run is kept once it has ended."""
    suspend: StrictBool = False
    """Starts nothing while true."""
    schedule: Schedule | None = None
    """At certain times."""
    webhook: Webhook | None = None
    """When somebody calls."""
    event: Event | None = None
    """When something has happened."""
    owner: UserName | None = None
    """Who wrote it. Stamped by admission."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(source is not None for source in (self.schedule, self.webhook, self.event)) != 1:
            raise exclusive("schedule", "webhook", "event")
        return self


class TriggerStatus(Shape):
    """What it did."""

    last_run: ObjectName | None = None
    """The Run that it created last."""
    last_time: Time | None = None
    """When that was."""
    next_time: Time | None = None
    """When it is due next."""
    conditions: Conditions = ()
    """Ready: whether it would start a Run."""


class Trigger(Resource):
    """Schedule, webhook or event that creates Runs."""

    crd = Definition(
        plural="triggers",
        short_names=("htrig",),
        columns=(
            Column("Workflow", ".spec.workflow"),
            Column("Schedule", ".spec.schedule.cron"),
            Column("Suspended", ".spec.suspend", type="boolean"),
            Column("Ready", condition("Ready")),
            Column("Last run", ".status.lastRun"),
            Column("Next", ".status.nextTime"),
            AGE,
        ),
    )

    kind: Literal["Trigger"]
    spec: TriggerSpec
    status: TriggerStatus | None = None
