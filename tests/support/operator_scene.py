"""The operator whole, in this process, with an API server and an Argo in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import yaml

from headgate.compiler.catalogue import builtin
from headgate.handlers.operator import Operator
from headgate.kube.client import Patience
from headgate.kube.lease import Terms
from headgate.kube.reflector import Rhythm
from headgate.lifecycle.decide import decide
from headgate.names import API_VERSION
from headgate.settings import read_settings
from support.fake_api import FakeApi, run_fake_api
from support.fake_argo import run_argo

RUNS, WORKFLOWS, SECRETS = "headgate.dev/runs", "headgate.dev/workflows", "secrets"
ENDED = {"Succeeded", "Failed", "Cancelled", "TimedOut"}
CHAIN = """
inputs: {name: {type: string, default: world}}
execution: {bundling: Never}
nodes:
- {name: one, use: set, with: {text: "${inputs.name}"}}
- {name: two, use: set, with: {text: "${one.text}!"}}
outputs: {text: "${two.text}"}
"""
SETTINGS = {
    "HEADGATE_RUNTIME_IMAGE": "headgate/core@sha256:1",
    "HEADGATE_STATUS_PORT": "0",
    "HEADGATE_POD_NAME": "replica-1",
    "HEADGATE_WORKERS": "4",
    "HEADGATE_ARGO_TIMEOUT": "200ms",
}
QUICK = Terms(duration=0.4, renew=0.3, retry=0.02)


def workflow(name: str, spec: str) -> dict[str, Any]:
    return whole("Workflow", name, yaml.safe_load(spec))


def whole(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "docs", "generation": 1}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


class Scene:
    argo: asyncio.Task[None]

    def __init__(self, api: FakeApi) -> None:
        self.api = api
        self.ran: list[str] = []
        self.operator = self.build("replica-1")

    def build(self, name: str) -> Operator:
        settings = read_settings({**SETTINGS, "HEADGATE_POD_NAME": name})
        operator = Operator(settings, self.api.access, decide, rhythm=Rhythm(1, 0.5, 0.001, 0.01), terms=QUICK)
        operator.client._patience = Patience(attempts=2, first_pause=0.001, longest_pause=0.002, seconds=1)
        return operator

    def status(self, name: str) -> dict[str, Any]:
        return self.api.things.get((RUNS, "docs", name), {}).get("status") or {}

    @property
    def events(self) -> set[str]:
        return {thing["reason"] for (kind, _, _), thing in self.api.things.items() if kind == "events"}

    async def until(self, holds: Callable[[], object], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - many things may come to hold, and none of them is an event
                await asyncio.sleep(0.01)

    async def end(self, name: str) -> dict[str, Any]:
        await self.until(lambda: self.status(name).get("phase") in ENDED)
        return self.status(name)


@asynccontextmanager
async def staged(api: FakeApi) -> AsyncIterator[Scene]:
    for kind in builtin():
        thing = kind.model_dump(mode="json", by_alias=True, exclude_unset=True)
        api.put("headgate.dev/nodetypes", thing)
    scene = Scene(api)
    scene.argo = asyncio.create_task(run_argo(api, scene.ran))
    try:
        await scene.operator.start()
        await scene.until(lambda: scene.operator.leads)
        yield scene
    finally:
        scene.argo.cancel()
        await scene.operator.stop()


def play(test: Callable[[Scene], Awaitable[None]]) -> None:
    async def whole_play() -> None:
        async with run_fake_api() as api, staged(api) as scene:
            await test(scene)

    asyncio.run(whole_play())


def start(scene: Scene) -> None:
    scene.api.put(WORKFLOWS, workflow("chain", CHAIN))
    scene.api.put(RUNS, whole("Run", "r", {"workflow": "chain", "inputs": {"name": "Ana"}}))


def check_end(scene: Scene, status: dict[str, Any]) -> None:
    assert status["phase"] == "Succeeded", status
    assert status["outputs"] == {"text": "Ana!"}
    assert sorted(one.partition("/")[2] for one in scene.ran) == ["one", "two"]
