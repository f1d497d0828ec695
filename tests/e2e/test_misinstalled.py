"""What people read, and do, where the platform team forgot something: each time the cure is what they were told."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster.images import build_images, import_images, read_settings
from cluster.kubectl import Kubectl
from cluster.settings import CONTEXT, Settings
from support.chart import find_helm, render
from support.chart_operator import run_chart
from support.cli import headgate
from support.effects import install_effects, serve_ledger
from support.installed_chart import install
from support.installed_kinds import install_kinds
from support.operator_process import find_core
from support.run_stage import RunStage, has_ended

pytestmark = pytest.mark.e2e
if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

WORKFLOW = """
metadata: {name: one}
spec:
  nodes: [{name: work, use: $ONCE}]
"""
ARGO = "headgate:argo-workflow-controller"


@pytest.fixture
def bare(kubectl: Kubectl) -> Iterator[str]:
    """A namespace in which nobody has prepared anything."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false", check=False)


def values(namespace: str, argo: str) -> dict[str, Any]:
    repository, _, digest = find_core().partition("@")
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    return {
        "images": {"core": {"repository": repository, "digest": digest}},
        "namespaces": [],
        "settings": {"argoTimeout": "5s", "logLevel": "DEBUG"},
        "admission": {"argo": [argo], "namespaceSelector": selector},
    }


@pytest.mark.timeout(300)
def test_a_missing_account_and_an_argo_that_may_not_write_are_told_with_what_mends_them(
    kubectl: Kubectl, cluster_settings: Settings, bare: str, tmp_path: Path
) -> None:
    install_kinds(kubectl)
    import_images(build_images(read_settings(), names=["core"]), cluster_settings.containerd_socket)
    stage = RunStage(kubectl, bare)
    with (
        serve_ledger(cluster_settings) as ledger,
        install_effects(kubectl, ledger) as (once, _),
        run_chart(kubectl, bare, values(bare, "system:serviceaccount:argo:another"), tmp_path) as operator,
    ):
        stage.workflow(WORKFLOW, once=once)
        lacks = kubectl.wait("hwf/one", "-n", bare, until=lambda it: _ready(it)["status"] == "False")
        assert _ready(lacks)["reason"] == "AccountMissing"
        _do(cluster_settings, _ready(lacks)["message"].partition(": ")[2])

        stage.start({"refused": "one"})
        silent = stage.until(lambda runs: _reason(runs["refused"]) == "ArgoSilent", 60)["refused"]
        assert "lacks in `admission.argo` of Headgate's values" in silent["status"]["message"]
        where = ("--kubeconfig", str(cluster_settings.admin_kubeconfig), "--context", CONTEXT, "-n", bare)
        assert silent["status"]["message"] in headgate("explain", *where, "refused").out
        kubectl("patch", "hrun", "refused", "-n", bare, "--type=merge", "-p", '{"spec": {"state": "Terminated"}}')
        ended = stage.until(lambda runs: has_ended(runs["refused"]), 60)["refused"]["status"]
        assert (ended["phase"], ended["nodes"]["work"]["reason"]) == ("Cancelled", "OutcomeUnknown")
        stage.until(lambda _: kubectl.get("pods", "-n", bare) is None, 60)

        install(kubectl, bare, *render(operator.release, bare, values(bare, ARGO), only=("admission",)))
        stage.start({"good": "one"})
        good = stage.until(lambda runs: has_ended(runs["good"]), 90)["good"]
        assert good["status"]["phase"] == "Succeeded", good["status"]
        assert dict(ledger.uses(good["metadata"]["uid"])) == {"work": 1}
        kubectl.wait("hwf/one", "-n", bare, until=lambda it: _ready(it)["status"] == "True")


def _ready(workflow: dict[str, Any]) -> dict[str, Any]:
    conditions = workflow.get("status", {}).get("conditions", ())
    return next((one for one in conditions if one["type"] == "Ready"), {"status": ""})


def _reason(run: dict[str, Any]) -> str:
    conditions = run.get("status", {}).get("conditions", ())
    return next((str(one["reason"]) for one in conditions if one["type"] == "Succeeded"), "")


def _do(settings: Settings, commands: str) -> None:
    """As a person would, in a shell."""
    assert commands.startswith("kubectl create serviceaccount")
    environment = {"PATH": f"{settings.bin}:/usr/bin:/bin", "KUBECONFIG": str(settings.admin_kubeconfig)}
    subprocess.run(["/bin/sh", "-c", commands], env=environment, check=True, capture_output=True)
