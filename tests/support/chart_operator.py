"""The operator as a process, under what the chart gives it and no more: its account, its settings, its policies.

For one namespace; all that the chart makes in the cluster is called by a random name, and taken away in the end.
"""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.kubectl import Kubectl
from support.chart import render
from support.installed_chart import install

OF_THE_CLUSTER = (
    "clusterroles,clusterrolebindings,validatingwebhookconfigurations,validatingadmissionpolicies,"
    "validatingadmissionpolicybindings,mutatingadmissionpolicies,mutatingadmissionpolicybindings"
)


@dataclass
class ChartOperator:
    release: str
    log: Path

    def said(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def refusals(self) -> list[str]:
        """What its rights did not allow."""
        told = [f"{line['message']}: {line.get('error', '')}" for line in self.said()]
        return [line for line in told if "forbidden" in line.lower()]


@contextmanager
def run_chart(kubectl: Kubectl, namespace: str, values: Mapping[str, Any], folder: Path) -> Iterator[ChartOperator]:
    """The namespace is there already, and the NodeTypes are somebody else's."""
    release = f"hg-{uuid.uuid4().hex[:8]}"
    only_here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    given = {
        "replicas": 0,
        "watchedNamespace": namespace,
        "webhook": {"enabled": False},
        "nodeTypes": {"enabled": False},
        "rbac": {"aggregate": False},
        "settings": {"logLevel": "DEBUG"},
        "namespaces": [namespace],
        **values,
        "admission": {**only_here, **values.get("admission", {})},
    }
    process = None
    try:
        documents = render(release, namespace, given)
        install(kubectl, namespace, *documents)
        process = start(kubectl, release, namespace, documents, folder)
        yield ChartOperator(release, folder / "log")
    finally:
        if process is not None:
            process.terminate()
            process.wait(timeout=30)
        kubectl("delete", OF_THE_CLUSTER, "-l", f"app.kubernetes.io/instance={release}")


def start(
    kubectl: Kubectl, release: str, namespace: str, documents: list[dict[str, Any]], folder: Path
) -> subprocess.Popen[bytes]:
    """As the Deployment does, with the token of its service account."""
    token = kubectl("create", "token", release, "-n", namespace, "--duration=1h").strip()
    config = json.loads(kubectl("config", "view", "--minify", "--raw", "--flatten", "-o", "json"))
    config["users"] = [{"name": config["contexts"][0]["context"]["user"], "user": {"token": token}}]
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps(config))
    (settings,) = (one["data"] for one in documents if one["metadata"]["name"] == f"{release}-settings")
    (deployment,) = (one for one in documents if one["kind"] == "Deployment")
    program, *words = deployment["spec"]["template"]["spec"]["containers"][0]["command"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEADGATE_")}
    environment |= {**settings, "HEADGATE_STATUS_PORT": "0", "KUBECONFIG": str(kubeconfig)}
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [Path(sys.executable).parent / program, *words], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
