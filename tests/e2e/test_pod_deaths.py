"""A pod that runs out of memory: the kernel ends a process of it, and the report names the node, truly."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from cluster.images import build_images, import_images, read_settings
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from e2e.manifests import build_pod, has_ended
from headgate_lang.fate import Outcome
from headgate_lang.task import VARIABLE, VERSION, Follower, Member, Run, Task, encode

RUN = Run("deaths-1", "default", "00000000-0000-4000-8000-000000000000", "deaths", "0" * 12, "2026-11-21T05:30:00Z")
NODE = '''
"""Made for a test."""
from headgate_node import Context, Example, Output, Params, Trait, node

@node(traits=(Trait.LIGHT,), examples=(Example(output={}), Example(output={})))
async def run(params: Params, ctx: Context) -> Output:
    held = []
    while %s:
        held.append(bytearray(b"x" * 10_000_000))
    return Output()
'''
COMMAND = "headgate-node hungry > /out/log; echo $?; cat /out/report; echo; cat /out/ends; echo; cat /out/go-n1"


@pytest.fixture
def home(kubectl: Kubectl) -> Iterator[str]:
    name = f"deaths-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false", check=False)


@pytest.mark.e2e
def test_a_node_that_eats_all_memory_is_named_and_the_rest_is_left_open(
    kubectl: Kubectl, home: str, cluster_settings: Settings
) -> None:
    images = build_images(read_settings(), names=["core"])
    import_images(images, cluster_settings.containerd_socket)
    nodes = {"__init__.py": "", "eats.py": NODE % True, "lasts.py": NODE % False}
    files = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "nodes", "namespace": home}, "data": nodes}
    members = (
        Member("lasts", "lasts.v1", "o0", 1000),
        Member("eats", "eats.v1", "o1", 1000, needs={"lasts": Outcome.SUCCEEDED}),
        Member("later", "lasts.v1", "o2", 1000, needs={"eats": Outcome.ENDED}),
    )
    go = {"go-n1": (Follower("next", {"eats": Outcome.FAILED}),)}
    task = encode(Task(version=VERSION, run=RUN, members=members, tells=("eats",), go=go))
    places = {"tmp": "/tmp", "out": "/out", "nodes": "/nodes/hungry"}
    container = {
        "env": [{"name": VARIABLE, "value": task}, {"name": "PYTHONPATH", "value": "/nodes"}],
        "resources": {"limits": {"memory": "160Mi"}},
        "volumeMounts": [{"name": name, "mountPath": path} for name, path in places.items()],
    }
    empty: list[Any] = [{"name": name, "emptyDir": {}} for name in ("tmp", "out")]
    pod = build_pod(
        "eats",
        images[0].reference,
        COMMAND,
        home,
        container=container,
        volumes=[{"name": "nodes", "configMap": {"name": "nodes"}}, *empty],
        securityContext={"runAsNonRoot": True, "runAsUser": 65532, "fsGroup": 65532},
    )
    kubectl.apply(files, pod)
    kubectl.wait("pod", "eats", "-n", home, until=has_ended)
    code, report, ends, goes = kubectl("logs", "-n", home, "eats").splitlines()
    told = json.loads(report)["instances"]
    assert (code, told["eats"]["phase"], told["eats"]["reason"]) == ("0", "Failed", "OutOfMemory")
    assert "raise its `pod.resources`" in told["eats"]["message"]
    assert told["lasts"]["phase"] == "Succeeded"
    assert "later" not in told
    assert json.loads(ends)["eats"]["outcome"] == ["Failed"]
    assert goes == "true"
