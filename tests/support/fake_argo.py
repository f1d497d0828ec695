"""Argo's part for an operator in a test: whatever Argo Workflow appears in the fake API server runs to its end at once.

Its pods are `support.pods`: they read the task document of the manifest and report as the runtime does.
"""

import asyncio
import base64
import json
from typing import Any

from headgate.compiler.emit.identity import CLAIMS
from headgate.compiler.known import Instance
from headgate_lang import report, task
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
                ran += [f"{name}/{instance}" for instance in _play(api, leg)]
        await asyncio.sleep(seconds)


def _play(api: FakeApi, leg: dict[str, Any]) -> list[Instance]:
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
            "type": "Pod",
            "displayName": f"n{position}",
            "phase": "Succeeded",
            "startedAt": _TIME,
            "finishedAt": _TIME,
            "outputs": {"parameters": [{"name": name, "value": value} for name, value in outputs.items()]},
        }
    status = {"phase": "Succeeded", "startedAt": _TIME, "finishedAt": _TIME, "nodes": nodes}
    api.put(LEGS, {**leg, "metadata": dict(leg["metadata"]), "status": status})
    return ran


def _task_of(leg: dict[str, Any], position: int) -> task.Task:
    template = next(one for one in leg["spec"]["templates"] if one["name"] == f"n{position}")
    found = next(one["value"] for one in template["container"]["env"] if one["name"] == task.VARIABLE)
    assert base64.b64decode(found)
    return task.decode(found)
