"""How soon the next pod is there once somebody has voted, beside Argo's own `argo resume`: on the cluster, real pods.

One round: a Run that waits for its gate and two Argo Workflows that stand at a suspend node, one under a controller
whose requeue is a second, as the test cluster's is, and one under Argo's default of ten. Once nothing moves any
more, all three are let go at the same moment, by one patch each: `argo resume` sets the node's phase in the status, and
so does this. The end is when a watch shows the next pod. `HEADGATE_BENCH_ROUNDS` says how often.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cluster.kubectl import Kubectl
from cluster.pki import ARGO_USER
from cluster.settings import Settings
from headgate.kube import kinds
from headgate.kube.access import Access, read_access
from support.argo_controller import run_controller
from support.chart import find_helm
from support.chart_operator import run_chart
from support.figures import record
from support.installed_kinds import install_kinds
from support.operator_process import ACCOUNT, find_core, install_node_types
from support.watched import Watched, watch

ROUNDS = int(os.environ.get("HEADGATE_BENCH_ROUNDS", "30"))
WATCHED = (kinds.RUN, kinds.APPROVAL_REQUEST, kinds.LEG, kinds.POD)
MOST = 180.0
"""Seconds that anything may take here, on a machine that has other pods to start."""
STILL = 2.0
"""Seconds without a write: the quick controller has no look pending that would come sooner than a patch brings it."""


class Gate:
    """A Run that waits for a vote."""

    async def wait(self, there: Watched, name: str) -> str:
        await there.create(kinds.RUN, name, {"workflow": "ask"})

        def is_asked() -> str | None:
            asked = there[kinds.APPROVAL_REQUEST].get(there.namespace, f"{name}-review")
            return f"{name}-review" if asked and (asked.get("status") or {}).get("phase") == "Open" else None

        found, _ = await there.until(is_asked, MOST)
        return str(found)

    async def let_go(self, there: Watched, name: str) -> None:
        change = {"spec": {"votes": {"me": {"verdict": "Approve", "reason": "checked"}}}}
        await there.client.patch(kinds.APPROVAL_REQUEST, f"{name}-review", there.namespace, change)

    async def end(self, there: Watched, name: str) -> None:
        run, _ = await there.ended(kinds.RUN, name, MOST)
        assert run["status"]["phase"] == "Succeeded", run["status"]


class Suspended:
    """An Argo Workflow that stands at a suspend node."""

    def __init__(self, image: str, labels: dict[str, str]) -> None:
        container = {"image": image, "imagePullPolicy": "Never", "command": ["true"]}
        steps = [[{"name": "review", "template": "review"}], [{"name": "go", "template": "go"}]]
        templates: list[dict[str, object]] = [{"name": "main", "steps": steps}, {"name": "review", "suspend": {}}]
        templates.append({"name": "go", "container": container})
        self._spec = {"entrypoint": "main", "serviceAccountName": ACCOUNT, "templates": templates}
        self._labels = labels

    async def wait(self, there: Watched, name: str) -> str:
        await there.create(kinds.LEG, name, self._spec, labels=self._labels)
        found, _ = await there.until(lambda: self._node(there, name), MOST)
        return str(found)

    def _node(self, there: Watched, name: str) -> str | None:
        nodes = (there[kinds.LEG].get(there.namespace, name) or {}).get("status", {}).get("nodes") or {}
        standing = (node for node, its in nodes.items() if its["type"] == "Suspend" and its["phase"] == "Running")
        return next(standing, None)

    async def let_go(self, there: Watched, name: str) -> None:
        done = {"phase": "Succeeded", "finishedAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        change = {"status": {"nodes": {self._node(there, name): done}}}
        await there.client.patch(kinds.LEG, name, there.namespace, change)

    async def end(self, there: Watched, name: str) -> None:
        await there.ended(kinds.LEG, name, MOST)


@dataclass
class Arm:
    there: Watched
    way: Gate | Suspended
    took: list[float] = field(default_factory=list)
    """Milliseconds from the patch to the next pod."""

    async def prepare(self, name: str) -> None:
        await self.way.wait(self.there, name)
        await self.there.quiet(STILL)

    async def go(self, name: str) -> None:
        before = set(self.there[kinds.POD].names)
        began = time.perf_counter()
        await self.way.let_go(self.there, name)
        _, seen = await self.there.until(lambda: set(self.there[kinds.POD].names) - before, MOST)
        self.took.append((seen - began) * 1000)
        await self.way.end(self.there, name)

    def tell(self, what: str) -> float:
        median = statistics.median(self.took)
        print(f"{what}: median {median:.0f} ms, longest {max(self.took):.0f} ms of {len(self.took)}")
        return median


async def take_turns(access: Access, ways: dict[str, tuple[str, Gate | Suspended]], rounds: int) -> dict[str, Arm]:
    """`ways`: what it is → the namespace in which it is done, and how."""
    async with AsyncExitStack() as stack:
        arms = {
            what: Arm(await stack.enter_async_context(watch(access, namespace, WATCHED)), way)
            for what, (namespace, way) in ways.items()
        }
        for number in range(rounds + 1):
            name = f"wait-{number}"
            await asyncio.gather(*(arm.prepare(name) for arm in arms.values()))
            await asyncio.gather(*(arm.go(name) for arm in arms.values()))
            if number == 0:
                for arm in arms.values():
                    arm.took.clear()  # the first time everything is loaded
    return arms


def prepare_question(kubectl: Kubectl, namespace: str) -> None:
    me = json.loads(kubectl("auth", "whoami", "-o", "json"))["status"]["userInfo"]["username"]
    policy = {"stages": [{"name": "anybody", "users": [me]}]}
    review = {"name": "review", "use": "approval", "with": {"policy": "release", "message": "Go on?"}}
    go = {"name": "go", "use": "set", "with": {"text": "went"}, "after": {"review": "Succeeded"}}
    outputs = {"text": "${go.text}"}
    head = {"apiVersion": "headgate.dev/v1alpha1"}
    kubectl.apply(
        {**head, "kind": "ApprovalPolicy", "metadata": {"name": "release", "namespace": namespace}, "spec": policy},
        {
            **head,
            "kind": "Workflow",
            "metadata": {"name": "ask", "namespace": namespace},
            "spec": {"nodes": [review, go], "outputs": outputs},
        },
    )


@pytest.mark.timeout(3600)
def test_the_next_pod_after_a_vote_beside_argo_resume(
    kubectl: Kubectl, cluster_settings: Settings, new_namespace: Callable[[], str], tmp_path: Path, smoke: bool
) -> None:
    if find_helm() is None:
        pytest.skip("there is no helm: `make cluster` builds it")
    install_kinds(kubectl)
    install_node_types(kubectl, cluster_settings)
    access = read_access({"KUBECONFIG": str(cluster_settings.admin_kubeconfig)})
    asked, quick, slow, image = new_namespace(), new_namespace(), new_namespace(), find_core()
    repository, _, digest = image.partition("@")
    values = {
        "images": {"core": {"repository": repository, "digest": digest}},
        "admission": {"argo": [ARGO_USER]},
        "settings": {"logLevel": "INFO"},
    }
    with (
        run_chart(kubectl, asked, values, tmp_path),
        run_controller(kubectl, cluster_settings, slow, tmp_path / "argo") as labels,
    ):
        prepare_question(kubectl, asked)
        ways: dict[str, tuple[str, Gate | Suspended]] = {
            "vote": (asked, Gate()),
            "argo resume, requeue 1 s": (quick, Suspended(image, {})),
            "argo resume, requeue 10 s, the default": (slow, Suspended(image, labels)),
        }
        arms = asyncio.run(take_turns(access, ways, 1 if smoke else ROUNDS))
    vote, by_second, by_default = (arm.tell(what) for what, arm in arms.items())
    if smoke:
        return
    took = sorted(arms["vote"].took)
    longest = took[round(0.99 * (len(took) - 1))]
    what = "patch sent → pod seen by a watch"
    record("vote_to_pod_p50_ms", round(vote), "<= 500", "ms", n=len(took), note=what)
    record("vote_to_pod_p99_ms", round(longest), "<= 1000", "ms", n=len(took), note=what)
    for name, other, pace in (
        ("vote_over_argo_resume", by_default, "10 s, Argo's default"),
        ("vote_over_argo_resume_1s", by_second, "1 s"),
    ):
        ours, theirs = round(vote), round(other)
        note = f"medians, requeue {pace}; {AT_ONCE}"
        record(name, round(vote / other, 2), "<= 0.25", "x", n=len(took), ours=ours, other=theirs, note=note)


AT_ONCE = (
    "Argo 3.7.18 looks at a patched Workflow at once whatever its requeue (read: its throttler queues every update), "
    "and a vote makes a new one, which costs that look too"
)
