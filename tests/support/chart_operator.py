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
from pathlib import Path
from typing import Any

from cluster.kubectl import Kubectl
from support.chart import Manifest, render
from support.installed_chart import install

OF_THE_CLUSTER = (
    "clusterroles,clusterrolebindings,validatingwebhookconfigurations,validatingadmissionpolicies,"
    "validatingadmissionpolicybindings,mutatingadmissionpolicies,mutatingadmissionpolicybindings"
)


class ChartOperator:
    """Started as the Deployment does, with the token of its service account; killed, and started again."""

    def __init__(self, kubectl: Kubectl, release: str, namespace: str, documents: list[Manifest], folder: Path) -> None:
        self._kubectl, self._namespace = kubectl, namespace
        self.release = release
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        token = kubectl("create", "token", release, "-n", namespace, "--duration=1h").strip()
        config = json.loads(kubectl("config", "view", "--minify", "--raw", "--flatten", "-o", "json"))
        config["users"] = [{"name": config["contexts"][0]["context"]["user"], "user": {"token": token}}]
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(json.dumps(config))
        (settings,) = (one["data"] for one in documents if one["metadata"]["name"] == f"{release}-settings")
        self._settings = {**settings, "HEADGATE_STATUS_PORT": "0", "KUBECONFIG": str(kubeconfig)}
        (deployment,) = (one for one in documents if one["kind"] == "Deployment")
        program, *words = deployment["spec"]["template"]["spec"]["containers"][0]["command"]
        self._command = [str(Path(sys.executable).parent / program), *words]

    def bind(self, *roles: str) -> None:
        """Give roles of the chart to the groups that are called like them: `editor` to `editors`."""
        for role in roles:
            words = (f"--clusterrole={self.release}-{role}", f"--group={role}s")
            self._kubectl("create", "rolebinding", f"{role}s", *words, "-n", self._namespace)

    def start(self, **more: str) -> None:
        """`more`: settings in place of the chart's, from now on, without their `HEADGATE_`."""
        self._settings |= {f"HEADGATE_{name}": value for name, value in more.items()}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HEADGATE_")}
        environment |= self._settings
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=environment, stdout=log, stderr=subprocess.STDOUT)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None

    def kill(self) -> None:
        """As when its machine is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=30)
            self._process = None

    def said(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def refusals(self) -> list[str]:
        """What its rights did not allow."""
        told = [f"{line['message']}: {line.get('error', '')}" for line in self.said()]
        return [line for line in told if "forbidden" in line.lower()]


@contextmanager
def run_chart(
    kubectl: Kubectl, namespace: str, values: Mapping[str, Any], folder: Path, **more: str
) -> Iterator[ChartOperator]:
    """The namespace is there already, and the NodeTypes are somebody else's. `more`: as for `start`."""
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
    operator = None
    try:
        documents = render(release, namespace, given)
        install(kubectl, namespace, *documents)
        operator = ChartOperator(kubectl, release, namespace, documents, folder)
        operator.start(**more)
        yield operator
    finally:
        if operator is not None:
            operator.stop()
        kubectl("delete", OF_THE_CLUSTER, "-l", f"app.kubernetes.io/instance={release}")
