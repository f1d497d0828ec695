"""What is known of a leg at one moment, and what that depends on. Made by `legs`, read by everything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from headgate.api.run import LegStatus, NodePhase
from headgate.compiler.emit.identity import LEG, RUN_UID
from headgate.compiler.graph import Graph
from headgate.compiler.known import Instance
from headgate.lifecycle.actions import KeepOutputs
from headgate.lifecycle.entries import Told
from headgate.lifecycle.hearing import Interruption
from headgate.lifecycle.observed import Look, Observed, ObservedLeg
from headgate.names import child_name

ENDED = frozenset({NodePhase.SUCCEEDED, NodePhase.FAILED})


class NeedsFreshLookError(Exception):
    """What is missing decides, and may be missing only in an index."""


class NeedsLooksError(Exception):
    """Objects decide, with the Secrets that they name, and were not read just now."""

    def __init__(self, looks: frozenset[Look]) -> None:
        super().__init__(looks)
        self.looks = looks


class OutputsLostError(Exception):
    """What a leg left is gone, and with it what the Run stands on."""


@dataclass(slots=True)
class LegView:
    number: int
    name: str
    phase: NodePhase
    claims: tuple[Instance, ...] = ()
    """Empty once it has ended."""
    told: Mapping[Instance, Told] = field(default_factory=dict)
    again: Sequence[Instance] = ()
    claimed: frozenset[Instance] = frozenset()
    """What it still claims."""
    running: Mapping[Instance, datetime] = field(default_factory=dict)
    """What a pod executes now, and since when it was seen to."""
    held_up: Mapping[Instance, str] = field(default_factory=dict)
    """What a pod will execute that cannot start, and why not."""
    observed: ObservedLeg | None = None
    keep: KeepOutputs | None = None
    is_uncreated: bool = False
    """It is not there, and to be created again."""
    is_foreign: bool = False
    drains: bool = False
    """It is to start nothing more: the pods that run may end, then it is over."""
    look_at: datetime | None = None
    """When to look at it again though nothing is heard: a pod will have waited too long for its place, or people for
    a word of Argo."""
    silence: str = ""
    """What people are told of an Argo that has said nothing of it for too long."""
    given_up_at: datetime | None = None
    """Until when Argo is to end it that was shut down."""
    is_given_up: bool = False
    """Argo was to end it, and did not: it is over all the same."""

    @property
    def has_ended(self) -> bool:
        return self.phase in ENDED


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is the same for all legs of a Run."""

    graph: Graph
    observed: Observed
    now: datetime
    drained: frozenset[int] = frozenset()
    """Legs that are to start nothing more."""
    ended_by: Interruption | None = None
    """Why legs were shut down, if they were."""
    rounds: Mapping[str, int] = field(default_factory=dict)
    """Node → the leg from which on it runs again: how often its pods were lost before that does not count."""

    def demand_fresh(self) -> None:
        if not self.observed.is_fresh:
            raise NeedsFreshLookError

    def secret_of(self, leg: LegStatus) -> str:
        metadata = self.observed.run.metadata
        return secret_name(metadata.name or "", metadata.uid or "", leg.number)

    def labels_of(self, number: int) -> Mapping[str, str]:
        return kept_labels(self.observed.run.metadata.uid or "", number)


def secret_name(run_name: str, run_uid: str, number: int) -> str:
    return child_name(run_name, run_uid[:8], str(number), "kept")


def kept_labels(run_uid: str, number: int) -> Mapping[str, str]:
    return {RUN_UID: run_uid, LEG: str(number)}
