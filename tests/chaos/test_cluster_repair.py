"""Each component is killed while a workflow runs; `up` repairs it, and the workflow ends well."""

from typing import Any

import pytest

from chaos.conftest import Command, kill_component
from cluster.components import NAMES
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from e2e.manifests import build_workflow, has_ended

pytestmark = pytest.mark.chaos

RETRY = {"limit": "3", "retryPolicy": "Always"}


def _start_workflow(kubectl: Kubectl, name: str, namespace: str, testbox: str) -> None:
    """Two pods, one after the other: the first runs while things break, the second must still come.

    Tried again where Argo's executor gave up: an API server that has just started answers "forbidden" to everybody
    until it has read the roles, and Argo takes that for a final answer.
    """
    steps = [[{"name": "first", "template": "first"}], [{"name": "second", "template": "second"}]]
    templates: list[dict[str, Any]] = [
        {"name": "main", "steps": steps},
        {"name": "first", "script": "sleep 4", "retryStrategy": RETRY},
        {"name": "second", "script": "echo done", "retryStrategy": RETRY},
    ]
    kubectl.apply(build_workflow(name, testbox, templates, namespace=namespace))
    of_it = ("pod", "-n", namespace, "-l", f"workflows.argoproj.io/workflow={name}")
    kubectl.wait(*of_it, until=lambda pods: any(pod["status"]["phase"] == "Running" for pod in pods["items"]))


def _check_ends_well(kubectl: Kubectl, name: str, namespace: str) -> None:
    ended = kubectl.wait("workflow", name, "-n", namespace, until=has_ended, seconds=120)
    said = {node["displayName"]: node.get("message", "") for node in ended["status"].get("nodes", {}).values()}
    assert ended["status"]["phase"] == "Succeeded", (name, said)


def test_each_killed_component_is_repaired(
    cluster: Command, cluster_settings: Settings, kubectl: Kubectl, namespace: str, testbox: str
) -> None:
    """A workflow runs through each kill; their ends are awaited together, for each would take a dozen seconds."""
    for name in NAMES:
        _start_workflow(kubectl, name, namespace, testbox)
        kill_component(cluster_settings, name)
        assert f"✓ {name} " in cluster("up")
        cluster("status")
    for name in NAMES:
        _check_ends_well(kubectl, name, namespace)


def test_all_components_killed_at_once_are_repaired(
    cluster: Command, cluster_settings: Settings, kubectl: Kubectl, namespace: str, testbox: str
) -> None:
    _start_workflow(kubectl, "survivor", namespace, testbox)
    for name in NAMES:
        kill_component(cluster_settings, name)
    cluster("up")
    cluster("status")
    _check_ends_well(kubectl, "survivor", namespace)
