"""The cluster itself, from the side of those who use it: names, logs, artifacts, suspended workflows, GPUs."""

import json
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from e2e.manifests import build_pod, build_workflow, has_ended

pytestmark = pytest.mark.e2e


def _is(phase: str) -> Any:
    return lambda found: found.get("status", {}).get("phase") == phase


def test_pod_reaches_a_service_and_the_api_server_by_name(kubectl: Kubectl, namespace: str, testbox: str) -> None:
    serve = "mkdir -p /tmp/www && echo here I am > /tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www"
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    ask = (
        "until wget -q -O - http://web/; do sleep 0.2; done;"
        f"wget -q -O - http://web.{namespace}.svc.cluster.local/;"
        "nc -w 2 kubernetes.default.svc 443 < /dev/null && echo the API server answers"
    )
    kubectl.apply(build_pod("web", testbox, serve, namespace), service, build_pod("client", testbox, ask, namespace))
    kubectl.wait("pod", "client", "-n", namespace, until=has_ended)
    said = kubectl("logs", "client", "-n", namespace)
    assert said.splitlines()[-3:] == ["here I am", "here I am", "the API server answers"]


def test_logs_and_exec_work(kubectl: Kubectl, namespace: str, testbox: str) -> None:
    kubectl.apply(build_pod("talker", testbox, "echo hello; sleep 100", namespace))
    kubectl.wait("pod", "talker", "-n", namespace, until=_is("Running"))
    assert kubectl("logs", "talker", "-n", namespace) == "hello\n"
    assert kubectl("exec", "talker", "-n", namespace, "--", "sh", "-c", "echo $((6 * 7))") == "42\n"
    assert kubectl("exec", "-i", "talker", "-n", namespace, "--", "cat", stdin="there and back") == "there and back"


def test_dag_passes_an_artifact_through_s3(kubectl: Kubectl, namespace: str, testbox: str) -> None:
    make = "dd if=/dev/urandom of=/tmp/big bs=1M count=5 2>/dev/null && sha256sum < /tmp/big > /tmp/sum"
    check = "test $(stat -c %s /tmp/big) = 5242880 && sha256sum < /tmp/big | cmp - /tmp/sum"
    artifacts = [{"name": name, "path": f"/tmp/{name}"} for name in ("big", "sum")]
    passed = [{"name": name, "from": f"{{{{tasks.make.outputs.artifacts.{name}}}}}"} for name in ("big", "sum")]
    stored = [{**artifact, "archive": {"none": {}}} for artifact in artifacts]
    tasks = [
        {"name": "make", "template": "make"},
        {"name": "check", "template": "check", "depends": "make", "arguments": {"artifacts": passed}},
    ]
    templates: list[dict[str, Any]] = [
        {"name": "main", "dag": {"tasks": tasks}},
        {"name": "make", "script": make, "outputs": {"artifacts": stored}},
        {"name": "check", "script": check, "inputs": {"artifacts": artifacts}},
    ]
    kubectl.apply(build_workflow("artifact", testbox, templates, namespace))
    ended = kubectl.wait("workflow", "artifact", "-n", namespace, until=has_ended, seconds=120)
    assert ended["status"]["phase"] == "Succeeded", ended["status"]
    nodes = ended["status"]["nodes"].values()
    assert all("s3" in artifact for node in nodes for artifact in node.get("outputs", {}).get("artifacts", []))


def test_suspended_workflow_resumes(kubectl: Kubectl, namespace: str, testbox: str) -> None:
    steps = [[{"name": "gate", "template": "gate"}], [{"name": "after", "template": "after"}]]
    templates: list[dict[str, Any]] = [
        {"name": "main", "steps": steps},
        {"name": "gate", "suspend": {}},
        {"name": "after", "script": "echo passed"},
    ]
    kubectl.apply(build_workflow("gated", testbox, templates, namespace))
    waiting = kubectl.wait("workflow", "gated", "-n", namespace, until=_has_gate)
    gate = next(node for node in waiting["status"]["nodes"].values() if node["type"] == "Suspend")
    patch = [{"op": "replace", "path": f"/status/nodes/{gate['id']}/phase", "value": "Succeeded"}]
    kubectl("patch", "workflow", "gated", "-n", namespace, "--type=json", "-p", json.dumps(patch))
    ended = kubectl.wait("workflow", "gated", "-n", namespace, until=has_ended, seconds=120)
    assert ended["status"]["phase"] == "Succeeded", ended["status"]


def test_third_pod_waits_for_one_of_two_gpus(kubectl: Kubectl, namespace: str, testbox: str) -> None:
    node = kubectl.get("nodes")["items"][0]
    assert node["status"]["allocatable"]["nvidia.com/gpu"] == "2"
    asking = {"resources": {"limits": {"nvidia.com/gpu": "1"}}}
    pods = [build_pod(f"gpu-{n}", testbox, "sleep 100", namespace, container=asking) for n in range(3)]
    kubectl.apply(*pods[:2])
    for name in ("gpu-0", "gpu-1"):
        kubectl.wait("pod", name, "-n", namespace, until=_is("Running"))
    kubectl.apply(pods[2])
    waiting = kubectl.wait("pod", "gpu-2", "-n", namespace, until=_is_unschedulable)
    assert "Insufficient nvidia.com/gpu" in _scheduled(waiting)["message"]
    kubectl("delete", "pod", "gpu-0", "-n", namespace)
    kubectl.wait("pod", "gpu-2", "-n", namespace, until=_is("Running"))


def _has_gate(workflow: Any) -> bool:
    nodes = workflow.get("status", {}).get("nodes", {}).values()
    return any(node["type"] == "Suspend" and node["phase"] == "Running" for node in nodes)


def _scheduled(pod: Any) -> Any:
    conditions = pod.get("status", {}).get("conditions", [])
    return next((condition for condition in conditions if condition["type"] == "PodScheduled"), {})


def _is_unschedulable(pod: Any) -> bool:
    return bool(_scheduled(pod).get("reason") == "Unschedulable")
