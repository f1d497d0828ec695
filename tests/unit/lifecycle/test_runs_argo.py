"""What becomes of a Run while Argo lags behind its pods, waits for what never comes, or says nothing at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from headgate.lifecycle.hearing import THERE_BEFORE
from support.chart import CHART
from support.legs import Pod
from support.short_runs import GATED, SAFE, TWO, begin, leg, phases, ran
from support.stories import policy, workflow, world
from support.world import SETTINGS, World

CHAIN = "nodes: [{name: a, use: safe}, {name: b, use: heavy, after: {a: Succeeded}}]"


def lose(here: World, position: int = 0) -> None:
    """As Argo tells of a pod that was deleted by force: it waits ten minutes for what the pod left."""
    leg(here).pods[position] = Pod("Error", "pod deleted", {"report": ""}, here.now, synced=False)


def test_a_pod_that_failed_is_judged_when_argo_has_what_it_left() -> None:
    here = begin(SAFE)
    here.end_pod(leg(here), 0)
    whole = leg(here).pods[0]
    leg(here).phase, leg(here).ended_at = "Running", None
    leg(here).pods[0] = Pod("Failed", "main: Error (exit code 137)", {}, here.now, synced=False)
    here.settle_all()
    assert len(here.legs) == 1, "nothing runs again of which nobody knows how it ended"
    assert phases(here) == {"a": "Running"}
    leg(here).pods[0] = whole
    assert here.finish("r")["phase"] == "Succeeded"
    assert ran(here, "a") == 1


def test_a_leg_is_over_with_its_last_pod_and_what_it_left_is_kept_before_it_goes() -> None:
    here = begin(SAFE)
    here.end_pod(leg(here), 0)
    leg(here).phase, leg(here).ended_at = "Running", None
    here.settle_all()
    status = here.status("r")
    assert (status["phase"], here.legs) == ("Succeeded", {})
    assert status["nodes"]["a"]["output"].startswith("secret/")


def refuse(here: World) -> None:
    """As Argo tells of a pod that the API server did not let it make: an end, for Argo does not ask twice."""
    one, now = leg(here), here.now
    one.pods[0] = Pod("Error", 'pods "x" is forbidden: no', {}, now, ended_at=now, was_placed=False)
    one.phase, one.ended_at = "Error", now


def test_a_pod_that_was_refused_never_ran_and_is_asked_for_again_in_a_while() -> None:
    here = begin(TWO)
    refuse(here)
    here.settle_all()
    assert here.status("r")["message"] == 'a: its pod does not start: pods "x" is forbidden: no'
    assert [one.phase for one in here.legs.values()] == ["Error"], "it waits"
    here.sleep()
    here.settle_all()
    assert [one.phase for one in here.legs.values()] == ["Running"], "another leg"
    assert here.finish("r")["phase"] == "Succeeded"
    assert ran(here, "a") == 1


def test_a_pod_that_is_refused_again_and_again_fails_and_says_why() -> None:
    here = begin(TWO)
    begun = here.now
    for _ in range(SETTINGS.lost_pods):
        refuse(here)
        here.settle_all()
        here.sleep()
        here.settle_all()
    refuse(here)
    here.settle_all()
    node = here.status("r")["nodes"]["a"]
    assert (node["reason"], node["message"]) == ("NotScheduled", 'its pod was refused: pods "x" is forbidden: no')
    assert here.now - begun == timedelta(seconds=1 + 4 + 16)


def test_a_terminated_run_does_not_ask_again_for_a_pod_that_was_refused() -> None:
    here = begin(TWO)
    refuse(here)
    here.declare("r", state="Terminated")
    here.settle_all()
    assert here.status("r")["phase"] == "Cancelled"


def test_what_waits_for_a_pod_that_was_deleted_does_not_wait_as_long_as_argo_does() -> None:
    here = begin(CHAIN)
    first = leg(here)
    lose(here)
    here.settle_all()
    assert first.name not in here.legs
    status = here.finish("r")
    assert (status["phase"], phases(here)) == ("Succeeded", {"a": "Succeeded", "b": "Succeeded"})


def test_a_pod_that_runs_beside_one_that_was_deleted_may_end_before_its_leg_does() -> None:
    here = begin("nodes: [{name: a, use: safe}, {name: c, use: heavy}, {name: b, use: heavy, after: {a: Succeeded}}]")
    first = leg(here)
    here.start_pod(first, 1)
    lose(here)
    here.settle_all()
    assert first.suspended
    assert first.pods[1].phase == "Running"
    here.end_pod(first, 1)
    assert here.finish("r")["phase"] == "Succeeded"
    assert ran(here, "c") == 1


def test_a_deleted_pod_of_a_node_that_may_not_run_again_ends_unknown_at_once() -> None:
    here = begin(TWO)
    lose(here)
    here.settle_all()
    status = here.status("r")
    assert (status["phase"], status["nodes"]["a"]["reason"]) == ("Failed", "OutcomeUnknown")
    assert here.legs == {}


def test_a_terminated_run_does_not_wait_for_an_argo_that_is_gone() -> None:
    here = begin(TWO)
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.argo_is_silent = True
    here.declare("r", state="Terminated", declaredBy="dan@example.com")
    here.settle_all()
    assert leg(here).shutdown == "Terminate"
    assert here.status("r")["message"] == ("stopping: waits for Argo to end leg 1, and at 21 Nov 05:31 UTC no longer")
    begun = here.now
    here.sleep()
    assert (here.now - begun).total_seconds() == SETTINGS.argo_timeout
    here.settle_all()
    status = here.status("r")
    assert (status["phase"], status["message"]) == ("Cancelled", "terminated by dan@example.com")
    assert status["nodes"]["a"]["reason"] == "OutcomeUnknown"
    assert phases(here) == {"a": "Failed", "b": "Omitted"}
    assert here.legs == {}, "its pods go with it"
    assert "LegGivenUp" in {reason for _, reason, _ in here.events}


def test_what_pods_had_told_before_argo_fell_silent_stands() -> None:
    here = begin(TWO)
    here.end_pod(leg(here), 0)
    here.start_pod(leg(here), 1)
    here.settle_all()
    here.argo_is_silent = True
    here.declare("r", state="Terminated")
    here.settle_all()
    here.now += timedelta(seconds=61)
    here.settle_all()
    assert phases(here) == {"a": "Succeeded", "b": "Failed"}
    here.argo_is_silent = False
    here.declare("r", state="Running", attempt=2)
    assert here.finish("r")["phase"] == "Succeeded"
    assert (ran(here, "a"), ran(here, "b")) == (1, 1)


@pytest.mark.parametrize("pod", [None, "Pending"])
def test_a_pod_of_which_a_silent_argo_says_nothing_may_have_run(pod: str | None) -> None:
    here = begin(TWO)
    here.argo_is_silent = True
    if pod:
        leg(here).pods[0] = Pod(pod, started_at=here.now)
    here.declare("r", state="Terminated")
    here.settle_all()
    here.now += timedelta(seconds=61)
    here.settle_all()
    assert here.status("r")["nodes"]["a"]["reason"] == "OutcomeUnknown"
    assert phases(here)["b"] == "Omitted", "it waited for the other, so it did not"


def test_a_run_whose_time_is_over_runs_finally_though_argo_has_not_ended_its_pods() -> None:
    here = begin(GATED, policy("release"))
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.argo_is_silent = True
    here.now += timedelta(seconds=301)
    here.settle_all()
    assert here.status("r")["message"].startswith("its time is over: waits for Argo to end leg 1")
    here.now += timedelta(seconds=61)
    here.settle_all()
    here.argo_is_silent = False
    leg(here).phase = "Running"
    status = here.finish("r")
    assert (status["phase"], status["nodes"]["a"]["reason"]) == ("TimedOut", "OutcomeUnknown")
    assert phases(here)["last"] == "Succeeded"


def test_a_stopped_run_looks_again_when_its_time_is_over() -> None:
    here = begin(TWO)
    here.start_pod(leg(here), 0)
    here.declare("r", state="Stopped")
    here.settle_all()
    here.sleep()
    here.settle_all()
    assert here.status("r")["phase"] == "TimedOut"


def test_a_leg_that_argo_never_takes_up_is_told_with_what_to_look_at() -> None:
    here = world(workflow(TWO))
    here.argo_is_silent = True
    here.submit("r", workflow="example")
    here.settle_all()
    assert here.status("r")["message"] == "its pods are about to start"
    here.sleep()
    here.settle_all()
    status = here.status("r")
    assert status["phase"] == "Running"
    assert "Argo has not taken up leg 1, made at 21 Nov 05:30 UTC" in status["message"]
    assert "`admission.argo`" in status["message"]
    assert (status["conditions"][0]["reason"], status["conditions"][0]["message"]) == ("ArgoSilent", status["message"])
    assert status["nodes"]["a"]["message"] == status["message"]
    assert [reason for _, reason, _ in here.events].count("ArgoSilent") == 1
    leg(here).phase, here.argo_is_silent = "Running", False
    here.start_pod(leg(here), 0)
    here.settle_all()
    assert here.status("r")["message"] == "running a"
    assert here.finish("r")["phase"] == "Succeeded"


def test_an_argo_that_falls_silent_between_two_pods_is_told() -> None:
    here = begin(TWO)
    here.end_pod(leg(here), 0)
    here.settle_all()
    here.now += timedelta(seconds=61)
    here.settle_all()
    assert here.status("r")["message"].startswith("Argo has done nothing about leg 1 since")
    assert here.status("r")["nodes"]["b"]["message"].startswith("Argo has done nothing")


def test_a_pod_that_must_have_ended_by_now_is_told() -> None:
    here = begin(f"{TWO}\nexecution: {{timeout: 3d}}")
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.now += timedelta(hours=1)
    here.settle_all()
    assert here.status("r")["message"] == "running a"
    leg(here).pods[0].due_at = here.now - timedelta(seconds=61)
    here.settle_all()
    assert here.status("r")["message"].startswith("Argo has not said how leg 1 ended")


def test_a_leg_that_was_cut_off_is_not_kept_to_be_looked_at() -> None:
    here = begin(TWO, settings=replace(SETTINGS, keep_legs=3600))
    here.argo_is_silent = True
    here.declare("r", state="Terminated")
    here.settle_all()
    here.now += timedelta(seconds=61)
    here.settle_all()
    assert here.legs == {}


def test_a_leg_that_is_resumed_after_days_is_not_silent_at_once() -> None:
    here = begin(TWO)
    here.declare("r", state="Paused")
    here.settle_all()
    here.now += timedelta(days=3)
    here.declare("r", state="Running")
    here.settle_all()
    assert here.status("r")["message"] == "its pods are about to start"
    here.now += timedelta(seconds=61)
    here.settle_all()
    assert here.status("r")["conditions"][0]["reason"] == "ArgoSilent"


def test_an_operator_that_could_not_hear_itself_gives_argo_its_time() -> None:
    here = begin(TWO)
    here.start_pod(leg(here), 0)
    here.argo_is_silent = True
    here.declare("r", state="Terminated")
    here.settle_all()
    here.now += timedelta(seconds=90)
    here.hears_since = here.now - timedelta(seconds=1)
    here.settle_all()
    assert "endedAt" not in here.status("r")
    here.now += timedelta(seconds=60)
    here.settle_all()
    assert here.status("r")["phase"] == "Cancelled"


@pytest.mark.parametrize(
    "message", ["wait: Error (exit code 64)", f'pods "x" is forbidden: {THERE_BEFORE}, and is gone']
)
def test_a_pod_that_may_have_run_is_none_that_was_refused(message: str) -> None:
    here = begin(TWO)
    refuse(here)
    leg(here).pods[0].message = message
    here.settle_all()
    assert here.status("r")["nodes"]["a"]["reason"] == "OutcomeUnknown"


def test_the_policy_that_lets_no_pod_start_twice_says_so_in_these_words() -> None:
    assert THERE_BEFORE in (CHART / "admission/pods.yaml").read_text(encoding="utf-8")


def play(here: World, phase: str, message: str = "", position: int = 0) -> None:
    """As Argo tells: when it made the pod stays the same, whatever becomes of it."""
    pods = leg(here).pods
    made = pods[position].started_at if position in pods else here.now
    pods[position] = Pod(phase, message, started_at=made)
    here.settle_all()


def test_a_pod_that_waited_for_its_place_has_not_worked() -> None:
    here = begin("nodes: [{name: a, use: heavy}]")
    play(here, "Pending", "0/3 nodes are available")
    here.now += timedelta(seconds=400)
    play(here, "Running")
    began = here.now
    status = here.status("r")
    assert (status["phase"], status["nodes"]["a"]["startedAt"]) == ("Running", began.strftime("%Y-%m-%dT%H:%M:%SZ"))
    here.now = began + timedelta(seconds=SETTINGS.run_timeout - 1)
    play(here, "Running")
    assert (here.status("r")["phase"], leg(here).shutdown) == ("Running", "")
    here.now = began + timedelta(seconds=SETTINGS.run_timeout + 1)
    here.settle_all()
    assert here.status("r")["phase"] == "TimedOut"


def test_the_next_pod_of_a_loop_waits_on_nobodys_time() -> None:
    here = begin("nodes: [{name: a, use: heavy, forEach: {in: [1, 2], parallelism: 1}}]")
    play(here, "Pending")
    here.end_pod(leg(here), 0)
    here.settle_all()
    position = len(leg(here).pods)
    play(here, "Pending", position=position)
    here.now += timedelta(seconds=400)
    assert phases(here) == {"a": "Pending"}
    play(here, "Running", position=position)
    assert (here.status("r")["phase"], leg(here).shutdown) == ("Running", "")
    assert here.status("r")["nodes"]["a"]["startedAt"] == here.now.strftime("%Y-%m-%dT%H:%M:%SZ")
