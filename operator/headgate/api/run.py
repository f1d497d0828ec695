"""`Run`: one execution of a workflow.

What people ask for is immutable, what they want done with it (`state`, `attempt`) is declared, status tells the rest.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictFloat, StrictInt, StringConstraints

from headgate.api.common import (
    AGE,
    OPEN,
    Column,
    Conditions,
    Count,
    Definition,
    Document,
    Duration,
    Line,
    NodeName,
    ObjectName,
    Resource,
    Revision,
    Shape,
    Time,
    UserName,
    Word,
    by,
    frozen,
    rules,
    stays,
)
from headgate.names import MAX_RUN_NAME


class State(StrEnum):
    RUNNING = "Running"
    PAUSED = "Paused"
    """Starts nothing new and keeps gates open."""
    STOPPED = "Stopped"
    """Lets what runs end, then `finally`."""
    TERMINATED = "Terminated"
    """Ends pods; no `finally`."""


class Skip(Shape):
    """What stands in for a node that is not run. Empty: the node counts as skipped."""

    output: Annotated[Document | None, Field(max_length=200)] = None
    """Its output, given by a person."""


class From(Shape):
    """Which settled nodes to take over from another Run of the workflow."""

    run: ObjectName
    """The other Run."""
    restart: Annotated[tuple[NodeName, ...], Field(max_length=1000)] = ()
    """Nodes to run again, and everything after them."""
    skip: Annotated[dict[NodeName, Skip], Field(max_length=200)] = Field(default_factory=dict)
    """Nodes not to run: node → what stands in for it."""


MAX_DECLARERS = 100
MAX_ACTORS = 300
_REMEDY = "create another Run"
_FROZEN = frozen(_REMEDY)


class RunSpec(Shape):
    """Which workflow, with what, and what people want done with it."""

    model_config = ConfigDict(
        json_schema_extra=rules(*stays(_REMEDY, "inputs", "environment", "from", "ttl", "requester"))
    )

    workflow: Annotated[ObjectName, Field(json_schema_extra=_FROZEN)]
    """The Workflow, in the same namespace."""
    inputs: Annotated[Document, Field(max_length=200, json_schema_extra={**OPEN, **_FROZEN})] = Field(
        default_factory=dict
    )
    """What the workflow asks for: name → value."""
    environment: Annotated[ObjectName, Field(json_schema_extra=_FROZEN)] | None = None
    """Which of the workflow's environments applies."""
    state: State = State.RUNNING
    """What people want done with it."""
    attempt: Annotated[
        StrictInt, Field(ge=1, le=1000, json_schema_extra=rules(("self >= oldSelf", "can only grow")))
    ] = 1
    """Raise it by one: what failed runs again in this Run."""
    from_: Annotated[From | None, Field(json_schema_extra=_FROZEN)] = Field(None, alias="from")
    """Which settled nodes to take over from another Run."""
    ttl: Annotated[Duration, Field(json_schema_extra=_FROZEN)] | None = None
    """How long the Run is kept once it has ended."""
    requester: Annotated[UserName, Field(json_schema_extra=_FROZEN)] | None = None
    """Who asked for it. Stamped by admission."""
    declared_by: UserName | None = None
    """Who last changed `state` or `attempt`. Stamped by admission."""
    acted_by: Annotated[
        tuple[UserName, ...], Field(max_length=MAX_DECLARERS, json_schema_extra={"x-kubernetes-list-type": "set"})
    ] = ()
    """Everyone who ever did, and everyone who acted on the Run that this one is a part of. Stamped by admission."""


class Phase(StrEnum):
    PENDING = "Pending"
    RUNNING = "Running"
    WAITING = "Waiting"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    TIMED_OUT = "TimedOut"


class NodePhase(StrEnum):
    PENDING = "Pending"
    RUNNING = "Running"
    WAITING = "Waiting"
    SUCCEEDED = "Succeeded"
    SKIPPED = "Skipped"
    FAILED = "Failed"
    OMITTED = "Omitted"


class Items(Shape):
    """How far the items of a loop are."""

    total: Count
    """How long the list is."""
    succeeded: Count = 0
    """How many have an output."""
    failed: Count = 0
    """How many have failed."""


Number = Annotated[StrictFloat, Field(ge=0, le=1e15)]
Counter = Annotated[StrictInt, Field(ge=0, le=2**53)]


class Usage(Shape):
    """What models were used."""

    prompt_tokens: Counter | None = None
    """Tokens that were read."""
    cached_tokens: Counter | None = None
    """Of those, how many came from a cache."""
    output_tokens: Counter | None = None
    """Tokens that were written."""
    gpu_seconds: Number | None = None
    """GPUs times seconds."""


MAX_ANSWERED = 50


class NodeStatus(Shape):
    """How a node is doing. What does not apply is absent."""

    phase: NodePhase
    """How it stands."""
    reason: Word | None = None
    """Why it ended as it did, in one stable word."""
    message: Line | None = None
    """Why, in a sentence."""
    needs: Line | None = None
    """What it waits for, or the node that decided its end."""
    leg: Count | None = None
    """The leg that ran it."""
    since: Count | None = None
    """Legs before this one say nothing of it any more: it was unsettled."""
    retried: Count | None = None
    """Failures that legs before this one told are forgotten: it runs again."""
    request: ObjectName | None = None
    """The ApprovalRequest that it waits for."""
    request_uid: Line | None = None
    """The uid of the request that was seen last, this one or the one whose place it takes: one made again in its place
    decides nothing."""
    answered: Annotated[tuple[Line, ...], Field(max_length=MAX_ANSWERED)] = ()
    """The uids of the requests by whose answers it ran again: they say with which parameters."""
    child: ObjectName | None = None
    """The Run of another workflow that it stands for."""
    attempts: Count | None = None
    """How often it was tried."""
    started_at: Time | None = None
    """When it started."""
    seconds: Number | None = None
    """How long it took."""
    items: Items | None = None
    """How far the items of a loop are."""
    preview: Line | None = None
    """The beginning of its output."""
    output: Line | None = None
    """Where the whole output is kept."""
    given_by: UserName | None = None
    """Who gave its output in its place."""
    usage: Usage | None = None
    """What models it used."""


class LegStatus(Shape):
    """A part of the graph that ran, or runs, as one Argo Workflow."""

    number: Count
    """Counted from 1."""
    argo: ObjectName
    """The Argo Workflow."""
    phase: NodePhase
    """How it stands."""
    claims: Annotated[tuple[Annotated[str, StringConstraints(max_length=64)], ...], Field(max_length=10_000)] = ()
    """What it runs, until it has ended: nodes, and items of loops such as `fetch[0-9]`."""


MAX_LEGS = 10_000
LegNumbers = Annotated[str, StringConstraints(max_length=11, pattern=r"^[0-9]{1,5}(-[0-9]{1,5})?$")]


class RunStatus(Shape):
    """What has become of it so far."""

    phase: Phase | None = None
    """How it stands."""
    message: Line | None = None
    """The story, in a sentence."""
    progress: Annotated[str, StringConstraints(max_length=32)] | None = None
    """Nodes that have ended, of all."""
    attempt: Count | None = None
    """The attempt that this is said of."""
    attempt_from: Count | None = None
    """The first leg of this attempt."""
    revision: Revision | None = None
    """The content that this Run keeps to, whatever becomes of the workflow."""
    inputs: Annotated[Document, Field(max_length=200)] = Field(default_factory=dict)
    """The inputs that applied, defaults included."""
    outputs: Annotated[Document, Field(max_length=200)] = Field(default_factory=dict)
    """What it gave back; those without a value are left out."""
    started_at: Time | None = None
    """When its first node started."""
    ended_at: Time | None = None
    """When it ended."""
    work_seconds: Number | None = None
    """How long nodes were executing."""
    wait_seconds: Number | None = None
    """How long it waited for people, time or events."""
    usage: Usage | None = None
    """What models it used."""
    nodes: Annotated[dict[NodeName, NodeStatus], Field(max_length=10_100)] = Field(default_factory=dict)
    """How each node is doing: node → status."""
    legs: Annotated[tuple[LegStatus, ...], Field(max_length=MAX_LEGS, json_schema_extra=by("number"))] = ()
    """The Argo Workflows that it became."""
    ended_legs: Annotated[tuple[LegNumbers, ...], Field(max_length=5_000)] = ()
    """Of more than can be listed, those that ended long ago, by number: `1-380`."""
    acted_by: Annotated[tuple[UserName, ...], Field(max_length=MAX_ACTORS)] = ()
    """Who acted on it beyond `spec.actedBy`: who answered for a failure, who acted on a part of it, and who had to do
    with the Run that it took over from. A policy that excludes the requester excludes them too."""
    conditions: Conditions = ()
    """Succeeded: True or False once it has ended, Unknown until then."""


class Run(Resource):
    """One execution of a workflow."""

    crd = Definition(
        plural="runs",
        short_names=("hrun",),
        columns=(
            Column("Workflow", ".spec.workflow"),
            Column("Status", ".status.phase"),
            Column("Progress", ".status.progress"),
            Column("Message", ".status.message"),
            Column("Requester", ".spec.requester", wide=True),
            Column("Revision", ".status.revision", wide=True),
            AGE,
        ),
        rules=rules(
            (f"size(self.metadata.name) <= {MAX_RUN_NAME}", f"the name of a Run has at most {MAX_RUN_NAME} characters")
        ),
    )

    kind: Literal["Run"]
    spec: RunSpec
    status: RunStatus | None = None
