"""`Observed`: all that was gathered about one Run. `kube` fills it in, `decide` reads it, nothing else is looked up.

Objects of our own kinds are the api models as they stood in the cluster. Of Argo's objects only what decides is here,
as text where a pod wrote it: reading, and mistrusting, is the decision's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.run import Run
from headgate.compiler.catalogue import Catalogue
from headgate.compiler.emit import Platform
from headgate.lifecycle.http_rules import NO_HTTP_RULES, HttpRules


@dataclass(frozen=True, slots=True)
class Trusted:
    """What images may do: patterns of repositories, `registry.example/nodes/*` for all below it. The runtime's may do
    both. What a type claims of itself grants nothing."""

    credentials: tuple[str, ...] = ()
    """May be given credentials, and keys of models."""
    network: tuple[str, ...] = ()
    """May reach beyond the cluster."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the installation says. Seconds, where it is about time."""

    platform: Platform
    run_timeout: float = 300.0
    """How long a Run may work, if its workflow does not say."""
    pending_timeout: float = 900.0
    """How long a pod may wait for its place, if its node does not say."""
    lost_pods: int = 3
    """How often an idempotent node may run again after a pod that was lost."""
    max_items: int = 1000
    """How long the list of a loop may be."""
    keep_succeeded: int = 100
    """How many Runs of a workflow are kept that succeeded."""
    keep_failed: int = 100
    """And how many that ended in another way."""
    ttl: float | None = None
    """How long a Run is kept that says nothing of it; None: until there are too many."""
    argo_timeout: float = 60.0
    """How long Argo may say nothing of a leg: then people are told, and one that was shut down is given up."""
    keep_legs: float = 0.0
    """How long an Argo Workflow is kept once it has ended and its outputs are safe."""
    trusted: Trusted = Trusted()
    http: HttpRules = NO_HTTP_RULES


@dataclass(frozen=True, slots=True)
class ObservedPod:
    """A pod of a leg, as Argo's node of that position tells it."""

    phase: str
    """Argo's word: Pending, Running, Succeeded, Failed, Error, Omitted, Skipped."""
    message: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Its output parameters: `report`, `o0`, `ends`, …"""
    artifacts: frozenset[str] = frozenset()
    """The names of its output artifacts, as far as they were written."""
    started_at: datetime | None = None
    """When Argo created the pod, which may then have waited for its place."""
    ended_at: datetime | None = None
    was_placed: bool = True
    """Argo has seen it on a machine."""
    due_at: datetime | None = None
    """When Kubernetes itself will have ended it, if it started at once."""
    synced: bool = True
    """Argo has what it left. Of a pod that failed, that may come after its phase, or never."""


@dataclass(frozen=True, slots=True)
class ObservedLeg:
    """An Argo Workflow with this Run's label, or under the name that one of its legs has."""

    name: str
    uid: str
    number: int
    """Of its label `headgate.dev/leg`; 0 if that is missing or no number."""
    run_uid: str
    """Of its label `headgate.dev/run-uid`."""
    claims: str
    """Of its annotation `headgate.dev/claims`, as it stands there."""
    phase: str = ""
    """Argo's word: empty, Pending, Running, Succeeded, Failed, Error."""
    message: str = ""
    pods: Mapping[int, ObservedPod] = field(default_factory=dict)
    """By position: the Argo node of the task `n3` is 3. Without a node: not there."""
    suspended: bool = False
    """`spec.suspend` is true."""
    shutdown: str = ""
    """`spec.shutdown`."""
    shut_down_at: datetime | None = None
    resumed_at: datetime | None = None
    """Of its annotations: when Headgate did either."""
    deleting: bool = False
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        return self.phase in ("Succeeded", "Failed", "Error")


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """A key of a Secret that holds what was kept."""

    secret: str
    key: str


class Holder(StrEnum):
    """Kinds that name a Secret."""

    CREDENTIAL = "Credential"
    MODEL = "Model"


@dataclass(frozen=True, slots=True, order=True)
class Look:
    """An object that is read once more right before a leg that depends on it is created, and the Secret it names."""

    kind: Holder
    name: str


@dataclass(frozen=True, slots=True)
class SecretSeen:
    """A Secret, as its metadata tells it: its values are not read."""

    exists: bool
    keys: frozenset[str] | None = None
    """None: nobody can say."""


ENTRIES = "entries"
"""The key that says what else a kept Secret holds."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An immutable Secret with what a leg left, made by `KeepOutputs`. Found by its labels (`KeepOutputs.labels`)."""

    secret: str
    leg: int
    """Of its label `headgate.dev/leg`. What was taken over from another Run stands under numbers of its own."""
    data: Mapping[str, str]
    """Key → text. `ENTRIES` must be here; other keys may be left out until `Decision.reads` asks for them."""


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another Run of the same workflow in the same namespace."""

    name: str
    uid: str
    created_at: datetime
    phase: str = ""
    """Of its status; empty before it has one."""
    ended_at: datetime | None = None
    """None for one that is to run again."""
    is_child: bool = False
    """Another Run owns it, and decides how long it stays."""
    is_tracked: bool = False
    """Argo CD tracks it (`actions.is_tracked`): history limits spare it."""
    may_start: bool = True
    """Nobody has paused or stopped it, and it is not being deleted."""


@dataclass(frozen=True, slots=True)
class OldRun:
    """The Run that `spec.from` names, with what it left."""

    run: Run
    pinned: Mapping[str, Any] | None
    kept: tuple[Kept, ...] = ()
    children: tuple[Run, ...] = ()
    """Its child Runs, whose outputs are taken over."""


@dataclass(frozen=True, slots=True)
class Observed:
    run: Run
    """With status. Its metadata is there as the API server sent it."""
    catalogue: Catalogue
    """The objects of the Run's namespace, and the node types, as they are now; complete."""
    settings: Settings
    pinned: Mapping[str, Any] | None = None
    """The content of the ControllerRevision of the Run's workflow with the label `headgate.dev/revision:
    status.revision`; before the Run has one, of the revision that the Run's own label of that name says. None if there
    is none."""
    legs: tuple[ObservedLeg, ...] = ()
    """Every Argo Workflow with the label `headgate.dev/run-uid` of this Run, and every one under a name in
    `status.legs`."""
    kept: tuple[Kept, ...] = ()
    requests: tuple[ApprovalRequest, ...] = ()
    """Those that this Run owns, and those under names in `status.nodes`."""
    children: tuple[Run, ...] = ()
    """Those that this Run owns, and those under names in `status.nodes`."""
    parent: Run | None = None
    """The Run that owns this one."""
    siblings: tuple[Sibling, ...] = ()
    old: OldRun | None = None
    """Only while nothing is pinned yet."""
    is_fresh: bool = False
    """All of it was read from the API server, the Run first, and nothing from an index that may lag behind. Only then
    does what is missing say that it is gone."""
    looked: Mapping[Look, SecretSeen | None] = field(default_factory=dict)
    """What was read once more just now, and the Secret that it names; None: it names none, or is not there."""
    has_argo: bool = True
    """The API server knows Argo Workflows."""
    hears_since: datetime | None = None
    """Since when news of legs have come in, without a break; None: for long."""
    guard: str | None = None
    """A hash of the admission policies and bindings that guard votes, as they are now; None: one is missing."""
