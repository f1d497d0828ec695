"""Large outputs out of the real store: through the real API server, by a forwarded port, and without the rights."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from cluster.kubectl import Kubectl
from headgate.cli.cluster.signing import Keys, Request, sign
from headgate.lifecycle import entries
from headgate_lang import documents
from headgate_lang.report import Entry, Phase
from support.cli import Ran, headgate

VALUE = {"text": "{{workflow.name}} $(VAR) " + "ä" * 200_000, "bytes": base64.b64encode(bytes(range(256))).decode()}


@pytest.fixture
def store(kubectl: Kubectl) -> str:
    """The address of the store's Service: what a forwarded port, or a node of the cluster, reaches."""
    address = kubectl.get("service", "s3", "-n", "argo")["spec"]["clusterIP"]
    return f"{address}:9000"


@pytest.fixture
def output(kubectl: Kubectl, crds: None, namespace: str, store: str, tmp_path: Path) -> Callable[..., Ran]:
    """`headgate output r big`, of a Run whose node `big` left a large document, with whatever flags."""
    run = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "Run",
        "metadata": {"name": "r", "namespace": namespace},
        "spec": {"workflow": "example"},
    }
    kubectl.apply(run)
    status = {"status": {"phase": "Succeeded", "nodes": {"big": {"phase": "Succeeded"}}}}
    kubectl("patch", "hrun", "r", "-n", namespace, "--subresource=status", "--type=merge", "-p", json.dumps(status))
    uid = kubectl.get("hrun", "r", "-n", namespace)["metadata"]["uid"]
    key = f"headgate/{uid}/1/n0/o0"
    _put(kubectl, namespace, store, key, documents.encode(VALUE).encode())
    told = entries.Entries("Succeeded", {"big": entries.KeptEntry(Entry(Phase.SUCCEEDED), store=key)})
    labels = {"headgate.dev/run-uid": uid, "headgate.dev/leg": "1"}
    metadata = {"name": "r-1-kept", "namespace": namespace, "labels": labels}
    kubectl.apply(
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"entries": entries.encode(told)}}
    )

    kubeconfig = tmp_path / "admin"
    kubeconfig.write_text(kubectl("config", "view", "--minify", "--raw", "--flatten", "-o", "json"))

    def ask(*arguments: str) -> Ran:
        return headgate("output", "r", "big", "-n", namespace, "--kubeconfig", str(kubeconfig), *arguments)

    return ask


def _put(kubectl: Kubectl, namespace: str, store: str, key: str, content: bytes) -> None:
    data = kubectl.get("secret", "headgate-s3", "-n", namespace)["data"]
    access, secret = (base64.b64decode(data[name]).decode() for name in ("accessKey", "secretKey"))
    path = f"/argo/{key}"
    signed = sign(Request(store, path, "PUT"), Keys(access, secret), datetime.now(UTC))
    httpx.put(f"http://{store}{path}", params=signed, content=content).raise_for_status()


def _put_repository(kubectl: Kubectl, namespace: str, store: str, testbox: str) -> None:
    """A store of the namespace's own, behind a Service that only the cluster knows. The API server forwards to pods
    alone: one of them passes everything on to the store that is there."""
    host, _, port = store.partition(":")
    head = {"apiVersion": "v1", "metadata": {"name": "store", "namespace": namespace}}
    labelled = {"name": "store", "namespace": namespace, "labels": {"app": "store"}}
    command = ["nc", "-ll", "-p", port, "-e", "nc", host, port]
    listens = {"tcpSocket": {"port": int(port)}, "periodSeconds": 1}
    container = {"name": "main", "image": testbox, "command": command, "readinessProbe": listens}
    spec = {"containers": [container], "terminationGracePeriodSeconds": 0}
    ports = [{"name": "http", "port": int(port)}]
    config = {
        "endpoint": f"store.{namespace}.svc.cluster.local:{port}",
        "bucket": "argo",
        "insecure": True,
        "accessKeySecret": {"name": "headgate-s3", "key": "accessKey"},
        "secretKeySecret": {"name": "headgate-s3", "key": "secretKey"},
    }
    metadata = {
        "name": "artifact-repositories",
        "namespace": namespace,
        "annotations": {"workflows.argoproj.io/default-artifact-repository": "mine"},
    }
    kubectl.apply(
        {**head, "kind": "Pod", "metadata": labelled, "spec": spec},
        {**head, "kind": "Service", "spec": {"ports": ports, "selector": {"app": "store"}}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"mine": json.dumps({"s3": config})}},
    )
    slices = ("endpointslices", "-n", namespace, "-l", "kubernetes.io/service-name=store")
    kubectl.wait(*slices, until=_is_ready)


def _is_ready(slices: Any) -> bool:
    ends = [end for one in slices["items"] for end in one.get("endpoints") or ()]
    return any(end.get("conditions", {}).get("ready") for end in ends)


def test_a_store_inside_the_cluster_is_read_through_the_api_server(
    output: Callable[..., Ran], kubectl: Kubectl, namespace: str, store: str, testbox: str
) -> None:
    _put_repository(kubectl, namespace, store, testbox)
    ran = output()
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == VALUE


def test_a_forwarded_port_is_read_at_its_own_address(output: Callable[..., Ran], store: str) -> None:
    ran = output("--endpoint", f"http://{store}", "--raw", "text")
    assert (ran.code, ran.out) == (0, VALUE["text"] + "\n"), ran.err


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ("", "ask for `list` and `get` on Secrets in namespace"),
        ("secrets", "ask for `get` on ConfigMap workflow-controller-configmap in namespace argo"),
    ],
)
def test_who_may_not_read_is_told_what_to_ask_for(
    output: Callable[..., Ran], kubectl: Kubectl, namespace: str, rules: str, told: str
) -> None:
    user = f"reader-{namespace}"
    resources = ["runs.headgate.dev", *([rules] if rules else [])]
    kubectl("create", "role", "reader", "-n", namespace, "--verb=get,list", f"--resource={','.join(resources)}")
    kubectl("create", "rolebinding", "reader", "-n", namespace, "--role=reader", f"--user={user}")
    while "yes" not in kubectl("auth", "can-i", "list", resources[-1], "-n", namespace, "--as", user, check=False):
        time.sleep(0.2)  # the API server hears of roles a moment later
    ran = output("--as", user)
    assert ran.code == 1
    assert told in ran.err
