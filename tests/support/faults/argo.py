"""A stand-in for Argo before the real API server: it watches the Argo Workflows of a test, and writes what Argo writes.

Argo's own controller leaves them alone, since they carry the instance id of another one. Pods are `support.pods`. It
keeps the ledger: how often the node behind each idempotency key was really executed.
"""

import asyncio
import base64
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from headgate.compiler.emit.identity import CLAIMS
from headgate.compiler.known import Instance
from headgate.kube import kinds
from headgate.kube.access import Access
from headgate.kube.cache import Cache, Change
from headgate.kube.client import Client
from headgate.kube.errors import NotFoundError
from headgate.kube.kinds import Object
from headgate.kube.reflector import Reflector
from headgate.kube.times import write_time
from headgate.lifecycle import claims
from headgate_lang import report
from headgate_lang.report import Phase
from headgate_lang.task import idempotency_key
from support.faults.people import client_as
from support.legs import Leg, Pod
from support.pods import PodRun, Scripts

USER = "system:serviceaccount:argo:argo"
INSTANCE = "workflows.argoproj.io/controller-instanceid"
_NEED = re.compile(r"\bn(\d+)\.Succeeded\b")
_OVER = ("Succeeded", "Failed")


@dataclass
class Argo:
    access: Access
    instance: str
    """What it carries out has this id."""
    ran: Counter[str] = field(default_factory=Counter)
    """`Run's name/instance` → how often."""
    keys: Counter[str] = field(default_factory=Counter)
    """Idempotency key → how often."""
    _legs: dict[str, tuple[Leg, asyncio.Event, asyncio.Task[None]]] = field(default_factory=dict)
    _memory: dict[str, dict[str, Any]] = field(default_factory=dict)
    _gone: asyncio.Event = field(default_factory=asyncio.Event)
    broken: list[BaseException] = field(default_factory=list)
    """What it could not do: a mistake of the test's, or a leg that Argo could not have carried out either."""

    @property
    def labels(self) -> dict[str, str]:
        return {INSTANCE: self.instance}

    async def until_idle(self) -> None:
        """Until no leg is there, neither one that runs nor one that has ended."""
        while self._legs:
            await self._gone.wait()

    @asynccontextmanager
    async def working(self) -> AsyncIterator["Argo"]:
        async with client_as(self.access, USER, "system:masters") as client:
            cache = Cache(kinds.LEG)
            cache.listener = lambda change: self._hear(client, change)
            watch = asyncio.create_task(Reflector(client, cache, labels=f"{INSTANCE}={self.instance}").run())
            try:
                yield self
            finally:
                tasks = [watch, *(task for _, _, task in self._legs.values())]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _hear(self, client: Client, change: Change) -> None:
        uid = change.thing["metadata"]["uid"]
        if change.new is None:
            if uid in self._legs:
                self._legs.pop(uid)[2].cancel()
                self._gone.set()
                self._gone = asyncio.Event()
            return
        if uid not in self._legs:
            leg, news = _leg_of(change.new), asyncio.Event()
            self._legs[uid] = leg, news, asyncio.create_task(self._play(client, leg, news))
            self._legs[uid][2].add_done_callback(self._note_end)
        leg, news, _ = self._legs[uid]
        leg.suspended = bool(change.new["spec"].get("suspend"))
        leg.shutdown = change.new["spec"].get("shutdown", "")
        news.set()

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.broken.append(error)

    async def _play(self, client: Client, leg: Leg, news: asyncio.Event) -> None:
        while leg.phase == "Running":
            news.clear()
            if leg.shutdown:
                _shut_down(leg)
            for position in leg.runnable:
                leg.pods.setdefault(position, Pod("Running", started_at=datetime.now(UTC)))
            if not await _tell(client, leg):
                return
            running = [position for position, pod in leg.pods.items() if pod.phase == "Running"]
            ending = [position for position in running if leg.suspended or not _is_held(leg, position)]
            for position in ending:
                await self._end(client, leg, position)
            if not ending and leg.phase == "Running":
                await news.wait()

    async def _end(self, client: Client, leg: Leg, position: int) -> None:
        task, pod = leg.task(position), leg.pods[position]
        run = PodRun(
            task,
            leg.positions[position],
            Scripts(fails=lambda one: self._fails(task.run.uid, one), seconds=0.1),
            write_time(pod.started_at or datetime.now(UTC)),
            leg.said,
            self._memory.setdefault(leg.run_uid, {}),
            files=await _files(client, leg, position),
        )
        outputs = run.run()
        for instance in run.ran:
            self.ran[f"{task.run.name}/{instance}"] += 1
            self.keys[idempotency_key(task.run, str(instance))] += 1
        entries = report.decode(outputs["report"], [str(one) for one in leg.positions[position]]).instances
        leg.said.update({Instance.parse(path): e for path, e in entries.items() if e.phase is not Phase.RUNNING})
        leg.pods[position] = Pod("Succeeded", "", outputs, pod.started_at)
        if len(leg.pods) == len(leg.positions) and all(one.phase in _OVER for one in leg.pods.values()):
            leg.phase, leg.ended_at = "Succeeded", datetime.now(UTC)
            await _tell(client, leg)

    def _fails(self, run_uid: str, instance: Instance) -> str | None:
        is_first = not self.keys[f"{run_uid}/{instance}"]
        return "Broken" if instance.node == "bad" or (instance.node == "flaky" and is_first) else None


def _leg_of(thing: Object) -> Leg:
    positions = claims.read_annotation(thing["metadata"]["annotations"][CLAIMS])
    assert positions is not None
    tasks = thing["spec"]["templates"][0]["dag"]["tasks"]
    waits = [{int(need) for need in _NEED.findall(one.get("depends", ""))} for one in tasks]
    return Leg(thing, thing["metadata"]["uid"], datetime.now(UTC), positions, waits)


def _is_held(leg: Leg, position: int) -> bool:
    return any(one.node == "held" for one in leg.positions[position])


def _shut_down(leg: Leg) -> None:
    for pod in leg.pods.values():
        if pod.phase == "Running":
            pod.phase, pod.message = "Failed", "workflow shutdown with strategy: Terminate"
    leg.phase, leg.ended_at = "Failed", datetime.now(UTC)


async def _files(client: Client, leg: Leg, position: int) -> dict[str, str]:
    """What is mounted from Secrets, and what the template holds. Without its Secret a pod does not start."""
    template = leg.template(position)
    artifacts = template.get("inputs", {}).get("artifacts", ())
    files = {one["path"]: one["raw"]["data"] for one in artifacts if "raw" in one and "data" in one["raw"]}
    namespace = leg.manifest["metadata"]["namespace"]
    for volume in template.get("volumes", ()):
        for source in volume["projected"]["sources"]:
            secret = await client.get(kinds.SECRET, source["secret"]["name"], namespace)
            for item in source["secret"]["items"]:
                files[f"/kept/{item['path']}"] = _decoded(secret["data"][item["key"]])
    return files


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()


async def _tell(client: Client, leg: Leg) -> bool:
    """Write what became of it so far; False: it is gone."""
    status: Object = {"phase": leg.phase, "startedAt": write_time(leg.created_at)}
    if leg.ended_at is not None:
        status["finishedAt"] = write_time(leg.ended_at)
    nodes = (_node(leg, position, pod) for position, pod in leg.pods.items())
    status["nodes"] = {node["id"]: node for node in nodes}
    try:
        await client.patch(kinds.LEG, leg.name, leg.manifest["metadata"]["namespace"], {"status": status})
    except NotFoundError:
        return False
    return True


def _node(leg: Leg, position: int, pod: Pod) -> Object:
    names = {"id": f"{leg.name}-{position}", "name": f"{leg.name}.n{position}", "displayName": f"n{position}"}
    node = {**names, "type": "Pod", "phase": pod.phase, "message": pod.message}
    if pod.started_at is not None:
        node["startedAt"] = write_time(pod.started_at)
    if pod.phase in _OVER:
        node["finishedAt"] = write_time(datetime.now(UTC))
    parameters = [{"name": name, "value": value} for name, value in pod.outputs.items()]
    return {**node, "outputs": {"parameters": parameters}}
