"""The operator under what the chart gives it: its rights, its settings, and the policies that hold everybody back.

It runs here as a process, with a token of the chart's service account. A Run whose only node is a gate goes from
`kubectl apply` over a vote to its end: no pod is needed, and nothing but the chart's own roles allows any of it.
"""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from headgate.names import API_VERSION
from integration.approvals.people import Answer, Cluster, patch, vote
from support.chart import find_helm, render
from support.installed_chart import install

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

POLICIES = (
    "clusterroles,clusterrolebindings,validatingwebhookconfigurations,validatingadmissionpolicies,"
    "validatingadmissionpolicybindings,mutatingadmissionpolicies,mutatingadmissionpolicybindings"
)
ANA, BEA, MALLORY, RITA = "ana@example.com", "bea@example.com", "mallory@example.com", "rita@example.com"
POLICY = {
    "apiVersion": API_VERSION,
    "kind": "ApprovalPolicy",
    "metadata": {"name": "release"},
    "spec": {"stages": [{"name": "managers", "groups": ["release-managers"]}], "exclude": ["Requester"]},
}
WORKFLOW = {
    "apiVersion": API_VERSION,
    "kind": "Workflow",
    "metadata": {"name": "ask"},
    "spec": {
        "inputs": {"what": {"type": "string"}},
        "nodes": [
            {
                "name": "review",
                "use": "approval",
                "with": {"policy": "release", "message": "Publish?", "show": "${inputs.what}"},
            }
        ],
    },
}
RUN = {
    "apiVersion": API_VERSION,
    "kind": "Run",
    "metadata": {"name": "ask-1"},
    "spec": {"workflow": "ask", "inputs": {"what": "all"}},
}


@dataclass
class Installed(Cluster):
    kubectl: Kubectl
    namespace: str
    release: str
    log: Path

    def as_(self, who: str, *words: str, stdin: object = None) -> Answer:
        """With the group of the chart's role that is called like it."""
        return self.ask(who, *words, groups=GROUPS[who], stdin=stdin)

    def wait(self, name: str, **status: str) -> Any:
        def holds(found: Any) -> bool:
            return all(found.get("status", {}).get(field) == value for field, value in status.items())

        try:
            return self.kubectl.wait(name, "-n", self.namespace, until=holds)
        except Exception:
            print(self.kubectl("get", "hrun,apr", "-n", self.namespace, "-o", "yaml"), self.log.read_text()[-6000:])
            raise


GROUPS = {
    ANA: ("editors",),
    BEA: ("approvers", "release-managers"),
    MALLORY: ("approvers", "editors"),
    RITA: ("approvers",),
}


@pytest.fixture(scope="module")
def installed(kubectl: Kubectl, crds: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    release = f"hg-{uuid.uuid4().hex[:8]}"
    namespace = f"test-chart-{release}"
    folder = tmp_path_factory.mktemp("operator")
    values = {
        "replicas": 0,
        "watchedNamespace": namespace,
        "webhook": {"enabled": False},
        "nodeTypes": {"enabled": False},
        "rbac": {"aggregate": False},
        "admission": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}},
        "settings": {"logLevel": "DEBUG"},
        "namespaces": [namespace],
    }
    kubectl("create", "namespace", namespace)
    process = None
    try:
        documents = render(release, namespace, values)
        install(kubectl, namespace, *documents, *gates(kubectl))
        for role, group in (("editor", "editors"), ("approver", "approvers")):
            words = (f"--clusterrole={release}-{role}", f"--group={group}")
            kubectl("create", "rolebinding", group, *words, "-n", namespace)
        process = start(kubectl, release, namespace, documents, folder)
        yield Installed(kubectl, namespace, release, folder / "log")
    finally:
        if process is not None:
            process.terminate()
            process.wait(timeout=30)
        kubectl("delete", "namespace", namespace, "--wait=false")
        kubectl("delete", POLICIES, "-l", f"app.kubernetes.io/instance={release}")


def gates(kubectl: Kubectl) -> list[dict[str, Any]]:
    """Those that the cluster lacks: they are there for all tests, and stay."""
    there = (
        {one["metadata"]["name"] for one in kubectl.get("nodetypes")["items"]} if kubectl.get("nodetypes") else set()
    )
    rendered = render("headgate", "headgate", only=("nodetypes",))
    return [one for one in rendered if "gate" in one["spec"] and one["metadata"]["name"] not in there]


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


def test_a_run_asks_is_voted_on_and_ends_with_the_charts_rights_alone(installed: Installed) -> None:
    installed.kubectl("apply", "-n", installed.namespace, "-f", "-", stdin=json.dumps(POLICY))
    for document in (WORKFLOW, RUN):
        made = installed.as_(ANA, "create", "-f", "-", stdin=document)
        assert made.accepted, made.said
    asked = installed.wait("apr/ask-1-review", phase="Open")
    assert asked["spec"]["requester"] == ANA
    installed.wait("hrun/ask-1", phase="Waiting")

    forged = patch({"status": {"phase": "Approved"}})
    for who, words, told in (
        (ANA, ("patch", "apr/ask-1-review", *vote()), "asked for this Run"),
        (
            MALLORY,
            ("patch", "apr/ask-1-review", *vote()),
            "is not in group release-managers, which policy release asks",
        ),
        (MALLORY, ("patch", "apr/ask-1-review", "--subresource=status", *forged), 'resource "approvalrequests/status"'),
        (MALLORY, ("delete", "apr/ask-1-review"), "cannot delete resource"),
    ):
        refused = installed.as_(who, *words)
        assert told in refused.said

    began = time.monotonic()
    voted = installed.as_(BEA, "patch", "apr/ask-1-review", *vote(reason="checked"))
    assert voted.accepted, voted.said
    installed.wait("hrun/ask-1", phase="Succeeded")
    print(f"from the vote to the end of the Run: {time.monotonic() - began:.2f} s")
    decided = installed.wait("apr/ask-1-review", phase="Approved")
    assert any(BEA in line for line in decided["status"]["history"])


def test_whoever_may_approve_by_rbac_is_counted(installed: Installed) -> None:
    """By the command of the guide for platform teams."""
    rule = ("--verb=approve", "--resource=approvalpolicies.headgate.dev", "--resource-name=release")
    installed.kubectl("create", "role", "sign-off", *rule, "-n", installed.namespace)
    bound = ("--role=sign-off", f"--user={RITA}", "-n", installed.namespace)
    installed.kubectl("create", "rolebinding", "sign-off", *bound)
    made = installed.as_(ANA, "create", "-f", "-", stdin={**RUN, "metadata": {"name": "ask-3"}})
    assert made.accepted, made.said
    installed.wait("apr/ask-3-review", phase="Open")
    voted = installed.as_(RITA, "patch", "apr/ask-3-review", *vote())
    assert voted.accepted, voted.said
    installed.wait("hrun/ask-3", phase="Succeeded")


def test_a_vote_that_came_in_while_a_wall_was_down_decides_nothing(installed: Installed) -> None:
    made = installed.as_(ANA, "create", "-f", "-", stdin={**RUN, "metadata": {"name": "ask-2"}})
    assert made.accepted, made.said
    installed.wait("apr/ask-2-review", phase="Open")
    forged = vote(by=BEA, groups=["release-managers"])
    assert not installed.as_(MALLORY, "patch", "apr/ask-2-review", *forged).accepted

    binding = f"validatingadmissionpolicybinding/{installed.release}-votes"
    stored = installed.kubectl.get(binding)
    installed.kubectl("delete", binding)
    deadline = time.monotonic() + 30
    while not installed.as_(MALLORY, "patch", "apr/ask-2-review", *forged).accepted:
        assert time.monotonic() < deadline, "the API server still holds to what was deleted"
    superseded = installed.wait("apr/ask-2-review", phase="Superseded")
    assert "admission policies" in str(superseded["status"]["history"])
    assert installed.wait("hrun/ask-2", phase="Waiting")

    metadata = {key: stored["metadata"][key] for key in ("name", "labels", "annotations")}
    installed.kubectl.apply({**stored, "metadata": metadata})
    asked_anew = installed.wait(f"apr/{superseded['status']['supersededBy']}", phase="Open")
    assert "votes" not in asked_anew["spec"]


def test_the_operator_was_refused_nothing(installed: Installed) -> None:
    lines = [line for line in installed.log.read_text().splitlines() if line.startswith("{")]
    said = [f"{told['message']}: {told.get('error', '')}" for told in map(json.loads, lines)]
    assert said
    assert [one for one in said if "forbidden" in one.lower()] == []
