"""Ways around gates, tried on a real cluster with the operator up, by people with every right but that to approve.

All Runs wait at once; each test tries its ways, says what people read, and that nothing behind the gate ever began: no
pod, no leg that held it, no output. What was tried is counted in two figures.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.api.approvalrequest import NEVER_SKIPPED, NOTHING_GIVEN
from headgate.names import API_VERSION
from integration.approvals.people import Answer, patch
from support.chart import find_helm
from support.figures import record
from support.operator_process import ROOT
from support.people_stage import ANA, BEA, DAN, MALLORY, PAT, REX, PeopleStage, people_stage, run_of, spec_patch

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

EVIL = {"value": 666, "text": "nobody has approved this"}
BEHIND = "publish"
"""The node that every gate here holds back."""


OBJECTS = (ROOT / "tests/support/gated.yaml").read_text(encoding="utf-8")
RUNS: Mapping[str, dict[str, Any]] = {
    "base": {"workflow": "line"},
    "broken": {"workflow": "line", "inputs": {"by": 0}},
    "nested": {"workflow": "outer"},
    "denied": {"workflow": "outer"},
    "repaired": {"workflow": "repaired"},
    "parent": {"workflow": "parent"},
    "unsayable": {"workflow": "unsayable"},
    "loosened": {"workflow": "loose"},
    "orphaned": {"workflow": "loose"},
    "frozen": {"workflow": "plain"},
    "again": {"workflow": "plain"},
    "steered": {"workflow": "plain"},
    "corrected": {"workflow": "plain"},
    "victim": {"workflow": "outer", "state": "Paused"},
    "robbed": {"workflow": "outer", "state": "Paused"},
    "guarded": {"workflow": "plain"},
}


@dataclass
class Tally:
    tried: list[str] = field(default_factory=list)
    through: list[str] = field(default_factory=list)


@dataclass
class Scene:
    stage: PeopleStage
    tally: Tally

    def tries(self, attack: str, run: str, *nodes: str) -> None:
        """Count an attack, and that it came to nothing: of these nodes, the last one if none is named, none began."""
        self.tally.tried.append(attack)
        begun = [node for node in nodes or (BEHIND,) if self.has_begun(run, node)]
        if begun:
            self.tally.through.append(attack)
        assert begun == [], f"{attack}: {run} has run {begun}"

    def has_begun(self, run: str, node: str) -> bool:
        """Whether a node has, by the Run's status; as long as its gate is shut, also by what its legs hold."""
        found = self.stage.get(f"hrun/{run}")
        status = found.get("status", {})
        nodes = status.get("nodes", {})
        said, is_open = nodes.get(node, {}), nodes.get("ask", {}).get("phase") == "Succeeded"
        words = ("-l", f"headgate.dev/run-uid={found['metadata']['uid']}")
        legs = self.stage.get("workflows.argoproj.io", *words) or {"items": ()}
        is_held = not is_open and any(node in json.dumps(one) for one in legs["items"])
        return is_held or said.get("phase") in ("Running", "Succeeded", "Failed") or "leg" in said

    def refused(self, answer: Answer, told: str) -> None:
        assert not answer.accepted
        assert told in answer.said

    def ends_refused(self, run: str, *told: str) -> None:
        """A Run that may not be: failed before anything of it began."""
        status = self.stage.end(run)
        (condition,) = (one for one in status["conditions"] if one["type"] == "Succeeded")
        assert (status["phase"], condition["reason"]) == ("Failed", "InvalidRun")
        for text in (*told, "spec.from.skip"):
            assert text in status["message"]

    def child(self, run: str, node: str) -> str:
        """The name of the Run that a node is, once it is there."""

        def begun(found: Any) -> bool:
            return "child" in found.get("status", {}).get("nodes", {}).get(node, {})

        return str(self.stage.until(f"hrun/{run}", begun)["status"]["nodes"][node]["child"])

    def innermost(self, run: str, before: str = "") -> str:
        """The request of the gate two Runs below, once it is another than before."""
        inner = self.child(self.child(run, "sub"), "deep")
        return str(self.stage.asked_for(inner, "ask", before)["metadata"]["name"])


@pytest.fixture(scope="module")
def scene(kubectl: Kubectl, cluster_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    kept = {"settings": {"logLevel": "DEBUG", "keepLegs": "10m"}}
    with people_stage(kubectl, cluster_settings, tmp_path_factory.mktemp("operator"), OBJECTS, kept) as stage:
        tally = Tally()
        for name, spec in RUNS.items():
            stage.start(name, **spec)
        stage.vote(stage.asked_for("broken", "ask")["metadata"]["name"], BEA, "Approve")
        stage.vote(stage.asked_for("base", "ask")["metadata"]["name"], BEA, "Reject", reason="not like this")
        stage.vote(stage.asked_for("again", "ask")["metadata"]["name"], BEA, "Reject")
        yield Scene(stage, tally)
        record("approval_attacks_live", len(tally.tried), ">= 40", "attacks")
        record("approval_attacks_live_through", len(tally.through), "== 0", "attacks", note=", ".join(tally.through))


SKIPS: Mapping[str, tuple[str, str, dict[str, Any], str]] = {
    "skip-gate": ("base", "line", {"ask": {}}, "`ask` is a gate, and nobody can skip one"),
    "skip-gate-given": ("base", "line", {"ask": {"output": {"values": {}, "by": [BEA]}}}, "`ask` is a gate"),
    "skip-after": ("base", "line", {"mid": {}}, "`mid` comes after `ask`, which is a gate or holds one"),
    "skip-after-given": ("base", "line", {"mid": {"output": EVIL}}, "`mid` comes after `ask`"),
    "skip-last": ("base", "line", {"a": {}, "publish": {"output": EVIL}}, "`publish` comes after `ask`"),
    "skip-child": ("denied", "outer", {"sub": {}}, "`sub` is a workflow that holds a gate, and nobody can skip one"),
    "skip-child-given": ("denied", "outer", {"sub": {"output": EVIL}}, "`sub` is a workflow that holds a gate"),
    "skip-after-child": ("denied", "outer", {"publish": {}}, "`publish` comes after `sub`, which is a gate or holds"),
    "skip-of-another": ("denied", "line", {"mid": {"output": EVIL}}, "`mid` comes after `ask`"),
}


@pytest.fixture(scope="module")
def skips(scene: Scene) -> Scene:
    for name, (old, workflow_, skip, _) in SKIPS.items():
        scene.stage.start(name, workflow_, MALLORY, from_={"run": old, "skip": skip})
    return scene


@pytest.mark.parametrize("name", SKIPS)
def test_a_new_run_skips_no_gate_no_workflow_that_holds_one_and_nothing_after_one(name: str, skips: Scene) -> None:
    *_, told = SKIPS[name]
    skips.ends_refused(name, told)
    skips.tries(f"from.skip: {name}", name)


def test_what_comes_before_every_gate_can_be_skipped_and_the_gate_asks_again(scene: Scene) -> None:
    stage = scene.stage
    assert stage.end("base")["phase"] == "Cancelled"
    stage.start("before", "line", from_={"run": "base", "skip": {"a": {"output": {"text": "given"}}}})
    stage.start("taken", "line", from_={"run": "base"})
    for run in ("before", "taken"):
        request = stage.asked_for(run, "ask")
        assert request["spec"].get("votes", {}) == {}
        assert (request["metadata"]["name"], request["status"]["votes"]) == (f"{run}-ask", "0/1")
    assert stage.get("hrun/before")["status"]["nodes"]["a"]["givenBy"] == ANA
    scene.tries("from: a Run whose gate said no is taken over", "taken", "mid", "publish")
    scene.tries("from.skip: what comes before the gate", "before", "mid", "publish")


def test_a_run_that_is_taken_over_asks_again_in_its_children_and_no_decision_serves_twice(scene: Scene) -> None:
    stage = scene.stage
    first = scene.innermost("nested")
    stage.vote(first, BEA, "Approve")
    assert stage.end("nested")["phase"] == "Succeeded"
    for name, more in {"retaken": {}, "restarted": {"restart": ["publish"]}}.items():
        stage.start(name, "outer", MALLORY, from_={"run": "nested", **more})
        request = stage.get(f"apr/{scene.innermost(name)}")
        assert request["metadata"]["name"] != first
        assert request["spec"].get("votes", {}) == {}
        scene.tries(f"from: a Run whose child's gate said yes ({name})", name)


def test_a_no_in_a_child_is_not_overruled_by_those_who_answer_for_failures(scene: Scene) -> None:
    stage = scene.stage
    first = scene.innermost("denied")
    stage.vote(first, BEA, "Reject", reason="never")
    recovery = stage.asked_for("denied", "sub")
    name = recovery["metadata"]["name"]
    assert recovery["spec"]["type"] == "Recovery"
    assert recovery["spec"]["message"].endswith("Retry or Stop?")
    assert recovery["spec"]["binding"]["maySkip"] == "Never"
    for attack, values in {"Skip": {}, "Skip with an output": {"values": EVIL}}.items():
        scene.refused(stage.say(name, REX, "Skip", **values), NEVER_SKIPPED)
        scene.tries(f"Recovery of a rejected child: {attack}", "denied")
    stage.vote(name, REX, "Retry")
    again = scene.innermost("denied", before=first)
    scene.tries("Recovery of a rejected child: Retry", "denied")
    stage.vote(again, BEA, "Reject")
    last = stage.asked_for("denied", "sub", name)["metadata"]["name"]
    stage.vote(last, REX, "Stop")
    assert stage.end("denied")["phase"] in ("Failed", "Cancelled")
    assert stage.phases("denied") == {"sub": "Failed", "publish": "Omitted"}
    scene.tries("Recovery of a rejected child: Stop", "denied")


def test_who_answers_for_failures_edits_nothing_and_gives_nothing_after_a_gate(scene: Scene) -> None:
    stage = scene.stage
    recovery = stage.asked_for("broken", "mid")
    name, binding = recovery["metadata"]["name"], recovery["spec"]["binding"]
    assert (binding.get("form", {}), binding["maySkip"]) == ({}, "WithoutOutput")
    assert recovery["spec"]["values"]["expression"] == "84 / b"
    scene.refused(stage.say(name, REX, "Skip", values=EVIL), NOTHING_GIVEN)
    scene.tries("Recovery after a gate: Skip with an output", "broken")
    stage.vote(name, REX, "Retry", values={"args": {"b": 1}})
    noted = stage.until(f"apr/{name}", lambda one: f"the vote of {REX} does not count" in one["status"]["waitingFor"])
    assert (noted["status"]["phase"], noted["status"]["votes"]) == ("Open", "0/1")
    scene.tries("Recovery after a gate: Retry with other parameters", "broken")
    stage.vote(name, REX, "Skip")
    status = stage.end("broken")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"value": -1})
    assert status["nodes"]["mid"]["phase"] == "Skipped"


def test_a_gate_that_cannot_even_be_asked_is_for_nobody_to_answer(scene: Scene) -> None:
    status = scene.stage.end("unsayable")
    assert status["phase"] == "Failed"
    assert scene.stage.phases("unsayable") == {"ask": "Failed", "publish": "Omitted"}
    assert scene.stage.get("apr/unsayable-ask") is None
    scene.tries("Recovery of a gate whose question fails", "unsayable")


def test_the_policy_as_it_was_judges_also_when_it_is_loosened_and_when_it_is_gone(scene: Scene) -> None:
    stage = scene.stage
    for run in ("loosened", "orphaned"):
        stage.asked_for(run, "ask")
    opened = patch({"spec": {"stages": [{"name": "people", "groups": ["editors"]}]}})
    stage.admin("patch", "approvalpolicy", "loose", *opened)
    told = f"{MALLORY} is not in group managers, which policy loose asks"
    scene.refused(stage.say("loosened-ask", MALLORY, "Approve"), told)
    scene.tries("the policy is opened to everybody", "loosened")
    stage.admin("delete", "approvalpolicy", "loose")
    for run in ("loosened", "orphaned"):
        scene.refused(stage.say(f"{run}-ask", MALLORY, "Approve"), told)
        scene.tries(f"the policy is deleted ({run})", run)
    stage.vote("orphaned-ask", BEA, "Approve")
    assert stage.end("orphaned")["outputs"] == {"by": [BEA]}


FIELDS: Mapping[str, dict[str, Any]] = {
    "inputs": {"inputs": {"text": "evil"}},
    "workflow": {"workflow": "own"},
    "from": {"from": {"run": "base", "skip": {"ask": {}}}},
    "requester": {"requester": MALLORY},
}


@pytest.mark.parametrize("name", FIELDS)
def test_what_was_asked_for_does_not_change_while_people_think(name: str, scene: Scene) -> None:
    answer = scene.stage.by(MALLORY, "patch", "hrun/frozen", *patch({"spec": FIELDS[name]}))
    scene.refused(answer, "cannot be changed: create another Run")
    scene.tries(f"spec.{name} of a Run that waits", "frozen")


STATUSES: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "the gate": ("hrun/frozen", {"nodes": {"ask": {"phase": "Succeeded"}}}, "cannot write the status of runs"),
    "the Run": ("hrun/frozen", {"phase": "Succeeded"}, "cannot write the status of runs"),
    "the request": ("apr/frozen-ask", {"phase": "Approved"}, "cannot write the status of approvalrequests"),
    "who acted": ("hrun/steered", {"actedBy": []}, "cannot write the status of runs"),
}


@pytest.mark.parametrize("what", STATUSES)
def test_no_status_is_anybodys_to_write(what: str, scene: Scene) -> None:
    thing, status, told = STATUSES[what]
    scene.stage.asked_for("frozen", "ask")
    answer = scene.stage.by(MALLORY, "patch", thing, *patch({"status": status}), "--subresource=status")
    scene.refused(answer, told)
    scene.tries(f"a forged status of {what}", "frozen")


def test_the_argo_workflow_of_a_leg_is_nobodys_to_make_or_to_change(scene: Scene) -> None:
    stage = scene.stage
    uid = stage.get("hrun/frozen")["metadata"]["uid"]
    labels = {"headgate.dev/run-uid": uid, "headgate.dev/leg": "1"}
    leg = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": f"frozen-{uid[:8]}-1", "labels": labels},
        "spec": {"entrypoint": "leg", "templates": [{"name": "leg", "suspend": {}}]},
    }
    told = f"{MALLORY} cannot touch a Workflow that is part of a Run"
    scene.refused(stage.by(MALLORY, "create", "-f", "-", stdin=leg), told)
    scene.tries("the leg behind the gate is made by hand", "frozen")
    found = stage.get("workflows.argoproj.io", "-l", "headgate.dev/run-uid")["items"]
    for body in ({"spec": {"suspend": False}}, {"status": {"phase": "Succeeded"}}, {"metadata": {"labels": None}}):
        answer = stage.by(MALLORY, "patch", "workflows.argoproj.io", found[0]["metadata"]["name"], *patch(body))
        scene.refused(answer, told)
        scene.tries(f"a leg is patched: {', '.join(body)}", "base")


def test_another_attempt_after_a_no_asks_again_and_no_vote_goes_with_it(scene: Scene) -> None:
    stage = scene.stage
    assert stage.end("again")["phase"] == "Cancelled"
    raised = stage.by(PAT, "patch", "hrun/again", *spec_patch(attempt=2))
    assert raised.accepted, raised.said
    second = stage.asked_for("again", "ask", before="again-ask")
    assert second["spec"].get("votes", {}) == {}
    late = stage.say("again-ask", BEA, "Approve")
    scene.refused(late, "this request is closed (Rejected): no vote changes that")
    scene.tries("a vote on the request of the attempt before", "again")
    name = second["metadata"]["name"]
    stage.vote(name, PAT, "Approve")
    assert_not_heard(scene, name, PAT)
    scene.tries("who raised the attempt approves", "again")
    stage.vote(name, BEA, "Approve")
    assert stage.end("again")["outputs"]["by"] == [BEA]


def test_who_paused_and_resumed_a_run_approves_nothing_in_it(scene: Scene) -> None:
    stage = scene.stage
    stage.asked_for("steered", "ask")
    for state in ("Paused", "Running"):
        assert stage.by(PAT, "patch", "hrun/steered", *spec_patch(state=state)).accepted
    stage.vote("steered-ask", PAT, "Approve")
    assert_not_heard(scene, "steered-ask", PAT)
    scene.tries("who paused and resumed the Run approves", "steered")
    scene.refused(
        stage.by(ANA, "patch", "apr/steered-ask", *patch({"spec": {"votes": {"me": {"verdict": "Approve"}}}})),
        f"{ANA} asked for this Run, and policy release excludes the requester",
    )
    scene.tries("who asked for the Run approves", "steered")


@pytest.mark.parametrize(("run", "failing"), [("repaired", "repaired"), ("parent", "parent-part")])
def test_who_answered_for_a_failure_approves_nothing_that_came_of_it(run: str, failing: str, scene: Scene) -> None:
    stage = scene.stage
    recovery = stage.asked_for(failing, "fix")
    stage.vote(recovery["metadata"]["name"], DAN, "Skip", values={"value": 7, "text": "7"})
    request = stage.asked_for(run, "ask")["metadata"]["name"]
    stage.vote(request, DAN, "Approve")
    assert_not_heard(scene, request, DAN)
    scene.tries(f"who answered for a failure approves ({failing})", run)
    stage.vote(request, BEA, "Approve")
    status = stage.end(run)
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"by": [BEA]})


def assert_not_heard(scene: Scene, request: str, who: str) -> None:
    told = f"the vote of {who} does not count: who asked for the Run, or acted on it, is excluded"
    status = scene.stage.until(f"apr/{request}", lambda one: told in one["status"].get("waitingFor", ""))["status"]
    assert (status["phase"], status["votes"]) == ("Open", "0/1")


def test_who_corrects_and_acted_on_the_run_has_not_corrected(scene: Scene) -> None:
    stage = scene.stage
    stage.asked_for("corrected", "ask")
    assert stage.by(PAT, "patch", "hrun/corrected", *spec_patch(state="Paused")).accepted
    assert stage.by(PAT, "patch", "hrun/corrected", *spec_patch(state="Running")).accepted
    stage.vote("corrected-ask", PAT, "Approve", values={"text": "evil"})
    assert_not_heard(scene, "corrected-ask", PAT)
    scene.tries("who acted on the Run corrects what is shown", "corrected")
    stage.vote("corrected-ask", BEA, "Approve")
    assert stage.end("corrected")["outputs"] == {"text": "as asked", "by": [BEA]}


def test_a_run_of_somebodys_is_taken_for_no_child(scene: Scene) -> None:
    stage = scene.stage
    uids = {run: stage.get(f"hrun/{run}")["metadata"]["uid"] for run in ("victim", "robbed")}

    def forged(run: str, **owner: Any) -> Answer:
        child = run_of(f"{run}-sub", "own")
        child["metadata"]["ownerReferences"] = [{"name": run, "uid": uids[run], "controller": True, **owner}]
        return stage.by(MALLORY, "create", "-f", "-", stdin=child)

    told = "Headgate alone makes Runs that belong to another Run"
    scene.refused(forged("victim", apiVersion=API_VERSION, kind="Run"), told)
    scene.tries("a child is made beforehand", "victim")
    scene.refused(forged("victim", apiVersion="evil.example/v1", kind="Run"), told)
    scene.tries("a child is made beforehand, owned by a Run of another group", "victim")
    assert forged("victim", apiVersion="evil.example/v1", kind="Thing").accepted
    stage.start("robbed-sub", "own", MALLORY)
    for run in uids:
        assert stage.end(f"{run}-sub")["phase"] == "Succeeded"
        assert stage.by(ANA, "patch", f"hrun/{run}", *spec_patch(state="Running")).accepted
        asked = stage.asked_for(run, "sub")
        assert f"a Run {run}-sub is there already, and does not belong to this one" in asked["spec"]["message"]
        scene.tries(f"a Run under the name of a child, with another owner or none ({run})", run)


def test_a_request_is_nobodys_to_make_beforehand(scene: Scene) -> None:
    stage = scene.stage
    asked = stage.asked_for("frozen", "ask")
    forged = {
        "apiVersion": API_VERSION,
        "kind": "ApprovalRequest",
        "metadata": {"name": "victim-sub-deep-ask", "ownerReferences": asked["metadata"]["ownerReferences"]},
        "spec": asked["spec"],
    }
    told = f"{MALLORY} cannot create a request: Headgate asks, when a Run comes to a gate"
    scene.refused(stage.by(MALLORY, "create", "-f", "-", stdin=forged), told)
    scene.tries("a request is made beforehand", "victim")
    scene.refused(stage.by(MALLORY, "delete", "apr/frozen-ask"), f"{MALLORY} cannot delete a request")
    scene.tries("a request is deleted, to be made anew", "frozen")


def test_a_decision_under_other_admission_policies_than_those_of_the_question_is_asked_again(scene: Scene) -> None:
    """Last: whatever is decided meanwhile is asked again. The policies are this release's own, for its namespace."""
    stage = scene.stage
    stage.asked_for("guarded", "ask")
    binding = f"validatingadmissionpolicybinding/{stage.operator.release}-votes"
    before = stage.kubectl.get(binding)["spec"]["validationActions"]
    stage.kubectl("patch", binding, *spec_patch(validationActions=["Audit"]))
    try:
        stage.until("apr/guarded-ask", lambda _: stage.say("guarded-ask", MALLORY, "Approve", reason="let me").accepted)
        stage.vote("guarded-ask", BEA, "Approve")
        first = stage.request("guarded-ask", "Superseded")
    finally:
        stage.kubectl("patch", binding, *spec_patch(validationActions=before))
    why = "the admission policies that guard votes have changed since it was asked"
    assert why in json.dumps(first["status"]["history"])
    scene.tries("the policy that judges votes only looks on", "guarded")
    again = stage.asked_for("guarded", "ask", before="guarded-ask")["metadata"]["name"]
    assert first["status"]["supersededBy"] == again
    assert not stage.get(f"apr/{again}")["spec"].get("votes")


def test_nothing_behind_a_gate_that_nobody_opened_has_begun_to_the_end(scene: Scene) -> None:
    for run in (*SKIPS, "base", "before", "taken", "retaken", "restarted", "denied", "frozen", "steered", "guarded"):
        assert not scene.has_begun(run, BEHIND), run
    assert scene.stage.operator.refusals() == []
