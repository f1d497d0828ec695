"""What a node's status says of the items of a loop that failed: which, and why, wherever they ran."""

import pytest

from headgate.compiler.graph import Loop
from headgate.compiler.known import Instance
from headgate.lifecycle.entries import Told
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.outputs import items_failed
from headgate.lifecycle.tidy import MAX_LINE
from headgate_lang.report import Counts, Entry, Error, Failure, Phase
from headgate_lang.task import Tolerance
from support.graphs import work
from support.pods import Scripts
from support.short_runs import SAFE, begin
from support.stories import workflow
from support.world import World

BAD = frozenset({2, 5, 9})
LIST = f"{list(range(12))}"


def failing(text: str, *more: str) -> World:
    """A loop over twelve items, of which three fail."""
    scripts = Scripts(fails=lambda one: "Timeout" if one.index in BAD else None)
    return begin(text, *(workflow(part, "part") for part in more), scripts=scripts)


@pytest.mark.parametrize("use", ["heavy", "call"], ids=["a pod each", "pods that they share"])
@pytest.mark.parametrize(("tolerate", "phase"), [("2", "Failed"), ("3", "Succeeded")])
def test_items_that_ran_in_pods_are_named(use: str, tolerate: str, phase: str) -> None:
    loop = f"{{in: {LIST}, tolerate: {tolerate}, parallelism: 12}}"
    here = failing(f"nodes: [{{name: a, use: {use}, forEach: {loop}}}, {{name: b, use: heavy, after: {{a: Ended}}}}]")
    here.finish("r")
    node = here.node("r", "a")
    assert node["phase"] == phase
    assert node["items"]["failed"] == 3
    assert node["message"].startswith(f"3 of 12 items failed, {tolerate} tolerated: 2, 5 and 9; item 2: Timeout: a[2]")


def test_items_that_ran_as_child_runs_are_named_and_why_each_one_failed_is_told_by_its_run() -> None:
    here = begin(
        f"nodes: [{{name: a, use: workflow/part, with: {{x: '${{item}}'}}, forEach: {{in: {list(range(3))}}}}}]",
        workflow("inputs: {x: {type: integer}}\n" + SAFE, "part"),
        scripts=Scripts(fails=lambda _: "Broken"),
    )
    assert here.finish("r")["phase"] == "Failed"
    message = here.node("r", "a")["message"]
    assert message.startswith("3 of 3 items failed, none tolerated: 0, 1 and 2; item 0: Broken: r-a-0: a: ")


def test_while_a_loop_goes_on_what_failed_so_far_is_named_already() -> None:
    here = failing(f"nodes: [{{name: a, use: heavy, forEach: {{in: {LIST}, tolerate: 3, parallelism: 3}}}}]")
    while "message" not in here.node("r", "a"):
        (leg, *_) = [one for one in here.legs.values() if one.runnable]
        here.end_pod(leg, leg.runnable[0])
        here.settle_all()
        for other in here.legs.values():
            for position in other.runnable[:1]:
                here.start_pod(other, position)
        here.settle_all()
    node = here.node("r", "a")
    assert node["phase"] == "Running"
    assert node["message"] == "1 of 12 items failed, 3 tolerated: 2; item 2: Timeout: a[2] failed"


def test_a_loop_of_which_nearly_all_failed_names_the_first_and_counts_the_others() -> None:
    here = begin(
        f"nodes: [{{name: a, use: heavy, forEach: {{in: {list(range(60))}, parallelism: 60}}}}]",
        scripts=Scripts(fails=lambda _: "Broken"),
    )
    here.finish("r")
    message = here.node("r", "a")["message"]
    assert message == "60 of 60 items failed, none tolerated: 0, 1, 2, 3, 4 and 55 more; item 0: Broken: a[0] failed"
    assert len(message) < MAX_LINE


def test_a_node_that_is_no_loop_says_what_it_always_said() -> None:
    here = begin(SAFE, scripts=Scripts(fails=lambda one: "Broken" if one == Instance("a") else None))
    here.finish("r")
    assert here.node("r", "a")["message"] == "a failed"


def test_items_of_a_loop_that_ran_in_one_pod_are_named_as_the_pod_told_them() -> None:
    failed = tuple(Failure(index, Error("Timeout", "after 5s")) for index in (2, 5, 9))
    told = Told(Entry(Phase.SUCCEEDED, counts=Counts(40, 37, 3), failed=failed), 1)
    facts = Facts(told={Instance("a"): told})
    node = work("a", loop=Loop("${inputs.list}", 5, Tolerance(3)))
    assert items_failed(facts, node) == "3 of 40 items failed, 3 tolerated: 2, 5 and 9; item 2: Timeout: after 5s"
    assert items_failed(Facts(), node) == ""
