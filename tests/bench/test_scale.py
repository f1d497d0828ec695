"""Many Runs: a real API server, a real operator, and a stand-in for Argo and its pods, which cost nothing here.

Ten thousand Runs are kept, a hundred of each workflow as by default, each with the Secret of its outputs: copies of one
that the operator took to its end itself. Beside a process that only lists and parses the same objects, an operator
starts that has to do so too, and to look at each of them. Then a thousand Runs are created at once.
`HEADGATE_BENCH_KEPT` and `HEADGATE_BENCH_BURST` say how many.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.compiler.emit.identity import RUN_UID
from headgate.kube import kinds
from headgate.kube.access import Access, read_access
from headgate.kube.client import Client
from headgate.kube.kinds import Object
from headgate.names import API_VERSION
from support.argo_controller import INSTANCE
from support.fake_argo import StandIn, leave_alone
from support.figures import record
from support.installed_kinds import install_kinds
from support.operator_process import OperatorProcess, install_node_types
from support.watched import connect

KEPT = int(os.environ.get("HEADGATE_BENCH_KEPT", "10000"))
BURST = int(os.environ.get("HEADGATE_BENCH_BURST", "1000"))
STARTS = 5
FAMILY = 100
"""Runs of a workflow that are kept, by default."""
AT_ONCE = 48
"""Requests that this process makes at the same time."""
PAUSE = 0.2
SELDOM = 2.0
"""Between two looks at the metrics, each of which costs the operator some 10 ms: not our asking is to be measured."""
WARM = 20
"""Runs that go first, so that everything is loaded."""
SPEC: Object = {
    "inputs": {"name": {"type": "string", "default": "world"}},
    "nodes": [{"name": "greet", "use": "set", "with": {"text": "${'Hello, ' + inputs.name}"}}],
    "outputs": {"text": "${greet.text}"},
}
OUTPUTS = {"text": "Hello, world"}
WHERE = "real API server; Argo and pods are a stand-in"
LIST = """
import asyncio, os, sys
from headgate.kube import kinds
from headgate.kube.access import read_access
from headgate.kube.client import Client

async def main():
    count = 0
    async with Client(read_access(os.environ)) as client:
        for kind, labels in ((kinds.RUN, ""), (kinds.SECRET, sys.argv[2])):
            start = ""
            while True:
                page = await client.list_page(kind, sys.argv[1], labels=labels, start=start)
                count += len(page.items)
                start = page.next
                if not start:
                    break
    print(count)

asyncio.run(main())
"""
"""The raw list and parse: pages as large, the same client, nothing kept."""


async def each(things: Iterable[Awaitable[object]]) -> None:
    """All of them, so many at once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(thing: Awaitable[object]) -> None:
        async with gate:
            await thing

    async with asyncio.TaskGroup() as group:
        for thing in things:
            group.create_task(one(thing))


@dataclass
class Scene:
    client: Client
    namespace: str
    operator: OperatorProcess
    argo: StandIn
    kubeconfig: Path

    def asked(self, name: str, labels: str = "") -> float:
        """A metric of the operator: the sum over all labels that have this in them."""
        lines = self.operator.ask("/metrics").splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name) and labels in line)

    @property
    def kib(self) -> float:
        return self.asked("process_resident_memory_bytes ") / 1024

    async def create(self, name: str, workflow: str) -> Object:
        spec = {"workflow": workflow}
        head = {"apiVersion": API_VERSION, "kind": "Run", "metadata": {"name": name}}
        return await self.client.create(kinds.RUN, {**head, "spec": spec}, self.namespace)

    async def add_workflows(self, names: Iterable[str]) -> None:
        head = {"apiVersion": API_VERSION, "kind": "Workflow"}
        things = ({**head, "metadata": {"name": name}, "spec": SPEC} for name in names)
        await each(self.client.create(kinds.WORKFLOW, thing, self.namespace) for thing in things)

    async def until(self, holds: Callable[[], bool], seconds: float, pause: float = PAUSE) -> float:
        """How long it took."""
        began = time.perf_counter()
        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - another process
                await asyncio.sleep(pause)
        return time.perf_counter() - began

    def have_ended(self, count: int) -> Callable[[], bool]:
        """Asked of the operator, since a list of ten thousand costs the API server as much as the Runs do."""
        return lambda: self.asked("headgate_runs", 'phase="Succeeded"') >= count

    async def ended_well(self, workflow: str) -> int:
        """Asked of the API server."""
        runs = await self.client.list_all(kinds.RUN, self.namespace)
        ended = [run for run in runs if run["status"]["phase"] == "Succeeded" and run["status"]["outputs"] == OUTPUTS]
        return sum(run["spec"]["workflow"] == workflow for run in ended)

    async def keep_another(self, name: str, workflow: str, run: Object, kept: Object) -> None:
        """A Run and its outputs, as the operator leaves them: a copy of one that is there."""
        made = await self.create(name, workflow)
        await self.client.replace_status(kinds.RUN, made, run["status"])
        uid = made["metadata"]["uid"]
        owner = {**kept["metadata"]["ownerReferences"][0], "name": name, "uid": uid}
        labels = {**kept["metadata"]["labels"], RUN_UID: uid}
        metadata = {"name": f"{name}-outputs", "labels": labels, "ownerReferences": [owner]}
        await self.client.create(kinds.SECRET, {**kept, "metadata": metadata}, self.namespace)

    async def start(self) -> float:
        """Until the operator has looked at every Run; seconds."""
        began = time.perf_counter()
        self.operator.launch(LOG_LEVEL="INFO", LEADER_ELECTION="false", KEEP_SUCCEEDED=str(2 * BURST))
        await self.until(self._has_caught_up, 300)
        return time.perf_counter() - began

    def _has_caught_up(self) -> bool:
        try:
            return self.asked("headgate_leader ") == 1 and self.asked("headgate_queue_due ") == 0
        except OSError:
            return False  # it does not serve yet


def list_and_parse(scene: Scene) -> tuple[float, int]:
    began = time.perf_counter()
    words = [sys.executable, "-c", LIST, scene.namespace, RUN_UID]
    environment = {**os.environ, "KUBECONFIG": str(scene.kubeconfig)}
    counted = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return time.perf_counter() - began, int(counted.stdout)


@asynccontextmanager
async def setting(access: Access, namespace: str, operator: OperatorProcess, kubeconfig: Path) -> AsyncIterator[Scene]:
    async with connect(access) as client, asyncio.TaskGroup() as group:
        argo = StandIn(client, namespace)
        playing = group.create_task(argo.run())
        try:
            yield Scene(client, namespace, operator, argo, kubeconfig)
        finally:
            operator.kill()
            playing.cancel()


async def until_left_alone(client: Client, namespace: str) -> None:
    """The API server takes a moment to hear of a policy."""
    metadata = {"name": "probe", "labels": {"probe": "yes"}}
    spec = {"entrypoint": "main", "templates": [{"name": "main", "suspend": {}}]}
    probe = {"apiVersion": kinds.LEG.api_version, "kind": kinds.LEG.name, "metadata": metadata, "spec": spec}

    async def made() -> Object:
        return await client.create(kinds.LEG, probe, namespace, dry_run=True)

    async with asyncio.timeout(30):
        while INSTANCE not in (await made())["metadata"]["labels"]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.2)


async def measure(scene: Scene, kept: int, burst: int, starts: int) -> None:
    families = [f"kept-{number}" for number in range(max(1, kept // FAMILY))]
    await until_left_alone(scene.client, scene.namespace)
    await scene.add_workflows([*families, "burst", "warm"])
    await scene.start()
    await each(scene.create(f"warm-{number}", "warm") for number in range(WARM))
    await scene.until(scene.have_ended(WARM), 120)
    run = await scene.client.get(kinds.RUN, "warm-0", scene.namespace)
    (secret,) = await scene.client.list_all(kinds.SECRET, scene.namespace, labels=f"{RUN_UID}={run['metadata']['uid']}")
    scene.operator.kill()

    empty = []
    for _ in range(starts):
        await scene.start()
        empty.append(scene.kib)
        scene.operator.kill()
    await each(
        scene.keep_another(f"kept-{number}", families[number % len(families)], run, secret) for number in range(kept)
    )
    took, raw, full = [], [], []
    for _ in range(starts):
        seconds, counted = await asyncio.to_thread(list_and_parse, scene)
        assert counted == 2 * (kept + WARM)
        raw.append(seconds)
        took.append(await scene.start())
        full.append(scene.kib)
        if len(took) < starts:
            scene.operator.kill()
    kib = (statistics.median(full) - statistics.median(empty)) / kept
    ours, other = statistics.median(took), statistics.median(raw)
    print(f"{kept} kept: started in {ours:.2f} s beside {other:.2f} s, {ours / other:.2f} times; {kib:.2f} KiB a Run")
    if kept == KEPT:
        note = f"{kept} Runs and their Secrets; processes from nothing, until each Run was looked at; {WHERE}"
        ratio = round(ours / other, 2)
        record("restart_over_list", ratio, "<= 3", "x", n=starts, ours=round(ours, 2), other=round(other, 2), note=note)
        note = f"resident memory after a start, with {kept} Runs and their Secrets and with {WARM}"
        record("kib_per_run", round(kib, 2), "<= 6", "KiB", n=starts, note=note)
    await measure_burst(scene, kept, burst)


async def measure_burst(scene: Scene, kept: int, burst: int) -> None:
    cpu = scene.asked("process_cpu_seconds_total ")
    began = time.perf_counter()
    await each(scene.create(f"burst-{number}", "burst") for number in range(burst))
    created = time.perf_counter() - began
    try:
        await scene.until(scene.have_ended(kept + WARM + burst), 60 + burst / 5, pause=SELDOM)
    except TimeoutError:
        print("not all have ended")
    seconds = time.perf_counter() - began
    cpu = scene.asked("process_cpu_seconds_total ") - cpu
    well = await scene.ended_well("burst")
    twice = [ran for ran, times in scene.argo.ran.items() if times > 1]
    note = f"created within {created:.1f} s, all ended after {seconds:.1f} s, {cpu / burst * 1000:.1f} s CPU per 1,000"
    print(f"{well} of {burst} ended well, {len(twice)} ran twice; {note}; {scene.kib / 1024:.0f} MiB")
    if burst == BURST:
        record("burst_runs", well, ">= 1000", "Runs", note=f"{note}; beside {kept} kept; {WHERE}")
        record("burst_lost", burst - well, "== 0", "Runs", n=burst)
        record("burst_doubled", len(twice), "== 0", "nodes", n=burst)
    assert well == burst
    assert not twice


@pytest.mark.timeout(1800)
def test_ten_thousand_runs_are_kept_and_a_thousand_come_at_once(
    kubectl: Kubectl, cluster_settings: Settings, namespace: str, tmp_path: Path, smoke: bool
) -> None:
    kept, burst, starts = (20, 5, 1) if smoke else (KEPT, BURST, STARTS)
    install_kinds(kubectl)
    install_node_types(kubectl, cluster_settings)
    kubeconfig = cluster_settings.admin_kubeconfig
    operator = OperatorProcess(cluster_settings, namespace, tmp_path / "log", kubeconfig)
    policies = leave_alone(namespace)
    kubectl.apply(*policies)

    async def play() -> None:
        async with setting(read_access({"KUBECONFIG": str(kubeconfig)}), namespace, operator, kubeconfig) as scene:
            await measure(scene, kept, burst, starts)

    try:
        asyncio.run(play())
    finally:
        for policy in policies:
            kubectl("delete", policy["kind"], policy["metadata"]["name"], check=False)
