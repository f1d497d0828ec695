"""What people answered about a failure stands, whatever becomes of the gates after it."""

from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.compiler.known import Instance
from support.pods import Scripts
from support.short_runs import begin, go_on, phases
from support.stories import policy, types, workflow
from support.world import World

MANAGERS = ["release-managers"]
TEXT = """
nodes:
- {name: a, use: heavy, onError: Ask, with: {value: 1}}
- {name: ask, use: approval, after: {a: Ended}, with: {policy: ruled, message: Go, edit: {n: 1}}}
- {name: pub, use: heavy, after: {ask: Succeeded}}
"""
RULED = policy("ruled", autoApprove="${values.n == 0}")


def answered(here: World, verdict: str) -> dict[str, str]:
    here.vote("r-a", "rex", verdict, groups=MANAGERS)
    go_on(here)
    return {name: one["status"]["phase"] for name, one in here.requests.items()}


def broken(text: str, *policies: object) -> World:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    here = begin(text, *policies, policy("recovery"), scripts=scripts)  # type: ignore[arg-type]
    go_on(here)
    return here


def test_a_gate_whose_rule_is_past_asks_nothing_anew_about_failures_before_it() -> None:
    here = broken(TEXT, RULED)
    assert here.requests["r-a"]["spec"]["binding"]["maySkip"] == "Never"
    assert answered(here, "Stop") == {"r-a": "Stop", "r-ask": "Open"}
    assert phases(here) == {"a": "Failed", "ask": "Waiting", "pub": "Pending"}


def test_nor_does_a_rule_that_somebody_writes_while_the_run_is_under_way() -> None:
    later = "\n- {name: then, use: approval, after: {pub: Succeeded}, with: {policy: later, message: Go, edit: {n: 1}}}"
    here = broken(TEXT + later.lstrip("\n"), policy("ruled"), policy("later"))
    assert answered(here, "Skip") == {"r-a": "Open"}
    here.vote("r-a", "rex", "Skip", groups=MANAGERS, values={"value": 2})
    go_on(here)
    assert phases(here)["ask"] == "Waiting"
    objects = [*builtin(), *types(), workflow(TEXT + later.lstrip("\n"))]
    policies = [policy("ruled"), policy("recovery"), policy("later", autoApprove="${values.n == 0}")]
    here.catalogue = StaticCatalogue([*objects, *policies], complete=True)
    go_on(here)
    assert {name: one["status"]["phase"] for name, one in here.requests.items()} == {"r-a": "Skip", "r-ask": "Open"}
