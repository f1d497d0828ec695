"""The workers: take a key, gather, decide, act. What goes wrong is told, and tried again later; nothing ends a worker.

One place decides what an error means: a conflict is looked at again at once, and once what is not there. What may pass
is tried again soon, and what will not pass is told to people and tried again now and then.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from headgate.handlers import logs
from headgate.handlers.execute import Executor, PutOffError
from headgate.handlers.metrics import Metrics
from headgate.handlers.observe import Observer
from headgate.handlers.queue import Queue, QueueClosedError
from headgate.handlers.revisions import NotOursError
from headgate.handlers.subjects import is_told, subject_of
from headgate.handlers.work import About, Work
from headgate.handlers.world import World
from headgate.kube.errors import ConflictError, KubeError, NotFoundError, TransientError
from headgate.kube.kinds import Object
from headgate.lifecycle.actions import Action, Decision, EventType, RecordEvent
from headgate.lifecycle.observed import Observed

log = logging.getLogger(__name__)

Decide = Callable[[Observed, datetime], Decision]
Record = Callable[[Object, Action], Awaitable[None]]
"""Writes into the audit log what must stand there before this is done about the Run."""
Check = Callable[[str, str], Awaitable[float | None]]
"""Looks at an object of a namespace and a name; says after how many seconds to look again by itself."""

_MOST_ROUNDS = 1000
"""A decision asks for a fresh look once, and for each Secret with outputs that it reads."""
_SOON = (0.02, 1.0)
_LATER = (0.25, 10.0)
_SELDOM = (5.0, 60.0)


@dataclass(kw_only=True)
class Engine:
    world: World
    queue: Queue[Work]
    observer: Observer
    executor: Executor
    decide: Decide
    checks: Mapping[About, Check]
    """Of what is no Run."""
    record: Record
    metrics: Metrics
    clock: Callable[[], float]
    now: Callable[[], datetime]
    _failures: dict[Work, int] = field(default_factory=dict)

    def begin(self) -> None:
        """We lead, maybe again: what failed when we led before, somebody else may have got over since."""
        self._failures.clear()

    async def work(self) -> None:
        """A worker. It ends when the queue is closed."""
        while True:
            try:
                key, waited = await self.queue.take()
            except QueueClosedError:
                return
            self.metrics.queue_wait_seconds.observe(waited)
            began = time.perf_counter()
            try:
                with logs.about(**{key.about.value: f"{key.namespace}/{key.name}"}):
                    result = await self._look(key)
            finally:
                self.queue.done(key)
            self.metrics.reconcile_seconds.labels(key.about.value, result).observe(time.perf_counter() - began)

    async def _look(self, key: Work) -> str:
        """Look at one key; say in a word what came of it."""
        try:
            if key.about in self.checks:
                again = await self.checks[key.about](key.namespace, key.name)
                self.queue.wake_at(key, None if again is None else self.clock() + again)
            else:
                await self._reconcile(key)
        except PutOffError as later:
            self.queue.wake_at(key, later.at)
            return "put off"
        except ConflictError as error:
            log.info("look again", extra={"error": str(error)})
            return self._again(key, _SOON, "conflict")
        except NotFoundError as error:
            if key not in self._failures:  # it went meanwhile, and a fresh look knows that
                log.info("look again", extra={"error": str(error)})
                return self._again(key, _SOON, "gone")
            return await self._refuse(key, error)
        except TransientError as error:
            log.warning("try again", extra={"error": str(error)})
            return self._again(key, _LATER, "transient")
        except (KubeError, NotOursError) as error:
            return await self._refuse(key, error)
        except Exception as error:
            log.exception("a mistake of ours")
            await self._tell(
                key, f"a mistake of Headgate's ({type(error).__name__}): the operator's log has more of it"
            )
            return self._again(key, _SELDOM, "mistake")
        self._failures.pop(key, None)
        return "good"

    async def _reconcile(self, key: Work) -> None:
        decision = await self._decide_about(key)
        if decision is None:
            self.queue.forget(key)
            return
        for action in decision.actions:
            run = self.world.runs.get(key.namespace, key.name)
            if run is None:
                return
            await self._carry_out(run, action)
        self.queue.wake_at(key, None if decision.wake_at is None else decision.wake_at.timestamp())

    async def _decide_about(self, key: Work) -> Decision | None:
        """Gather and decide, and gather more as long as the decision asks for it. None: there is no such Run."""
        observed = await self.observer.observe(key.namespace, key.name)
        for _ in range(_MOST_ROUNDS):
            if observed is None:
                return None
            decision = self.decide(observed, self.now())
            if decision.refresh:
                observed = await self.observer.observe(key.namespace, key.name, freshly=True)
            elif decision.reads:
                observed = await self.observer.read_kept(observed, decision.reads)
            elif decision.looks:
                observed = await self.observer.look(observed, decision.looks)
            else:
                return decision
        raise RuntimeError(f"{key.name}: the decision asks for more and more")

    async def _carry_out(self, run: Object, action: Action) -> None:
        name = type(action).__name__
        with logs.about(action=name, **subject_of(run, action)):
            try:
                await self.record(run, action)
                await self.executor.carry_out(run, action)
            except PutOffError:
                raise
            except Exception:
                self.metrics.actions.labels(name, "failed").inc()
                raise
            self.metrics.actions.labels(name, "done").inc()
            log.log(logging.INFO if is_told(action) else logging.DEBUG, "done")

    async def _refuse(self, key: Work, error: Exception) -> str:
        log.error("cannot go on", extra={"error": str(error)})
        await self._tell(key, str(error))
        return self._again(key, _SELDOM, "refused")

    def _again(self, key: Work, pauses: tuple[float, float], result: str) -> str:
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        first, longest = pauses
        pause = min(first * 2 ** min(failures - 1, 20), longest) * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load
        self.queue.wake_at(key, self.clock() + pause)
        return result

    async def _tell(self, key: Work, why: str) -> None:
        run = self.world.runs.get(key.namespace, key.name) if key.about is About.RUN else None
        if run is not None:
            await self.executor.tell(run, RecordEvent(EventType.WARNING, "CannotGoOn", why))


async def run_workers(engine: Engine, count: int) -> None:
    engine.begin()
    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(engine.work())
