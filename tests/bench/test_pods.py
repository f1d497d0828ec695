"""What Headgate costs beside an Argo Workflow that somebody writes by hand: on the cluster, real Argo and real pods.

A chain of additions, each step reading what the one before it gave. By hand it is a pod a step, in the same image; as a
Run it is a pod a node (`bundling: Never`), and bundled. All three begin at the same moment, in a namespace each: what
else the machine does hits all of them. `HEADGATE_BENCH_PAIRS` says how often.
"""

import asyncio
import os
import statistics
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.kube import kinds
from headgate.kube.access import Access, read_access
from headgate.kube.kinds import Kind
from support.figures import record
from support.installed_kinds import install_kinds
from support.operator_process import ACCOUNT, find_core, install_node_types, run_operator
from support.watched import Watched, watch

PAIRS = int(os.environ.get("HEADGATE_BENCH_PAIRS", "5"))
STEPS = 20
POD_SECONDS = 40.0
"""That a step may take at most; on a quiet machine it takes six."""
QUIET_SECONDS = 6.0
"""After which nothing more is written: which Run was last is told every five seconds at most."""
ADD = "import sys; open('/tmp/out', 'w').write(str(int(sys.argv[1]) + 1))"


def chain_by_hand(steps: int, image: str) -> dict[str, Any]:
    """The spec of an Argo Workflow, as its documentation teaches it."""

    def task(number: int) -> dict[str, Any]:
        before = f"n{number - 1}"
        value = f"{{{{tasks.{before}.outputs.parameters.num}}}}" if number > 1 else "0"
        waits = {"depends": before} if number > 1 else {}
        arguments = {"parameters": [{"name": "num", "value": value}]}
        return {"name": f"n{number}", "template": "add", "arguments": arguments, **waits}

    add = {
        "name": "add",
        "inputs": {"parameters": [{"name": "num"}]},
        "outputs": {"parameters": [{"name": "num", "valueFrom": {"path": "/tmp/out"}}]},
        "container": {
            "image": image,
            "imagePullPolicy": "Never",
            "command": ["python3", "-c", ADD, "{{inputs.parameters.num}}"],
        },
    }
    main = {"name": "main", "dag": {"tasks": [task(number) for number in range(1, steps + 1)]}}
    return {"entrypoint": "main", "serviceAccountName": ACCOUNT, "templates": [main, add]}


def chain_of_nodes(steps: int, bundling: str) -> dict[str, Any]:
    """The spec of a Workflow that does the same."""
    values = ["${0 + 1}", *(f"${{n{number}.num + 1}}" for number in range(1, steps))]
    nodes = [{"name": f"n{number}", "use": "set", "with": {"num": text}} for number, text in enumerate(values, 1)]
    outputs = {"num": f"${{n{steps}.num}}"}
    return {"execution": {"bundling": bundling}, "nodes": nodes, "outputs": outputs}


class Arm:
    """One way to do it, in a namespace of its own."""

    def __init__(self, there: Watched, kind: Kind, spec: dict[str, Any]) -> None:
        self.there, self.kind, self.spec = there, kind, spec
        self.seconds: list[float] = []
        self.writes: list[dict[Kind, int]] = []
        """Of each time of which all was heard."""

    async def go(self, number: int, steps: int, quiet: float) -> None:
        await self.there.quiet(quiet)
        before, listed = self.there.writes.copy(), self.there.listed
        name = f"chain-{number}"
        began = await self.there.create(self.kind, name, self.spec)
        thing, ended = await self.there.ended(self.kind, name, POD_SECONDS * steps)
        assert thing["status"]["phase"] == "Succeeded", thing["status"]
        self.seconds.append(ended - began)
        await self.there.quiet(quiet)
        writes = dict(self.there.writes - before)
        if all(self.there.listed[kind] == listed[kind] for kind in writes):
            self.writes.append(writes)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def median_writes(self) -> float:
        return statistics.median(sum(writes.values()) for writes in self.writes)

    def tell(self, what: str) -> None:
        taken = ", ".join(f"{one:.1f}" for one in self.seconds)
        print(f"{what}: median {self.median:.1f} s ({taken})")
        for writes in self.writes[-1:]:
            written = ", ".join(f"{count} {kind.plural}.{kind.group}" for kind, count in writes.items())
            print(f"  {sum(writes.values())} writes: {written}")


async def race(access: Access, namespaces: dict[str, str], steps: int, pairs: int) -> dict[str, Arm]:
    specs = {
        "hand": (kinds.LEG, chain_by_hand(steps, find_core())),
        "run": (kinds.RUN, {"workflow": "apart"}),
        "bundle": (kinds.RUN, {"workflow": "together"}),
    }
    quiet = QUIET_SECONDS if steps == STEPS else 1.0
    async with AsyncExitStack() as stack:
        arms = {
            what: Arm(await stack.enter_async_context(watch(access, namespaces[what])), *spec)
            for what, spec in specs.items()
        }
        for name, bundling in (("apart", "Never"), ("together", "Auto")):
            there = arms["run" if bundling == "Never" else "bundle"].there
            await there.create(kinds.WORKFLOW, name, chain_of_nodes(steps, bundling))
        for number in range(pairs):
            async with asyncio.TaskGroup() as group:
                for arm in arms.values():
                    group.create_task(arm.go(number, steps, quiet))
            for what, arm in arms.items():
                arm.tell(what)
    return arms


@pytest.mark.timeout(3600)
def test_a_run_beside_an_argo_workflow_by_hand(
    kubectl: Kubectl, cluster_settings: Settings, new_namespace: Callable[[], str], tmp_path: Path, smoke: bool
) -> None:
    steps, pairs = (2, 1) if smoke else (STEPS, PAIRS)
    install_kinds(kubectl)
    install_node_types(kubectl, cluster_settings)
    namespaces = {what: new_namespace() for what in ("hand", "run", "bundle")}
    access = read_access({"KUBECONFIG": str(cluster_settings.admin_kubeconfig)})
    with (
        run_operator(cluster_settings, namespaces["run"], tmp_path / "run", LOG_LEVEL="INFO"),
        run_operator(cluster_settings, namespaces["bundle"], tmp_path / "bundle", LOG_LEVEL="INFO"),
    ):
        arms = asyncio.run(race(access, namespaces, steps, pairs))
    hand, run, bundle = arms["hand"], arms["run"], arms["bundle"]
    if smoke:
        assert bundle.median < hand.median
        return
    what = f"{steps} steps in a chain, real pods, all arms at once"
    for name, arm, goal in (("run_over_hand", run, "<= 1.02"), ("bundle_over_hand", bundle, "<= 0.06")):
        ours, other = round(arm.median, 2), round(hand.median, 2)
        record(name, round(arm.median / hand.median, 3), goal, "x", n=pairs, ours=ours, other=other, note=what)
    if not run.writes or not hand.writes:
        print("no figure of writes: each time a watch broke off, since somebody changes CRDs at the same time")
        return
    written = (run.median_writes, hand.median_writes)
    note = f"{steps} pods in a chain; what changed an object of the namespace, whoever wrote it"
    ratio = round(written[0] / written[1], 3)
    record(
        "api_writes_over_hand", ratio, "<= 1.1", "x", n=len(run.writes), ours=written[0], other=written[1], note=note
    )
