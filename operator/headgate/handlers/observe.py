"""Gathers all that decides about one Run: out of the caches, and afresh where a cache that lags would decide wrongly.

Asked by the workers before each decision.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.run import Run
from headgate.compiler.emit.identity import LEG, RUN_UID
from headgate.handlers.catalogue import LiveCatalogue, Models
from headgate.handlers.guard import Guard
from headgate.handlers.looking import look
from headgate.handlers.siblings import Siblings, family_of
from headgate.handlers.world import OWNER, REVISION, REVISION_LABEL, RUN, UID, World, owners
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.kinds import Key, Object, key_of
from headgate.kube.legs import is_whole, read_leg
from headgate.lifecycle.observed import Kept, Look, Observed, ObservedLeg, OldRun, Reference, Settings
from headgate.names import GROUP, child_name

RUN_NAME = f"{GROUP}/run"


@dataclass(frozen=True, kw_only=True)
class Observer:
    world: World
    siblings: Siblings
    client: Client
    settings: Settings
    models: Models
    guard: Guard
    hears_since: Callable[[], datetime]
    """Since when news of legs come in without a break."""
    _pinned: dict[Key, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)

    async def observe(self, namespace: str, name: str, *, freshly: bool = False) -> Observed | None:
        """None: there is no such Run. `freshly`: ask the API server first, the Run before all else. It is decided about
        as it was read then: a younger one, heard of meanwhile, may name what was not there yet when that was read."""
        thing = await self._refresh(namespace, name) if freshly else self.world.runs.get(namespace, name)
        if thing is None:
            return None
        uid = thing["metadata"]["uid"]
        run = Run.model_validate(thing)
        old_name = run.spec.from_.run if run.spec.from_ and not _revision_of(thing) else None
        if freshly and old_name:
            await self._refresh(namespace, old_name)
        old = self._old(namespace, old_name) if old_name else None
        return Observed(
            run=run,
            catalogue=LiveCatalogue(self.world, self.models, namespace),
            settings=self.settings,
            pinned=self._pinned_of(thing),
            legs=await self._legs(thing),
            kept=self._kept(uid),
            requests=tuple(_models(ApprovalRequest, self._named(self.world.requests, thing, "request"))),
            children=tuple(_models(Run, self._named(self.world.runs, thing, "child"))),
            parent=self._parent(thing),
            siblings=self.siblings.of(family_of(thing), uid),
            old=old,
            is_fresh=freshly,
            has_argo=self.world.legs.served,
            hears_since=self.hears_since(),
            guard=await self.guard.word(),
        )

    async def read_kept(self, observed: Observed, references: Iterable[Reference]) -> Observed:
        """The same, with all that is in the kept Secrets that are referred to: what is read once is not asked again."""
        namespace = observed.run.metadata.namespace or ""
        found = {}
        for secret in {reference.secret for reference in references}:
            found[secret] = _texts(await self.client.get(self.world.kept.kind, secret, namespace))
        old = observed.old and replace(observed.old, kept=_with(observed.old.kept, found))
        return replace(observed, kept=_with(observed.kept, found), old=old)

    async def look(self, observed: Observed, looks: Iterable[Look]) -> Observed:
        """The same, with these objects as they are now, and whether the Secrets that they name are there."""
        namespace = observed.run.metadata.namespace or ""
        found = await look(self.world, self.client, namespace, looks)
        return replace(observed, looked={**observed.looked, **found})

    async def _refresh(self, namespace: str, name: str) -> Object | None:
        """The Run as it was read; all that belongs to it was read later."""
        world = self.world
        run = await self._read(world.runs, namespace, name)
        if run is None:
            return None
        uid, status = run["metadata"]["uid"], run.get("status") or {}
        await self._list(world.legs, namespace, f"{RUN_UID}={uid}", RUN, uid)
        await self._list(world.kept, namespace, f"{RUN_UID}={uid}", RUN, uid)
        await self._list(world.requests, namespace, f"{RUN_NAME}={name}", OWNER, uid)
        if _revision_of(run):
            await self._list(
                world.revisions,
                namespace,
                f"{REVISION_LABEL}={_revision_of(run)}",
                REVISION,
                f"{namespace}/{_revision_of(run)}",
            )
        else:
            await self._refresh_catalogue(namespace)
        for leg in status.get("legs") or ():
            if world.legs.get(namespace, leg["argo"]) is None:
                await self._read(world.legs, namespace, leg["argo"])
        for node in (status.get("nodes") or {}).values():
            if node.get("child"):
                await self._read(world.runs, namespace, node["child"])
            if node.get("request") and world.requests.get(namespace, node["request"]) is None:
                await self._read(world.requests, namespace, node["request"])
        return run

    async def _refresh_catalogue(self, namespace: str) -> None:
        """What a Run needs at its start may have been created in one breath with it."""
        world = self.world
        named = (world.workflows, world.policies, world.models, world.knowledge_bases, world.credentials)
        for cache in (world.node_types, *named):
            for thing in await self.client.list_all(cache.kind, namespace):
                cache.put({"apiVersion": cache.kind.api_version, "kind": cache.kind.name, **thing})

    async def _read(self, cache: Cache, namespace: str, name: str) -> Object | None:
        found = await self.client.find(cache.kind, name, namespace)
        if found is None:
            cache.forget(namespace, name)
        else:
            cache.put(found)
        return found

    async def _list(self, cache: Cache, namespace: str, labels: str, index: str, word: str) -> None:
        """What the API server does not list, and the cache had before it was asked, is gone."""
        if not cache.served:
            return
        before = {key_of(thing) for thing in cache.by(index, word)}
        listed = await self.client.list_all(cache.kind, namespace, labels=labels)
        for thing in listed:
            cache.put({"apiVersion": cache.kind.api_version, "kind": cache.kind.name, **thing})
        for gone in before - {key_of(thing) for thing in listed}:
            await self._read(cache, *gone)

    def _pinned_of(self, run: Object) -> Mapping[str, Any] | None:
        revision = _revision_of(run)
        namespace = run["metadata"]["namespace"]
        revisions = self.world.revisions
        key = (namespace, child_name(run["spec"]["workflow"], revision))  # other workflows may have one called so, too
        if not revision or key not in revisions.keys_by(REVISION, f"{namespace}/{revision}"):
            return None
        version = revisions.version(key)
        known = self._pinned.get(key)
        if known is None or known[0] != version:
            thing = revisions.get(*key) or {}
            known = self._pinned[key] = (version, thing.get("data") or {})
            if len(self._pinned) > _MOST_PINNED:
                self._pinned.pop(next(iter(self._pinned)))
        return known[1]

    async def _legs(self, run: Object) -> tuple[ObservedLeg, ...]:
        namespace = run["metadata"]["namespace"]
        found = {thing["metadata"]["name"]: thing for thing in self.world.legs.by(RUN, run["metadata"]["uid"])}
        for leg in (run.get("status") or {}).get("legs") or ():
            thing = self.world.legs.get(namespace, leg["argo"])
            if thing is not None:
                found[leg["argo"]] = thing
        return tuple([await self._leg(namespace, name, thing) for name, thing in sorted(found.items())])

    async def _leg(self, namespace: str, name: str, thing: Object) -> ObservedLeg:
        if is_whole(thing):
            return read_leg(thing)
        whole = await self.client.find(self.world.legs.kind, name, namespace)
        return read_leg(thing) if whole is None else read_leg(whole, trimmed=False)

    def _kept(self, uid: str) -> tuple[Kept, ...]:
        return tuple(_kept(secret) for secret in self.world.kept.by(RUN, uid))

    def _named(self, cache: Cache, run: Object, field: str) -> list[Object]:
        """Those that the Run owns, and those that its status names."""
        metadata = run["metadata"]
        found = {thing["metadata"]["name"]: thing for thing in cache.by(OWNER, metadata["uid"])}
        for node in ((run.get("status") or {}).get("nodes") or {}).values():
            name = node.get(field)
            if name and name not in found and (thing := cache.get(metadata["namespace"], name)):
                found[name] = thing
        return [thing for _, thing in sorted(found.items())]

    def _parent(self, run: Object) -> Run | None:
        found = [thing for uid in owners(run) for thing in self.world.runs.by(UID, uid)]
        return next(iter(_models(Run, found)), None)

    def _old(self, namespace: str, name: str) -> OldRun | None:
        thing = self.world.runs.get(namespace, name)
        if thing is None:
            return None
        children = _models(Run, self._named(self.world.runs, thing, "child"))
        kept = self._kept(thing["metadata"]["uid"])
        return OldRun(Run.model_validate(thing), self._pinned_of(thing), kept, tuple(children))


_MOST_PINNED = 200


def _revision_of(run: Object) -> str:
    """Of its status; before it has one, of its own label."""
    revision = (run.get("status") or {}).get("revision") or (run["metadata"].get("labels") or {}).get(REVISION_LABEL)
    return str(revision or "")


def _models(kind: Any, things: Iterable[Object]) -> list[Any]:
    """Objects that are not what their kind says, since somebody got round the CRD, are not there."""
    found = []
    for thing in things:
        try:
            found.append(kind.model_validate(thing))
        except ValidationError:
            continue
    return found


def _kept(secret: Object) -> Kept:
    number = str((secret["metadata"].get("labels") or {}).get(LEG, ""))
    leg = int(number) if number.isdecimal() and len(number) < 10 else 0
    return Kept(secret["metadata"]["name"], leg, _texts(secret))


def _texts(secret: Object) -> dict[str, str]:
    try:
        return {key: base64.b64decode(text).decode() for key, text in (secret.get("data") or {}).items()}
    except (binascii.Error, UnicodeDecodeError):
        return {}


def _with(kept: tuple[Kept, ...], found: Mapping[str, Mapping[str, str]]) -> tuple[Kept, ...]:
    return tuple(replace(one, data={**one.data, **found.get(one.secret, {})}) for one in kept)
