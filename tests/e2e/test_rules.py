"""Policies that approve by a rule, on a real cluster: the rule in a pod, the question under the chart's policies."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.names import API_VERSION
from integration.approvals.people import Cluster, vote
from support.chart import find_helm
from support.people_stage import core_stage

pytestmark = pytest.mark.e2e

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

ANA, BEA = "ana@example.com", "bea@example.com"
GROUPS = {ANA: ("editors",), BEA: ("approvers", "managers")}
RULE = "${values.amount < inputs.limit && run.requester == 'ana@example.com'}"
OBJECTS = f"""
apiVersion: {API_VERSION}
kind: ApprovalPolicy
metadata: {{name: pay}}
spec:
  stages: [{{name: managers, groups: [managers]}}]
  exclude: [Requester]
  autoApprove: "{RULE}"
---
apiVersion: {API_VERSION}
kind: Workflow
metadata: {{name: pay}}
spec:
  inputs: {{amount: {{type: integer}}, limit: {{type: integer, default: 100}}}}
  nodes:
  - {{name: ask, use: approval, with: {{policy: pay, message: "Pay?", edit: {{amount: "${{inputs.amount}}"}}}}}}
  - {{name: paid, use: set, with: {{amount: "${{ask.values.amount}}", by: "${{ask.by}}"}}}}
  outputs: {{amount: "${{paid.amount}}", by: "${{paid.by}}"}}
"""


@dataclass
class Scene(Cluster):
    kubectl: Kubectl
    namespace: str

    def run(self, name: str, amount: int, who: str = ANA) -> None:
        spec = {"workflow": "pay", "inputs": {"amount": amount}}
        run = {"apiVersion": API_VERSION, "kind": "Run", "metadata": {"name": name}, "spec": spec}
        made = self.ask(who, "create", "-f", "-", groups=GROUPS[who], stdin=run)
        assert made.accepted, made.said

    def wait(self, name: str, *phases: str) -> Any:
        words = (name, "-n", self.namespace)
        return self.kubectl.wait(*words, until=lambda one: one.get("status", {}).get("phase") in phases, seconds=150)


@pytest.fixture(scope="module")
def scene(kubectl: Kubectl, cluster_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with core_stage(kubectl, cluster_settings, tmp_path_factory.mktemp("operator"), "rules") as (namespace, operator):
        operator.bind("editor", "approver")
        kubectl("apply", "-n", namespace, "-f", "-", stdin=OBJECTS)
        here = Scene(kubectl, namespace)
        here.run("small", 50)
        here.run("large", 500)
        yield here


def test_what_the_rule_holds_of_is_paid_and_the_request_says_by_which_rule_of_which_policy(scene: Scene) -> None:
    ended = scene.wait("hrun/small", "Succeeded", "Failed", "Cancelled")["status"]
    assert (ended["phase"], ended["outputs"]) == ("Succeeded", {"amount": 50, "by": ["policy/pay"]})
    asked = scene.wait("apr/small-ask", "AutoApproved")
    policy = asked["spec"]["binding"]["policy"]
    assert (policy["autoApprove"], asked["spec"]["binding"]["rule"]) == (RULE, {"verdict": "Holds"})
    told = " ".join(asked["status"]["history"].values())
    assert f"AutoApproved by policy/pay: its rule {RULE} holds" in told
    assert policy["hash"].removeprefix("sha256:")[:8] in told


def test_what_it_does_not_hold_of_people_are_asked_about_and_decide(scene: Scene) -> None:
    asked = scene.wait("apr/large-ask", "Open")
    assert asked["spec"]["binding"]["rule"] == {"verdict": "Fails"}
    assert "its rule is false, so people are asked" in json.dumps(asked["status"]["history"])
    refused = scene.ask(ANA, "patch", "apr/large-ask", *vote(), groups=("approvers", "managers"))
    assert "asked for this Run" in refused.said
    voted = scene.ask(BEA, "patch", "apr/large-ask", *vote(), groups=GROUPS[BEA])
    assert voted.accepted, voted.said
    ended = scene.wait("hrun/large", "Succeeded", "Failed", "Cancelled")["status"]
    assert (ended["phase"], ended["outputs"]) == ("Succeeded", {"amount": 500, "by": [BEA]})


def test_nobody_can_vote_on_what_a_rule_has_decided_nor_change_what_it_came_to(scene: Scene) -> None:
    scene.wait("apr/small-ask", "AutoApproved")
    late = scene.ask(BEA, "patch", "apr/small-ask", *vote("Reject"), groups=GROUPS[BEA])
    assert "this request is closed (AutoApproved)" in late.said
    forged = {"spec": {"binding": {"rule": {"verdict": "Holds"}}}}
    words = ("patch", "apr/large-ask", "--type=merge", "-p", json.dumps(forged))
    assert not scene.ask(BEA, *words, groups=GROUPS[BEA]).accepted
