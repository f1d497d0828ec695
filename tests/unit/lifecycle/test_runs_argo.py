"""What becomes of a Run while Argo lags behind its pods, waits for what never comes, or says nothing at all."""

from support.legs import Pod
from support.short_runs import SAFE, TWO, begin, leg, phases, ran
from support.world import World

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
