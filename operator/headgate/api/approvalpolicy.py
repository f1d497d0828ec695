"""`ApprovalPolicy`: who may answer, how many, how long, what then. Written by admins, kept in Git."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictInt, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from headgate.api.common import (
    AGE,
    Column,
    Conditions,
    Definition,
    Duration,
    Expression,
    Line,
    ObjectName,
    Resource,
    Shape,
    Time,
    UserName,
    by,
    condition,
    rules,
)

People = Annotated[tuple[UserName, ...], Field(max_length=64)]


class Stage(Shape):
    """Some people, of whom a number must agree. One Reject ends it."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            (
                "has(self.users) && size(self.users) > 0 || has(self.groups) && size(self.groups) > 0",
                "name users or groups",
            )
        )
    )

    name: ObjectName
    """What people call the stage."""
    users: People = ()
    """User names, as the API server knows them."""
    groups: People = ()
    """Groups, as the API server knows them."""
    votes: Annotated[StrictInt, Field(ge=1, le=64)] = 1
    """How many of them must approve."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.users and not self.groups:
            raise PydanticCustomError(
                "NobodyMayVote", "nobody could vote", {"remedy": "give `users`, `groups` or both"}
            )
        return self


class Exclude(StrEnum):
    REQUESTER = "Requester"
    """Who asked for the Run, the owner of its trigger, and everyone who acted on it."""


class Unattributed(StrEnum):
    REFUSE = "Refuse"
    ALLOW = "Allow"


class OnTimeout(StrEnum):
    REJECT = "Reject"
    APPROVE = "Approve"


class Escalation(Shape):
    """Who else may answer, after a while."""

    after: Duration
    """How long after the question."""
    groups: Annotated[People, Field(min_length=1)]
    """Groups that may then vote as well, in any stage."""


class Delegation(Shape):
    """Who votes in somebody's place."""

    from_: UserName = Field(alias="from")
    """Whose vote it is."""
    to: UserName
    """Who may cast it."""
    until: Time
    """When that ends."""


class Terms(Shape):
    """What a decision is judged by: copied into each request, so that no later edit loosens an open one."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=1, max_length=8, json_schema_extra=by("name"))]
    """One after the other; each must be passed."""
    exclude: Annotated[
        tuple[Exclude, ...], Field(max_length=1, json_schema_extra={"x-kubernetes-list-type": "set"})
    ] = ()
    """Who may not vote, although a stage names them."""
    unattributed: Unattributed = Unattributed.REFUSE
    """With `exclude`, when no person is known to have asked: whether others may vote at all."""
    service_accounts: People = ()
    """Service accounts that count as people, by their user names."""
    delegation: Annotated[tuple[Delegation, ...], Field(max_length=64)] = ()
    """Who votes in somebody's place while they are away."""
    escalate: Escalation | None = None
    """Who else may answer, after a while."""
    on_timeout: OnTimeout = OnTimeout.REJECT
    """What happens when the time is over."""
    auto_approve: Expression | None = None
    """An expression over `values`, `inputs` and `run`; if it is true, nobody is asked. Evaluated in a pod, about an
    Approval only; never once people were asked, or about what somebody corrected."""


class Moment(StrEnum):
    ASKED = "Asked"
    REMINDED = "Reminded"
    ESCALATED = "Escalated"
    DECIDED = "Decided"


class Notification(Shape):
    """A webhook that is told of a question and of what becomes of it. Nothing that it answers decides anything."""

    name: Annotated[ObjectName, StringConstraints(max_length=63)]
    """What people call it."""
    url: Line
    """Where it is: `https://…`. The operator reaches public addresses only, unless its settings open others."""
    secret: ObjectName
    """The Secret of type `headgate.dev/webhook` whose `key` signs what is sent; `previous` signs too, while it is
    there."""
    moments: Annotated[
        tuple[Moment, ...], Field(max_length=4, json_schema_extra={"x-kubernetes-list-type": "set"})
    ] = ()
    """What it is told of; absent: of all."""


class ApprovalPolicySpec(Terms):
    """Who may answer, how many, how long, what then."""

    timeout: Duration | None = None
    """How long people have; absent: as long as it takes."""
    remind: Annotated[tuple[Duration, ...], Field(max_length=8)] = ()
    """How long before the end people are reminded."""
    notify: Annotated[tuple[Notification, ...], Field(max_length=8, json_schema_extra=by("name"))] = ()
    """Who is told, by webhook. It is read when something is sent, so that mending it mends what has not been sent."""


class ApprovalPolicyStatus(Shape):
    """What Headgate found."""

    conditions: Conditions = ()
    """Valid: whether somebody could pass it."""


class ApprovalPolicy(Resource):
    """Who may answer a question, how many of them, in what time."""

    crd = Definition(
        plural="approvalpolicies",
        short_names=("aprp",),
        columns=(
            Column("Valid", condition("Valid")),
            Column("Timeout", ".spec.timeout"),
            Column("On timeout", ".spec.onTimeout"),
            AGE,
        ),
    )

    kind: Literal["ApprovalPolicy"]
    spec: ApprovalPolicySpec
    status: ApprovalPolicyStatus | None = None
