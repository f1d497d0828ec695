"""Everything that a person's code might try in a real pod of the `code` image, as restricted as our pods are.

The pod is given what it never has in earnest: a token, a secret, a report, neighbours that answer. The tests show that
the pod itself reaches them, and that code in its sandbox does not.
"""

import json
import statistics
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from cluster.images import build_images, import_images, read_settings
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from e2e.manifests import build_pod
from support.figures import record
from support.sandbox.probe import DRIVER, Probe, build_order, judge, read_probes

PROBES = read_probes()
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
POD = {
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "fsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
}
NOTHING_TO_DO = "def main(): return 1"

Drive = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def home(kubectl: Kubectl) -> Iterator[str]:
    """A namespace that takes restricted pods only."""
    name = f"sandbox-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    yield name
    kubectl("delete", "namespace", name, "--wait=false", check=False)


@pytest.fixture(scope="module")
def addresses(kubectl: Kubectl, home: str, testbox: str, cluster_settings: Settings) -> dict[str, str]:
    """Who answers in the cluster, for probes to try."""
    serve = "httpd -f -p 8080 -h /tmp"
    kubectl.apply(build_pod("neighbour", testbox, serve, home, **POD, container={"securityContext": RESTRICTED}))
    neighbour = kubectl.wait("pod", "neighbour", "-n", home, until=_is_running)
    api = kubectl.get("service", "kubernetes", "-n", "default")
    return {
        "{api}": api["spec"]["clusterIP"],
        "{pod}": neighbour["status"]["podIP"],
        "{dns}": cluster_settings.network.node,
    }


@pytest.fixture(scope="module")
def drive(kubectl: Kubectl, home: str, cluster_settings: Settings, addresses: dict[str, str]) -> Drive:
    """Has the driver run probes inside a pod of the image."""
    images = build_images(read_settings(), names=["code"])
    import_images(images, cluster_settings.containerd_socket)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "password", "namespace": home}}
    kubectl.apply(secret | {"stringData": {"password": "not for the code"}}, _build_pod(images[0].reference, home))
    kubectl.wait("pod", "code", "-n", home, until=_is_running)

    def run(probes: Sequence[Probe], *, bare: bool = False, at_once: int = 2) -> dict[str, Any]:
        known = [replace(probe, code=_fill(probe.code, addresses)) for probe in probes]
        order = build_order(known, bare=bare, at_once=at_once)
        command = ("exec", "-i", "-n", home, "code", "--", "python", "-c", DRIVER.read_text())
        found: dict[str, Any] = json.loads(kubectl(*command, stdin=order))
        return found

    return run


@pytest.mark.timeout(600)
def test_code_in_a_pod_reaches_nothing(drive: Drive) -> None:
    found = drive(PROBES)
    reached = [fault for probe, one in zip(PROBES, found["outcomes"], strict=True) if (fault := judge(probe, one))]
    record("sandbox_probes", len(PROBES), ">= 60", "probes", note="each in a child of its own, in a restricted pod")
    record("sandbox_reached", len(reached), "== 0", "probes")
    assert reached == []
    assert found["left_processes"] == []
    assert found["left_files"] == ["neighbour"]


def test_the_pod_itself_does_reach_what_its_code_does_not(drive: Drive) -> None:
    probes = [probe for probe in PROBES if probe.bare and probe.pod]
    outcomes = drive(probes, bare=True)["outcomes"]
    vain = [(probe.name, one) for probe, one in zip(probes, outcomes, strict=True) if not one.get("result")]
    assert vain == []


def test_the_pod_is_as_it_was_after_all_of_that(drive: Drive, kubectl: Kubectl, home: str) -> None:
    (outcome,) = drive([Probe("adds", "def main(): return 40 + 2", ends=())])["outcomes"]
    assert outcome["result"] == 42
    (status,) = kubectl.get("pod", "code", "-n", home)["status"]["containerStatuses"]
    assert status["restartCount"] == 0
    assert kubectl("exec", "-n", home, "code", "--", "cat", "/out/report") == "not for the code\n"


def test_a_child_starts_quickly(drive: Drive) -> None:
    probes = [Probe(f"start {n}", NOTHING_TO_DO, ends=()) for n in range(15)]
    took = [1000 * one["took"] for one in drive(probes, at_once=1)["outcomes"]]
    record(
        "sandbox_start_ms", statistics.median(took), "<= 100", "ms", n=len(took), note="start, answer, end of a child"
    )


def _build_pod(image: str, namespace: str) -> dict[str, Any]:
    stay = "echo not for the code > /out/report && exec sleep 3600"
    container = {
        "securityContext": RESTRICTED,
        "env": [{"name": "PROBE_SECRET", "value": "not for the code"}],
        "resources": {"limits": {"memory": "768Mi", "ephemeral-storage": "1Gi"}},
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},
            {"name": "out", "mountPath": "/out"},
            {"name": "secret", "mountPath": "/in/secret"},
        ],
    }
    volumes = [
        {"name": "tmp", "emptyDir": {"sizeLimit": "512Mi"}},
        {"name": "out", "emptyDir": {}},
        {"name": "secret", "secret": {"secretName": "password"}},
    ]
    return build_pod("code", image, stay, namespace, **POD, container=container, volumes=volumes)


def _fill(code: str, addresses: dict[str, str]) -> str:
    for name, address in addresses.items():
        code = code.replace(name, address)
    return code


def _is_running(pod: Any) -> bool:
    return bool(pod.get("status", {}).get("phase") == "Running")
