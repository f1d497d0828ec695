"""What becomes of a Run when pods are lost or lie, when people change their mind, and when its time is over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from headgate.api.common import Resource
from headgate.compiler.known import Instance
from headgate.lifecycle.observed import Settings
from headgate_lang import documents
from support.pods import Scripts
from support.stories import policy, workflow, world
from support.world import SETTINGS, Leg, World

TWO = "nodes: [{name: a, use: heavy}, {name: b, use: heavy, after: {a: Succeeded}}]"
SAFE = "nodes: [{name: a, use: safe}]"
GATED = """
nodes:
- {name: a, use: heavy}
- {name: ask, use: approval, after: {a: Succeeded}, with: {policy: release, message: Go on}}
- {name: b, use: heavy, after: {ask: Succeeded}}
finally: [{name: last, use: calc, with: {value: "${run.phase}"}}]
"""


def begin(
    text: str, *more: Resource, settings: Settings = SETTINGS, scripts: Scripts | None = None, **spec: Any
) -> World:
    here = world(workflow(text), *more, settings=settings, scripts=scripts)
    here.submit("r", workflow="example", requester="ana@example.com", **spec)
    here.settle_all()
    return here


def leg(here: World) -> Leg:
    (only,) = here.legs.values()
    return only


def phases(here: World, name: str = "r") -> dict[str, str]:
    return {node: said["phase"] for node, said in here.status(name)["nodes"].items()}


def ran(here: World, instance: str) -> int:
    return sum(times for (_, one), times in here.executions.items() if str(one) == instance)


def gated(**spec: Any) -> World:
    here = begin(GATED, policy("release"), **spec)
    here.run_legs()
    here.settle_all()
    return here


def test_nothing_is_written_while_nothing_changes() -> None:
    here = gated()
    before = here.writes.copy()
    here.now += timedelta(hours=30)
    here.settle_all()
    assert here.writes == before


def test_a_lost_pod_of_an_idempotent_node_runs_again_and_of_another_ends_unknown() -> None:
    here = begin(SAFE)
    here.lose_pod(leg(here), 0)
    assert here.finish("r")["phase"] == "Succeeded"
    here = begin(TWO)
    here.lose_pod(leg(here), 0)
    status = here.finish("r")
    assert (status["phase"], status["nodes"]["a"]["reason"]) == ("Failed", "OutcomeUnknown")
    assert status["nodes"]["b"]["phase"] == "Omitted"


def test_an_idempotent_node_whose_pods_are_lost_again_and_again_fails_in_the_end() -> None:
    here = begin(SAFE)
    for _ in range(SETTINGS.lost_pods + 1):
        here.lose_pod(leg(here), 0)
        here.settle_all()
    assert here.status("r")["nodes"]["a"]["reason"] == "PodLost"


@pytest.mark.parametrize(
    ("message", "reason"), [("main: OOMKilled (exit code 137)", "OutOfMemory"), ("x", "OutcomeUnknown")]
)
def test_what_argo_says_of_a_killed_pod_is_the_reason(message: str, reason: str) -> None:
    here = begin(TWO)
    here.end_pod(leg(here), 0, killed_after=0, message=message)
    assert here.finish("r")["nodes"]["a"]["reason"] == reason


def test_of_a_pod_that_was_killed_what_had_not_started_runs_again_without_a_thought() -> None:
    here = begin(
        "nodes: [{name: a, use: calc}, {name: b, use: calc, after: {a: Succeeded}},"
        " {name: c, use: calc, after: {b: Ended}}]"
    )
    here.end_pod(leg(here), 0, killed_after=1, message="main: OOMKilled")
    status = here.finish("r")
    assert phases(here) == {"a": "Succeeded", "b": "Failed", "c": "Succeeded"}
    assert status["nodes"]["b"]["reason"] == "OutOfMemory"
    assert ran(here, "a") == 1


@pytest.mark.parametrize(
    "report",
    [
        "no json",
        documents.encode({"version": 7, "instances": {}}),
        documents.encode({"version": 1, "instances": {"b": {"phase": "Succeeded"}}}),
        documents.encode({"version": 1, "instances": {"a": {"phase": "Splendid"}}}),
    ],
)
def test_a_report_that_lies_is_an_error_of_its_own_nodes(report: str) -> None:
    here = begin(TWO)
    here.end_pod(leg(here), 0)
    next(iter(here.legs.values())).pods[0].outputs["report"] = report
    here.settle_all()
    here.run_legs()
    assert here.finish("r")["nodes"]["a"]["reason"] == "OutcomeUnknown"
    assert phases(here)["b"] != "Succeeded" or ran(here, "b") == 1


def test_a_pod_that_says_it_succeeded_and_left_nothing_has_failed() -> None:
    here = begin("nodes: [{name: a, use: heavy}]")
    here.end_pod(leg(here), 0)
    leg(here).pods[0].outputs["o0"] = "null"
    assert here.finish("r")["nodes"]["a"]["reason"] == "InvalidOutput"


def test_a_leg_that_vanished_ends_unknown_and_one_that_was_never_created_is_created() -> None:
    here = begin(TWO)
    here.legs.clear()
    here.settle_all()
    assert here.status("r")["nodes"]["a"]["reason"] == "OutcomeUnknown"
    here = world(workflow(TWO))
    here.submit("r", workflow="example")
    here.apply("r", here.decide("r"), 2)
    assert here.legs == {}
    assert here.finish("r")["phase"] == "Succeeded"
    assert ran(here, "a") == 1


def test_an_object_under_the_name_of_a_leg_with_other_claims_is_told_and_not_adopted() -> None:
    here = begin(TWO)
    one = leg(here)
    one.manifest["metadata"]["annotations"]["headgate.dev/claims"] = '[["b"]]'
    here.settle_all()
    assert "ForeignLeg" in {reason for _, reason, _ in here.events}
    assert here.status("r")["nodes"]["a"]["reason"] == "OutcomeUnknown"


def test_a_secret_with_outputs_that_is_gone_ends_the_run_and_says_so() -> None:
    here = gated()
    here.secrets.clear()
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    status = here.finish("r")
    assert (status["phase"], status["conditions"][0]["reason"]) == ("Failed", "OutputsLost")


def test_a_pod_that_finds_no_place_in_time_fails_and_the_run_goes_on() -> None:
    here = begin("nodes: [{name: a, use: heavy, onError: Continue}]", settings=replace(SETTINGS, pending_timeout=60))
    here.start_pod(leg(here), 0)
    leg(here).pods[0].phase = "Pending"
    here.settle_all()
    here.now += timedelta(seconds=61)
    here.settle_all()
    assert here.status("r")["nodes"]["a"]["reason"] == "NotScheduled"
    assert here.status("r")["phase"] == "Succeeded"
    assert here.legs == {}


def test_only_work_counts_against_the_deadline() -> None:
    here = gated()
    here.now += timedelta(days=20)
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Succeeded"


def test_a_run_whose_time_is_over_ends_its_pods_runs_finally_and_is_timed_out() -> None:
    here = begin(GATED, policy("release"))
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.now += timedelta(seconds=301)
    status = here.finish("r")
    assert (status["phase"], status["nodes"]["a"]["reason"]) == ("TimedOut", "Timeout")
    assert phases(here)["last"] == "Succeeded"
    assert phases(here)["b"] == "Omitted"


def test_paused_starts_nothing_and_keeps_gates_open_and_running_goes_on() -> None:
    here = gated()
    here.declare("r", state="Paused", declaredBy="dan@example.com")
    here.settle_all()
    assert here.status("r")["message"] == "paused by dan@example.com: nothing new starts"
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    here.settle_all()
    assert here.legs == {}
    here.declare("r", state="Running")
    assert here.finish("r")["phase"] == "Succeeded"


def test_a_leg_of_a_paused_run_is_suspended_and_resumed() -> None:
    here = begin(TWO)
    here.declare("r", state="Paused")
    here.settle_all()
    assert leg(here).suspended
    here.declare("r", state="Running")
    here.settle_all()
    assert not leg(here).suspended


def test_stopped_lets_what_runs_end_cancels_the_question_and_runs_finally() -> None:
    here = gated()
    here.declare("r", state="Stopped")
    status = here.finish("r")
    assert status["phase"] == "Cancelled"
    assert phases(here) == {"a": "Succeeded", "ask": "Failed", "b": "Omitted", "last": "Succeeded"}
    assert here.requests["r-ask"]["status"]["phase"] == "Cancelled"
    here = begin(TWO)
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.declare("r", state="Stopped")
    here.settle_all()
    assert leg(here).suspended
    assert leg(here).pods[0].phase == "Running"
    here.end_pod(leg(here), 0)
    here.settle_all()
    assert phases(here) == {"a": "Succeeded", "b": "Omitted"}


def test_terminated_ends_pods_and_skips_finally() -> None:
    here = begin(GATED, policy("release"))
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.declare("r", state="Terminated", declaredBy="dan@example.com")
    status = here.finish("r")
    assert (status["phase"], status["message"]) == ("Cancelled", "terminated by dan@example.com")
    assert phases(here) == {"a": "Failed", "ask": "Omitted", "b": "Omitted", "last": "Omitted"}
    assert here.legs == {}


def test_a_gate_that_failed_asks_again_in_the_next_attempt_under_another_name() -> None:
    here = gated()
    here.vote("r-ask", "bea", "Reject", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Cancelled"
    here.declare("r", attempt=2)
    here.settle_all()
    (again,) = (name for name in here.requests if name != "r-ask")
    assert here.status("r")["nodes"]["ask"]["request"] == again
    here.vote(again, "bea", "Approve", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Succeeded"
    assert ran(here, "a") == 1


def test_a_new_run_takes_over_what_settled_restarts_what_it_names_and_asks_again() -> None:
    here = gated()
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    here.finish("r")
    here.submit("r2", workflow="example", requester="ana@example.com", **{"from": {"run": "r"}})
    here.settle_all()
    assert here.status("r2")["nodes"]["ask"]["phase"] == "Waiting"
    assert ran(here, "a") == 1
    here.delete_run("r")
    here.submit("r3", workflow="example", **{"from": {"run": "r2", "restart": ["a"]}})
    here.settle_all()
    here.run_legs()
    assert ran(here, "a") == 2


def test_what_is_skipped_in_a_new_run_has_the_output_that_a_person_gave() -> None:
    here = begin("nodes: [{name: a, use: heavy}]\noutputs: {said: '${a.value}'}")
    here.finish("r")
    skip = {"a": {"output": {"value": "given"}}}
    here.submit("r2", workflow="example", requester="ana@example.com", **{"from": {"run": "r", "skip": skip}})
    status = here.finish("r2")
    assert status["outputs"] == {"said": "given"}
    assert status["nodes"]["a"]["givenBy"] == "ana@example.com"


def test_nobody_can_skip_a_gate_by_a_new_run() -> None:
    here = gated()
    here.submit("r2", workflow="example", **{"from": {"run": "r", "skip": {"ask": {}}}})
    here.settle_all()
    assert here.status("r2")["phase"] == "Failed"
    assert "nobody can skip" in here.status("r2")["message"]


ASKS = "nodes: [{name: a, use: heavy, onError: Ask, with: {value: 1}}, {name: b, use: heavy, after: {a: NotFailed}}]"


def asked(verdict: str, **more: Any) -> World:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    here = begin(ASKS, policy("recovery"), scripts=scripts)
    here.run_legs()
    here.settle_all()
    assert here.status("r")["conditions"][0]["reason"] == "RecoveryNeeded"
    scripts.fails = lambda one: None
    here.vote("r-a", "bea", verdict, groups=["release-managers"], **more)
    here.finish("r")
    return here


def test_people_answer_a_failure_with_retry_skip_or_stop() -> None:
    assert phases(asked("Retry")) == {"a": "Succeeded", "b": "Succeeded"}
    assert phases(asked("Skip")) == {"a": "Skipped", "b": "Succeeded"}
    assert phases(asked("Skip", values={"value": 3})) == {"a": "Succeeded", "b": "Succeeded"}
    assert phases(asked("Stop")) == {"a": "Failed", "b": "Omitted"}


def test_a_retry_with_other_parameters_takes_them_as_literals() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    here = begin(ASKS, policy("recovery"), scripts=scripts)
    here.run_legs()
    here.settle_all()
    here.vote("r-a", "bea", "Retry", groups=["release-managers"], values={"value": "${inputs.secret}"})
    here.settle_all()
    assert leg(here).task(0).members[0].with_ == {"value": "$${inputs.secret}"}


def test_a_request_that_was_deleted_or_made_again_decides_nothing() -> None:
    here = gated()
    del here.requests["r-ask"]
    assert here.finish("r")["nodes"]["ask"]["reason"] == "Cancelled"
    here = gated()
    forged = here.requests["r-ask"]
    forged["metadata"]["uid"] = "another"
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    assert here.finish("r")["nodes"]["ask"]["phase"] == "Failed"


def test_a_status_that_was_forged_on_a_request_is_no_yes() -> None:
    here = gated()
    here.requests["r-ask"]["status"] |= {"phase": "Approved", "decidedAt": "2026-11-21T06:00:00Z"}
    status = here.finish("r")
    assert (status["phase"], phases(here)["b"]) == ("Cancelled", "Omitted")


def test_changed_admission_policies_supersede_the_question() -> None:
    here = gated()
    here.requests["r-ask"]["metadata"]["annotations"]["headgate.dev/guard"] = "before"
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    here.settle_all()
    old = here.requests["r-ask"]["status"]
    assert old["phase"] == "Superseded"
    assert here.status("r")["nodes"]["ask"]["request"] == old["supersededBy"]


def test_a_run_that_cannot_run_fails_with_all_that_is_wrong() -> None:
    here = begin("nodes: [{name: a, use: nothing}]")
    assert here.status("r")["phase"] == "Failed"
    assert "MissingNodeType" in here.status("r")["message"]
    here = begin("inputs: {count: {type: integer}}\n" + SAFE, inputs={"count": "x", "other": 1})
    assert here.status("r")["conditions"][0]["reason"] == "InvalidRun"
    assert "and 1 more problem" in here.status("r")["message"]


def test_one_run_more_than_the_limit_waits_its_turn_or_is_refused() -> None:
    text = SAFE + "\nexecution: {concurrency: {limit: 1}}"
    here = begin(text)
    here.submit("r2", workflow="example")
    here.settle_all()
    assert here.status("r2")["phase"] == "Pending"
    assert here.finish("r2")["phase"] == "Succeeded"
    here = begin(text.replace("limit: 1", "limit: 1, onLimit: Refuse"))
    here.submit("r2", workflow="example")
    here.settle_all()
    assert here.status("r2")["conditions"][0]["reason"] == "ConcurrencyLimit"


def test_runs_go_when_their_time_is_over_or_there_are_too_many_but_not_what_argo_cd_tracks() -> None:
    here = begin(SAFE, ttl="1h")
    here.finish("r")
    here.now += timedelta(hours=1)
    here.settle_all()
    assert here.runs == {}
    here = begin(SAFE, settings=replace(SETTINGS, keep_succeeded=1))
    here.runs["r"]["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "x"}
    for name in ("r2", "r3"):
        here.now += timedelta(minutes=1)
        here.submit(name, workflow="example")
        here.finish(name)
        here.settle_all()
    assert set(here.runs) == {"r", "r3"}


def test_one_after_the_other_never_has_two_legs() -> None:
    here = begin(
        "nodes: [{name: a, use: heavy}, {name: w, use: wait, with: {for: 1s}},"
        " {name: b, use: heavy, after: {w: Succeeded}}]\nexecution: {parallelism: 1}"
    )
    here.now += timedelta(seconds=2)
    here.settle_all()
    assert len(here.legs) == 1
    assert here.finish("r")["phase"] == "Succeeded"


def test_a_child_that_failed_is_retried_with_what_it_had_and_its_failure_is_asked_about_once() -> None:
    inner = workflow("nodes: [{name: x, use: heavy}, {name: y, use: heavy, after: {x: Succeeded}}]", "inner")
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("y") else None)
    here = begin("nodes: [{name: c, use: workflow/inner, onError: Ask}]", inner, policy("recovery"), scripts=scripts)
    here.run_legs()
    here.settle_all()
    here.run_legs()
    here.settle_all()
    assert here.status("r")["nodes"]["c"]["phase"] == "Waiting"
    scripts.fails = lambda one: None
    here.vote("r-c", "bea", "Retry", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Succeeded"
    assert (ran(here, "x"), ran(here, "y")) == (1, 2)


def test_a_status_of_ten_thousand_nodes_keeps_its_bound() -> None:
    from headgate.api.run import NodePhase, NodeStatus, RunStatus
    from headgate.lifecycle.status.bounds import MAX_STATUS, bound, plain, size

    quiet = NodeStatus(phase=NodePhase.SUCCEEDED, leg=1, attempts=1, seconds=1.0, preview="x" * 1000, output="s/k")
    bad = NodeStatus(phase=NodePhase.FAILED, leg=1, reason="Broken", message="y" * 900)
    nodes = {f"n{number}": bad if number % 20 == 0 else quiet for number in range(10_000)}
    bounded = bound(RunStatus(nodes=nodes))
    assert size(plain(bounded)) <= MAX_STATUS
    assert len(bounded.nodes) == 500, "those that failed are told"
