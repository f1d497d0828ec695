"""What the operator holds on to while nothing happens: its own pod, from its own image, installed by the chart.

It has made its certificate, answered admission, checked a workflow whose expressions use optionals and text functions,
and taken a dozen Runs to their end (Argo and pods are a stand-in). Then it is left alone, and asked.
"""

import asyncio
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cluster.images.build import find_image
from cluster.images.settings import read_settings
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.kube import kinds
from headgate.kube.access import Access, read_access
from headgate.names import API_VERSION
from support.chart import find_helm, render
from support.chart_operator import OF_THE_CLUSTER
from support.fake_argo import StandIn, leave_alone
from support.figures import record
from support.installed_chart import install
from support.installed_kinds import install_kinds
from support.operator_process import install_node_types
from support.watched import TASK_RESULT, watch

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

RUNS = 12
STILL = 5.0
NODES = [
    {"name": "words", "use": "set", "with": {"all": "${inputs.text.split(' ')}", "size": "${size(inputs.text)}"}},
    {"name": "some", "use": "set", "with": {"loud": "${words.all.map(w, w.upperAscii())}"}},
    {"name": "more", "use": "set", "with": {"far": "${words.size > 2 ? some.loud : words.all}"}},
    {"name": "last", "use": "set", "with": {"text": "${inputs.?text.orValue('')}"}},
]
WORKFLOW = {
    "apiVersion": API_VERSION,
    "kind": "Workflow",
    "metadata": {"name": "words"},
    "spec": {
        "inputs": {"text": {"type": "string", "default": "the quick brown fox"}},
        "nodes": NODES,
        "outputs": {"far": "${more.far}", "text": "${last.text}"},
    },
}


@contextmanager
def installed(kubectl: Kubectl, namespace: str, who: str) -> Iterator[str]:
    """The name of the operator's pod."""
    release = f"hg-{uuid.uuid4().hex[:8]}"
    images = {name: find_image(name, read_settings()).by_digest.partition("@") for name in ("operator", "core")}
    places = {name: {"repository": place, "digest": digest} for name, (place, _, digest) in images.items()}
    values = {
        "replicas": 1,
        "image": places["operator"],
        "images": {"core": places["core"]},
        "watchedNamespace": namespace,
        "nodeTypes": {"enabled": False},
        "rbac": {"aggregate": False},
        "namespaces": [namespace],
        "admission": {
            "argo": [who],
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        },
    }
    policies = leave_alone(namespace)
    try:
        kubectl.apply(*policies)
        rendered = render(release, namespace, values)
        # the operator last: once it answers, nobody may try a Run of a workflow that is not there
        install(kubectl, namespace, *(one for one in rendered if one["kind"] != "Deployment"))
        kubectl.apply(*(one for one in rendered if one["kind"] == "Deployment"))
        selector = f"app.kubernetes.io/instance={release},app.kubernetes.io/component=operator"
        pods = kubectl.wait("pods", "-n", namespace, "-l", selector, until=_is_ready, seconds=120)
        yield pods["items"][0]["metadata"]["name"]
    finally:
        for policy in policies:
            kubectl("delete", policy["kind"], policy["metadata"]["name"], check=False)
        kubectl("delete", OF_THE_CLUSTER, "-l", f"app.kubernetes.io/instance={release}", check=False)


def _is_ready(pods: Any) -> bool:
    conditions = [one for pod in pods["items"] for one in pod.get("status", {}).get("conditions") or ()]
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


async def take_runs(access: Access, namespace: str, count: int) -> None:
    watched = (kinds.RUN, kinds.LEG, kinds.SECRET, kinds.EVENT, TASK_RESULT)
    async with watch(access, namespace, watched) as there:
        playing = asyncio.create_task(StandIn(there.client, namespace).run())
        for number in range(count):
            name = f"words-{number}"
            await there.create(kinds.RUN, name, {"workflow": "words"})
            run, _ = await there.ended(kinds.RUN, name, 60)
            assert run["status"]["phase"] == "Succeeded", run["status"]
        playing.cancel()
        await there.quiet(STILL)


@pytest.mark.timeout(600)
def test_an_idle_operator_is_small(kubectl: Kubectl, cluster_settings: Settings, namespace: str, smoke: bool) -> None:
    install_kinds(kubectl)
    install_node_types(kubectl, cluster_settings)
    who = json.loads(kubectl("auth", "whoami", "-o", "json"))["status"]["userInfo"]["username"]
    access = read_access({"KUBECONFIG": str(cluster_settings.admin_kubeconfig)})
    with installed(kubectl, namespace, who) as pod:
        kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(WORKFLOW))
        asyncio.run(take_runs(access, namespace, 1 if smoke else RUNS))
        metrics = kubectl("get", "--raw", f"/api/v1/namespaces/{namespace}/pods/{pod}:8080/proxy/metrics")
    lines = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if not line.startswith("#"))
    mib = float(lines["process_resident_memory_bytes"]) / 2**20
    print(f"{mib:.1f} MiB")
    if not smoke:
        note = (
            f"its own pod, webhook on, after {RUNS} Runs; CEL's libraries `math` and `encoders`, 2.7 MiB each, unused"
        )
        record("idle_mib", round(mib, 1), "<= 90", "MiB", note=note)
    assert mib < 150
