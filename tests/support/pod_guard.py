"""The chart's policy that lets no pod of a node start twice, alone, in one namespace. Used by tests that kill pods."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cluster.errors import CommandError
from cluster.kubectl import Kubectl
from support.chart import render

KINDS = "validatingadmissionpolicies,validatingadmissionpolicybindings"


@contextmanager
def guard_pods(kubectl: Kubectl, namespace: str) -> Iterator[None]:
    release = f"hg-{uuid.uuid4().hex[:8]}"
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    rendered = render(release, namespace, {"admission": {"namespaceSelector": selector}}, only=("admission",))
    kubectl.apply(*(one for one in rendered if one["metadata"]["name"] == f"{release}-pods"))
    try:
        _await_guard(kubectl, namespace)
        yield
    finally:
        kubectl("delete", KINDS, "-l", f"app.kubernetes.io/instance={release}", check=False)


@contextmanager
def refuse_pods(kubectl: Kubectl, namespace: str) -> Iterator[None]:
    """The API server lets nobody make a pod of a Run here, as one does that has just started."""
    name = f"hg-{uuid.uuid4().hex[:8]}-refuse"
    head = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": name}}
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}
    labels = {"matchExpressions": [{"key": "headgate.dev/run-uid", "operator": "Exists"}]}
    judged = {"resourceRules": [rule], "objectSelector": labels}
    policy = {"matchConstraints": judged, "validations": [{"expression": "false", "message": "no pods now"}]}
    here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    binding = {"policyName": name, "validationActions": ["Deny"], "matchResources": here}
    kubectl.apply(
        {**head, "kind": "ValidatingAdmissionPolicy", "spec": policy},
        {**head, "kind": "ValidatingAdmissionPolicyBinding", "spec": binding},
    )
    try:
        _await_answer(kubectl, namespace, "no pods now")
        yield
    finally:
        kubectl("delete", f"validatingadmissionpolicybinding/{name}", f"validatingadmissionpolicy/{name}", check=False)


def _await_answer(kubectl: Kubectl, namespace: str, words: str) -> None:
    """The API server takes a policy up some time after it has stored it."""
    deadline = time.monotonic() + 30
    while words not in try_pod(kubectl, namespace, "probe"):
        assert time.monotonic() < deadline, "the API server does not judge pods"
        time.sleep(0.2)


def _await_guard(kubectl: Kubectl, namespace: str) -> None:
    kubectl.apply(build_result("probe", namespace))
    _await_answer(kubectl, namespace, "was there before")
    kubectl("delete", "workflowtaskresult", "probe", "-n", namespace)


def build_result(name: str, namespace: str) -> dict[str, Any]:
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "WorkflowTaskResult"}
    return {**head, "metadata": {"name": name, "namespace": namespace}}


def try_pod(kubectl: Kubectl, namespace: str, node: str, label: str = "headgate.dev/run-uid") -> str:
    """What the API server says to a pod of this node of Argo's, which is not made."""
    metadata = {
        "name": "tried",
        "namespace": namespace,
        "labels": {label: "u"},
        "annotations": {"workflows.argoproj.io/node-id": node},
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [{"name": "main", "image": "none"}]},
    }
    try:
        return kubectl("create", "--dry-run=server", "-f", "-", "-o", "name", stdin=json.dumps(pod))
    except CommandError as error:
        return str(error)
