"""Bounds on Runs: whoever decides at one moment, as many start as may; and what one is given, and says, is bounded."""

from datetime import timedelta
from itertools import permutations

import pytest

from headgate.kube.siblings import read_sibling
from headgate.lifecycle.status.bounds import size
from support.pods import Scripts
from support.short_runs import SAFE, begin
from support.stories import workflow, world
from support.world import World

REFUSE = SAFE + "\nexecution: {concurrency: {limit: 1, onLimit: Refuse}}"
QUEUE = SAFE + "\nexecution: {concurrency: {limit: 1}}"


def submitted(text: str, *names: str, apart: float = 10.0) -> World:
    """Runs that are there before anything is decided."""
    here = world(workflow(text))
    for name in names:
        here.submit(name, workflow="example")
        here.now += timedelta(seconds=apart)
    return here


def decide_at_once(here: World) -> None:
    """As several workers do: each before it sees what another one writes."""
    decisions = {name: here.decide(name) for name in here.runs}
    for name, decision in decisions.items():
        here.apply(name, decision)


def outcomes(here: World) -> dict[str, str]:
    """Once all is decided that is not under way: in what phase, or why refused."""
    for _ in range(8):
        decide_at_once(here)
        here.now += timedelta(seconds=1)
    said = {name: here.status(name) for name in here.runs}
    return {name: one["conditions"][0]["reason"] for name, one in said.items()}


@pytest.mark.parametrize("apart", [10.0, 0.0, 1.0], ids=["minutes", "one second", "a breath"])
@pytest.mark.parametrize("limit", [1, 2])
def test_of_runs_that_are_decided_at_one_moment_as_many_start_as_may_and_the_others_are_refused(
    limit: int, apart: float
) -> None:
    here = submitted(REFUSE.replace("limit: 1", f"limit: {limit}"), "c", "a", "d", "b", apart=apart)
    found = list(outcomes(here).values())
    assert sorted(found) == sorted(["Running"] * limit + ["ConcurrencyLimit"] * (4 - limit))


@pytest.mark.parametrize("names", [*permutations("abc")])
@pytest.mark.parametrize("text", [REFUSE, QUEUE], ids=["Refuse", "Queue"])
def test_runs_of_one_second_that_are_seen_one_after_the_other_are_not_told_apart_by_name(
    text: str, names: tuple[str, ...]
) -> None:
    here = submitted(text)
    late = []
    for name in names:
        here.submit(name, workflow="example")
        late.append((name, here.decide(name)))
    for name, decision in late:
        here.apply(name, decision)
    assert list(outcomes(here).values()).count("Running") == 1


def test_a_run_ahead_that_is_refused_for_itself_leaves_its_place_to_the_next() -> None:
    here = submitted(REFUSE)
    here.submit("bad", workflow="example", inputs={"no": 1})
    here.now += timedelta(seconds=10)
    here.submit("good", workflow="example")
    assert outcomes(here) == {"bad": "InvalidRun", "good": "Running"}


@pytest.mark.parametrize("state", ["Paused", "Stopped", "Terminated"])
@pytest.mark.parametrize("text", [REFUSE, QUEUE], ids=["Refuse", "Queue"])
def test_a_run_that_is_not_to_start_is_not_ahead_of_those_that_are(text: str, state: str) -> None:
    here = submitted(text)
    here.submit("old", workflow="example", state=state)
    here.now += timedelta(seconds=10)
    here.submit("new", workflow="example")
    decide_at_once(here)
    assert here.status("new")["phase"] == "Running"
    if state == "Paused":
        assert here.status("old")["message"] == "paused before it started"
        here.declare("old", state="Running")
        assert here.finish("new")["phase"] == "Succeeded"
        assert here.finish("old")["phase"] == ("Failed" if text == REFUSE else "Succeeded")


def test_the_queue_goes_on_by_age() -> None:
    here = submitted(QUEUE, "c", "a", "b")
    assert outcomes(here) == {"c": "Running", "a": "Queued", "b": "Queued"}
    assert here.status("b")["message"] == "queued: 1 of 1 Runs of example are under way, 1 are ahead"
    here.finish("b")
    ended = [here.status(name)["endedAt"] for name in ("c", "a", "b")]
    assert ended == sorted(ended)


def test_far_back_in_a_queue_nothing_is_written_because_others_come_and_go() -> None:
    names = [f"r{number:02}" for number in range(14)]
    here = submitted(QUEUE, *names)
    outcomes(here)
    assert here.status("r10")["message"] == "queued: 1 of 1 Runs of example are under way, 9 are ahead"
    told = "queued: more than 10 Runs of example are ahead, of which 1 may be under way at once"
    assert here.status("r13")["message"] == told
    here.submit("r14", workflow="example")
    here.delete_run("r01")
    assert here.decide("r13").actions == ()
    assert here.decide("r10").actions != ()


def test_a_child_run_never_waits_for_a_place_but_takes_one() -> None:
    here = begin("nodes: [{name: first, use: workflow/part}]", workflow(QUEUE, "part"))
    (child,) = (name for name in here.runs if name != "r")
    assert here.status(child)["phase"] == "Running"
    here.now += timedelta(seconds=10)
    here.submit("own", workflow="part")
    here.settle_all()
    assert here.status("own")["phase"] == "Pending"


@pytest.mark.parametrize(
    ("state", "deleted", "may"),
    [(None, False, True), ("Running", False, True), ("Paused", False, False), ("Running", True, False)],
)
def test_what_is_told_of_a_sibling_says_whether_it_may_start(state: str | None, deleted: bool, may: bool) -> None:
    metadata = {"name": "r", "uid": "u", "creationTimestamp": "2026-11-21T05:30:58Z"}
    gone = {"deletionTimestamp": "2026-11-21T05:31:00Z"} if deleted else {}
    run = {"metadata": {**metadata, **gone}, "spec": {"workflow": "w", **({"state": state} if state else {})}}
    assert read_sibling(run).may_start is may


READS = """
inputs: {text: {type: string}}
nodes: [{name: a, use: heavy, with: {value: "${inputs.text}"}}, {name: b, use: wait, with: {for: 1h}}]
"""
PARENT = """

nodes:
- {name: make, use: heavy}
- {name: part, use: workflow/part, with: {text: "${make.value}"}}
"""


def test_a_run_with_more_inputs_than_its_status_and_its_pods_can_hold_never_starts() -> None:
    here = world(workflow(READS))
    here.submit("r", workflow="example", inputs={"text": "x" * 300_000})
    here.settle_all()
    status = here.status("r")
    assert (status["phase"], status["conditions"][0]["reason"]) == ("Failed", "InvalidRun")
    assert "the inputs are 293 KiB of JSON, and a Run takes 32 KiB at most: keep" in status["message"]
    assert size(status) < 4096
    assert here.legs == {}


def test_a_child_that_would_be_given_too_much_is_not_created_and_its_node_says_why() -> None:
    here = world(workflow(PARENT), workflow(READS, "part"), scripts=Scripts(output=lambda _: {"value": "x" * 50_000}))
    here.submit("r", workflow="example")
    assert here.finish("r")["phase"] == "Failed"
    node = here.node("r", "part")
    assert node["reason"] == "InvalidParameters"
    assert node["message"].startswith("part: spec.inputs: the inputs are 49 KiB of JSON, and a Run takes 32 KiB")
    assert list(here.runs) == ["r"]


def test_a_run_that_is_to_run_again_is_none_that_has_ended_whatever_its_status_says_still() -> None:
    """Else the history limit of its workflow would take it away in the moment in which people retry it."""
    metadata = {"name": "r", "uid": "u", "creationTimestamp": "2026-11-21T05:30:58Z"}
    status = {"phase": "Failed", "endedAt": "2026-11-21T05:31:00Z"}
    run = {"metadata": metadata, "spec": {"workflow": "w"}, "status": status}
    assert read_sibling(run).ended_at is not None
    assert read_sibling({**run, "spec": {"workflow": "w", "attempt": 2}}).ended_at is None
    assert read_sibling({**run, "spec": {"workflow": "w", "attempt": 2, "state": "Paused"}}).ended_at is not None
    assert read_sibling({**run, "spec": {"workflow": "w", "attempt": 2}, "status": {**status, "attempt": 2}}).ended_at
