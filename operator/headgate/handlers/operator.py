"""The operator as a whole: its caches, its watches, its workers, its servers; started and stopped by `headgate.main`.

Every replica watches, answers admission and tells how it is. Only the one that leads decides and writes.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from headgate.audit.chain import parse_head
from headgate.handlers.accounts import Accounts
from headgate.handlers.catalogue import Models
from headgate.handlers.credentials import SecretChecker
from headgate.handlers.dispatch import Dispatcher
from headgate.handlers.engine import Decide, Engine, run_workers
from headgate.handlers.execute import Executor
from headgate.handlers.guard import Guard
from headgate.handlers.health import Health, check_alive, check_ready
from headgate.handlers.last_runs import LastRuns
from headgate.handlers.ledger import Ledger
from headgate.handlers.metrics import Metrics, State
from headgate.handlers.observe import Observer
from headgate.handlers.outbox import Outbox
from headgate.handlers.posting import Poster
from headgate.handlers.queue import Queue
from headgate.handlers.recorder import Recorder
from headgate.handlers.revisions import Revisions
from headgate.handlers.siblings import Siblings
from headgate.handlers.soundness import SoundnessChecker
from headgate.handlers.status_server import StatusServer
from headgate.handlers.webhook import Admission, WebhookServer
from headgate.handlers.witness import Place
from headgate.handlers.work import About, Work
from headgate.handlers.workflows import WorkflowChecker
from headgate.handlers.world import SELECTORS, build_world
from headgate.kube.access import Access
from headgate.kube.client import Client
from headgate.kube.lease import Election, LostError, Terms
from headgate.kube.reflector import Reflector, Rhythm
from headgate.names import GROUP
from headgate.settings import Settings

log = logging.getLogger(__name__)

AUDIT_HEAD = f"{GROUP}/audit-head"
_VERSION = version("headgate")
_SYNC_LOOK = 0.02
_GRACE = 5.0
"""How long, at the end, what is being carried out may take."""
_TELL_GRACE = 3.0
"""And of it, what is being told to a webhook."""


class Operator:
    def __init__(
        self,
        settings: Settings,
        access: Access,
        decide: Decide,
        *,
        rhythm: Rhythm | None = None,
        terms: Terms | None = None,
    ) -> None:
        self.settings = settings
        self._rhythm = rhythm or Rhythm()
        self.metrics = Metrics()
        self.client = Client(access, agent="headgate-operator", on_call=self.metrics.note_call)
        self.world = build_world()
        self._siblings = Siblings()
        self.queue = Queue[Work](time.time)
        self.outbox = Outbox(
            world=self.world,
            client=self.client,
            poster=Poster(settings.notify),
            metrics=self.metrics,
            clock=time.time,
            now=_now,
        )
        self._dispatcher = Dispatcher(self.world, self._siblings, self.queue, self.metrics, self.outbox)
        models = Models()
        self._revisions = Revisions(self.world, self.client, _now)
        accounts = Accounts(self.client, settings.runs.platform.executor_account, settings.release)
        checker = WorkflowChecker(
            world=self.world,
            siblings=self._siblings,
            client=self.client,
            models=models,
            revisions=self._revisions,
            accounts=accounts,
            now=_now,
        )
        last_runs = LastRuns(cache=self.world.workflows, siblings=self._siblings, client=self.client, clock=time.time)
        credentials, endpoints = (
            SecretChecker(cache=cache, client=self.client, models=models, now=_now)
            for cache in (self.world.credentials, self.world.models)
        )
        policies = SoundnessChecker(cache=self.world.policies, sound="people can pass it", client=self.client, now=_now)
        node_types = SoundnessChecker(
            cache=self.world.node_types, sound="workflows can use it", client=self.client, now=_now
        )
        guard = Guard(self.world, self.client, settings.namespace, settings.release)
        self._election = Election(self.client, settings.namespace, settings.lease, settings.identity, terms=terms)
        self._election.tells = self._tells
        self.recorder = self._build_recorder()
        self._engine = Engine(
            world=self.world,
            queue=self.queue,
            observer=Observer(
                world=self.world,
                siblings=self._siblings,
                client=self.client,
                settings=settings.runs,
                models=models,
                guard=guard,
                hears_since=self._hears_since,
            ),
            executor=Executor(self.world, self.client, self._revisions, time.time, _now),
            decide=decide,
            checks={
                About.WORKFLOW: checker.look,
                About.LAST_RUN: last_runs.look,
                About.CREDENTIAL: credentials.look,
                About.MODEL: endpoints.look,
                About.POLICY: policies.look,
                About.NODE_TYPE: node_types.look,
            },
            record=self.recorder.before,
            metrics=self.metrics,
            clock=time.time,
            now=_now,
        )
        self.reflectors = [
            Reflector(
                self.client, cache, namespace=settings.watched, labels=SELECTORS.get(name, ""), rhythm=self._rhythm
            )
            for name, cache in self.world
        ]
        self._status = StatusServer(settings.status_port, self.alive, self.ready, self.metrics.render)
        admission = Admission(self.world, self.client, models, self.metrics)
        self._webhook = (
            WebhookServer(admission, settings.webhook, settings.namespace, self.client) if settings.webhook else None
        )
        self._queues: tuple[Queue[Any], ...] = (self.queue, self.outbox.queue)
        for queue in self._queues:
            queue.rest()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leads = False

    @property
    def leads(self) -> bool:
        return self._leads

    @property
    def status_port(self) -> int:
        return self._status.port

    async def start(self) -> None:
        await self.client.__aenter__()
        self._dispatcher.wire()
        self.recorder.wire()
        self.metrics.watch(self._state())
        await self._status.start()
        for reflector in self.reflectors:
            self._begin(f"watch of {reflector.cache.kind.plural}.{reflector.cache.kind.group}", reflector.run)
        self._begin("leading", self._lead)
        self._begin("sweeping", lambda: self._revisions.keep_swept(lambda: self._leads))
        if self._webhook is not None:
            self._begin("webhook", self._keep_webhook)
        log.info("started", extra={"replica": self.settings.identity, "status_port": self._status.port})

    async def stop(self) -> None:
        """Let what is being carried out end, let others lead at once, then close everything."""
        for queue in self._queues:
            queue.close()
        leading = self._tasks.get("leading")
        if leading is not None and self._leads:
            await asyncio.wait([leading], timeout=_GRACE)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._election.give_up()
        if self._webhook is not None:
            await self._webhook.stop()
        await self._status.stop()
        await self.client.__aexit__(None, None, None)
        log.info("stopped", extra={"replica": self.settings.identity})

    def _hears_since(self) -> datetime:
        """Of legs: since when an Argo that says something would have been heard."""
        reflector = next(one for one in self.reflectors if one.cache is self.world.legs)
        return _now() - timedelta(seconds=time.monotonic() - reflector.hears_since)

    def alive(self) -> Health:
        dead = [name for name, task in self._tasks.items() if task.done()]
        return check_alive(self.reflectors, dead, time.monotonic(), self._rhythm)

    def ready(self) -> Health:
        return check_ready(self.reflectors, time.monotonic(), self._rhythm)

    def _begin(self, name: str, what: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        async def play() -> None:
            try:
                await what()
            except Exception:  # none of them should end: we are not alive then, and say why before we are restarted
                log.exception("a task has ended", extra={"task": name})
                raise

        task = self._tasks[name] = asyncio.create_task(play(), name=name)
        return task

    async def _keep_webhook(self) -> None:
        assert self._webhook is not None
        await self._webhook.keep(lambda: self._leads, _now)

    async def _lead(self) -> None:
        """Lead as long as we may, and wait for it again when we no longer do."""
        await self._until_synced()
        if not self.settings.elects:
            await self._act()
            return
        while True:
            await self._election.win()
            acting = asyncio.create_task(self._act())
            holding = asyncio.create_task(self._election.hold())
            try:
                done, _ = await asyncio.wait([acting, holding], return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._leads = False
                for task in (acting, holding):
                    task.cancel()
                await asyncio.gather(acting, holding, return_exceptions=True)
            if acting in done:
                acting.result()
                return
            error = holding.exception()
            if not isinstance(error, LostError):
                raise error or RuntimeError("the lease is no longer held")
            log.error("no longer leads", extra={"error": str(error), "replica": self.settings.identity})

    async def _act(self) -> None:
        for queue in self._queues:
            queue.begin()
        self._leads = True
        self.metrics.leads.set(1)
        self._dispatcher.queue_everything()
        recording = self._begin("recording", self.recorder.keep)
        telling = self._begin("telling", self.outbox.work)
        try:
            await run_workers(self._engine, self.settings.workers)
            await self.recorder.finish()
            await asyncio.wait([telling], timeout=_TELL_GRACE)  # cut off, what it sends would be sent again
        finally:
            for task in (recording, telling):
                del self._tasks[task.get_name()]
                task.cancel()
            await asyncio.gather(recording, telling, return_exceptions=True)
            for queue in self._queues:
                queue.rest()
            self._leads = False
            self.metrics.leads.set(0)

    async def _until_synced(self) -> None:
        while not self.world.synced:  # noqa: ASYNC110 - eleven caches, each of which may be the last
            await asyncio.sleep(_SYNC_LOOK)

    def _build_recorder(self) -> Recorder:
        settings = self.settings
        release, namespace = settings.release, settings.namespace
        alike = replace(settings, identity="", status_port=0)  # of all replicas
        return Recorder(
            world=self.world,
            client=self.client,
            ledger=Ledger(self.client, namespace, release, settings.audit, self.metrics, _now),
            metrics=self.metrics,
            place=Place(release, namespace, settings.watched, settings.identity, _VERSION, alike),
            now=_now,
            remembered=lambda: parse_head(self._election.told.get(AUDIT_HEAD, "")),
        )

    def _tells(self) -> dict[str, str]:
        """On the Lease, which is renewed anyway: the end of the audit log, for whoever leads next."""
        head = self.recorder.head
        return {AUDIT_HEAD: str(head)} if self._leads and head.number else {}

    def _state(self) -> State:
        return State(
            phases=self._siblings.phases,
            problems=self._problems,
            queue=lambda: (len(self.queue), self.queue.sleeping),
            reflectors=self.reflectors,
            clock=time.monotonic,
            notices=self.outbox.count,
        )

    def _problems(self) -> Iterator[str]:
        for workflow in self.world.workflows:
            yield from (one["reason"] for one in (workflow.get("status") or {}).get("findings") or ())


def _now() -> datetime:
    return datetime.now(UTC)
