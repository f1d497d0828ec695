"""Ways around gates, tried on a real cluster with the operator up, by people with every right but that to approve.

All Runs wait at once; each test tries its ways, says what people read, and that nothing behind the gate ever began: no
pod, no leg that held it, no output. What was tried is counted in two figures.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.api.approvalrequest import NEVER_SKIPPED, NOTHING_GIVEN, SOMETHING_GIVEN
from headgate.names import API_VERSION
from integration.approvals.people import patch
from support.chart import find_helm
from support.figures import record
from support.gate_scene import BEHIND, OBJECTS, RUNS, Scene, Tally
from support.people_stage import ANA, BEA, DAN, MALLORY, PAT, REX, people_stage, spec_patch

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

EVIL = {"value": 666, "text": "nobody has approved this"}


@pytest.fixture(scope="module")
def scene(kubectl: Kubectl, cluster_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    kept = {"settings": {"logLevel": "DEBUG", "keepLegs": "10m"}}
    with people_stage(kubectl, cluster_settings, tmp_path_factory.mktemp("operator"), OBJECTS, kept) as stage:
        tally = Tally()
        made = stage.by(ANA, "create", "-f", str(RUNS))
        assert made.accepted, made.said
        scene = Scene(stage, tally)
        scene.squat()
        for run, verdict in {"again": "Reject", "base": "Reject", "broken": "Approve"}.items():
            stage.vote(stage.asked_for(run, "ask")["metadata"]["name"], BEA, verdict)
        stage.vote(scene.innermost("nested"), BEA, "Approve")
        yield scene
        record("approval_attacks_live", len(tally.tried), ">= 40", "attacks")
        record("approval_attacks_live_through", len(tally.through), "== 0", "attacks", note=", ".join(tally.through))


SKIPS: Mapping[str, tuple[str, str, dict[str, Any], str]] = {
    "skip-gate": ("base", "line", {"ask": {}}, "`ask` is a gate, and nobody can skip one"),
    "skip-gate-given": ("base", "line", {"ask": {"output": {"values": {}, "by": [BEA]}}}, "`ask` is a gate"),
    "skip-after": ("base", "line", {"mid": {}}, "`mid` comes after `ask`, which is a gate or holds one"),
    "skip-after-given": ("base", "line", {"mid": {"output": EVIL}}, "`mid` comes after `ask`"),
    "skip-before": ("base", "line", {"a": {}}, "without `a` the gate `ask` would not ask, and nobody can skip one"),
    "skip-last": ("base", "line", {"publish": {"output": EVIL}}, "`publish` comes after `ask`"),
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
    first = "nested-sub-deep-ask"
    stage.request(first, "Approved")
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
    retried = stage.say(name, REX, "Retry", values={"args": {"b": 1}})
    scene.refused(retried, "args cannot be said here: vote without values")
    scene.tries("Recovery after a gate: Retry with other parameters", "broken")
    stage.vote(name, REX, "Skip")


def test_who_answers_for_a_failure_before_a_gate_gives_an_output_or_else_the_gate_would_not_ask(scene: Scene) -> None:
    recovery = scene.stage.asked_for("repaired", "fix")
    assert recovery["spec"]["binding"]["maySkip"] == "WithOutput"
    scene.refused(scene.stage.say(recovery["metadata"]["name"], REX, "Skip"), SOMETHING_GIVEN)
    scene.tries("Recovery before a gate: Skip without an output", "repaired")


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
    scene.does_not_hear(name, PAT)
    scene.tries("who raised the attempt approves", "again")
    stage.vote(name, BEA, "Approve")


def test_who_paused_and_resumed_a_run_approves_nothing_in_it(scene: Scene) -> None:
    stage = scene.stage
    stage.asked_for("steered", "ask")
    for state in ("Paused", "Running"):
        assert stage.by(PAT, "patch", "hrun/steered", *spec_patch(state=state)).accepted
    stage.vote("steered-ask", PAT, "Approve")
    scene.does_not_hear("steered-ask", PAT)
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
    scene.does_not_hear(request, DAN)
    scene.tries(f"who answered for a failure approves ({failing})", run)
    stage.vote(request, BEA, "Approve")


def test_who_corrects_and_acted_on_the_run_has_not_corrected(scene: Scene) -> None:
    stage = scene.stage
    stage.asked_for("corrected", "ask")
    assert stage.by(PAT, "patch", "hrun/corrected", *spec_patch(state="Paused")).accepted
    assert stage.by(PAT, "patch", "hrun/corrected", *spec_patch(state="Running")).accepted
    stage.vote("corrected-ask", PAT, "Approve", values={"text": "evil"})
    scene.does_not_hear("corrected-ask", PAT)
    scene.tries("who acted on the Run corrects what is shown", "corrected")
    stage.vote("corrected-ask", BEA, "Approve")


@pytest.mark.parametrize("group", ["headgate.dev", "evil.example"])
def test_nobody_makes_a_part_of_anothers_run(group: str, scene: Scene) -> None:
    owner = {"apiVersion": f"{group}/v1alpha1", "kind": "Run"}
    scene.refused(scene.forge_child("victim", **owner), "Headgate alone makes Runs that belong to another Run")
    scene.tries(f"a child is made beforehand, owned by a Run of {group}", "victim")


@pytest.mark.parametrize("run", ["victim", "robbed"])
def test_a_run_of_somebodys_is_taken_for_no_child(run: str, scene: Scene) -> None:
    asked = scene.stage.asked_for(run, "sub")
    assert f"a Run {run}-sub is there already, and does not belong to this one" in asked["spec"]["message"]
    assert scene.stage.end(f"{run}-sub")["phase"] == "Succeeded"
    scene.tries(f"a Run under the name of a child, with another owner or none ({run})", run)


def test_a_part_is_what_it_was_when_the_run_began_whatever_becomes_of_its_workflow(scene: Scene) -> None:
    stage = scene.stage
    stage.asked_for("staged", "first")
    open_to_all = patch({"spec": {"nodes": [{"name": "nothing", "use": "set", "with": {"text": "passed"}}]}})
    assert stage.by(MALLORY, "patch", "hwf/late", *open_to_all).accepted
    stage.vote("staged-first", BEA, "Approve")
    asked = stage.asked_for(scene.child("staged", "sub"), "ask")
    assert asked["spec"]["message"] == "Go on in there"
    scene.tries("the workflow of a part loses its gate while the Run waits", "staged")


def test_an_argo_workflow_under_the_name_of_a_leg_is_not_the_leg(scene: Scene) -> None:
    stage = scene.stage
    stage.asked_for("squatted", "ask")
    status = stage.get("hrun/squatted")["status"]
    assert (status["nodes"]["a"]["leg"], status["nodes"]["a"]["preview"]) == (2, "draft")
    scene.tries("an Argo Workflow under the name of a leg", "squatted", "mid", "publish")


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


def test_while_the_operator_is_down_nobody_passes_and_a_no_in_time_stands_though_silence_is_a_yes(scene: Scene) -> None:
    stage = scene.stage
    stage.start("hasty", "hasty")
    stage.asked_for("hasty", "ask")
    stage.operator.stop()
    stage.vote("hasty-ask", BEA, "Reject", reason="not in a hurry")
    ways = {
        "a vote": stage.say("hasty-ask", MALLORY, "Approve"),
        "another's vote": stage.by(
            MALLORY, "patch", "apr/hasty-ask", *patch({"spec": {"votes": {BEA: {"verdict": "Approve"}}}})
        ),
        "the end": stage.by(MALLORY, "patch", "apr/hasty-ask", *patch({"spec": {"binding": {"expiresAt": None}}})),
        "the request": stage.by(MALLORY, "delete", "apr/hasty-ask"),
        "the status": stage.by(
            MALLORY, "patch", "apr/hasty-ask", *patch({"status": {"phase": "Approved"}}), "--subresource=status"
        ),
    }
    assert [way for way, answer in ways.items() if answer.accepted] == []
    ends_at = datetime.fromisoformat(stage.get("apr/hasty-ask")["spec"]["binding"]["expiresAt"])
    stage.until("apr/hasty-ask", lambda _: datetime.now(UTC) > ends_at)
    late = stage.say("hasty-ask", PAT, "Approve")
    stage.operator.start()
    scene.refused(late, "the time to vote was over at")
    status = stage.end("hasty")
    assert (status["phase"], status["nodes"]["publish"]["phase"]) == ("Cancelled", "Omitted")
    assert f"rejected by {BEA}: not in a hurry" in status["message"]
    for way in (*ways, "a late vote", "silence"):
        scene.tries(f"while the operator is down: {way}", "hasty")


OPENED: Mapping[str, dict[str, Any]] = {
    "orphaned": {"by": [BEA]},
    "broken": {"value": -1},
    "again": {"text": "as asked", "by": [BEA]},
    "corrected": {"text": "as asked", "by": [BEA]},
    "repaired": {"by": [BEA]},
    "parent": {"by": [BEA]},
}
"""What people have said yes to in these tests, and what came of it."""


@pytest.mark.parametrize("run", OPENED)
def test_what_people_did_open_went_on_with_what_they_approved_and_by_whom(run: str, scene: Scene) -> None:
    status = scene.stage.end(run)
    assert (status["phase"], status["outputs"]) == ("Succeeded", OPENED[run])


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
