"""The demo goes to the cluster that it was told, and shows files that are there."""

from pathlib import Path

import pytest

from cluster.errors import ContextRefusedError
from demo.__main__ import ROOT, build_command, build_environment
from demo.steps import Step, build_steps

STEPS = build_steps("demo-1", "values.json")


def test_kubectl_is_told_its_context_and_headgate_needs_none() -> None:
    assert build_command(Step("", "kubectl get hwf"), "headgate") == ["kubectl", "--context", "headgate", "get", "hwf"]
    assert build_command(Step("", "helm list"), "headgate") == ["helm", "--kube-context", "headgate", "list"]
    assert build_command(Step("", "headgate lint a.yaml"), "headgate") == ["headgate", "lint", "a.yaml"]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.command)
def test_every_file_that_is_shown_is_there(step: Step) -> None:
    words = [word for word in step.command.split() if "/" in word and not word.startswith(("hrun/", "hwf/", "'"))]
    assert all((ROOT / word).exists() for word in words)


def test_our_own_cluster_is_reached_by_its_own_kubeconfig(tmp_path: Path) -> None:
    environment = build_environment({"HEADGATE_STATE": str(tmp_path), "PATH": "/usr/bin"})
    assert environment["KUBECONFIG"].startswith(str(tmp_path))
    assert environment["PATH"].endswith("/usr/bin")


def test_another_cluster_is_reached_as_its_owner_does() -> None:
    environment = build_environment({"HEADGATE_CONTEXT": "kind-dev", "KUBECONFIG": "of-the-owner"})
    assert environment["KUBECONFIG"] == "of-the-owner"


def test_a_cluster_that_may_be_somebodys_production_is_refused() -> None:
    with pytest.raises(ContextRefusedError, match="prod-eu"):
        build_environment({"HEADGATE_CONTEXT": "prod-eu"})
