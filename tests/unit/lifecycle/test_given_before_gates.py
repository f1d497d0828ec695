"""What people may give of what comes before a gate: nothing that decides whether it asks, and what it shows."""

from typing import Any

import pytest

from headgate.compiler.graph import Graph, Way
from headgate.compiler.known import Instance
from headgate.compiler.passing import ways
from support.graphs import gate, work
from support.pods import Scripts
from support.short_runs import answer, begin, go_on, open_requests
from support.stories import policy, workflow

EVIL = {"value": "nobody has approved this"}
INNER = "nodes: [{name: draft, use: heavy}, {name: ask, use: approval, with: {policy: release, message: Go on}}]"
BEFORE = {
    "a condition": "- {name: ask, use: approval, when: '${a.value}', with: {policy: release, message: Go}}",
    "a condition on the way": """
- {name: b, use: heavy, when: '${a.value}'}
- {name: ask, use: approval, after: {b: Succeeded}, with: {policy: release, message: Go}}""",
    "a failure that is forgiven": """
- {name: b, use: heavy, onError: Continue, with: {value: '${a.value}'}}
- {name: ask, use: approval, after: {b: Succeeded}, with: {policy: release, message: Go}}""",
    "a branch on failure": "- {name: ask, use: approval, after: {a: Failed}, with: {policy: release, message: Go}}",
    "a list": "- {name: ask, use: workflow/inner, forEach: {in: '${a.value}'}}",
    "a rule": "- {name: ask, use: approval, with: {policy: ruled, message: Go, edit: {n: '${a.value}'}}}",
}


@pytest.mark.parametrize("way", BEFORE)
def test_nobody_gives_what_may_decide_whether_a_gate_asks(way: str) -> None:
    text = f"""
nodes:
- {{name: a, use: heavy, onError: Ask, with: {{value: 1}}}}
{BEFORE[way].strip()}
- {{name: pub, use: heavy, after: {{ask: NotFailed}}}}
"""
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    policies = (policy("release"), policy("ruled", autoApprove="${values.n == 0}"), policy("recovery"))
    here = begin(text, workflow(INNER, "inner"), *policies, scripts=scripts)
    go_on(here)
    binding = here.requests["r-a"]["spec"]["binding"]
    assert (binding["form"], binding["maySkip"]) == ({}, "Never")
    skip: dict[str, Any] = {"a": {"output": {"value": []}}}
    here.submit("r2", workflow="example", requester="mallory", **{"from": {"run": "r", "skip": skip}})
    go_on(here)
    assert "what `a` gives may decide whether `ask` asks" in here.status("r2")["message"]


def test_a_failure_before_a_gate_is_skipped_with_an_output_that_the_gate_shows_or_not_at_all() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    text = """
nodes:
- {name: a, use: heavy, onError: Ask}
- {name: ask, use: approval, after: {a: Succeeded}, with: {policy: release, message: Go on}}
- {name: pub, use: heavy, after: {ask: Succeeded}}
"""
    here = begin(text, policy("release"), policy("recovery"), scripts=scripts)
    go_on(here)
    assert here.requests["r-a"]["spec"]["binding"]["maySkip"] == "WithOutput"
    answer(here, "r-a", "Skip")
    assert open_requests(here) == ["r-a"]
    answer(here, "r-a", "Skip", values=EVIL)
    assert open_requests(here) == ["r-ask"]


def test_a_part_before_a_gate_is_held_as_its_node_is() -> None:
    part = "nodes: [{name: x, use: heavy, onError: Ask, with: {value: 1}}]\noutputs: {v: '${x.value}'}"
    condition = ", when: '${sub.?v.orValue(false)}'"
    for when, form, may_skip in (("", {"value": {"optional": True}}, "WithOutput"), (condition, {}, "Never")):
        text = f"""
nodes:
- {{name: sub, use: workflow/part}}
- {{name: ask, use: approval, after: {{sub: Succeeded}}{when}, with: {{policy: release, message: Go}}}}
"""
        scripts = Scripts(fails=lambda one: "Broken" if one == Instance("x") else None)
        here = begin(text, workflow(part, "part"), policy("release"), policy("recovery"), scripts=scripts)
        go_on(here)
        binding = here.requests["r-sub-x"]["spec"]["binding"]
        assert (binding["form"], binding["maySkip"]) == (form, may_skip)


UNSEEN = {
    "before, and not shown": """
- {name: ask, use: approval, after: {a: Succeeded}, with: {policy: release, message: Go}}""",
    "beside": "- {name: ask, use: approval, with: {policy: release, message: Go}}",
}


@pytest.mark.parametrize("where", UNSEEN)
def test_nobody_gives_what_goes_past_a_gate_that_shows_nothing_of_it(where: str) -> None:
    text = f"""
nodes:
- {{name: a, use: heavy, onError: Ask, with: {{value: 1}}}}
{UNSEEN[where].strip()}
- {{name: pub, use: heavy, after: {{ask: Succeeded}}, with: {{value: "${{a.value}}"}}}}
"""
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    here = begin(text, policy("release"), policy("recovery"), scripts=scripts)
    go_on(here)
    binding = here.requests["r-a"]["spec"]["binding"]
    assert binding["form"] == {}
    assert binding["maySkip"] == ("WithoutOutput" if where == "beside" else "Never")
    skip: dict[str, Any] = {"a": {"output": EVIL}}
    here.submit("r2", workflow="example", requester="mallory", **{"from": {"run": "r", "skip": skip}})
    go_on(here)
    assert "goes to what comes after `ask`, which does not show it" in here.status("r2")["message"]


SHOWN = {
    "all of it": ("${a.value}", "${a.value.text}", True),
    "that very part": ("${a.value.text}", "${a.value.text}", True),
    "that part, in a text": ("It says: ${a.value.text}", "${a.value.text + '!'}", True),
    "that part, through another": ("${made.value}", "${a.value.text}", True),
    "another part": ("${a.value.title}", "${a.value.text}", False),
    "another part, through another": ("${other.value}", "${a.value.text}", False),
    "a part of what goes on": ("${a.value.title}", "${a.value}", False),
    "one that is computed": ("${a.value[inputs.which]}", "${a.value.text}", False),
    "how long it is": ("${size(string(a.value.text))}", "${a.value.text}", False),
    "of each item a part": ("${a.value.map(one, one.title)}", "${a.value}", False),
    "what is made of how long it is": ("${long.value}", "${a.value.text}", False),
}


@pytest.mark.parametrize(("shown", "used", "may_be_given"), SHOWN.values(), ids=SHOWN)
def test_a_gate_shows_of_a_node_what_it_reads_of_it_and_no_more(shown: str, used: str, may_be_given: bool) -> None:
    text = f"""
inputs: {{which: {{type: string, default: title}}}}
nodes:
- {{name: a, use: heavy, onError: Ask, with: {{value: 1}}}}
- {{name: made, use: heavy, with: {{value: "${{a.value.text}}"}}}}
- {{name: other, use: heavy, with: {{value: "${{a.value.title}}"}}}}
- {{name: long, use: heavy, with: {{value: "${{size(string(a.value.text))}}"}}}}
- {{name: ask, use: approval, after: {{a: Succeeded}}, with: {{policy: release, message: Go, show: "{shown}"}}}}
- {{name: pub, use: heavy, after: {{ask: Succeeded}}, with: {{value: "{used}"}}}}
"""
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    here = begin(text, policy("release"), policy("recovery"), scripts=scripts)
    go_on(here)
    binding = here.requests["r-a"]["spec"]["binding"]
    assert bool(binding["form"]) is may_be_given
    assert binding["maySkip"] == ("WithOutput" if may_be_given else "Never")
    skip: dict[str, Any] = {"a": {"output": {"value": {"title": "Hello", "text": "nobody has approved this"}}}}
    here.submit("r2", workflow="example", requester="mallory", **{"from": {"run": "r", "skip": skip}})
    go_on(here)
    told = "what `a` gives goes to what comes after `ask`, which does not show it"
    assert (told not in here.status("r2").get("message", "")) is may_be_given


def test_how_all_ends_may_decide_whether_a_gate_under_finally_asks() -> None:
    text = "nodes: [{name: a, use: heavy, onError: Ask}]\nfinally: [{name: mend, use: workflow/inner}]"
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    here = begin(text, workflow(INNER, "inner"), policy("release"), policy("recovery"), scripts=scripts)
    go_on(here)
    assert here.requests["r-a"]["spec"]["binding"]["maySkip"] == "Never"
    here.submit("r2", workflow="example", requester="mallory", **{"from": {"run": "r", "skip": {"a": {}}}})
    go_on(here)
    assert "what `a` gives may decide whether `mend` asks" in here.status("r2")["message"]


def test_how_nodes_stand_to_thousands_of_gates_is_soon_known() -> None:
    gates = [gate(f"g{number}", *([f"g{number - 1}"] if number else ["j"])) for number in range(3_000)]
    graph = Graph((*(work(f"n{number}") for number in range(200)), work("j", *(f"n{n}" for n in range(200))), *gates))
    assert all(Way.BEFORE in ways(graph, f"n{number}") for number in range(20))
