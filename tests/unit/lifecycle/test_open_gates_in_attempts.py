"""Another attempt while a gate asks: what people said of what was there before says nothing of what comes now."""

from headgate.compiler.known import Instance
from support.pods import Scripts
from support.short_runs import begin, go_on, phases, ran
from support.stories import policy
from support.world import World

TEXT = """
nodes:
- {name: x, use: heavy}
- {name: z, use: heavy}
- {name: ask, use: approval, after: {x: Ended}, with: {policy: release, message: Go}}
- {name: apart, use: approval, after: {z: Succeeded}, with: {policy: release, message: Go}}
- {name: pub, use: heavy, after: {ask: Succeeded, apart: Succeeded}}
"""
TWO = [{"name": "managers", "groups": ["release-managers"], "votes": 2}]


def approve(here: World, request: str, user: str) -> None:
    here.vote(request, user, "Approve", groups=["release-managers"])
    go_on(here)


def test_a_gate_after_what_runs_again_asks_anew_and_one_beside_it_goes_on() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("x") else None)
    here = begin(TEXT, policy("release", stages=TWO), scripts=scripts)
    go_on(here)
    approve(here, "r-ask", "bea")
    approve(here, "r-apart", "bea")
    scripts.fails = lambda one: None
    here.declare("r", attempt=2)
    here.settle_all()
    approve(here, "r-ask", "carl")
    (again,) = here.requests.keys() - {"r-ask", "r-apart"}
    assert here.node("r", "ask")["request"] == again
    found = {name: (one["status"]["phase"], one["status"]["votes"]) for name, one in here.requests.items()}
    assert found == {"r-ask": ("Superseded", "2/2"), "r-apart": ("Open", "1/2"), again: ("Open", "0/2")}
    approve(here, "r-apart", "carl")
    assert (phases(here)["apart"], ran(here, "pub")) == ("Succeeded", 0)
    approve(here, again, "bea")
    approve(here, again, "carl")
    assert here.status("r")["phase"] == "Succeeded"


def test_a_question_that_is_asked_no_more_is_closed_when_the_run_ends() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("x") else None)
    here = begin(TEXT, policy("release"), scripts=scripts)
    go_on(here)
    here.declare("r", attempt=2)
    here.settle("r")
    here.declare("r", state="Stopped")
    go_on(here)
    assert here.status("r")["phase"] == "Cancelled"
    assert {one["status"]["phase"] for one in here.requests.values()} == {"Cancelled"}
