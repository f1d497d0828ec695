"""`Workflow`: inputs, nodes, outputs, defaults. Kept in Git; LANGUAGE.md §1 is the contract."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StrictFloat, StrictInt, StringConstraints

from headgate.api.common import (
    AGE,
    OPEN,
    Column,
    Conditions,
    Count,
    Definition,
    Document,
    Duration,
    Expression,
    FieldSchema,
    Line,
    NodeName,
    ObjectName,
    Resource,
    Revision,
    Shape,
    Text,
    Word,
    by,
    condition,
)
from headgate.api.pod import Pod

MAX_NODES = 10_000


class OnError(StrEnum):
    FAIL = "Fail"
    """Whoever needs the node is omitted, and the Run fails."""
    CONTINUE = "Continue"
    """Its error can be read, whoever needs its output is skipped, and the Run may succeed."""
    ASK = "Ask"
    """After the last retry, people decide: retry, skip or stop."""


class After(StrEnum):
    SUCCEEDED = "Succeeded"
    NOT_FAILED = "NotFailed"
    FAILED = "Failed"
    ENDED = "Ended"


class Bundling(StrEnum):
    AUTO = "Auto"
    NEVER = "Never"
    """Not `Off`: kubectl would read that as false."""


class OnLimit(StrEnum):
    QUEUE = "Queue"
    REFUSE = "Refuse"


class Backoff(Shape):
    """How long to wait before each retry; a little chance is always mixed in."""

    delay: Duration | None = None
    """Before the first retry; 1s unless said."""
    factor: Annotated[StrictFloat, Field(ge=1, le=100)] | None = None
    """What the delay is multiplied by each time; 2 unless said."""
    cap: Duration | None = None
    """The longest delay; 60s unless said."""


class Retry(Shape):
    """When a failed attempt is repeated."""

    limit: Annotated[StrictInt, Field(ge=0, le=100)]
    """How many retries: 3 means at most 4 attempts."""
    reasons: Annotated[tuple[Word, ...], Field(max_length=32)] | None = None
    """Which errors are worth a retry; unless said, those that may pass, and only where repeating is safe."""
    backoff: Backoff | None = None
    """How long to wait in between."""


PERCENTAGE = r"^(100|[0-9]{1,2}(\.[0-9]{1,3})?)%$"
Percentage = Annotated[str, StringConstraints(max_length=8, pattern=PERCENTAGE)]


class ForEach(Shape):
    """Run the node once for each item of a list; `item` and `index` can be read in `with`."""

    items: Annotated[Any, Field(alias="in", json_schema_extra=OPEN)]
    """The list, or an expression that computes it."""
    parallelism: Annotated[StrictInt, Field(ge=1, le=1000)] | None = None
    """How many items run at a time."""
    tolerate: Annotated[
        Annotated[StrictInt, Field(ge=0)] | Percentage, Field(json_schema_extra={"x-kubernetes-int-or-string": True})
    ] = 0
    """How many items may fail: a number, or a percentage such as `5%`, rounded down."""


Coordinate = Annotated[StrictFloat, Field(ge=-1e9, le=1e9)]


class Position(Shape):
    """Where a canvas draws the node. Never part of the revision. Not x and y: kubectl reads the key `y` as true."""

    left: Coordinate
    """How far from the left."""
    top: Coordinate
    """How far from the top."""


class Node(Shape):
    """One step of the work."""

    name: NodeName
    """What expressions call it."""
    use: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    """What it does: a node type (`http`, `http@2`) or another workflow (`workflow/NAME`)."""
    with_: Document = Field(default_factory=dict, alias="with")
    """Parameters of the node type; values may be computed by `${…}`."""
    when: Expression | None = None
    """An expression; if it is false, the node is skipped."""
    after: Annotated[dict[NodeName, After], Field(max_length=1000)] = Field(default_factory=dict)
    """Order without data: node → how it must have ended."""
    for_each: ForEach | None = None
    """Run it once for each item of a list."""
    timeout: Duration | None = None
    """The longest that one attempt may take."""
    retry: Retry | None = None
    """When a failed attempt is repeated."""
    on_error: OnError | None = None
    """What becomes of the others if it fails; Fail unless said."""
    pod: Pod | None = None
    """What its pod asks of the cluster."""
    description: Text | None = None
    """For people. Never part of the revision."""
    position: Position | None = None
    """Where a canvas draws it. Never part of the revision."""


class Defaults(Shape):
    """What applies to every node that does not say otherwise. A field replaces the whole field; nothing is merged."""

    timeout: Duration | None = None
    """The longest that one attempt of a node may take."""
    retry: Retry | None = None
    """When a failed attempt is repeated."""
    on_error: OnError | None = None
    """What becomes of the others if a node fails."""
    pod: Pod | None = None
    """What a node's pod asks of the cluster."""


class Concurrency(Shape):
    """How many Runs of this workflow may be under way."""

    limit: Count
    """How many Runs at a time; 0 retires the workflow: it stays, and nothing new starts."""
    on_limit: OnLimit = OnLimit.QUEUE
    """What becomes of one Run more: it waits (Queue) or is refused (Refuse)."""


class Execution(Shape):
    """How Runs of this workflow are carried out."""

    timeout: Duration | None = None
    """The longest that a Run may work; waiting for people does not count."""
    parallelism: Annotated[StrictInt, Field(ge=1, le=10_000)] | None = None
    """How many nodes may run at a time; 1 is one after the other."""
    bundling: Bundling = Bundling.AUTO
    """Whether light nodes may share a pod."""
    concurrency: Concurrency | None = None
    """How many Runs of this workflow may be under way."""


class WorkflowSpec(Shape):
    """What a workflow does."""

    description: Text | None = None
    """For people. Never part of the revision."""
    inputs: Annotated[dict[NodeName, FieldSchema], Field(max_length=200)] = Field(default_factory=dict)
    """What a Run must give: name → JSON Schema; required unless it has a default or is optional."""
    vars: Annotated[Document, Field(max_length=200)] = Field(default_factory=dict)
    """Constants: name → value."""
    environments: Annotated[dict[ObjectName, Document], Field(max_length=50)] = Field(default_factory=dict)
    """Other constants under the same names: environment → name → value."""
    nodes: Annotated[tuple[Node, ...], Field(min_length=1, max_length=MAX_NODES, json_schema_extra=by("name"))]
    """The work."""
    finally_: Annotated[tuple[Node, ...], Field(max_length=100, json_schema_extra=by("name"))] = Field(
        (), alias="finally"
    )
    """Nodes that run when everything else has ended, whatever happened."""
    outputs: Annotated[Document, Field(max_length=200)] = Field(default_factory=dict)
    """What a Run gives back: name → value, which may be computed."""
    defaults: Defaults | None = None
    """What applies to every node that does not say otherwise."""
    execution: Execution | None = None
    """How Runs are carried out."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Finding(Shape):
    """One problem, as lint tells it."""

    path: Line
    """Where: `spec.nodes[draft].with.prompt`."""
    reason: Word
    """What, in one stable word."""
    message: Line
    """What, in a sentence."""
    remedy: Line | None = None
    """What to write instead."""
    severity: Severity
    """Whether it cannot run so, or is only doubtful."""


class WorkflowStatus(Shape):
    """What Headgate found."""

    revision: Revision | None = None
    """The hash of the content that would run now."""
    problems: Count | None = None
    """How many problems there are, errors and warnings."""
    findings: Annotated[tuple[Finding, ...], Field(max_length=100)] = ()
    """The problems, the first hundred."""
    last_run: ObjectName | None = None
    """The Run that started last."""
    conditions: Conditions = ()
    """Valid: whether it can run, if everything that it names is there."""


class Workflow(Resource):
    """Inputs, nodes, outputs and defaults: what a Run carries out."""

    crd = Definition(
        plural="workflows",
        short_names=("hwf",),
        columns=(
            Column("Valid", condition("Valid")),
            Column("Problems", ".status.problems", type="integer"),
            Column("Revision", ".status.revision"),
            Column("Last run", ".status.lastRun"),
            AGE,
        ),
    )

    kind: Literal["Workflow"]
    spec: WorkflowSpec
    status: WorkflowStatus | None = None
