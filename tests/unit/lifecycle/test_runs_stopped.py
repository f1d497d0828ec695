"""Runs that were stopped, and go on: what had come last comes last again."""

from datetime import timedelta

import pytest

from headgate.api.common import Resource
from headgate.compiler.known import Instance
from headgate.lifecycle.actions import CreateLeg
from support.pods import Scripts
from support.short_runs import begin, leg, phases, ran
from support.stories import workflow, world
from support.world import World

LAST = """
nodes: [{name: a, use: heavy}, {name: b, use: heavy, after: {a: Succeeded}}]
finally: [{name: last, use: heavy}]
outputs: {v: "${b.?value.orValue('none') + '!'}"}
"""


def stopped(text: str = LAST, *more: Resource) -> World:
    """In the middle."""
    here = begin(text, *more)
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.declare("r", state="Stopped")
    assert here.finish("r")["phase"] == "Cancelled"
    return here


def test_what_a_run_gives_back_is_computed_again_in_the_next_attempt() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("b") else None)
    here = begin(LAST, scripts=scripts)
    assert here.finish("r")["outputs"] == {"v": "none!"}
    scripts.fails = lambda one: None
    here.declare("r", attempt=2)
    assert here.finish("r")["outputs"] == {"v": "b!"}


def test_a_run_that_was_stopped_and_is_tried_again_comes_to_its_end_again() -> None:
    here = stopped()
    here.declare("r", state="Running", attempt=2)
    status = here.finish("r")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"v": "b!"})
    assert [ran(here, name) for name in ("a", "b", "last")] == [1, 1, 2]


def test_a_run_that_takes_over_from_one_that_was_stopped_comes_to_an_end_of_its_own() -> None:
    here = stopped()
    here.submit("r2", workflow="example", **{"from": {"run": "r"}})
    status = here.finish("r2")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"v": "b!"})
    assert [ran(here, name) for name in ("a", "b", "last")] == [1, 1, 2]


LOOP = "nodes: [{name: c, use: workflow/inner, forEach: {in: [1, 2, 3], parallelism: 1, tolerate: 2}}]"


def test_an_item_that_was_stopped_runs_again_in_the_next_attempt_though_its_loop_tolerates_failures() -> None:
    inner = workflow("nodes: [{name: x, use: heavy}, {name: y, use: heavy, after: {x: Succeeded}}]", "inner")
    here = stopped(LOOP, inner)
    assert here.status("r-c-0")["phase"] == "Cancelled"
    here.declare("r", state="Running", attempt=2)
    assert here.finish("r")["nodes"]["c"]["items"] == {"total": 3, "succeeded": 3}


INNER = "nodes: [{name: x, use: heavy}]"
PART = "nodes: [{name: c, use: workflow/inner}]"


def test_a_workflow_under_finally_runs_to_its_end_though_the_run_is_stopped() -> None:
    here = stopped(LAST.replace("name: last, use: heavy", "name: last, use: workflow/inner"), workflow(INNER, "inner"))
    assert (phases(here)["last"], here.status("r-last")["phase"]) == ("Succeeded", "Succeeded")


def test_a_workflow_under_finally_runs_to_its_end_though_the_time_of_the_run_is_over() -> None:
    text = LAST.replace("name: last, use: heavy", "name: last, use: workflow/inner")
    here = begin(text, workflow(INNER, "inner"))
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.now += timedelta(seconds=301)
    assert here.finish("r")["phase"] == "TimedOut"
    assert phases(here)["last"] == "Succeeded"


@pytest.mark.parametrize("state", ["Stopped", "Terminated"])
def test_a_part_that_is_stopped_before_it_began_another_attempt_is_waited_for_no_longer(state: str) -> None:
    here = begin(PART, workflow(INNER, "inner"), scripts=Scripts(fails=lambda _: "Broken"))
    here.finish("r")
    here.declare("r", attempt=2)
    here.settle("r")
    assert here.runs["r-c"]["spec"]["attempt"] == 2
    here.declare("r", state=state)
    assert here.finish("r")["phase"] == "Cancelled"
    here.scripts.fails = lambda _: None
    here.declare("r", state="Running", attempt=3)
    assert here.finish("r")["phase"] == "Succeeded"


def test_a_part_that_was_stopped_before_it_began_begins_in_the_next_attempt() -> None:
    here = world(workflow(PART), workflow(INNER, "inner"))
    here.submit("r", workflow="example")
    here.settle("r")
    here.declare("r", state="Stopped")
    here.settle("r")
    assert here.finish("r")["phase"] == "Cancelled"
    assert here.status("r-c")["message"] == "stopped before it started"
    here.declare("r", state="Running", attempt=2)
    assert here.finish("r")["phase"] == "Succeeded"


def test_a_run_that_could_not_begin_begins_in_the_next_attempt_if_it_can_by_then() -> None:
    here = begin("nodes: [{name: a, use: nothing}]")
    assert here.status("r")["phase"] == "Failed"
    here.declare("r", attempt=2)
    here.settle_all()
    assert (here.status("r")["phase"], here.status("r")["attempt"]) == ("Failed", 2)
    here.catalogue = world(workflow(INNER)).catalogue
    here.declare("r", attempt=3)
    assert (here.finish("r")["phase"], here.status("r")["attempt"]) == ("Succeeded", 3)


@pytest.mark.parametrize("state", ["Running", "Paused"])
@pytest.mark.parametrize("is_created", [False, True])
def test_a_run_that_stops_and_has_begun_what_comes_last_goes_on_in_another_attempt_only(
    state: str, is_created: bool
) -> None:
    here = begin(LAST)
    here.start_pod(leg(here), 0)
    here.settle_all()
    here.declare("r", state="Stopped")
    here.settle_all()
    here.end_pod(leg(here), 0)
    while here.node("r", "b")["phase"] != "Omitted":
        decision = here.decide("r")
        creates = (n for n, one in enumerate(decision.actions) if isinstance(one, CreateLeg))
        here.apply("r", decision, None if is_created else next(creates, None))
    here.declare("r", state=state)
    assert here.finish("r")["phase"] == "Cancelled"
    assert phases(here) == {"a": "Succeeded", "b": "Omitted", "last": "Succeeded"}
    here.declare("r", state="Running", attempt=2)
    assert here.finish("r")["outputs"] == {"v": "b!"}


def test_a_run_whose_nodes_have_all_ended_does_not_run_out_of_time_while_it_computes_what_it_gives_back() -> None:
    text = "nodes: [{name: a, use: heavy}]\noutputs: {v: \"${a.value + '!'}\"}\nexecution: {timeout: 5s}"
    here = begin(text, scripts=Scripts(seconds=6))
    here.end_pod(leg(here), leg(here).runnable[0])
    here.settle_all()
    assert here.finish("r")["phase"] == "Succeeded"
