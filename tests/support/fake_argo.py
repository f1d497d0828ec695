"""Argo's part for an operator in a test: whatever Argo Workflow appears runs to its end at once.

In the fake API server (`run_argo`), or in a namespace of a real one (`StandIn`) whose Workflows the real controller is
told to leave alone (`leave_alone`). Its pods are `support.pods`: they read the task document of the manifest and report
as the runtime does.
"""

import asyncio
import base64
import contextlib
import json
from collections import Counter
from typing import Any

from headgate.compiler.emit.identity import CLAIMS
from headgate.compiler.known import Instance
from headgate.kube import kinds
from headgate.kube.cache import Cache, Change
from headgate.kube.client import Client
from headgate.kube.errors import NotFoundError
from headgate.kube.kinds import Object
from headgate.kube.reflector import Reflector
from headgate_lang import report, task
from support.argo_controller import INSTANCE
from support.fake_api import FakeApi
from support.pods import PodRun, Scripts

LEGS = "argoproj.io/workflows"
_TIME = "2026-11-25T12:00:00Z"


async def run_argo(api: FakeApi, ran: list[str], seconds: float = 0.02) -> None:
    """For ever. `ran`: every instance whose node was really executed, as often as it was."""
    done: set[str] = set()
    while True:
        for (kind, _, name), leg in list(api.things.items()):
            if kind == LEGS and leg["metadata"]["uid"] not in done:
                done.add(leg["metadata"]["uid"])
                status, executed = play(leg)
                ran += [f"{name}/{instance}" for instance in executed]
                api.put(LEGS, {**leg, "metadata": dict(leg["metadata"]), "status": status})
        await asyncio.sleep(seconds)


class StandIn:
    """For one namespace of a real API server."""

    def __init__(self, client: Client, namespace: str, workers: int = 8) -> None:
        self.ran: Counter[str] = Counter()
        """Every instance whose node was really executed, and how often it was."""
        self._client = client
        self._namespace = namespace
        self._workers = workers
        self._queue: asyncio.Queue[Object] = asyncio.Queue()
        cache = Cache(kinds.LEG)
        cache.listener = self._heard
        self._reflector = Reflector(client, cache, namespace=namespace)

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._reflector.run())
            for _ in range(self._workers):
                group.create_task(self._work())

    def _heard(self, change: Change) -> None:
        if change.old is None and change.new is not None and "status" not in change.new:
            self._queue.put_nowait(change.new)

    async def _work(self) -> None:
        while True:
            leg = await self._queue.get()
            name = leg["metadata"]["name"]
            status, executed = play(leg)
            self.ran.update(f"{name}/{instance}" for instance in executed)
            with contextlib.suppress(NotFoundError):
                await self._client.patch(kinds.LEG, name, self._namespace, {"status": status})


def leave_alone(namespace: str) -> list[Object]:
    """Manifests under which the real controller takes the Workflows of a namespace for another instance's."""
    only_here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    rule = {"apiGroups": ["argoproj.io"], "apiVersions": ["*"], "resources": ["workflows"], "operations": ["CREATE"]}
    path = f'"/metadata/labels/" + jsonpatch.escapeKey("{INSTANCE}")'
    change = f'[JSONPatch{{op: "add", path: {path}, value: "stand-in"}}]'
    name = f"stand-in-{namespace}"
    head = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": name}}
    spec = {
        "matchConstraints": {**only_here, "resourceRules": [rule]},
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": change}}],
    }
    return [
        {**head, "kind": "MutatingAdmissionPolicy", "spec": spec},
        {**head, "kind": "MutatingAdmissionPolicyBinding", "spec": {"policyName": name}},
    ]


def play(leg: Object) -> tuple[Object, list[Instance]]:
    """The status in which it ends, and what was executed."""
    claims = json.loads(leg["metadata"]["annotations"][CLAIMS])
    said: dict[Instance, report.Entry] = {}
    memory: dict[str, Any] = {}
    ran: list[Instance] = []
    nodes: dict[str, Any] = {}
    for position, members in enumerate(claims):
        pod = PodRun(_task_of(leg, position), tuple(map(Instance.parse, members)), Scripts(), _TIME, said, memory)
        outputs = pod.run()
        said.update(
            {Instance.parse(path): entry for path, entry in report.decode(outputs["report"], members).instances.items()}
        )
        ran += pod.ran
        nodes[f"x-{position}"] = {
            "id": f"x-{position}",
            "name": f"x-{position}",
            "type": "Pod",
            "displayName": f"n{position}",
            "phase": "Succeeded",
            "startedAt": _TIME,
            "finishedAt": _TIME,
            "outputs": {"parameters": [{"name": name, "value": value} for name, value in outputs.items()]},
        }
    return {"phase": "Succeeded", "startedAt": _TIME, "finishedAt": _TIME, "nodes": nodes}, ran


def _task_of(leg: dict[str, Any], position: int) -> task.Task:
    template = next(one for one in leg["spec"]["templates"] if one["name"] == f"n{position}")
    found = next(one["value"] for one in template["container"]["env"] if one["name"] == task.VARIABLE)
    assert base64.b64decode(found)
    return task.decode(found)
