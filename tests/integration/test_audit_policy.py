"""The audit policy that we recommend, in an API server that is given it: a second one, beside the cluster's own.

It answers on another port out of the same etcd, tells nobody that it is there, and goes when the test ends.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster.builds import find_tools
from cluster.context import decide_context
from cluster.control_plane import API_SERVER, build_control_plane
from cluster.errors import CommandError
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.names import API_VERSION

POLICY = Path(__file__).resolve().parents[2] / "operator/docs/guides/audit-policy.yaml"
ANA = "ana@example.com"
_OURS = ("--secure-port", "--bind-address", "--advertise-address")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def audited(kubectl: Kubectl, crds: None, cluster_settings: Settings, tmp_path: Path) -> Iterator["Audited"]:
    if not decide_context(os.environ).ours:
        pytest.skip("another API server can be started on our own cluster only")
    tools, _ = find_tools(cluster_settings)
    (server,) = (one for one in build_control_plane(cluster_settings, tools) if one.name == API_SERVER)
    port = free_port()
    argv = [str(word) for word in server.argv if not str(word).startswith(_OURS)]
    argv += [f"--secure-port={port}", "--bind-address=127.0.0.1", "--endpoint-reconciler-type=none"]
    argv += [f"--audit-policy-file={POLICY}", f"--audit-log-path={tmp_path / 'audit.log'}"]
    with (tmp_path / "apiserver.log").open("wb") as said:
        process = subprocess.Popen(argv, stdout=said, stderr=said, env={**os.environ, **server.environment})
    try:
        config = json.loads(kubectl("config", "view", "--minify", "--raw", "--flatten", "-o", "json"))
        config["clusters"][0]["cluster"]["server"] = f"https://localhost:{port}"
        (tmp_path / "kubeconfig").write_text(json.dumps(config))
        found = Audited(kubectl, tmp_path)
        found.wait(process)
        yield found
    finally:
        process.terminate()
        process.wait(timeout=60)


class Audited:
    def __init__(self, kubectl: Kubectl, folder: Path) -> None:
        self._kubectl, self._folder = kubectl, folder

    def __call__(self, *words: str, stdin: object = None) -> bool:
        flags = (f"--kubeconfig={self._folder / 'kubeconfig'}", "--context=")
        try:
            self._kubectl(*flags, *words, stdin=None if stdin is None else json.dumps(stdin))
        except CommandError:
            return False
        return True

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 90
        while not self("get", "--raw", "/readyz"):
            said = (self._folder / "apiserver.log").read_text()
            assert process.poll() is None, said[-3000:]
            assert time.monotonic() < deadline, said[-3000:]
            time.sleep(0.5)

    @property
    def events(self) -> list[dict[str, Any]]:
        lines = (self._folder / "audit.log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]

    def find(self, resource: str, verb: str, code: int) -> dict[str, Any] | None:
        for event in self.events:
            asked = (event.get("objectRef", {}).get("resource"), event["verb"], event["responseStatus"]["code"])
            if asked == (resource, verb, code):
                return event
        return None


def test_the_api_server_tells_who_what_from_where_and_whom_it_refused(audited: Audited, namespace: str) -> None:
    policy = {
        "apiVersion": API_VERSION,
        "kind": "ApprovalPolicy",
        "metadata": {"name": "release", "namespace": namespace},
        "spec": {"stages": [{"name": "all", "users": [ANA]}]},
    }
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "hunter2"}}
    scope = ("-n", namespace)
    assert audited("create", "-f", "-", stdin=policy)
    assert not audited("create", "-f", "-", *scope, f"--as={ANA}", stdin={**policy, "metadata": {"name": "mine"}})
    assert audited("create", "rolebinding", "own", "--clusterrole=view", f"--user={ANA}", *scope)
    assert audited("create", "-f", "-", *scope, stdin=secret)
    assert audited("get", "secrets", *scope)
    assert audited("get", "pods", *scope)

    made = audited.find("approvalpolicies", "create", 201)
    assert made is not None
    assert made["requestObject"]["spec"]["stages"][0]["users"] == [ANA]
    assert made["sourceIPs"]
    assert made["userAgent"].startswith("kubectl")
    refused = audited.find("approvalpolicies", "create", 403)
    assert refused is not None
    assert refused["impersonatedUser"]["username"] == ANA
    assert audited.find("rolebindings", "create", 201) is not None
    stored = audited.find("secrets", "create", 201)
    assert stored is not None
    assert stored["user"]["username"]
    assert audited.find("secrets", "list", 200) is not None
    assert audited.find("pods", "list", 200) is None, "what nobody asked for is not kept"
    assert "hunter2" not in json.dumps(audited.events)
