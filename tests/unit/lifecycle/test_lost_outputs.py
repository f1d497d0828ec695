"""Outputs too large to travel, which only the pod had that made them: whoever asks for one later is told so."""

from typing import Any

import pytest

from headgate.compiler.known import Instance
from support.pods import Scripts
from support.short_runs import begin, phases, ran
from support.stories import workflow, world

CHAIN = """
nodes:
- {name: a, use: calc, with: {value: 1}}
- {name: b, use: calc, with: {value: "${a.value}"}}
- {name: c, use: calc, with: {value: "${b.value}"}}
- {name: d, use: calc, with: {value: "${c.value}"}}
outputs: {said: "${d.value}"}
"""


ONE = "nodes: [{name: a, use: heavy}]"
GIVEN_BACK = f"{ONE}\noutputs: {{said: '${{a.value}}'}}"


def test_what_a_run_gives_back_is_read_by_somebody_so_that_too_much_is_the_error_of_its_node() -> None:
    status = begin(GIVEN_BACK, scripts=Scripts(large=lambda one: True)).finish("r")
    assert (status["phase"], status["nodes"]["a"]["reason"]) == ("Failed", "OutputTooLarge")


def test_what_nobody_read_when_it_was_made_is_not_silently_left_out_of_what_another_run_gives_back() -> None:
    here = begin(ONE, scripts=Scripts(large=lambda one: True))
    assert here.finish("r")["phase"] == "Succeeded"
    here.catalogue = world(workflow(GIVEN_BACK)).catalogue
    here.submit("r2", workflow="example", **{"from": {"run": "r"}})
    status = here.finish("r2")
    assert (status["phase"], status["conditions"][0]["reason"]) == ("Failed", "OutputTooLarge")
    assert status["message"] == "`a` gave more than is kept for what a Run gives back: give back a part, or a link"


def test_a_node_that_is_tried_again_does_not_run_without_what_it_reads_and_says_where_to_begin() -> None:
    fails = [Instance("d")]
    scripts = Scripts(fails=lambda one: "Broken" if one in fails else None, large=lambda one: one.node in ("b", "c"))
    here = begin(CHAIN, scripts=scripts)
    assert here.finish("r")["phase"] == "Failed"
    fails.clear()
    here.declare("r", attempt=2)
    status = here.finish("r")
    assert (status["phase"], status["nodes"]["d"]["reason"]) == ("Failed", "OutputTooLarge")
    assert status["nodes"]["d"]["message"].endswith("only the pod that ended had it: headgate retry r --restart b")
    assert ran(here, "d") == 1

    here.submit("r2", workflow="example", **{"from": {"run": "r", "restart": ["b"]}})
    assert here.finish("r2")["phase"] == "Succeeded"
    assert set(phases(here, "r2").values()) == {"Succeeded"}
    assert (ran(here, "a"), ran(here, "b")) == (1, 2)


@pytest.mark.parametrize(("levels", "phase"), [(100, "Succeeded"), (101, "Failed"), (600, "Failed")])
def test_what_a_run_gives_back_is_never_deeper_than_what_is_read_from_its_status(levels: int, phase: str) -> None:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    status = begin(GIVEN_BACK, scripts=Scripts(output=lambda one: {"value": value})).finish("r")
    assert status["phase"] == phase
    told = "output `said` is nested deeper than 100: give back a part, or a text"
    assert phase == "Succeeded" or (status["message"], status["conditions"][0]["reason"]) == (told, "OutputTooLarge")
