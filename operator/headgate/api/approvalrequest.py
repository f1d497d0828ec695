"""`ApprovalRequest`: one question to people. The operator asks, people patch `spec.votes`, nothing else ever changes.

The rules here are a further wall: admission policies are the authority on who may vote, as a CRD cannot see the user.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, StringConstraints

from headgate.api.approvalpolicy import Terms
from headgate.api.common import (
    AGE,
    OPEN,
    Column,
    Conditions,
    Count,
    Definition,
    Digest,
    Document,
    FieldSchema,
    Line,
    NodeName,
    ObjectName,
    Resource,
    Revision,
    Shape,
    Text,
    Time,
    UserName,
    condition,
    frozen,
    rules,
    stays,
)


class Question(StrEnum):
    APPROVAL = "Approval"
    CLARIFICATION = "Clarification"
    RECOVERY = "Recovery"


class Verdict(StrEnum):
    APPROVE = "Approve"
    REJECT = "Reject"
    ANSWER = "Answer"
    RETRY = "Retry"
    SKIP = "Skip"
    STOP = "Stop"
    WITHDRAW = "Withdraw"


VERDICTS = {
    Question.APPROVAL: (Verdict.APPROVE, Verdict.REJECT, Verdict.WITHDRAW),
    Question.CLARIFICATION: (Verdict.ANSWER, Verdict.WITHDRAW),
    Question.RECOVERY: (Verdict.RETRY, Verdict.SKIP, Verdict.STOP, Verdict.WITHDRAW),
}
"""Which verdicts answer which question."""


class Vote(Shape):
    """What one person says."""

    verdict: Verdict
    """What the person says; Withdraw takes a vote back."""
    reason: Text | None = None
    """Why."""
    values: Annotated[Document, Field(max_length=200)] = Field(default_factory=dict)
    """Corrections, or the answer."""
    uid: Line | None = None
    """The voter's uid. Stamped by admission."""
    groups: Annotated[tuple[UserName, ...], Field(max_length=64)] = ()
    """Those of the voter's groups that the policy names. Stamped by admission."""
    by_right: StrictBool | None = None
    """The policy does not name the voter, but RBAC lets them `approve` it. Stamped by admission."""


class PolicyCopy(Terms):
    """The policy as it was when the question was asked."""

    name: ObjectName
    """The ApprovalPolicy."""
    hash: Digest
    """The hash of its spec."""


class RuleVerdict(StrEnum):
    HOLDS = "Holds"
    FAILS = "Fails"
    UNKNOWN = "Unknown"


class RuleFound(Shape):
    """What came of the policy's rule, before anybody was asked."""

    verdict: RuleVerdict
    """Holds: nobody needs to be asked."""
    message: Line | None = None
    """Why it is Unknown."""


class MaySkip(StrEnum):
    FREELY = "Freely"
    """With an output that stands in for the node's, or without."""
    WITH_OUTPUT = "WithOutput"
    """A gate comes after the node: without an output it would not ask."""
    WITHOUT_OUTPUT = "WithoutOutput"
    """The node comes after a gate: people have approved no other output."""
    NEVER = "Never"
    """The node is a workflow that holds a gate, or may decide whether one asks."""


class Binding(Shape):
    """What machines compare: what exactly is decided, and by whose rules."""

    digest: Digest
    """Covers the Run's uid, the revision, the node, the content shown, the requester, the policy's copy and the end."""
    revision: Revision
    """The content that the Run keeps to."""
    form: Annotated[dict[NodeName, FieldSchema], Field(max_length=200)] = Field(default_factory=dict)
    """Which values may be given or corrected, and how: name → JSON Schema."""
    may_skip: MaySkip | None = None
    """Of a failed node: whether it may be answered with Skip."""
    output: Annotated[dict[NodeName, FieldSchema], Field(max_length=200)] = Field(default_factory=dict)
    """Of a failed node: what the values of a Skip must be, name → JSON Schema."""
    expires_at: Time | None = None
    """When the time is over."""
    policy: PolicyCopy
    """The policy as it was when the question was asked."""
    rule: RuleFound | None = None
    """What came of the policy's rule `autoApprove`, if it has one."""
    corrects: ObjectName | None = None
    """The request whose values somebody corrected; the corrector's vote is read there."""
    corrects_uid: Line | None = None
    """The uid of that request: one made again in its place is another."""


_REMEDY = "only votes can"
_FROZEN = frozen(_REMEDY)


def _fits(question: Question) -> tuple[str, str]:
    verdicts = [str(verdict) for verdict in VERDICTS[question]]
    only = f"self.votes.all(user, self.votes[user].verdict in {verdicts})"
    return (
        f"self.type != '{question}' || !has(self.votes) || {only}",
        f"{question} is answered by {', '.join(verdicts)}",
    )


_MAY_BE_SKIPPED = "!has(self.binding.maySkip) || self.binding.maySkip != 'Never'"
_NOBODY_SKIPS = "self.votes.all(user, self.votes[user].verdict != 'Skip')"
NEVER_SKIPPED = "a gate lies in it, or depends on it, and nobody can skip one: answer Retry or Stop"
SOMETHING_GIVEN = "a gate comes after it, which would not ask without its output: Skip with values, Retry, or Stop"
# Rules of a CRD see nothing of an open object such as `values`: the admission policy `votes` says this one.
NOTHING_GIVEN = "it comes after a gate, where no other output was approved: Skip without values, Retry, or Stop"


class ApprovalRequestSpec(Shape):
    """One question, and what people say."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            *(_fits(question) for question in Question),
            (f"{_MAY_BE_SKIPPED} || !has(self.votes) || {_NOBODY_SKIPS}", NEVER_SKIPPED),
            (
                "!has(self.votes) || !('me' in self.votes)",
                "`me` was not replaced: install Headgate's admission policies",
            ),
            *stays(_REMEDY, "requester", "values"),
        )
    )

    type: Annotated[Question, Field(json_schema_extra=_FROZEN)]
    """What is asked for: a yes, an answer, or what to do about a node that failed."""
    message: Annotated[Text, Field(json_schema_extra=_FROZEN)]
    """The question."""
    requester: Annotated[UserName, Field(json_schema_extra=_FROZEN)] | None = None
    """Who asked for the Run, if a person did."""
    run: Annotated[ObjectName, Field(json_schema_extra=_FROZEN)]
    """The Run that waits."""
    node: Annotated[NodeName, Field(json_schema_extra=_FROZEN)]
    """The node that waits."""
    values: Annotated[Document, Field(max_length=200, json_schema_extra={**OPEN, **_FROZEN})] = Field(
        default_factory=dict
    )
    """What is shown: name → value."""
    binding: Annotated[Binding, Field(json_schema_extra=_FROZEN)]
    """What machines compare."""
    votes: Annotated[dict[UserName, Vote], Field(max_length=100)] = Field(default_factory=dict)
    """What people say: user name → vote. Write yours under `me`."""


class Decision(StrEnum):
    OPEN = "Open"
    APPROVED = "Approved"
    REJECTED = "Rejected"
    ANSWERED = "Answered"
    RETRY = "Retry"
    SKIP = "Skip"
    STOP = "Stop"
    EXPIRED = "Expired"
    SUPERSEDED = "Superseded"
    CANCELLED = "Cancelled"
    AUTO_APPROVED = "AutoApproved"


class NoticePhase(StrEnum):
    PENDING = "Pending"
    SENT = "Sent"
    DEAD = "Dead"
    """It was tried often enough."""


class Notice(Shape):
    """One moment, to be told to one of the policy's webhooks."""

    phase: NoticePhase
    """Pending, Sent, or Dead."""
    moment_at: Time
    """When it came."""
    attempts: Count = 0
    """How often it was sent."""
    tried_at: Time | None = None
    """When it was sent last."""
    next_at: Time | None = None
    """Not before then it is sent again."""
    message: Line | None = None
    """Why it did not arrive."""


MAX_NOTICES = 100
MAX_EXCLUDED = 500


class ApprovalRequestStatus(Shape):
    """How the question stands."""

    phase: Decision | None = None
    """Open, or how it ended: each end is final."""
    votes: Annotated[str, StringConstraints(max_length=32)] | None = None
    """Votes that count, of those needed."""
    until: Annotated[str, StringConstraints(max_length=64)] | None = None
    """When the time is over, while it is open."""
    waiting_for: Line | None = None
    """Whose votes are missing."""
    decided_at: Time | None = None
    """When it was decided."""
    excluded: Annotated[tuple[UserName, ...], Field(max_length=MAX_EXCLUDED)] = ()
    """Whose votes did not count when it was decided, as they had asked for the Run or acted on it."""
    superseded_by: ObjectName | None = None
    """The request that took its place."""
    history: Annotated[dict[str, Line], Field(max_length=500)] = Field(default_factory=dict)
    """What happened: time and who → what."""
    notices: Annotated[
        dict[Annotated[str, StringConstraints(max_length=100)], Notice], Field(max_length=MAX_NOTICES)
    ] = Field(default_factory=dict)
    """Who is to be told of what by webhook, and whether it arrived: moment and name → how it stands."""
    conditions: Conditions = ()
    """Decided: True once it has ended. Notified: whether all webhooks were reached; it decides nothing."""


class ApprovalRequest(Resource):
    """One question to people: approval, clarification, or recovery of a failed node."""

    crd = Definition(
        plural="approvalrequests",
        short_names=("apr",),
        columns=(
            Column("Type", ".spec.type"),
            Column("Status", ".status.phase"),
            Column("Votes", ".status.votes"),
            Column("Requester", ".spec.requester"),
            Column("Until", ".status.until"),
            Column("Run", ".spec.run", wide=True),
            Column("Node", ".spec.node", wide=True),
            Column("Policy", ".spec.binding.policy.name", wide=True),
            Column("Waiting for", ".status.waitingFor", wide=True),
            Column("Notified", condition("Notified"), wide=True),
            AGE,
        ),
    )

    kind: Literal["ApprovalRequest"]
    spec: ApprovalRequestSpec
    status: ApprovalRequestStatus | None = None

    @property
    def is_open(self) -> bool:
        """Nothing has been decided yet."""
        return self.status is None or self.status.phase in (None, Decision.OPEN)
