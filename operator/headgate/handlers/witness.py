"""What the objects of the cluster testify: facts for the audit log, when they change, when they go, and when somebody
looks after a time in which nobody did. Asked by the recorder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import ValidationError

from headgate.api.approvalrequest import ApprovalRequest
from headgate.audit.entry import Action, Actor, Fact
from headgate.audit.known import Known, Thing
from headgate.audit.retention import CHAIN
from headgate.audit.story.definitions import ADMISSION, DEFINITIONS, fact_of_definition, removed
from headgate.audit.story.requests import REQUEST, facts_of_request, request_deleted
from headgate.audit.story.runs import HEADGATE, RUN, facts_of_run, run_deleted
from headgate.handlers.world import UID, World, owners
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.kinds import LEG, Object
from headgate.lifecycle import moments
from headgate.lifecycle.moments import spell_exactly

_LAG = timedelta(minutes=1)
"""Of what was recorded since, our caches may not have heard yet."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who records, and of what."""

    release: str
    namespace: str
    watched: str | None
    replica: str
    version: str
    settings: object

    def leads(self, now: datetime) -> Fact:
        """That this replica begins to lead, and under which settings."""
        return Fact(
            Action.OPERATOR_LEADS,
            f"leads/{self.replica}/{spell_exactly(now)}",
            "Operator",
            self.release,
            CHAIN,
            self.namespace,
            at=spell_exactly(now),  # told again once that is pruned
            who=HEADGATE,
            actor=Actor.HEADGATE,
            detail={"replica": self.replica, "version": self.version},
            documents={"settings": repr(self.settings)},
        )


@dataclass(kw_only=True)
class Witness:
    world: World
    client: Client
    place: Place
    hashes: dict[str, str] = field(default_factory=dict)
    """Uid of a definition → the hash that was told last."""
    parting: set[str] = field(default_factory=set)
    """Uids of Runs that Headgate itself is about to delete."""
    going: set[str] = field(default_factory=set)
    """Uids of requests that went with their Run: nothing more will be told of them, and they can be forgotten."""

    def caches(self) -> tuple[Cache, ...]:
        """Of all that testifies."""
        defined = (cache for _, cache in self.world if cache.kind.name in DEFINITIONS and cache.kind != LEG)
        return (self.world.runs, self.world.requests, *defined)

    def told(self, kind: str, thing: Object) -> Iterator[Fact]:
        if kind == RUN:
            if "deletionTimestamp" not in thing["metadata"]:  # it was changed instead: who deletes it now is another
                self.parting.discard(thing["metadata"]["uid"])
            yield from facts_of_run(thing)
        elif kind == REQUEST:
            yield from (fact for request in as_requests([thing]) for fact in facts_of_request(request))
        elif kind not in ADMISSION or self._is_ours(thing):
            uid = thing["metadata"]["uid"]
            fact = fact_of_definition(kind, thing, self.hashes.get(uid))
            if fact is not None:
                self.hashes[uid] = str(fact.detail["hash"])
                yield fact

    def gone(self, kind: str, thing: Object) -> Iterator[Fact]:
        metadata = thing["metadata"]
        if kind == RUN:
            ours = metadata["uid"] in self.parting
            self.parting.discard(metadata["uid"])
            yield run_deleted(thing, "its ttl, or how many Runs are kept" if ours else "")
        elif kind == REQUEST:
            if any(self.world.runs.by(UID, uid) for uid in owners(thing)):
                yield from map(request_deleted, as_requests([thing]))
            else:
                self.going.add(metadata["uid"])
        elif kind not in ADMISSION or self._is_ours(thing):
            self.hashes.pop(metadata["uid"], None)
            yield removed(kind, metadata.get("namespace", ""), metadata["name"], metadata["uid"])

    def _is_ours(self, thing: Object) -> bool:
        """Of this release: another one in the cluster keeps a log of its own."""
        return str(thing["metadata"]["name"]).startswith(f"{self.place.release}-")

    async def missing(self, there: set[str], known: Known, now: datetime) -> list[Fact]:
        """Of what is recorded and no longer there: it went while nobody looked."""
        facts = []
        for thing in list(known.gone(there, DEFINITIONS | {RUN, REQUEST})):
            is_recent = (moments.parse(thing.seen) or now) > now - _LAG
            if self.place.watched not in (None, thing.namespace):
                continue
            if thing.kind == REQUEST and not is_recent and self.world.runs.get(thing.namespace, thing.run) is None:
                self.going.add(thing.uid)
            elif not (is_recent if thing.kind in ADMISSION else await self._is_there(thing)):
                facts.append(_missing(thing))
        return facts

    async def _is_there(self, thing: Thing) -> bool:
        """Whether only our caches have not heard of it. (Admission policies we may list, and not get.)"""
        kind = next(cache.kind for cache in self.caches() if cache.kind.name == thing.kind)
        found = await self.client.find(kind, thing.name, thing.namespace or None)
        return found is not None and found["metadata"]["uid"] == thing.uid


def _missing(thing: Thing) -> Fact:
    """Of what went while nobody looked."""
    about = (thing.kind, thing.name, thing.uid, thing.namespace)
    if thing.kind == RUN:
        return Fact(Action.RUN_DELETED, "deleted", *about, run=thing.run)
    if thing.kind == REQUEST:
        return Fact(Action.REQUEST_DELETED, "deleted", *about, run=thing.run)
    return removed(thing.kind, thing.namespace, thing.name, thing.uid)


def as_requests(things: Iterable[Object]) -> Iterator[ApprovalRequest]:
    for thing in things:
        try:
            yield ApprovalRequest.model_validate(thing)
        except ValidationError:
            continue  # somebody got round the CRD: nothing is decided by it either
