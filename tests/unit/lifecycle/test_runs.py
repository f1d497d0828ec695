"""What becomes of a Run when pods are lost or lie, when people change their mind, and when its time is over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from headgate_lang import documents
from support.pods import Scripts
from support.short_runs import GATED, SAFE, TWO, begin, gated, leg, phases, ran
from support.stories import policy, workflow, world
from support.world import SETTINGS

ASKS = "nodes: [{name: ask, use: approval, with: {policy: release, message: Go on}}]"


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
    status = here.finish("r")
    assert (status["phase"], status["conditions"][0]["reason"]) == ("Failed", "OutputsLost")
    assert here.requests["r-ask"]["status"]["phase"] == "Cancelled"


def test_a_run_that_has_lost_what_it_stood_on_ends_its_parts_and_their_questions() -> None:
    here = begin(
        "nodes: [{name: a, use: heavy}, {name: c, use: workflow/inner}]", workflow(ASKS, "inner"), policy("release")
    )
    here.run_legs()
    here.settle_all()
    here.secrets.clear()
    assert here.finish("r")["conditions"][0]["reason"] == "OutputsLost"
    assert here.finish("r-c")["message"] == "terminated"
    assert here.requests["r-c-ask"]["status"]["phase"] == "Cancelled"


def test_why_a_pod_does_not_start_is_told() -> None:
    here = begin("nodes: [{name: a, use: heavy}]")
    here.start_pod(leg(here), 0)
    leg(here).pods[0].phase, leg(here).pods[0].message = "Pending", "ImagePullBackOff: no such image"
    here.settle_all()
    status = here.status("r")
    assert status["nodes"]["a"]["message"] == "its pod does not start: ImagePullBackOff: no such image"
    assert status["message"] == "a: its pod does not start: ImagePullBackOff: no such image"


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


RENDERED = """
nodes: [{name: a, use: heavy}]
outputs: {value: "${a.?value.orValue('none') + '!'}"}
"""


def test_what_a_run_returns_is_computed_although_its_time_is_over() -> None:
    here = begin(RENDERED)
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.now += timedelta(seconds=301)
    status = here.finish("r")
    assert (status["phase"], status["outputs"]) == ("TimedOut", {"value": "none!"})


def test_what_a_run_returns_is_computed_although_it_was_stopped() -> None:
    here = begin(RENDERED)
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.declare("r", state="Stopped")
    status = here.finish("r")
    assert status["phase"] == "Cancelled"
    assert "outputs" in status


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


def test_who_acted_on_a_run_and_was_followed_by_another_still_does_not_count() -> None:
    here = begin(GATED, policy("release", exclude=["Requester"]))
    here.run_legs()
    here.declare("r", state="Paused", declaredBy="bea", actedBy=["bea"])
    here.declare("r", state="Running", declaredBy="dan", actedBy=["bea", "dan"])
    here.settle_all()
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    here.settle_all()
    assert here.status("r")["phase"] == "Waiting"
    here.vote("r-ask", "lea", "Approve", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Succeeded"


def test_who_acted_on_a_run_has_acted_on_its_children() -> None:
    inner = workflow(GATED, "inner")
    here = begin("nodes: [{name: c, use: workflow/inner}]", inner, policy("release", exclude=["Requester"]))
    here.run_legs()
    here.settle_all()
    here.declare("r", attempt=2, declaredBy="bea", actedBy=["bea"])
    here.settle_all()
    assert here.runs["r-c"]["spec"]["actedBy"] == ["bea"]
    here.vote("r-c-ask", "bea", "Approve", groups=["release-managers"])
    here.settle_all()
    assert here.status("r-c")["phase"] == "Waiting"


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


def test_a_gate_whose_policy_went_missing_says_so_and_asks_when_it_is_back() -> None:
    here = begin(GATED, policy("release"))
    full, here.catalogue = here.catalogue, world(workflow(GATED)).catalogue
    here.run_legs()
    here.settle_all()
    assert here.status("r")["message"] == "ask: there is no ApprovalPolicy release"
    assert here.status("r")["conditions"][0]["reason"] == "CannotAsk"
    here.catalogue = full
    here.settle_all()
    assert here.status("r")["message"] == "ask: 0 of 1 votes of group release-managers"


def test_a_leg_with_the_shards_of_a_loop_that_was_not_created_is_created_and_known_again() -> None:
    here = world(workflow("nodes: [{name: a, use: call, forEach: {in: [1, 2, 3], parallelism: 2}}]"))
    here.submit("r", workflow="example")
    here.apply("r", here.decide("r"), 2)
    assert here.status("r")["legs"][0]["claims"] == ["a[0]", "a[2]", "a[1]"]
    assert here.legs == {}
    assert here.finish("r")["phase"] == "Succeeded"
    assert [ran(here, f"a[{index}]") for index in range(3)] == [1, 1, 1]
    assert "ForeignLeg" not in {reason for _, reason, _ in here.events}


PLAIN_WHEN = """
inputs: {wanted: {type: boolean}}
nodes:
- {name: ask, use: approval, when: "${inputs.wanted}", with: {policy: release, message: Go on}}
- {name: sub, use: workflow/small, when: "${inputs.wanted}"}
"""


def test_a_gate_or_a_child_whose_when_is_a_plain_path_that_is_false_asks_nobody_and_starts_nothing() -> None:
    small = workflow(TWO, "small")
    skips = Scripts(when=lambda node: False)
    here = begin(PLAIN_WHEN, policy("release"), small, scripts=skips, inputs={"wanted": False})
    assert here.finish("r")["phase"] == "Succeeded"
    assert phases(here) == {"ask": "Skipped", "sub": "Skipped"}
    assert (here.requests, set(here.runs)) == ({}, {"r"})


def test_a_workflow_under_finally_is_given_how_all_else_ended() -> None:
    told = workflow("inputs: {how: {type: string}}\nnodes: [{name: x, use: heavy}]", "told")
    text = "nodes: [{name: a, use: heavy}]\nfinally: [{name: tell, use: workflow/told, with: {how: '${run.phase}'}}]"
    here = begin(text, told)
    assert here.finish("r")["phase"] == "Succeeded"
    assert here.runs["r-tell"]["spec"]["inputs"] == {"how": "Succeeded"}
