"""What has become of each instance, wherever it was found out: legs, gates, child Runs, people. Read by everything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from headgate.api.run import Run
from headgate.compiler.known import Instance, Known, Settled
from headgate.lifecycle.actions import Action
from headgate.lifecycle.entries import Told
from headgate_lang.report import Error


@dataclass(frozen=True, slots=True)
class End:
    """How something ended that is no pod: a gate, a child Run, a node that a person answered for."""

    settled: Settled
    output: Any = None
    """The document itself; None: there is none."""
    error: Error | None = None
    ended_at: datetime | None = None
    given_by: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A gate, or a failure that people are asked about, as it stands: open, or ended."""

    started_at: datetime
    end: End | None = None
    until: datetime | None = None
    request: str | None = None
    request_uid: str | None = None
    message: str = ""
    """Without the node's name: `1 of 2 votes of group release-managers, until 24 Nov 05:31 UTC`."""
    asks: str = ""
    """What the Event says when it begins: `asks 2 of group release-managers, until …`; empty: the message."""
    reason: str = "Waiting"
    """Why the Run's condition is Unknown, while it is open."""
    first: tuple[Action, ...] = ()
    """What must be done before the Run's status may rely on this."""
    actions: tuple[Action, ...] = ()
    """What is done once the Run's status says it."""


@dataclass(frozen=True, slots=True)
class Child:
    """A child Run, as it stands."""

    name: str
    run: Run | None = None
    """None: it is about to be created."""
    end: End | None = None
    actions: tuple[Action, ...] = ()


@dataclass(slots=True)
class Facts:
    told: Mapping[Instance, Told] = field(default_factory=dict)
    """By legs; only what still counts."""
    settled: dict[Instance, Settled] = field(default_factory=dict)
    claimed: dict[Instance, int] = field(default_factory=dict)
    ends: dict[Instance, End] = field(default_factory=dict)
    """Of those of `settled` that no leg told of, and the planner did not derive."""
    gates: dict[str, Waiting] = field(default_factory=dict)
    questions: dict[str, Waiting] = field(default_factory=dict)
    children: dict[Instance, Child] = field(default_factory=dict)

    @property
    def known(self) -> Known:
        return Known(self.settled, self.claimed)

    def end(self, instance: Instance, end: End) -> None:
        self.settled[instance] = end.settled
        self.claimed.pop(instance, None)
        self.ends[instance] = end
