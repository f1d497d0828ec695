"""What a Run takes over from another (`from`) passes no gate: neither what people made of it where no gate held them,
nor what was said of somebody else. Ways round that were tried."""

from typing import Any

import pytest

from headgate.compiler.known import Instance
from support.pods import Scripts
from support.short_runs import go_on, phases, ran
from support.stories import policy, workflow, world
from support.world import World

MANAGERS = ["release-managers"]
ASKED = "{name: a, use: heavy, onError: Ask, with: {value: true}}"
FREE = f"nodes: [{ASKED}]"
DECIDED = f"""
nodes:
- {ASKED}
- {{name: ask, use: approval, when: '${{a.value}}', with: {{policy: release, message: Go}}}}
- {{name: pub, use: heavy, after: {{ask: NotFailed}}}}
"""
BESIDE = f"""
nodes:
- {ASKED}
- {{name: ask, use: approval, with: {{policy: release, message: Go}}}}
- {{name: pub, use: heavy, after: {{ask: Succeeded}}, with: {{value: '${{a.value}}'}}}}
"""
SHOWN = f"""
nodes:
- {ASKED}
- {{name: ask, use: approval, with: {{policy: release, message: Go, show: '${{a.value}}'}}}}
"""


def edited(held: str, *others: Any) -> World:
    """Who answers for failures has run `a` again with other parameters, in a Run in which no gate was in the way."""
    broken = [True]
    scripts = Scripts(fails=lambda one: "Broken" if broken[0] and one == Instance("a") else None)
    policies = (policy("release"), policy("recovery"))
    here = world(workflow(FREE, "free"), workflow(held, "held"), *policies, *others, scripts=scripts)
    here.submit("free", workflow="free", requester="mallory")
    go_on(here)
    broken[0] = False
    here.vote("free-a", "rex", "Retry", groups=MANAGERS, values={"value": False})
    go_on(here)
    assert (here.status("free")["phase"], ran(here, "a")) == ("Succeeded", 2)
    return here


@pytest.mark.parametrize("held", [DECIDED, BESIDE])
def test_what_was_edited_where_no_gate_held_it_is_not_taken_to_where_one_does(held: str) -> None:
    here = edited(held)
    here.submit("r", workflow="held", requester="mallory", **{"from": {"run": "free"}})
    go_on(here)
    assert ran(here, "a") == 3


def test_nor_by_way_of_a_third_run() -> None:
    here = edited(DECIDED)
    here.submit("again", workflow="free", requester="mallory", **{"from": {"run": "free"}})
    go_on(here)
    assert (here.status("again")["phase"], ran(here, "a")) == ("Succeeded", 2)
    here.submit("r", workflow="held", requester="mallory", **{"from": {"run": "again"}})
    go_on(here)
    assert ran(here, "a") == 3


def test_it_is_taken_to_where_a_gate_shows_it() -> None:
    here = edited(SHOWN)
    here.submit("r", workflow="held", requester="mallory", **{"from": {"run": "free"}})
    go_on(here)
    assert ran(here, "a") == 2
    assert phases(here, "r") == {"a": "Succeeded", "ask": "Waiting"}


PART = "nodes: [{name: x, use: heavy, onError: Ask}]\noutputs: {v: '${x.value}'}"


def test_a_part_in_which_people_answered_freely_is_not_taken_to_where_a_gate_holds_it() -> None:
    text = "nodes: [{name: sub, use: workflow/part}]"
    held = """
nodes:
- {name: sub, use: workflow/part}
- {name: ask, use: approval, when: "${sub.?v.orValue('') != ''}", with: {policy: release, message: Go}}
- {name: pub, use: heavy, after: {ask: NotFailed}}
"""
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("x") else None)
    parts = (workflow(text, "free"), workflow(held, "held"), workflow(PART, "part"))
    here = world(*parts, policy("release"), policy("recovery"), scripts=scripts)
    here.submit("free", workflow="free", requester="mallory")
    go_on(here)
    here.vote("free-sub-x", "rex", "Skip", groups=MANAGERS, values={"value": ""})
    go_on(here)
    assert here.status("free")["phase"] == "Succeeded"
    here.submit("r", workflow="held", requester="mallory", **{"from": {"run": "free"}})
    go_on(here)
    assert here.requests["r-sub-x"]["spec"]["binding"]["maySkip"] == "Never"
    assert ran(here, "pub") == 0


WHO = "${run.requester == 'admin'}"
MINE = f"""
nodes:
- {{name: check, use: heavy, with: {{value: "{WHO}"}}}}
- {{name: ask, use: approval, when: '${{!check.value}}', with: {{policy: release, message: Go}}}}
- {{name: pub, use: heavy, after: {{ask: NotFailed}}}}
"""
IN_A_PART = """
nodes:
- {name: sub, use: workflow/part}
- {name: ask, use: approval, when: '${!sub.?v.orValue(false)}', with: {policy: release, message: Go}}
- {name: pub, use: heavy, after: {ask: NotFailed}}
"""


@pytest.mark.parametrize("text", [MINE, IN_A_PART])
def test_what_was_found_out_about_who_asked_is_found_out_again_for_somebody_else(text: str) -> None:
    part = f'nodes: [{{name: check, use: heavy, with: {{value: "{WHO}"}}}}]\noutputs: {{v: "${{check.value}}"}}'
    here = world(workflow(text), workflow(part, "part"), policy("release"), scripts=Scripts(when=lambda node: False))
    for name, who, times in (("r", "admin", 1), ("again", "admin", 1), ("other", "mallory", 2)):
        old = {"from": {"run": "r"}} if name != "r" else {}
        here.submit(name, workflow="example", requester=who, **old)
        go_on(here)
        assert (here.status(name)["phase"], ran(here, "check")) == ("Succeeded", times)


def test_what_came_of_an_output_that_was_given_where_no_gate_held_it_is_not_taken_either() -> None:
    lines = ("{name: a, use: heavy}", "{name: b, use: heavy, with: {value: '${a.value}'}}")
    held = (
        "{name: ask, use: approval, when: '${b.value}', with: {policy: release, message: Go}}",
        "{name: pub, use: heavy, after: {ask: NotFailed}}",
    )
    free, gated = (f"nodes: [{', '.join(texts)}]" for texts in (lines, (*lines, *held)))
    here = world(workflow(free, "free"), workflow(gated, "held"), policy("release"))
    here.submit("free", workflow="free", requester="mallory")
    go_on(here)
    forged: dict[str, Any] = {"run": "free", "skip": {"a": {"output": {"value": False}}}}
    here.submit("forged", workflow="free", requester="mallory", **{"from": forged})
    go_on(here)
    assert (here.status("forged")["phase"], ran(here, "a"), ran(here, "b")) == ("Succeeded", 1, 2)
    here.submit("r", workflow="held", requester="mallory", **{"from": {"run": "forged"}})
    go_on(here)
    assert (ran(here, "a"), ran(here, "b")) == (2, 3)
