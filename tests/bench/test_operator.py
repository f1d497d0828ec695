"""What the operator costs a Run, as a process of its own, with an API server and pods in memory that cost it nothing.

Says how fast a Run becomes an Argo Workflow, and what CPU and writes it takes. A real API server adds its own time.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from headgate.compiler.catalogue import builtin
from support.fake_api import FakeApi, run_fake_api
from support.fake_argo import LEGS, run_argo
from support.figures import record
from support.operator_scene import RUNS, whole

SPACING = 0.05
WARM = 5
"""Runs that go first: what is loaded with the first of them is no cost of a Run's."""
SETTLES = 2.5
"""Seconds within which the audit log of what was there is written."""
PROGRAM = """
import asyncio, os, signal
from headgate.handlers.operator import Operator
from headgate.kube.access import read_access
from headgate.lifecycle.decide import decide
from headgate.settings import read_settings

async def main():
    operator = Operator(read_settings(os.environ), read_access(os.environ), decide)
    await operator.start()
    print(operator.status_port, flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await operator.stop()

asyncio.run(main())
"""


def kubeconfig(folder: Path, port: int) -> Path:
    path = folder / "kubeconfig"
    document = {
        "clusters": [{"name": "one", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "one", "user": {}}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
        "current-context": "one",
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


async def ask(port: int, name: str) -> float:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


class Born:
    """When Runs were created, and after how long each had its first leg."""

    def __init__(self, api: FakeApi) -> None:
        self.created: dict[str, float] = {}
        self.took: dict[str, float] = {}
        put = api.put

        def noting(kind: str, thing: dict[str, Any]) -> dict[str, Any]:
            name = thing["metadata"]["name"]
            if kind == LEGS:
                run = name.rsplit("-", 2)[0]
                self.took.setdefault(run, time.perf_counter() - self.created[run])
            return put(kind, thing)

        api.put = noting  # type: ignore[method-assign]  # listens to what is written

    def part(self, share: float) -> float:
        return sorted(self.took.values())[int(share * (len(self.took) - 1))]


async def until(holds: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is awaited is written by another process
            await asyncio.sleep(0.05)


async def measure(count: int, folder: Path) -> dict[str, float]:
    async with run_fake_api() as api:
        for kind in builtin():
            api.put("headgate.dev/nodetypes", kind.model_dump(mode="json", by_alias=True, exclude_unset=True))
        spec = {"nodes": [{"name": "a", "use": "set", "with": {"text": "hi"}}], "outputs": {"text": "${a.text}"}}
        api.put("headgate.dev/workflows", whole("Workflow", "hello", spec))
        environment = {
            **os.environ,
            "KUBECONFIG": str(kubeconfig(folder, api.port)),
            "HEADGATE_CONTEXT": "one",
            "HEADGATE_RUNTIME_IMAGE": "headgate/core@sha256:1",
            "HEADGATE_STATUS_PORT": "0",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, env=environment, stdout=-1, stderr=asyncio.subprocess.DEVNULL
        )
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        argo = asyncio.create_task(run_argo(api, []))
        try:
            return await _measure(api, port, count)
        finally:
            argo.cancel()
            process.terminate()
            await process.wait()


async def _until_caught_up(port: int) -> None:
    """What it looks at when it begins to lead, sixty node types among it, is no Run's cost."""
    async with asyncio.timeout(30):
        while await ask(port, "headgate_leader") != 1 or await ask(port, "headgate_queue_due"):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)
        await asyncio.sleep(SETTLES)


async def _take_runs(api: FakeApi, born: Born, names: list[str]) -> None:
    def ended() -> bool:
        runs = [api.things[RUNS, "docs", name] for name in names]
        return all((run.get("status") or {}).get("phase") == "Succeeded" for run in runs)

    for name in names:
        born.created[name] = time.perf_counter()
        api.put(RUNS, whole("Run", name, {"workflow": "hello"}))
        await asyncio.sleep(SPACING)
    await until(ended, 60)


async def _measure(api: FakeApi, port: int, count: int) -> dict[str, float]:
    def writes() -> int:
        return len([call for call in api.writes if "leases" not in call])

    await _until_caught_up(port)
    born = Born(api)
    await _take_runs(api, born, [f"warm-{number}" for number in range(WARM)])
    born.took.clear()
    cpu, written = await ask(port, "process_cpu_seconds_total"), writes()
    await _take_runs(api, born, [f"r{number}" for number in range(count)])
    return {
        "p50": born.part(0.5) * 1000,
        "p99": born.part(0.99) * 1000,
        "cpu": (await ask(port, "process_cpu_seconds_total") - cpu) / count * 1000,
        "writes": (writes() - written) / count,
        "audit": len([call for call in api.writes if "configmaps" in call]) / count,
        "mib": await ask(port, "process_resident_memory_bytes") / 2**20,
    }


def test_a_run_becomes_an_argo_workflow_at_once_and_costs_little(smoke: bool, tmp_path: Path) -> None:
    count = 5 if smoke else 90
    found = asyncio.run(measure(count, tmp_path))
    assert found["writes"] < 10
    if smoke:
        return
    note = "API server and pods in memory"
    record("run_to_workflow_p50_ms", round(found["p50"], 1), "<= 40", "ms", n=count, note=note)
    record("run_to_workflow_p99_ms", round(found["p99"], 1), "<= 150", "ms", n=count, note=note)
    record("cpu_per_1000_runs_s", round(found["cpu"], 1), "<= 15", "s", n=count, note=note)
    record("writes_per_run", round(found["writes"], 2), "<= 9", "", n=count, note="one leg; three are Events")
    record(
        "audit_writes_per_run",
        round(found["audit"], 2),
        "<= 0.5",
        "",
        n=count,
        note="of these; 20 Runs a second, no gates",
    )
    record("operator_busy_mib", round(found["mib"]), "<= 90", "MiB", note="without kopf and CEL's first check")
