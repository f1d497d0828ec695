"""`Decision`: what is to be done about a Run, in order. Made by `decide`, carried out by `kube`.

The executor stops at the first action that fails, and the next decision finds out by itself what is left. Whatever is
created has a name that follows from what it is, so that doing it twice finds it the second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from headgate.api.run import State
from headgate.lifecycle.observed import Look, Reference

TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCE = "app.kubernetes.io/instance"


def is_tracked(labels: Mapping[str, str], annotations: Mapping[str, str]) -> bool:
    """Whether Argo CD says that an object is its own: it would only bring it back."""
    return TRACKING in annotations or INSTANCE in labels


@dataclass(frozen=True, slots=True)
class PinRevision:
    """Create a ControllerRevision. If it exists with this content: see to it that it stays. With other content: fail.
    It has no owners: it is taken away when no Run keeps to it any more."""

    name: str
    labels: Mapping[str, str]
    content: Mapping[str, Any]
    """Its `data`."""


@dataclass(frozen=True, slots=True)
class WriteStatus:
    """Replace the Run's status, if the Run is still as it was observed. A conflict: gather again."""

    resource_version: str
    status: Mapping[str, Any]
    """The whole of it, as JSON."""
    urgent: bool = False
    """It claims, or is about a gate, or ends the Run: not to be put off. Others at most once a second a Run."""


@dataclass(frozen=True, slots=True)
class CreateLeg:
    """Create an Argo Workflow. AlreadyExists: done; the next decision looks at whose it is and what it claims."""

    name: str
    number: int
    manifest: Mapping[str, Any]
    nodes: tuple[str, ...] = ()
    """What it claims, for the record."""
    rests_on: tuple[str, ...] = ()
    """The requests about what it runs, or comes after: of those that are decided, it uses the decision."""
    credentials: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Node → the credentials that it names."""


@dataclass(frozen=True, slots=True)
class Copied:
    """The text that stands under a key of another Secret of the namespace, unchanged."""

    source: Reference


@dataclass(frozen=True, slots=True)
class KeepOutputs:
    """Create an immutable Secret, owned by the Run. AlreadyExists with the labels: it is ours."""

    secret: str
    labels: Mapping[str, str]
    data: Mapping[str, str | Copied]


@dataclass(frozen=True, slots=True)
class DeleteLeg:
    """Delete an Argo Workflow with this uid, in the background. Not found: done."""

    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class SuspendLeg:
    """Let what runs end and start nothing more: `spec.suspend: true`."""

    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class ResumeLeg:
    """`spec.suspend: null`."""

    name: str
    uid: str
    at: datetime
    """Noted on the leg: nothing was to be heard of it before."""


@dataclass(frozen=True, slots=True)
class ShutDownLeg:
    """End its pods: `{"shutdown": "Terminate", "suspend": null}`. Suspended ones would never end otherwise."""

    name: str
    uid: str
    at: datetime
    """Noted on the leg: Argo has so long to end it."""


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """Create an ApprovalRequest. AlreadyExists: done; the next decision compares it with what it would have asked."""

    name: str
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UpdateRequestStatus:
    """Replace an ApprovalRequest's status, if it is still as it was observed."""

    name: str
    uid: str
    resource_version: str
    status: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CreateChild:
    """Create a Run. AlreadyExists: done; the next decision looks at whose it is."""

    name: str
    manifest: Mapping[str, Any]
    rests_on: tuple[str, ...] = ()
    """As of a leg."""


@dataclass(frozen=True, slots=True)
class DeclareChildState:
    """Hand down what people want done, and who they are: `spec.state`, and `spec.attempt` where it is to grow."""

    name: str
    uid: str
    resource_version: str
    """As it was seen: what people have declared meanwhile is not written over."""
    state: State
    acted_by: tuple[str, ...]
    attempt: int | None = None


class EventType(StrEnum):
    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """Tell people. About the Run, unless it is about one of its requests. A failure of it stops nothing."""

    type: EventType
    reason: str
    message: str
    request: str | None = None


@dataclass(frozen=True, slots=True)
class DeleteRun:
    """Delete a Run with this uid: this one, or an older one of its workflow. Not found: done."""

    name: str
    uid: str


Action = (
    PinRevision
    | WriteStatus
    | CreateLeg
    | KeepOutputs
    | DeleteLeg
    | SuspendLeg
    | ResumeLeg
    | ShutDownLeg
    | CreateRequest
    | UpdateRequestStatus
    | CreateChild
    | DeclareChildState
    | RecordEvent
    | DeleteRun
)


@dataclass(frozen=True, slots=True)
class Decision:
    actions: tuple[Action, ...] = ()
    wake_at: datetime | None = None
    """When to look again, though nothing has happened until then."""
    refresh: bool = False
    """What is missing decides, and was not read freshly: observe again with `is_fresh`. Then there are no actions."""
    reads: tuple[Reference, ...] = ()
    """Keys of kept Secrets that the decision needs and `Observed.kept` lacks: add them and decide again. Then there are
    no actions."""
    looks: frozenset[Look] = frozenset()
    """What must be read once more: add it to `Observed.looked` and decide again. Then there are no actions."""
