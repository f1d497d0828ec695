"""Brings the components from however they are found to ready: observe, decide, act, ten times a second.

Used by `up`. It is gone once the cluster is ready; nothing watches over the components afterwards.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from cluster.component import Component, Step, Task
from cluster.plan import Life, Observation, Plan, check_attempts, decide
from cluster.processes import is_alive, last_lines, launch, read_record, terminate
from cluster.settings import Settings

INTERVAL = 0.1
Report = Callable[[str, float], None]


def observe_once(settings: Settings, steps: Sequence[Step]) -> dict[str, Observation]:
    """How everything is right now, with every probe asked; enough to tell whether there is anything to do."""
    seen: dict[str, Observation] = {}
    for step in steps:
        seen[step.name] = _observe(settings, step, find_unmet(step, seen))
    return seen


def find_unmet(step: Step, seen: Mapping[str, Observation]) -> str:
    """A need that is not ready. Steps come in the order of their needs, so these have been looked at before."""
    return next((need for need in step.needs if seen[need].life is not Life.READY), "")


def _observe(settings: Settings, step: Step, unmet: str) -> Observation:
    """What lacks something it needs is not ready, and asking it would only take long."""
    if isinstance(step, Task):
        reason = step.ready.reason()
        return Observation(Life.ABSENT if reason else Life.READY, reason=reason)
    record = read_record(settings, step.name)
    if record is None or not is_alive(record):
        return Observation(Life.ABSENT, reason="not running")
    reason = f"waits for {unmet}" if unmet else step.ready.reason()
    life = Life.WAITING if reason else Life.READY
    return Observation(life, record.since, record.digest == step.digest, reason)


class Supervisor:
    """One run of the command: what it has started, how often, and since when it waits."""

    def __init__(self, settings: Settings, steps: Sequence[Step], report: Report) -> None:
        self._settings = settings
        self._steps = {step.name: step for step in steps}
        self._report = report
        self._begun: dict[str, float] = {}
        self._attempts: dict[str, int] = {}
        self._waiting: dict[str, float] = {}
        self._ready: dict[str, Observation] = {}
        self._running: dict[str, Future[None]] = {}

    def bring_up(self) -> None:
        with ThreadPoolExecutor(max_workers=4) as pool:
            while True:
                seen = self._look()
                plan = decide(list(self._steps.values()), seen)
                if plan.settled:
                    if all(now.life is Life.READY for now in observe_once(self._settings, self._all()).values()):
                        return
                    self._ready.clear()
                self._act(plan, seen, pool)
                time.sleep(INTERVAL)

    def _all(self) -> list[Step]:
        return list(self._steps.values())

    def _look(self) -> dict[str, Observation]:
        seen: dict[str, Observation] = {}
        for step in self._all():
            seen[step.name] = self._look_at(step, find_unmet(step, seen))
        for name, now in seen.items():
            if now.life is Life.READY and name in self._begun:
                self._report(name, time.monotonic() - self._begun.pop(name))
                self._attempts.pop(name, None)
        return seen

    def _look_at(self, step: Step, unmet: str) -> Observation:
        """What was ready stays ready while its process lives, so that probes go to those that are awaited."""
        name = step.name
        known = self._ready.get(name)
        if known is not None and (isinstance(step, Task) or is_alive(read_record(self._settings, name))):
            return known
        self._ready.pop(name, None)
        if name in self._running and not self._running[name].done():
            return Observation(Life.WAITING, reason="under way")
        if name in self._running:
            self._running.pop(name).result()
        now = _observe(self._settings, step, unmet)
        if now.life is Life.READY and now.current:
            self._ready[name] = now
        waited = 0.0
        if now.life is Life.WAITING and not unmet:
            waited = time.monotonic() - self._waiting.setdefault(name, time.monotonic())
        else:
            self._waiting.pop(name, None)
        return Observation(now.life, now.started, now.current, now.reason, self._attempts.get(name, 0), waited)

    def _act(self, plan: Plan, seen: Mapping[str, Observation], pool: ThreadPoolExecutor) -> None:
        for name in plan.stop:
            self._ready.pop(name, None)
            self._waiting.pop(name, None)
            self._begun.setdefault(name, time.monotonic())
        terminate(self._settings, plan.stop)
        for name in plan.start:
            step = self._steps[name]
            check_attempts(step, seen[name], last_lines(self._settings, name))
            if self._attempts.get(name):
                time.sleep(0.5)  # what ended at once would otherwise end three times within a moment
            self._attempts[name] = self._attempts.get(name, 0) + 1
            self._begun.setdefault(name, time.monotonic())
            if isinstance(step, Component):
                launch(self._settings, step)
            else:
                self._running[name] = pool.submit(step.run)
