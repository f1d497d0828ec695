"""What a gate holds back does not run before people have said yes. Ways round that were tried."""

from typing import Any

import pytest

from headgate.compiler.known import Instance
from support.pods import Scripts
from support.short_runs import MANAGERS, answer, begin, go_on, open_requests, phases, ran
from support.stories import policy, workflow
from support.world import World

EVIL = {"value": "nobody has approved this"}
LINE = """
nodes:
- {name: a, use: heavy}
- {name: ask, use: approval, after: {a: Succeeded}, with: {policy: release, message: Go on}}
- {name: mid, use: heavy, after: {ask: Succeeded}, onError: Ask, with: {value: "as approved"}}
- {name: pub, use: heavy, after: {mid: NotFailed}, with: {value: "${mid.?value.orValue('')}"}}
"""
INNER = """
nodes:
- {name: draft, use: heavy}
- {name: ask, use: approval, after: {draft: Succeeded}, with: {policy: release, message: Go on}}
- {name: done, use: heavy, after: {ask: Succeeded}}
"""
OUTER = "nodes: [{name: sub, use: workflow/middle, onError: Ask}, {name: pub, use: heavy, after: {sub: NotFailed}}]"
MIDDLE = "nodes: [{name: deep, use: workflow/inner}]"


def line(scripts: Scripts | None = None) -> World:
    here = begin(LINE, policy("release"), policy("recovery"), scripts=scripts)
    go_on(here)
    return here


def nested() -> World:
    here = begin(OUTER, workflow(MIDDLE, "middle"), workflow(INNER, "inner"), policy("release"), policy("recovery"))
    go_on(here)
    return here


@pytest.mark.parametrize(
    ("skip", "why"),
    [
        ({"ask": {}}, "`ask` is a gate, and nobody can skip one"),
        ({"mid": {"output": EVIL}}, "`mid` comes after `ask`, which is a gate or holds one"),
        ({"mid": {}}, "`mid` comes after `ask`, which is a gate or holds one"),
        ({"a": {"output": EVIL}, "pub": {}}, "`pub` comes after `ask`"),
        ({"a": {}}, "without `a` the gate `ask` would not ask, and nobody can skip one"),
    ],
)
def test_a_new_run_skips_no_gate_and_nothing_after_one(skip: dict[str, Any], why: str) -> None:
    here = line()
    answer(here, "r-ask", "Reject")
    here.submit("r2", workflow="example", requester="mallory", **{"from": {"run": "r", "skip": skip}})
    go_on(here)
    assert here.status("r2")["phase"] == "Failed"
    assert why in here.status("r2")["message"]
    assert "spec.from.skip" in here.status("r2")["message"]
    assert ran(here, "pub") == 0


def test_what_comes_before_every_gate_can_be_skipped_and_the_gate_asks_again() -> None:
    here = line()
    answer(here, "r-ask", "Reject")
    here.submit("r2", workflow="example", requester="ana", **{"from": {"run": "r", "skip": {"a": {"output": EVIL}}}})
    go_on(here)
    assert open_requests(here) == ["r2-ask"]
    assert ran(here, "pub") == 0


def test_a_workflow_that_holds_a_gate_however_deep_is_not_skipped() -> None:
    here = nested()
    here.submit("r2", workflow="example", requester="mallory", **{"from": {"run": "r", "skip": {"sub": {}}}})
    go_on(here)
    assert "`sub` is a workflow that holds a gate, and nobody can skip one" in here.status("r2")["message"]
    assert ran(here, "pub") == 0


def test_a_workflow_that_holds_a_gate_asks_again_in_a_new_run_and_no_decision_serves_two() -> None:
    here = nested()
    (request,) = open_requests(here)
    answer(here, request, "Approve")
    assert here.status("r")["phase"] == "Succeeded"
    here.submit("r2", workflow="example", requester="ana@example.com", **{"from": {"run": "r", "restart": ["pub"]}})
    go_on(here)
    (again,) = open_requests(here)
    assert again != request
    assert phases(here, "r2") == {"sub": "Waiting", "pub": "Pending"}
    assert ran(here, "pub") == 1


@pytest.mark.parametrize("values", [{}, EVIL])
def test_who_answers_for_failures_does_not_overrule_those_who_said_no_in_a_child(values: dict[str, Any]) -> None:
    here = nested()
    (request,) = open_requests(here)
    answer(here, request, "Reject")
    (recovery,) = open_requests(here)
    assert here.requests[recovery]["spec"]["binding"]["maySkip"] == "Never"
    assert here.requests[recovery]["spec"]["message"].endswith("Retry or Stop?")
    answer(here, recovery, "Skip", values=values)
    assert here.requests[recovery]["status"]["phase"] == "Open"
    assert ran(here, "pub") == 0
    answer(here, recovery, "Retry")
    (asked_again,) = open_requests(here)
    assert here.requests[asked_again]["spec"]["type"] == "Approval"
    assert ran(here, "pub") == 0


def broken_after_the_gate() -> World:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("mid") else None)
    here = line(scripts)
    answer(here, "r-ask", "Approve")
    assert open_requests(here) == ["r-mid"]
    scripts.fails = lambda one: None
    return here


def test_who_answers_for_failures_edits_nothing_that_comes_after_a_gate() -> None:
    here = broken_after_the_gate()
    binding = here.requests["r-mid"]["spec"]["binding"]
    assert (binding["form"], binding["maySkip"]) == ({}, "WithoutOutput")
    assert here.requests["r-mid"]["spec"]["values"] == {"value": "as approved"}
    answer(here, "r-mid", "Retry", values=EVIL)
    assert open_requests(here) == ["r-mid"]
    answer(here, "r-mid", "Retry")
    assert here.status("r")["phase"] == "Succeeded"


def test_who_answers_for_failures_gives_no_output_after_a_gate_but_may_go_on_without() -> None:
    here = broken_after_the_gate()
    answer(here, "r-mid", "Skip", values=EVIL)
    assert (open_requests(here), ran(here, "pub")) == (["r-mid"], 0)
    answer(here, "r-mid", "Skip")
    assert phases(here) == {"a": "Succeeded", "ask": "Succeeded", "mid": "Skipped", "pub": "Succeeded"}


def excluding(*objects: Any, text: str = LINE) -> World:
    here = begin(text, policy("release", exclude=["Requester"]), policy("recovery"), *objects)
    go_on(here)
    return here


def votes_of(here: World, request: str) -> tuple[str, str]:
    status = here.requests[request]["status"]
    return status["phase"], status["votes"]


def test_whose_vote_did_not_count_has_not_decided_however_often_that_is_read_back() -> None:
    here = excluding()
    here.declare("r", state="Paused", declaredBy="bea", actedBy=["bea"])
    here.declare("r", state="Running", declaredBy="bea", actedBy=["bea"])
    answer(here, "r-ask", "Approve")
    assert votes_of(here, "r-ask") == ("Open", "0/1")
    here.vote("r-ask", "bob", "Approve", groups=MANAGERS)
    here.run_legs()
    here.settle_all()
    assert here.requests["r-ask"]["status"]["excluded"] == ["ana@example.com", "bea"]
    here.declare("r", state="Running", declaredBy="bob", actedBy=["bea", "bob"])
    go_on(here)
    assert here.status("r")["phase"] == "Succeeded"
    assert "approved by bob" in here.requests["r-ask"]["status"]["conditions"][0]["message"]


def test_who_answered_for_a_failure_does_not_approve_what_became_of_it() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    text = LINE.replace("{name: a, use: heavy}", "{name: a, use: heavy, onError: Ask}")
    here = begin(text, policy("release", exclude=["Requester"]), policy("recovery"), scripts=scripts)
    go_on(here)
    answer(here, "r-a", "Skip", values=EVIL)
    answer(here, "r-ask", "Approve")
    assert votes_of(here, "r-ask") == ("Open", "0/1")
    assert here.status("r")["actedBy"] == ["bea"]
    del here.requests["r-a"]
    go_on(here)
    assert votes_of(here, "r-ask") == ("Cancelled", "0/1")
    assert here.status("r")["actedBy"] == ["bea"]


BESIDE = """
nodes:
- {name: sub, use: workflow/part}
- {name: ask, use: approval, after: {sub: Succeeded}, with: {policy: release, message: Go on}}
"""


def test_who_acted_on_a_part_of_the_run_or_on_the_run_that_it_took_over_from_does_not_approve() -> None:
    here = excluding(workflow("nodes: [{name: x, use: heavy}]", "part"), text=BESIDE)
    here.declare("r-sub", declaredBy="bea", actedBy=["bea"])
    go_on(here)
    answer(here, "r-ask", "Approve")
    assert votes_of(here, "r-ask") == ("Open", "0/1")
    here.submit("r2", workflow="example", requester="carl", **{"from": {"run": "r"}})
    go_on(here)
    answer(here, "r2-ask", "Approve")
    assert votes_of(here, "r2-ask") == ("Open", "0/1")
    assert here.status("r2")["actedBy"] == ["ana@example.com", "bea"]


EDITED = """
nodes:
- {name: ask, use: approval, with: {policy: release, message: Go on, edit: {text: as written}}}
- {name: pub, use: heavy, after: {ask: Succeeded}, with: {value: "${ask.values.text}"}}
"""


def test_a_correction_made_while_policies_were_changed_is_not_used_once_they_are_back() -> None:
    here = begin(EDITED, policy("release"))
    here.guard = "changed"
    answer(here, "r-ask", "Approve", values={"text": "forged"})
    assert here.requests["r-ask"]["status"]["phase"] == "Superseded"
    here.guard = "guard"
    go_on(here)
    (again,) = open_requests(here)
    assert here.requests[again]["spec"]["values"] == {"text": "as written"}
    assert votes_of(here, again) == ("Open", "0/1")
    assert here.requests["r-ask"]["status"]["supersededBy"] == again


def test_a_request_that_stood_there_before_by_a_policy_of_somebody_elses_is_not_ours() -> None:
    lax = begin(EDITED, policy("release", stages=[{"name": "me", "users": ["mallory"]}], onTimeout="Approve"))
    forged = lax.requests["r-ask"]
    here = begin(EDITED, policy("release"), state="Paused")
    here.requests["r-ask"] = forged
    forged["status"] = {"phase": "Open"}
    here.declare("r", state="Running")
    here.vote("r-ask", "mallory", "Approve")
    go_on(here)
    assert here.runs["r"]["metadata"]["uid"] == forged["metadata"]["ownerReferences"][0]["uid"]
    (ours,) = open_requests(here)
    assert ours != "r-ask"
    assert votes_of(here, "r-ask")[0] == "Superseded"
    assert ran(here, "pub") == 0


def test_a_policy_that_is_loosened_while_people_are_asked_changes_nothing() -> None:
    here = begin(EDITED, policy("release"))
    loose = begin(EDITED, policy("release", stages=[{"name": "me", "users": ["mallory"]}]))
    here.catalogue = loose.catalogue
    here.vote("r-ask", "mallory", "Approve")
    go_on(here)
    assert open_requests(here) == ["r-ask"]
    answer(here, "r-ask", "Approve")
    assert here.status("r")["phase"] == "Succeeded"


def test_what_is_asked_no_more_is_closed_and_says_what_is_asked_instead() -> None:
    here = begin(EDITED, policy("release"))
    here.requests["r-ask"]["spec"]["message"] = "Something harmless?"
    go_on(here)
    (again,) = open_requests(here)
    status = here.requests["r-ask"]["status"]
    assert (status["phase"], status["supersededBy"]) == ("Superseded", again)
    assert any(f"{again} asks it now" in told for told in status["history"].values())
