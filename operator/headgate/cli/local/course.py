"""The course of a local Run: decide about whatever has changed, carry it out, say which pods are due and when to look
again. The decisions are `lifecycle.decide`, as in the operator. `engine` runs the pods and asks the people.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from headgate.api.approvalrequest import ApprovalRequest
from headgate.cli.local.clock import Clock
from headgate.cli.local.ground import Ground
from headgate.cli.local.leg import Leg, Pod
from headgate.lifecycle.decide import decide

if TYPE_CHECKING:
    from datetime import datetime

_MOST_DECISIONS = 1000
"""About one Run, without anything that happens in between."""


class Course:
    def __init__(self, ground: Ground, clock: Clock) -> None:
        self.ground = ground
        self.wakes: dict[str, datetime] = {}
        """Run → when to look at it again by itself."""
        self._clock = clock

    def settle(self) -> None:
        """Until nothing more is to be done now."""
        counts: dict[str, int] = {}
        while self.ground.changed:
            name = next(iter(self.ground.changed))
            del self.ground.changed[name]
            counts[name] = counts.get(name, 0) + 1
            if counts[name] > _MOST_DECISIONS:
                raise RuntimeError(f"{name} never comes to rest: this is a mistake of ours")
            self._go_on(name)

    def _go_on(self, name: str) -> None:
        now = self._clock.now()
        observed = self.ground.observe(name)
        decision = decide(observed, now)
        if decision.looks:
            decision = decide(replace(observed, looked=self.ground.look(decision.looks)), now)
        if decision.refresh or decision.reads or decision.looks:
            raise RuntimeError(f"{name} asks for what is not kept: this is a mistake of ours")
        if decision.wake_at is None:
            self.wakes.pop(name, None)
        else:
            self.wakes[name] = decision.wake_at
        for action in decision.actions:
            if not self.ground.carry_out(name, action, now):
                return

    def wake(self) -> None:
        """Have those looked at whose time has come."""
        now = self._clock.now()
        for name in [name for name, at in self.wakes.items() if at <= now]:
            del self.wakes[name]
            self.ground.changed[name] = None

    def start_due(self, room: int) -> list[tuple[Leg, int]]:
        """The pods that start now, as many as there is room for: marked as running."""
        now = self._clock.now()
        started: list[tuple[Leg, int]] = []
        for leg in list(self.ground.legs.values()):
            before = len(leg.pods), leg.has_ended
            for position in leg.due(now)[: max(0, room - len(started))]:
                leg.start(position, now)
                started.append((leg, position))
            if (len(leg.pods), leg.has_ended) != before:
                self.ground.note_leg(leg)
        return started

    def end_pod(self, leg: Leg, position: int, pod: Pod) -> None:
        leg.end(position, pod, self._clock.now())
        self.ground.note_leg(leg)

    def questions(self) -> list[ApprovalRequest]:
        """Those that are open, the oldest first."""
        requests = map(ApprovalRequest.model_validate, self.ground.requests.values())
        return [one for one in requests if one.is_open]
