"""Pinned revisions: made when first needed, and taken away when no Run keeps to them and no history needs them.

They have no owners: one that ten thousand Runs owned would be larger than etcd takes, and written once a Run. So
the operator sweeps. A revision that is used again is touched first, and none that was touched lately is taken away.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from headgate.handlers.world import REVISION_LABEL, World
from headgate.kube import kinds
from headgate.kube.client import Client
from headgate.kube.errors import AlreadyExistsError, ConflictError, KubeError, NotFoundError
from headgate.kube.kinds import Object
from headgate.kube.times import read_time, write_time
from headgate.names import GROUP

log = logging.getLogger(__name__)

WORKFLOW_LABEL = f"{GROUP}/workflow"
TOUCHED = f"{GROUP}/touched-at"
HISTORY = 10
"""Revisions of a workflow that stay for people to go back to, used or not."""
_STALE = timedelta(hours=1)
_TOUCH_AGAIN = timedelta(minutes=10)
_SWEEP_SECONDS = 600.0


class NotOursError(Exception):
    """Something stands under a name of ours and is not what we would have made."""


class Revisions:
    def __init__(self, world: World, client: Client, now: Callable[[], datetime]) -> None:
        self._world = world
        self._client = client
        self._now = now

    async def pin(self, namespace: str, name: str, labels: Mapping[str, str], content: Mapping[str, Any]) -> None:
        """See to it that it is there, and stays for an hour at least."""
        cache = self._world.revisions
        found = cache.get(namespace, name)
        if found is None:
            found = await self._create_or_get(namespace, name, labels, content)
            cache.put(found)
        if found.get("data") != content:
            raise NotOursError(f"the ControllerRevision {name} is there, with another content")
        if self._now() - touched_at(found) > _TOUCH_AGAIN:
            change = {"metadata": {"uid": found["metadata"]["uid"], "annotations": {TOUCHED: write_time(self._now())}}}
            cache.put(await self._client.patch(kinds.REVISION, name, namespace, change))

    async def _create_or_get(
        self, namespace: str, name: str, labels: Mapping[str, str], content: Mapping[str, Any]
    ) -> Object:
        revision: Object = {
            "apiVersion": kinds.REVISION.api_version,
            "kind": kinds.REVISION.name,
            "metadata": {"name": name, "labels": dict(labels)},
            "data": dict(content),
            "revision": 1,
        }
        try:
            return await self._client.create(kinds.REVISION, revision, namespace)
        except AlreadyExistsError:
            return await self._client.get(kinds.REVISION, name, namespace)

    async def keep_swept(self, leads: Callable[[], bool]) -> None:
        """For ever, if we lead."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            if leads():
                await self.sweep()

    async def sweep(self) -> int:
        """Take away what nobody needs; how many that were."""
        used = {(run["metadata"]["namespace"], revision) for run in self._world.runs for revision in revisions_of(run)}
        workflows = frozenset(self._world.workflows.names)
        swept = 0
        for revision in choose_stale(self._world.revisions, used, workflows, self._now()):
            metadata = revision["metadata"]
            try:
                await self._client.delete(
                    kinds.REVISION,
                    metadata["name"],
                    metadata["namespace"],
                    uid=metadata["uid"],
                    version=metadata["resourceVersion"],
                )
            except (ConflictError, NotFoundError):
                continue
            except KubeError as error:
                log.warning("revision not swept", extra={"error": str(error)})
                continue
            swept += 1
        return swept


def choose_stale(
    revisions: Iterable[Object],
    used: Collection[tuple[str, str]],
    workflows: Collection[tuple[str, str]],
    now: datetime,
) -> list[Object]:
    """Those that no Run keeps to, that are no recent history of a workflow that is there, and that are not new."""
    by_workflow: defaultdict[tuple[str, str], list[Object]] = defaultdict(list)
    for revision in revisions:
        metadata = revision["metadata"]
        by_workflow[metadata["namespace"], metadata["labels"].get(WORKFLOW_LABEL, "")].append(revision)
    stale = []
    for workflow, found in by_workflow.items():
        newest_first = sorted(found, key=touched_at, reverse=True)
        for place, revision in enumerate(newest_first):
            metadata = revision["metadata"]
            is_used = (metadata["namespace"], metadata["labels"][REVISION_LABEL]) in used
            is_history = workflow in workflows and place < HISTORY
            if not is_used and not is_history and now - touched_at(revision) > _STALE:
                stale.append(revision)
    return stale


def touched_at(revision: Object) -> datetime:
    metadata = revision["metadata"]
    return read_time((metadata.get("annotations") or {}).get(TOUCHED) or metadata["creationTimestamp"])


def revisions_of(run: Object) -> set[str]:
    """What a Run keeps to, or will: a child says it by a label before it has a status."""
    said = ((run.get("status") or {}).get("revision"), (run["metadata"].get("labels") or {}).get(REVISION_LABEL))
    return {revision for revision in said if revision}
