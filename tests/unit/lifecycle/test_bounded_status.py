"""A status keeps its bound whatever becomes of a Run, and what decisions read of it survives."""

import json
from typing import Any

import pytest

from headgate.api.run import LegStatus, NodePhase, NodeStatus, RunStatus
from headgate.compiler import sizes
from headgate.lifecycle.status import bounds
from headgate.lifecycle.status.bounds import MAX_STATUS, bound, fits, plain, size
from headgate.lifecycle.status.folding import LISTED, fold, unfold
from support.short_runs import TWO
from support.stories import workflow, world
from support.world import World

DONE = NodePhase.SUCCEEDED


def leg(number: int, phase: NodePhase = DONE, **more: Any) -> LegStatus:
    return LegStatus(number=number, argo=f"r-12345678-{number}", phase=phase, **more)


def name_of(number: int) -> str:
    return f"r-12345678-{number}"


def status_sizes(here: World, name: str) -> list[int]:
    """After each decision, until the Run ends."""
    found = []
    while "endedAt" not in here.status(name):
        here.settle_all()
        found.append(size(here.status(name)))
        here.run_legs()
    return found


def small(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """As if a status could hold so many bytes."""
    monkeypatch.setattr(bounds, "MAX_STATUS", most)
    monkeypatch.setattr(bounds, "MAX_OUTPUTS", 0)


def test_legs_that_ended_long_ago_are_told_as_ranges_and_read_back_the_same() -> None:
    numbers = [*range(1, 40), *range(45, 60), 70, *range(80, 120)]
    whole = RunStatus(legs=tuple(leg(number) for number in numbers))
    folded = fold(whole)
    assert folded.ended_legs == ("1-39", "45-59", "70", "80-99")
    assert len(folded.legs) == LISTED
    assert unfold(folded, name_of) == whole
    assert fold(RunStatus(legs=whole.legs[:LISTED])) == RunStatus(legs=whole.legs[:LISTED])


def test_a_leg_that_still_claims_something_is_never_folded() -> None:
    live = leg(3, NodePhase.RUNNING, claims=("a",))
    whole = RunStatus(legs=(leg(1), leg(2), live, *(leg(number) for number in range(4, 60))))
    folded = fold(whole)
    assert folded.ended_legs == ("1-2", "4-39")
    assert live in folded.legs
    assert unfold(folded, name_of) == whole


def test_ten_thousand_legs_keep_the_bound() -> None:
    whole = RunStatus(legs=tuple(leg(number) for number in range(1, 10_001)))
    bounded = bound(whole)
    assert size(plain(bounded)) < 4096
    assert unfold(bounded, name_of) == whole


@pytest.mark.parametrize("phase", [NodePhase.RUNNING, NodePhase.FAILED, NodePhase.WAITING])
def test_thousands_of_nodes_in_any_phase_keep_the_bound_and_what_is_remembered_is_never_dropped(
    phase: NodePhase,
) -> None:
    one = NodeStatus(phase=phase, leg=7, started_at="2026-11-21T05:30:58Z", message="m" * 500)
    marked = one.model_copy(update={"since": 3, "retried": 5})
    nodes = {f"a_name_as_long_as_names_may_be_{number}": one for number in range(2_500)}
    nodes |= {f"marked{number}": marked for number in range(500)}
    nodes["bad"] = NodeStatus(phase=NodePhase.FAILED, leg=1, reason="Broken")
    bounded = bound(RunStatus(nodes=nodes))
    assert fits(bounded)
    assert size(plain(bounded)) <= MAX_STATUS - bounds.MAX_OUTPUTS
    assert [bounded.nodes[f"marked{number}"].since for number in range(500)] == [3] * 500
    assert len(bounded.nodes) > 1_000, "the room is used"
    assert phase is not NodePhase.RUNNING or "bad" in bounded.nodes, "what failed comes before what runs"


def test_a_loop_that_became_many_legs_ends_well_within_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, 1_700)
    items = json.dumps(list(range(30)))
    here = world(workflow(f"nodes: [{{name: a, use: heavy, forEach: {{in: {items}, parallelism: 1}}}}]"))
    here.submit("r", workflow="example")
    assert max(status_sizes(here, "r")) <= 1_700
    status = here.status("r")
    assert (status["phase"], status["nodes"]["a"]["items"]) == ("Succeeded", {"total": 30, "succeeded": 30})
    assert status["endedLegs"] == ["1-10"]
    here.submit("again", workflow="example", **{"from": {"run": "r"}})
    assert here.finish("again")["phase"] == "Succeeded"
    assert sum(here.executions.values()) == 30, "what was folded is taken over"


def test_a_folded_leg_whose_secret_is_gone_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, 1_700)
    items = json.dumps(list(range(30)))
    here = world(workflow(f"nodes: [{{name: a, use: heavy, forEach: {{in: {items}, parallelism: 1}}}}]"))
    here.submit("r", workflow="example")
    for _ in range(29):
        here.settle_all()
        here.run_legs()
    here.settle_all()
    assert here.status("r")["endedLegs"][0].startswith("1-")
    del here.secrets[next(iter(here.secrets))]
    here.settle_all()
    assert here.status("r")["conditions"][0]["reason"] == "OutputsLost"


def test_legs_whose_claims_do_not_fit_come_when_others_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, 3_000)
    monkeypatch.setattr(sizes, "MAX_PODS", 5)
    nodes = ", ".join(f"{{name: a_name_as_long_as_names_may_be_{number}, use: heavy}}" for number in range(60))
    here = world(workflow(f"nodes: [{nodes}]"))
    here.submit("r", workflow="example")
    assert max(status_sizes(here, "r")) <= 3_000
    assert here.status("r")["phase"] == "Succeeded"
    assert sum(here.executions.values()) == 60


def test_a_run_of_which_no_status_could_remember_enough_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, 300)
    here = world(workflow(TWO))
    here.submit("r", workflow="example")
    here.settle_all()
    status = here.status("r")
    assert (status["phase"], status["conditions"][0]["reason"]) == ("Failed", "StatusTooLarge")
    assert "cannot hold what has to be remembered of 2 nodes and 0 legs: divide it" in status["message"]
    assert here.legs == {}
