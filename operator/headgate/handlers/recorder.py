"""From changes in the cluster to the audit log: what was heard is noted, gathered for a second, and appended.

What Headgate does because of a decision, or with a credential, waits until that is recorded. All else is recorded
soon after, and told anew by what is in the cluster if the operator dies before. Only the replica that leads records.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from headgate.api.approvalrequest import ApprovalRequest
from headgate.audit.chain import Head
from headgate.audit.entry import Action, Fact
from headgate.audit.story.actions import facts_of_child, facts_of_leg, facts_of_past
from headgate.audit.story.definitions import LASTING
from headgate.handlers.ledger import Ledger
from headgate.handlers.metrics import Metrics
from headgate.handlers.witness import Place, Witness, as_requests
from headgate.handlers.world import OWNER, World
from headgate.kube.cache import Cache, Change
from headgate.kube.client import Client
from headgate.kube.errors import KubeError
from headgate.kube.kinds import Object
from headgate.lifecycle.actions import CreateChild, CreateLeg, DeleteRun

log = logging.getLogger(__name__)

_FIRST = 1.0
"""After a start, Runs come first."""
_GATHER = 1.0
_PRUNE = 3600.0
_AGAIN = 5.0
_MOST = 20_000
"""Facts that wait. More are forgotten and told anew, by looking at everything once more."""
_TOGETHER = 200
_AT_ONCE = 100
"""Objects that are looked at before others get their turn."""


@dataclass(kw_only=True)
class Recorder:
    world: World
    client: Client
    ledger: Ledger
    metrics: Metrics
    place: Place
    now: Callable[[], datetime]
    remembered: Callable[[], Head | None] = lambda: None
    """An end of the chain that is known from elsewhere."""
    _waiting: dict[str, Fact] = field(default_factory=dict)
    _urgent: dict[str, Fact] = field(default_factory=dict)
    """What something waits for."""
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _gate: asyncio.Lock = field(default_factory=asyncio.Lock)
    _leads: bool = False
    _lost: bool = False

    def __post_init__(self) -> None:
        self._identity = self.place.leads(self.now())
        self._witness = Witness(world=self.world, client=self.client, place=self.place)

    @property
    def head(self) -> Head:
        return self.ledger.head

    @property
    def pending(self) -> int:
        """Facts that are not recorded yet."""
        return len(self._waiting)

    def wire(self) -> None:
        """Hear of every change, beside whoever hears of it already."""
        for cache in self._witness.caches():
            cache.listener = _both(self._heard(cache), cache.listener)

    async def keep(self) -> None:
        """As long as we lead. Whatever goes wrong is told and tried again."""
        self._leads, self._identity = True, self.place.leads(self.now())
        try:
            await self._again(self._begin)
            while True:
                await self._again(self._turn)
        finally:
            self._leads = False
            self._waiting.clear()
            self._urgent.clear()

    async def before(self, run: Object, action: object) -> None:
        """Record what this action rests on, before it is carried out. Raises KubeError: then it must wait."""
        match action:
            case CreateLeg():
                facts = list(facts_of_leg(run, action, self._requests_of(run), self._credentials(run, action)))
                waits = any(fact.action in (Action.DECISION_USED, Action.CREDENTIAL_USED) for fact in facts)
            case CreateChild():
                facts = list(facts_of_child(run, action, self._requests_of(run)))
                waits = bool(facts)
            case DeleteRun():
                old = self.world.runs.get(run["metadata"]["namespace"], action.name)
                if old is not None:
                    await self.settle(facts_of_past(old, self._requests_of(old)))
                    self._witness.parting.add(action.uid)
                return
            case _:
                return
        if waits:
            await self.settle(facts)
        else:
            self._note(facts)

    async def settle(self, facts: Iterable[Fact]) -> None:
        """When this returns, they are recorded; those who wait at one moment share a write."""
        mine = [fact for fact in facts if not self.ledger.has(fact)]
        self._urgent.update((fact.id, fact) for fact in mine)
        async with self._gate:
            if self._urgent and not all(map(self.ledger.has, mine)):
                await self._record(self._urgent)

    async def finish(self) -> None:
        """Record what waits, once: whoever leads next would find it too."""
        try:
            await self._flush()
        except KubeError as error:
            log.warning("the end of the audit log is not written", extra={"error": str(error)})

    async def _flush(self) -> None:
        """Not all at once: what is urgent comes between."""
        while self._waiting:
            async with self._gate:
                await self._record(dict(islice(self._waiting.items(), _TOGETHER)))

    # -- hearing -----------------------------------------------------------------------------------------------

    def _heard(self, cache: Cache) -> Callable[[Change], None]:
        kind = cache.kind.name

        def hear(change: Change) -> None:
            if self._leads and self.ledger.is_loaded:
                self._note(
                    self._witness.gone(kind, change.thing)
                    if change.new is None
                    else self._witness.told(kind, change.new)
                )

        return hear

    def _note(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            if fact.id in self._waiting or self.ledger.has(fact) or self._is_pruned(fact):
                continue
            if len(self._waiting) >= _MOST:
                self._lost = True
                return
            self._waiting[fact.id] = fact
            self._news.set()
        self.metrics.audit_pending.set(len(self._waiting))

    def _is_pruned(self, fact: Fact) -> bool:
        """Whether it was surely recorded once, in a segment that is no longer kept."""
        return fact.kind not in LASTING and bool(fact.at) and fact.at < self.ledger.floor

    # -- recording ---------------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        """Read the log, then look at everything: what happened while nobody led is recorded now."""
        await asyncio.sleep(_FIRST)
        await self.ledger.load(self.remembered())
        await self._look()

    async def _look(self) -> None:
        self._witness.hashes = dict(self.ledger.known.hashes)
        there: set[str] = set()
        for cache in self._witness.caches():
            for place, thing in enumerate(cache):
                there.add(thing["metadata"]["uid"])
                self._note(self._witness.told(cache.kind.name, thing))
                if place % _AT_ONCE == 0:
                    await asyncio.sleep(0)
        self._note(await self._witness.missing(there, self.ledger.known, self.now()))

    async def _turn(self) -> None:
        if self._lost:
            self._lost = False
            await self._look()
        try:
            async with asyncio.timeout(_PRUNE):
                await self._news.wait()
        except TimeoutError:
            pass
        await asyncio.sleep(_GATHER)
        self._news.clear()
        await self._flush()
        await self._forget()
        await self.ledger.prune()

    async def _forget(self) -> None:
        """What is gone, unless something of it waits or is being written: if another leader has recorded that already,
        only what is known of it keeps us from doing so again."""
        async with self._gate:
            waiting = {fact.uid for facts in (self._waiting, self._urgent) for fact in facts.values()}
            for uid in self._witness.going - waiting:
                self.ledger.known.forget(uid)
            self._witness.going &= waiting
            self.ledger.known.trim(waiting)

    async def _record(self, facts: dict[str, Fact]) -> None:
        """Together with what is known of ourselves, if that is not yet there: it is no reason to write."""
        told = dict(facts)  # more may come meanwhile
        first = [] if self.ledger.has(self._identity) else [self._identity]
        await self.ledger.append([*first, *told.values()])
        for each in (self._waiting, self._urgent):
            for id_ in told:
                each.pop(id_, None)
        self.metrics.audit_pending.set(len(self._waiting))

    async def _again(self, what: Callable[[], object]) -> None:
        while True:
            try:
                await what()  # type: ignore[misc]  # one of ours, each of which is awaited
            except KubeError as error:
                log.error("the audit log cannot be written", extra={"error": str(error)})  # noqa: TRY400 - it says all
            except Exception:
                log.exception("a mistake of ours")
            else:
                return
            self._news.set()
            await asyncio.sleep(_AGAIN)

    def _requests_of(self, run: Object) -> list[ApprovalRequest]:
        return list(as_requests(self.world.requests.by(OWNER, run["metadata"]["uid"])))

    def _credentials(self, run: Object, leg: CreateLeg) -> dict[str, str]:
        names = {name for names in leg.credentials.values() for name in names}
        found = ((name, self.world.credentials.get(run["metadata"]["namespace"], name)) for name in names)
        return {name: thing["metadata"]["uid"] for name, thing in found if thing is not None}


def _both(one: Callable[[Change], None], other: Callable[[Change], None]) -> Callable[[Change], None]:
    def hear(change: Change) -> None:
        one(change)
        other(change)

    return hear
