"""A second workflow controller, for one namespace, with Argo's defaults in place of those of the test cluster.

The cluster's own lets be what carries the label of another instance.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster import kubeconfig
from cluster.builds import find_tools
from cluster.components import read_imported
from cluster.kubectl import Kubectl
from cluster.settings import Settings

INSTANCE = "workflows.argoproj.io/controller-instanceid"
_CONFIG = "workflow-controller-configmap"


@contextmanager
def run_controller(kubectl: Kubectl, settings: Settings, namespace: str, log: Path) -> Iterator[dict[str, str]]:
    """Gives the labels by which it knows a Workflow as its own."""
    data = {"instanceID": namespace, "metricsConfig": "enabled: false\n", "telemetryConfig": "enabled: false\n"}
    metadata = {"name": _CONFIG, "namespace": namespace}
    kubectl.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    tools, _ = find_tools(settings)
    words: list[str | Path] = [
        tools["workflow-controller"],
        f"--kubeconfig={kubeconfig.path(settings, 'argo')}",
        "--namespaced",
        f"--namespace={namespace}",
        f"--managed-namespace={namespace}",
        f"--executor-image={read_imported(settings)['argoexec']}",
        "--executor-image-pull-policy=Never",
    ]
    environment = {**os.environ, "LEADER_ELECTION_DISABLE": "true"}
    with log.open("wb") as said:
        process = subprocess.Popen(words, env=environment, stdout=said, stderr=said)
    try:
        yield {INSTANCE: namespace}
    finally:
        process.terminate()
        process.wait(timeout=30)
