"""Carries out what was decided, in order. Every action may be done twice: the second time finds the first.

What a write gives back goes into the caches at once, so that the next decision knows of it before the watch does.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from headgate.compiler.emit.identity import LEG, RESUMED_AT, SHUT_DOWN_AT
from headgate.handlers.revisions import NotOursError, Revisions
from headgate.handlers.world import World
from headgate.kube import kinds
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.errors import AlreadyExistsError, ConflictError, KubeError, NotFoundError
from headgate.kube.kinds import Object
from headgate.kube.times import write_time
from headgate.lifecycle import actions
from headgate.lifecycle.actions import Action
from headgate.lifecycle.observed import ENTRIES
from headgate.names import API_VERSION

SOURCE = "headgate"
_SHUT_DOWN: Object = {"shutdown": "Terminate", "suspend": None}
_EVENT_TEXT = 1024
_MOST_GATHERED = 10_000
_GATHER_SECONDS = 2.0
"""For so long what is new is gathered before a Run's status says it, unless it claims, ends or is about a gate: a pod
that is made is mostly seen to run within it, and two writes are one."""


class PutOffError(Exception):
    """A status that can wait gathers more that is new. `at`: when it is written."""

    def __init__(self, at: float) -> None:
        super().__init__("more may be new in a moment")
        self.at = at


class Executor:
    def __init__(
        self,
        world: World,
        client: Client,
        revisions: Revisions,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._world = world
        self._client = client
        self._revisions = revisions
        self._clock = clock
        self._now = now
        self._gathers_until: dict[str, float] = {}
        """Run's uid → when its status is to say what is new."""
        self._deleting: set[str] = set()
        self._by_kind: Mapping[type[Action], Callable[[Object, Any], Awaitable[None]]] = {
            actions.WriteStatus: self._write_status,
            actions.CreateLeg: lambda run, action: self._create(self._world.legs, run, action.manifest),
            actions.CreateRequest: lambda run, action: self._create(self._world.requests, run, action.manifest),
            actions.CreateChild: lambda run, action: self._create(self._world.runs, run, action.manifest),
            actions.KeepOutputs: self._keep,
            actions.PinRevision: self._pin,
            actions.DeleteLeg: lambda run, action: self._delete(self._world.legs, run, action),
            actions.DeleteRun: self._delete_run,
            actions.SuspendLeg: lambda run, action: self._steer(run, action, {"suspend": True}),
            actions.ResumeLeg: lambda run, action: self._steer(run, action, {"suspend": None}, RESUMED_AT),
            actions.ShutDownLeg: lambda run, action: self._steer(run, action, _SHUT_DOWN, SHUT_DOWN_AT),
            actions.UpdateRequestStatus: self._update_request,
            actions.DeclareChildState: self._declare,
            actions.RecordEvent: self.tell,
        }

    async def carry_out(self, run: Object, action: Action) -> None:
        """Raises KubeError, PutOffError or NotOursError."""
        await self._by_kind[type(action)](run, action)

    async def tell(self, run: Object, event: actions.RecordEvent) -> None:
        """An Event of Kubernetes. That one cannot be written stops nothing."""
        about = run
        if event.request is not None:
            about = self._world.requests.get(run["metadata"]["namespace"], event.request) or run
        try:
            thing = build_event(about, event, self._now())
            await self._client.create(kinds.EVENT, thing, about["metadata"]["namespace"])
        except KubeError:
            return

    async def _write_status(self, run: Object, action: actions.WriteStatus) -> None:
        uid = run["metadata"]["uid"]
        if not action.urgent and self._clock() < (until := self._gather(uid)):
            raise PutOffError(until)
        read = {**run, "metadata": {**run["metadata"], "resourceVersion": action.resource_version}}
        written = await self._client.replace_status(kinds.RUN, read, dict(action.status))
        self._gathers_until.pop(uid, None)
        self._world.runs.put(written)

    def _gather(self, uid: str) -> float:
        now = self._clock()
        if len(self._gathers_until) > _MOST_GATHERED:  # Runs that went before they were written
            self._gathers_until = {run: at for run, at in self._gathers_until.items() if at > now - _GATHER_SECONDS}
        return self._gathers_until.setdefault(uid, now + _GATHER_SECONDS)

    async def _create(self, cache: Cache, run: Object, manifest: Mapping[str, Any]) -> None:
        namespace = run["metadata"]["namespace"]
        try:
            created = await self._client.create(cache.kind, dict(manifest), namespace)
        except AlreadyExistsError:
            created = await self._client.get(cache.kind, manifest["metadata"]["name"], namespace)
        cache.put(created)

    async def _keep(self, run: Object, action: actions.KeepOutputs) -> None:
        metadata = run["metadata"]
        secret: Object = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": action.secret,
                "labels": dict(action.labels),
                "ownerReferences": [_owner(run)],
            },
            "type": "Opaque",
            "immutable": True,
            "data": await self._contents(metadata["namespace"], action.data),
        }
        await self._create(self._world.kept, run, secret)
        kept = self._world.kept.get(metadata["namespace"], action.secret)
        labels = (kept or {}).get("metadata", {}).get("labels") or {}
        if any(labels.get(name) != value for name, value in action.labels.items()):
            raise NotOursError(f"the Secret {action.secret} is there, and holds the outputs of something else")
        if ((kept or {}).get("data") or {}).get(ENTRIES) != secret["data"][ENTRIES]:
            doing = f"keep outputs of leg {action.labels[LEG]}"
            raise ConflictError(doing, f"the Secret {action.secret} says that it ended otherwise, and stands")

    async def _contents(self, namespace: str, data: Mapping[str, str | actions.Copied]) -> dict[str, str]:
        sources: dict[str, Object] = {}
        contents = {}
        for key, text in data.items():
            if isinstance(text, str):
                contents[key] = base64.b64encode(text.encode()).decode()
                continue
            name = text.source.secret
            if name not in sources:
                sources[name] = await self._client.get(kinds.SECRET, name, namespace)
            contents[key] = (sources[name].get("data") or {})[text.source.key]
        return contents

    async def _pin(self, run: Object, action: actions.PinRevision) -> None:
        await self._revisions.pin(run["metadata"]["namespace"], action.name, action.labels, action.content)

    async def _delete(
        self,
        cache: Cache,
        run: Object,
        action: actions.DeleteLeg | actions.DeleteRun,
        version: str | None = None,
    ) -> None:
        namespace = run["metadata"]["namespace"]
        try:
            await self._client.delete(cache.kind, action.name, namespace, uid=action.uid, version=version)
        except NotFoundError:
            pass
        except ConflictError:
            there = await self._client.find(cache.kind, action.name, namespace)
            if there is not None and there["metadata"]["uid"] == action.uid:
                raise  # otherwise another object has its name by now, and it is gone
        known = cache.get(namespace, action.name)
        if known is not None and known["metadata"]["uid"] == action.uid:
            cache.forget(namespace, action.name)

    async def _delete_run(self, run: Object, action: actions.DeleteRun) -> None:
        """Each Run that ends sees the same old ones: one worker deletes one. Only as it is known: by now, people may
        want it to run again."""
        known = self._world.runs.get(run["metadata"]["namespace"], action.name)
        if known is None or action.uid in self._deleting:
            return
        self._deleting.add(action.uid)
        try:
            await self._delete(self._world.runs, run, action, version=known["metadata"]["resourceVersion"])
        finally:
            self._deleting.discard(action.uid)

    async def _steer(
        self,
        run: Object,
        leg: actions.SuspendLeg | actions.ResumeLeg | actions.ShutDownLeg,
        spec: Object,
        note: str = "",
    ) -> None:
        """With the uid in it, the patch of another object under this name is a conflict."""
        metadata: Object = {"uid": leg.uid}
        if note and not isinstance(leg, actions.SuspendLeg):
            metadata["annotations"] = {note: write_time(leg.at)}
        change = {"metadata": metadata, "spec": spec}
        namespace = run["metadata"]["namespace"]
        self._world.legs.put(await self._client.patch(kinds.LEG, leg.name, namespace, change))

    async def _update_request(self, run: Object, action: actions.UpdateRequestStatus) -> None:
        namespace = run["metadata"]["namespace"]
        metadata = {"name": action.name, "namespace": namespace, "uid": action.uid}
        known = self._world.requests.get(namespace, action.name) or {}
        read = {"metadata": {**metadata, "resourceVersion": action.resource_version}, "spec": known.get("spec", {})}
        written = await self._client.replace_status(kinds.APPROVAL_REQUEST, read, dict(action.status))
        self._world.requests.put(written)

    async def _declare(self, run: Object, action: actions.DeclareChildState) -> None:
        spec: Object = {"state": action.state.value, "actedBy": list(action.acted_by)}
        if action.attempt is not None:
            spec["attempt"] = action.attempt
        change = {"metadata": {"uid": action.uid, "resourceVersion": action.resource_version}, "spec": spec}
        namespace = run["metadata"]["namespace"]
        self._world.runs.put(await self._client.patch(kinds.RUN, action.name, namespace, change))


def build_event(about: Object, event: actions.RecordEvent, now: datetime) -> Object:
    """The same for the same story: told twice, it is there once."""
    metadata = about["metadata"]
    told = f"{metadata['uid']}/{event.reason}/{event.message}"
    time = write_time(now.astimezone(UTC))
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{metadata['name'][:200]}.{hashlib.sha256(told.encode()).hexdigest()[:16]}"},
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": about["kind"],
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        },
        "type": event.type.value,
        "reason": event.reason,
        "message": event.message[:_EVENT_TEXT],
        "source": {"component": SOURCE},
        "reportingComponent": SOURCE,
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
    }


def _owner(run: Object) -> Object:
    metadata = run["metadata"]
    return {
        "apiVersion": API_VERSION,
        "kind": kinds.RUN.name,
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
    }
