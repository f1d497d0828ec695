"""The operator dies at its writes, and another one starts: nothing is lost, and nothing runs twice.

A proxy before the real API server kills it: in one life after its first write (the API server has done it, and nobody
has heard so), in the next before its second. So every life gets one write further, until all Runs have ended. They must
end as they do when nothing happens to anybody.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.images import build_images, import_images, read_settings
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.kube.access import read_access
from support.faults.plan import Mishap, Plan, WriteFault
from support.faults.proxy import Call, FaultProxy
from support.figures import record
from support.installed_kinds import install_kinds
from support.operator_process import OperatorProcess, install_node_types
from support.short_lives import RUNS, WORKFLOWS

ENDED = frozenset({"Succeeded", "Failed", "Cancelled", "TimedOut"})
LONGEST = 200.0
"""Seconds for all lives together."""
QUIET = 60.0
"""Seconds after which a life that writes nothing has forgotten something."""
NO_RIVAL = {"LEADER_ELECTION": "false"}


@dataclass
class Served:
    proxy: FaultProxy
    loop: asyncio.AbstractEventLoop
    killed: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def served(cluster_settings: Settings) -> Iterator[Served]:
    access = read_access({"KUBECONFIG": str(cluster_settings.admin_kubeconfig)})
    proxy = FaultProxy(access, counts=lambda method, path: "/leases" not in path)
    ready, end = threading.Event(), asyncio.Event()
    found: list[Served] = []

    async def serve() -> None:
        async with proxy.serving():
            found.append(Served(proxy, asyncio.get_running_loop()))
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    yield found[0]
    found[0].loop.call_soon_threadsafe(end.set)
    thread.join(10)


def write_kubeconfig(path: Path, server: str) -> Path:
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "proxy",
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
        "clusters": [{"name": "proxy", "cluster": {"server": server}}],
        "users": [{"name": "proxy", "user": {}}],
    }
    path.write_text(yaml.safe_dump(content))
    return path


def ask_for_runs(kubectl: Kubectl, namespace: str) -> None:
    things = [*yaml.safe_load_all(WORKFLOWS), *yaml.safe_load_all(RUNS)]
    kubectl.apply(*({**thing, "metadata": {**thing["metadata"], "namespace": namespace}} for thing in things))


def ends(kubectl: Kubectl, namespace: str) -> dict[str, Any] | None:
    """How each Run has ended, as people see it; None while one has not."""
    runs = kubectl.get("runs", "-n", namespace)["items"]
    told = {run["metadata"]["name"]: run.get("status", {}) for run in runs}
    if any(status.get("phase") not in ENDED for status in told.values()):
        return None
    return {
        name: (
            status["phase"],
            status.get("outputs"),
            {node: (one["phase"], one.get("reason")) for node, one in status["nodes"].items()},
        )
        for name, status in told.items()
    }


def await_ends(kubectl: Kubectl, namespace: str) -> dict[str, Any]:
    deadline = time.monotonic() + LONGEST
    while (found := ends(kubectl, namespace)) is None:
        assert time.monotonic() < deadline, kubectl.get("runs", "-n", namespace)
        time.sleep(0.5)
    return found


def live_until(operator: OperatorProcess, is_over: Callable[[], bool], calls: list[Call]) -> None:
    """One life: until it is killed, or all has ended."""
    quiet_since, seen = time.monotonic(), 0
    while operator.is_running and not is_over():
        written = sum(bool(call.number) for call in calls)
        if written != seen:
            quiet_since, seen = time.monotonic(), written
        assert time.monotonic() - quiet_since < QUIET, operator.said()[-3000:]
        time.sleep(0.1)


@pytest.mark.timeout(600)
def test_an_operator_that_dies_at_any_write_loses_nothing_and_does_nothing_twice(
    kubectl: Kubectl, cluster_settings: Settings, new_namespace: Callable[[], str], served: Served, tmp_path: Path
) -> None:
    install_kinds(kubectl)
    import_images(build_images(read_settings(), names=["core"]), cluster_settings.containerd_socket)
    install_node_types(kubectl, cluster_settings)
    calm, stormy = new_namespace(), new_namespace()
    proxy = served.proxy
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", proxy.url)

    reference = OperatorProcess(cluster_settings, calm, tmp_path / "calm.log", kubeconfig)
    ask_for_runs(kubectl, calm)
    try:
        reference.start(**NO_RIVAL)
        expected = await_ends(kubectl, calm)
    finally:
        reference.kill()

    operator = OperatorProcess(cluster_settings, stormy, tmp_path / "stormy.log", kubeconfig)
    proxy.kill = operator.kill
    ask_for_runs(kubectl, stormy)
    made: Counter[str] = Counter()
    kills, began, found = 0, time.monotonic(), None
    try:
        while found is None:
            assert time.monotonic() - began < LONGEST, kubectl.get("runs", "-n", stormy)
            fault = WriteFault(2, Mishap.KILL_BEFORE) if kills % 2 else WriteFault(1, Mishap.KILL_AFTER)
            proxy.begin(Plan(writes=[fault]))
            operator.launch(**NO_RIVAL)
            live_until(operator, lambda: ends(kubectl, stormy) is not None, proxy.calls)
            kills += not operator.is_running
            operator.kill()
            made.update(call.name for call in proxy.calls if call.code == 201 and "argoproj.io" in call.path)
            found = ends(kubectl, stormy)
    finally:
        operator.kill()

    doubled = {name: count for name, count in made.items() if count > 1}
    lost = {name: (found.get(name), end) for name, end in expected.items() if found.get(name) != end}
    record(
        "kill_points",
        kills,
        ">= 200",
        "kills",
        note=f"each after or before a write, {len(expected)} Runs, real Argo and pods",
    )
    record("kill_lost", len(lost), "== 0", "Runs", n=kills)
    record("kill_doubled", len(doubled), "== 0", "legs", n=kills)
    assert not lost
    assert not doubled
    assert kills >= 20
