"""Takes a local Run to its end: starts pods, asks people, waits for whatever comes first, and shows how it goes.

What to do is decided in `course`; here is all that takes time. Ctrl-C terminates the Run, as a person would on a
cluster: its pods are asked to end, and what became of them is told.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.api.run import Run
from headgate.cli.cluster.session import StoppedError
from headgate.cli.cluster.showing import EXIT_CODES
from headgate.cli.local.clock import Clock
from headgate.cli.local.course import Course
from headgate.cli.local.people import People
from headgate.cli.local.podplan import plan_pod
from headgate.cli.local.pods import Pods

if TYPE_CHECKING:
    from headgate.api.approvalrequest import ApprovalRequest
    from headgate.cli.local.answers import Vote
    from headgate.cli.local.leg import Leg, Pod

_TICK = 1.0
"""Seconds between pictures while nothing happens: clocks in it go on."""


@dataclass(frozen=True, slots=True)
class Wishes:
    me: str
    """Whose votes they are."""
    most_pods: int
    """At a time."""
    skip_waits: bool = False
    near_models: frozenset[str] = frozenset()
    """Models whose addresses a person named: reached wherever they are, this machine included."""


class Engine:
    def __init__(
        self,
        course: Course,
        clock: Clock,
        pods: Pods,
        people: People,
        wishes: Wishes,
        draw: Callable[[Run, bool], None],
    ) -> None:
        """`draw`: is given the Run, and whether somebody is being asked."""
        self._course = course
        self._clock = clock
        self._pods = pods
        self._people = people
        self._wishes = wishes
        self._draw = draw
        self._started: dict[asyncio.Task[Pod], tuple[Leg, int]] = {}
        self._asking: asyncio.Task[Vote] | None = None
        self._asked: ApprovalRequest | None = None
        self._answered: set[str] = set()
        self._disturbed = asyncio.Event()
        self.interruptions = 0

    def interrupt(self, name: str) -> int:
        """Somebody wants it to end. The first time, what runs is asked to; then it is ended. How many pods run."""
        self.interruptions += 1
        if self.interruptions == 1:
            self._course.ground.declare(name, state="Terminated")
        else:
            self._pods.kill()
        self._disturbed.set()
        return len(self._pods)

    async def run(self, name: str) -> Run:
        """Raises StoppedError."""
        try:
            while True:
                self._course.wake()
                self._course.settle()
                self._start_pods()
                self._course.settle()
                self._stop_pods()
                run = self._course.ground.run(name)
                if run.status is not None and run.status.phase in EXIT_CODES:
                    await self._leave()
                    self._draw(run, False)
                    return run
                self._ask()
                self._draw(run, self._asking is not None)
                await self._wait(run)
        finally:
            self._pods.kill()
            await self._leave()
            if self._started:
                await asyncio.wait(self._started)

    def _start_pods(self) -> None:
        room = self._wishes.most_pods - len(self._started)
        for leg, position in self._course.start_due(room):
            plan = plan_pod(leg, position, self._course.ground.secrets, self._wishes.near_models)
            task = asyncio.ensure_future(self._pods.run((leg.uid, position), plan, self._clock.skipped))
            self._started[task] = (leg, position)

    def _stop_pods(self) -> None:
        for leg, position in self._started.values():
            if leg.shutdown:
                self._pods.stop((leg.uid, position))

    def _ask(self) -> None:
        """One question at a time. A question that is over meanwhile is not answered any more."""
        open_ = {one.metadata.name: one for one in self._course.questions()}
        if self._asking is not None and self._asked is not None and self._asked.metadata.name not in open_:
            self._asking.cancel()
            self._asking = self._asked = None
        waiting = [one for name, one in open_.items() if name not in self._answered]
        if self._asking is None and waiting and not self.interruptions:
            self._asked = waiting[0]
            self._asking = asyncio.ensure_future(self._people.answer(self._asked))

    async def _wait(self, run: Run) -> None:
        """Until something has happened."""
        going = [*self._started, *([self._asking] if self._asking else [])]
        wake = min(self._course.wakes.values(), default=None)
        if not going and wake is None:
            message = run.status.message if run.status else ""
            raise StoppedError(f"{run.metadata.name} waits for what cannot come here: {message}")
        if not going and wake is not None and self._wishes.skip_waits:
            self._clock.skip_to(wake)
            return
        seconds = _TICK if wake is None else min(_TICK, max(0.0, (wake - self._clock.now()).total_seconds()))
        disturbed = asyncio.ensure_future(self._disturbed.wait())
        try:
            await asyncio.wait([*going, disturbed], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            disturbed.cancel()
        self._disturbed.clear()
        self._take_in()

    def _take_in(self) -> None:
        for task in [task for task in self._started if task.done()]:
            leg, position = self._started.pop(task)
            self._course.end_pod(leg, position, task.result())
        if self._asking is not None and self._asking.done():
            vote, asked = self._asking.result(), self._asked
            self._asking = self._asked = None
            if asked is not None:
                name = asked.metadata.name or ""
                self._answered.add(name)
                self._course.ground.vote(name, self._wishes.me, vote)

    async def _leave(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
            self._asking = None
