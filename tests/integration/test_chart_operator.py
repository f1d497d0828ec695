"""The operator under what the chart gives it: its rights, its settings, and the policies that hold everybody back.

It runs here as a process, with a token of the chart's service account. A Run whose only node is a gate goes from
`kubectl apply` over a vote to its end: no pod is needed, and nothing but the chart's own roles allows any of it.
"""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.names import API_VERSION
from integration.approvals.people import Answer, Cluster, patch, vote
from support.chart import find_helm, render
from support.chart_operator import ChartOperator, run_chart
from support.command_line import Shell

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

ANA, BEA, MALLORY, RITA = "ana@example.com", "bea@example.com", "mallory@example.com", "rita@example.com"
VIEWER = "viewer@example.com"
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

CORRECTED = {
    "apiVersion": API_VERSION,
    "kind": "Workflow",
    "metadata": {"name": "text"},
    "spec": {
        "inputs": {"what": {"type": "string"}},
        "nodes": [
            {"name": "first", "use": "approval", "with": {"policy": "release", "message": "Go on?"}},
            {
                "name": "second",
                "use": "approval",
                "after": {"first": "Succeeded"},
                "with": {"policy": "release", "message": "Publish?", "edit": {"text": "${inputs.what}"}},
            },
        ],
    },
}


@dataclass
class Installed(Cluster):
    kubectl: Kubectl
    namespace: str
    operator: ChartOperator

    def as_(self, who: str, *words: str, stdin: object = None) -> Answer:
        """With the group of the chart's role that is called like it."""
        return self.ask(who, *words, groups=GROUPS[who], stdin=stdin)

    def wait(self, name: str, **status: str) -> Any:
        def holds(found: Any) -> bool:
            return all(found.get("status", {}).get(field) == value for field, value in status.items())

        try:
            return self.kubectl.wait(name, "-n", self.namespace, until=holds)
        except Exception:
            print(
                self.kubectl("get", "hrun,apr", "-n", self.namespace, "-o", "yaml"),
                self.operator.log.read_text()[-6000:],
            )
            raise


GROUPS = {
    ANA: ("editors",),
    BEA: ("approvers", "release-managers"),
    MALLORY: ("approvers", "editors"),
    RITA: ("approvers",),
    VIEWER: ("viewers", "release-managers"),
}


@pytest.fixture(scope="module")
def installed(kubectl: Kubectl, crds: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    namespace = f"test-chart-{uuid.uuid4().hex[:8]}"
    folder = tmp_path_factory.mktemp("operator")
    kubectl("create", "namespace", namespace)
    try:
        if lacking := gates(kubectl):
            kubectl.apply(*lacking)
        with run_chart(kubectl, namespace, {}, folder) as operator:
            operator.bind("editor", "approver", "viewer")
            yield Installed(kubectl, namespace, operator)
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")


def gates(kubectl: Kubectl) -> list[dict[str, Any]]:
    """Those that the cluster lacks: they are there for all tests, and stay."""
    there = (
        {one["metadata"]["name"] for one in kubectl.get("nodetypes")["items"]} if kubectl.get("nodetypes") else set()
    )
    rendered = render("headgate", "headgate", only=("nodetypes",))
    return [one for one in rendered if "gate" in one["spec"] and one["metadata"]["name"] not in there]


def test_kubectl_prints_whether_somebody_could_pass_a_policy_and_workflows_use_a_node_type(
    installed: Installed,
) -> None:
    """No webhook stands before it here, as when the operator was down."""
    named = {**POLICY, "metadata": {"name": "hopeless", "namespace": installed.namespace}}
    installed.kubectl.apply({**named, "spec": {"stages": [{"name": "owners", "users": [BEA], "votes": 2}]}})

    def valid(thing: Any) -> str:
        return next((one["status"] for one in thing.get("status", {}).get("conditions", ())), "")

    where = ("-n", installed.namespace)
    found = installed.kubectl.wait("aprp/hopeless", *where, until=lambda one: valid(one) == "False")
    assert "stage `owners` asks 2 votes of 1 user" in found["status"]["conditions"][0]["message"]
    assert installed.kubectl("get", "aprp", "hopeless", *where).splitlines()[1].split()[:2] == ["hopeless", "False"]
    installed.kubectl.apply(named)
    installed.kubectl.wait("aprp/hopeless", *where, until=lambda one: valid(one) == "True")
    installed.kubectl.wait("nodetype/approval.v1", until=lambda one: valid(one) == "True")
    assert installed.operator.refusals() == []


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


def test_people_answer_at_a_terminal_and_are_told_what_the_operator_made_of_it(
    installed: Installed, cluster_settings: Settings, tmp_path: Path
) -> None:
    shell = Shell(cluster_settings, installed.namespace, GROUPS)
    installed.kubectl("apply", "-n", installed.namespace, "-f", "-", stdin=json.dumps(POLICY))
    run = {**RUN, "metadata": {"name": "text-1"}, "spec": {"workflow": "text", "inputs": {"what": "all"}}}
    for document in (CORRECTED, run):
        made = installed.as_(ANA, "create", "-f", "-", stdin=document)
        assert made.accepted, made.said
    installed.wait("apr/text-1-first", phase="Open")

    assert "text-1-first" in shell.run(BEA, "approvals").out
    assert shell.run(MALLORY, "approvals").out == ""
    assert "You, bea@example.com, may vote:\n  headgate approve text-1-first" in shell.run(BEA, "explain", "text-1").out
    refused = shell.run(VIEWER, "approvals", "why", "text-1-first")
    assert f"You are {VIEWER}, and policy release asks you, but RBAC lets you write no vote in" in refused.out

    assert shell.run(VIEWER, "pause", "text-1").err == (
        f"headgate pause: you are {VIEWER}, and RBAC does not let you patch runs in namespace {installed.namespace}\n"
    )

    with shell.sit_down(BEA, "approve", "text-1-first") as there:
        letter = there.read_until("[y/N/r]")
        assert "Your vote decides it. Then at once:\n  second  approval, asks under policy release\n" in letter
        there.type("y\n")
        assert there.end() == 0
        assert there.plain.endswith(". second starts.\n")

    installed.wait("apr/text-1-second", phase="Open")
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/all/some/' \"$1\"\n")
    editor.chmod(0o755)
    with shell.sit_down(BEA, "approve", "text-1-second", "--edit", EDITOR=str(editor)) as there:
        there.read_until("  - all\n  + some\n")
        there.type("y\n")
        assert there.end() == 0
        anew = there.plain.rpartition("asked again as ")[2].rstrip(".\n")
    assert installed.wait(f"apr/{anew}", phase="Approved")["spec"]["values"] == {"text": "some"}
    installed.wait("hrun/text-1", phase="Succeeded")


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

    binding = f"validatingadmissionpolicybinding/{installed.operator.release}-votes"
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


def test_objects_that_are_nested_too_deep_are_refused_and_keep_the_operator_from_no_other(installed: Installed) -> None:
    """The API server takes fifty times what our parser reads. In a list first, then in a watch."""
    value: Any = 1
    for _ in range(150):
        value = {"a": [{"b": [value]}]}
    node = {"name": "a", "use": "approval", "with": {"policy": "release", "message": "m", "show": value}}
    told = {**WORKFLOW, "metadata": {"name": "deep"}, "spec": {"nodes": [node]}}
    open_: Any = {**WORKFLOW, "metadata": {"name": "open"}}
    open_["spec"] = {**open_["spec"], "inputs": {"what": {}}}
    runs = [
        {**RUN, "metadata": {"name": name}, "spec": {"workflow": workflow, **({"inputs": inputs} if inputs else {})}}
        for name, workflow, inputs in (("deep-1", "open", {"what": value}), ("deep-2", "deep", {}))
    ]
    installed.kubectl("apply", "-n", installed.namespace, "-f", "-", stdin=json.dumps(POLICY))
    installed.operator.kill()
    for document in (told, open_, *runs):
        made = installed.as_(ANA, "create", "-f", "-", stdin=document)
        assert made.accepted, made.said
    installed.operator.start()
    refused = installed.wait("hrun/deep-1", phase="Failed")
    assert "`what` is nested deeper than 100" in refused["status"]["message"]
    assert installed.wait("hrun/deep-2", phase="Failed")["status"].get("startedAt") is None

    def valid(found: Any) -> bool:
        return any(one["status"] == "False" for one in found.get("status", {}).get("conditions", ()))

    found = installed.kubectl.wait("workflows.headgate.dev/deep", "-n", installed.namespace, until=valid)
    assert "nested more than 64 deep" in found["status"]["conditions"][0]["message"]

    again = {**runs[0], "metadata": {"name": "deep-3"}}
    for document in (again, {**RUN, "metadata": {"name": "flat"}, "spec": {"workflow": "open", "inputs": {"what": 1}}}):
        made = installed.as_(ANA, "create", "-f", "-", stdin=document)
        assert made.accepted, made.said
    installed.wait("apr/flat-review", phase="Open")
    installed.wait("hrun/deep-3", phase="Failed")


def test_the_operator_was_refused_nothing(installed: Installed) -> None:
    assert installed.operator.said()
    assert installed.operator.refusals() == []
