"""The chart on a real API server: installed, upgraded and removed by helm, applied by kubectl; what its roles allow.

No operator runs: `replicas` is 0. Policies and webhook hold in no namespace but the test's.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cluster.commands import run
from cluster.kubectl import Kubectl
from support.chart import CHART, find_helm, render

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

CLUSTER_WIDE = (
    "clusterroles,clusterrolebindings,validatingwebhookconfigurations,validatingadmissionpolicies,"
    "validatingadmissionpolicybindings,mutatingadmissionpolicies,mutatingadmissionpolicybindings"
)


@dataclass(frozen=True)
class Helm:
    kubeconfig: Path
    namespace: str
    release: str

    def __call__(self, *words: str, values: dict[str, Any] | None = None) -> str:
        helm = find_helm()
        assert helm is not None
        scope = [f"--kubeconfig={self.kubeconfig}", "--namespace", self.namespace]
        given = ["--values", "-"] if values is not None else []
        return run([helm, *words, *scope, *given], stdin=json.dumps(values) if values is not None else None)


@pytest.fixture
def helm(kubectl: Kubectl, crds: None, tmp_path: Path) -> Iterator[Helm]:
    release = f"hg-{uuid.uuid4().hex[:8]}"
    namespace = f"test-chart-{release}"
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(kubectl("config", "view", "--minify", "--raw", "--flatten", "-o", "json"))
    kubectl("create", "namespace", namespace)
    yield Helm(kubeconfig, namespace, release)
    kubectl("delete", "namespace", namespace, "--wait=false")
    kubectl("delete", CLUSTER_WIDE, "-l", f"app.kubernetes.io/instance={release}", "--ignore-not-found")


def values(namespace: str, **more: Any) -> dict[str, Any]:
    """No pod, nothing outside the namespace, and no NodeTypes: those of the cluster are somebody else's."""
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    quiet = {"replicas": 0, "nodeTypes": {"enabled": False}, "rbac": {"aggregate": False}}
    return {**quiet, "admission": {"namespaceSelector": selector}, "namespaces": [namespace], **more}


def test_it_is_installed_upgraded_with_its_crds_and_removed_without_them(kubectl: Kubectl, helm: Helm) -> None:
    def deployed() -> Any:
        return kubectl.get("deployment", helm.release, "-n", helm.namespace)

    def settings() -> dict[str, str]:
        return dict(kubectl.get("configmap", f"{helm.release}-settings", "-n", helm.namespace)["data"])

    notes = helm("install", helm.release, str(CHART), values=values(helm.namespace))
    assert "NO NODE CAN RUN YET: images.core.digest is not set" in notes
    assert "kubectl create rolebinding" in notes
    assert deployed()["spec"]["replicas"] == 0
    kubectl("get", "serviceaccount/headgate-executor", "rolebinding/headgate-executor", "-n", helm.namespace)

    longer = values(helm.namespace, settings={"runTimeout": "9m"})
    helm("upgrade", helm.release, str(CHART), "--take-ownership", values=longer)
    assert settings()["HEADGATE_RUN_TIMEOUT"] == "9m"
    owned = kubectl.get("crd", "runs.headgate.dev")["metadata"]["annotations"]
    assert owned["helm.sh/resource-policy"] == "keep"

    kubectl("patch", f"validatingwebhookconfiguration/{helm.release}", "--type=json", "-p", TRUSTED)
    helm("upgrade", helm.release, str(CHART), values=values(helm.namespace))
    assert settings()["HEADGATE_RUN_TIMEOUT"] == "5m"
    webhook = kubectl.get(f"validatingwebhookconfiguration/{helm.release}")["webhooks"][0]
    assert webhook["clientConfig"]["caBundle"] == CA_BUNDLE

    helm("uninstall", helm.release, "--wait")
    assert deployed() is None
    assert kubectl.get(CLUSTER_WIDE, "-l", f"app.kubernetes.io/instance={helm.release}") is None
    assert kubectl.get("crd", "runs.headgate.dev") is not None


CA_BUNDLE = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K"
TRUSTED = json.dumps([{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": CA_BUNDLE}])


def test_it_is_applied_by_kubectl_again_and_again(kubectl: Kubectl, helm: Helm) -> None:
    documents = render(helm.release, helm.namespace, values(helm.namespace), flags=("--include-crds",))
    for _ in range(2):
        kubectl.apply(*documents)
    kinds = {one["kind"] for one in documents}
    assert {"CustomResourceDefinition", "Deployment", "MutatingAdmissionPolicy", "NetworkPolicy"} <= kinds


VOTE, PAUSE = "patch approvalrequests", "patch runs"
ALLOWED = {
    "viewer": {"list runs", "get approvalrequests", "list nodetypes"},
    "operator": {"list runs", "create runs", PAUSE},
    "approver": {"list runs", VOTE, "get approvalpolicies"},
    "editor": {"create workflows", "create runs", "delete runs", PAUSE, VOTE},
    "admin": {"create approvalpolicies", "create credentials", "create quotas", "delete runs", VOTE},
}
EVERYTHING = set().union(*ALLOWED.values()) | {
    f"{verb} {what}"
    for verb, what in (
        ("approve", "approvalpolicies"), ("create", "approvalrequests"), ("delete", "approvalrequests"),
        ("patch", "runs/status"), ("patch", "approvalrequests/status"), ("update", "nodetypes/status"),
    )
}  # fmt: skip
NEVER = {"approve approvalpolicies", "create approvalrequests", "delete approvalrequests", "patch runs/status"}
ALSO = {
    "operator": {"get approvalrequests", "list nodetypes", "get approvalpolicies"},
    "viewer": {"get approvalpolicies"},
    "approver": {"get approvalrequests", "list nodetypes"},
    "editor": {"list runs", "get approvalrequests", "list nodetypes", "get approvalpolicies"},
    "admin": {"list runs", "get approvalrequests", "list nodetypes", "get approvalpolicies", "create workflows"}
    | {"create runs", PAUSE},
}


@pytest.mark.parametrize("role", ALLOWED)
def test_a_role_allows_what_its_people_do_and_no_more(role: str, kubectl: Kubectl, helm: Helm) -> None:
    kubectl.apply(*render(helm.release, helm.namespace, values(helm.namespace), only=("roles",)))
    people = f"{helm.release}-people"
    kubectl("create", "clusterrolebinding", people, f"--clusterrole={helm.release}-{role}", f"--group={people}")
    kubectl("label", "clusterrolebinding", people, f"app.kubernetes.io/instance={helm.release}")

    def may(what: str) -> bool:
        verb, resource = what.split()
        words = ("auth", "can-i", verb, f"{resource.split('/')[0]}.headgate.dev", "--as=ana", f"--as-group={people}")
        part = (f"--subresource={resource.split('/')[1]}",) if "/" in resource else ()
        return kubectl(*words, *part, "-n", helm.namespace, check=False).strip() == "yes"

    kubectl.wait("clusterrolebinding", people, until=lambda _: may("list runs"))
    found = {what for what in EVERYTHING if may(what)}
    assert found == ALLOWED[role] | ALSO[role]
    assert not found & NEVER


def test_what_a_namespace_needs_can_also_be_made_by_the_two_lines_that_the_notes_tell(
    kubectl: Kubectl, helm: Helm
) -> None:
    notes = helm("install", helm.release, str(CHART), "--dry-run=client", values=values(helm.namespace, namespaces=[]))
    lines = [line.split() for line in notes.splitlines() if line.startswith("  kubectl create") and "executor" in line]
    kubectl.apply(*render(helm.release, helm.namespace, values(helm.namespace, namespaces=[]), only=("roles",)))
    assert len(lines) == 2
    for words in lines:
        kubectl(*(word.replace("NAMESPACE", helm.namespace) for word in words[1:]))
    executor = f"--as=system:serviceaccount:{helm.namespace}:headgate-executor"
    asked = ("auth", "can-i", "create", "workflowtaskresults.argoproj.io", executor, "-n", helm.namespace)
    assert kubectl(*asked).strip() == "yes"
