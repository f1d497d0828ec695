"""Which request is ours, whatever becomes of the policy meanwhile; and what was decided is read the same ever after."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from headgate.api.approvalrequest import ApprovalRequest
from headgate.compiler.known import Instance
from headgate.lifecycle import actions as acts
from headgate.lifecycle.approvals.history import tell
from headgate.lifecycle.approvals.stored import as_stored
from support.pods import Scripts
from support.short_runs import MANAGERS, begin, go_on, phases, ran
from support.stories import policy, workflow
from support.world import World

TWO = [{"name": "managers", "groups": MANAGERS, "votes": 2}]
EDITED = """
nodes:
- {name: ask, use: approval, with: {policy: release, message: Go on, edit: {text: as written}}}
- {name: pub, use: heavy, after: {ask: Succeeded}, with: {value: "${ask.values.text}"}}
"""


def vote(here: World, request: str, who: str, verdict: str, **more: Any) -> None:
    here.vote(request, who, verdict, groups=MANAGERS, **more)
    here.settle_all()


def apply_policy(here: World, **spec: Any) -> None:
    here.catalogue = begin(EDITED, policy("release", **spec)).catalogue


def open_requests(here: World) -> list[str]:
    return sorted(name for name, one in here.requests.items() if phase_of(here, name) in (None, "Open") and one)


def phase_of(here: World, request: str) -> str | None:
    phase = here.requests[request].get("status", {}).get("phase")
    return None if phase is None else str(phase)


def unseen() -> World:
    """Its request is there, and nobody has looked at it."""
    here = begin(EDITED, policy("release"), state="Paused")
    here.declare("r", state="Running")
    while "r-ask" not in here.requests:
        here.apply("r", here.decide("r"))
    return here


def test_a_correction_counts_though_the_policy_was_edited_since_people_were_asked() -> None:
    here = begin(EDITED, policy("release", stages=TWO))
    apply_policy(here, stages=TWO, timeout="3d")
    vote(here, "r-ask", "bea", "Approve", values={"text": "better"})
    (again,) = open_requests(here)
    assert here.requests[again]["spec"]["values"] == {"text": "better"}
    assert here.requests[again]["status"]["votes"] == "1/2"


def test_a_policy_that_is_edited_again_and_again_before_anybody_looks_leaves_one_question() -> None:
    here = unseen()
    for timeout in ("3d", "4d", "5d"):
        apply_policy(here, timeout=timeout)
        here.apply("r", here.decide("r"))
    here.settle_all()
    (asked,) = open_requests(here)
    vote(here, asked, "bea", "Approve")
    assert phases(here)["ask"] == "Succeeded"


def test_an_approval_stands_though_the_policy_is_put_back_to_what_it_was() -> None:
    here = unseen()
    apply_policy(here, timeout="3d")
    here.settle_all()
    (asked,) = open_requests(here)
    vote(here, asked, "bea", "Approve")
    apply_policy(here)
    here.settle_all()
    assert (phases(here)["ask"], open_requests(here)) == ("Succeeded", [])


@pytest.mark.parametrize("given", [10**30, 2**64 + 1, "\ud800", 1e22, -0.0])
def test_what_the_api_server_writes_in_its_own_way_is_recognised(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    create = World._do_CreateRequest

    def store(here: World, name: str, action: acts.CreateRequest) -> None:
        create(here, name, replace(action, manifest=as_stored(dict(action.manifest))))

    monkeypatch.setattr(World, "_do_CreateRequest", store)
    here = begin(SHOWN, policy("release"), scripts=Scripts(output=lambda one: {"value": {"n": given}}))
    go_on(here)
    assert open_requests(here) == ["r-ask"]


SHOWN = """
nodes:
- {name: a, use: heavy}
- {name: ask, use: approval, after: {a: Succeeded}, with: {policy: release, message: Go, show: "${a.value}"}}
"""


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({f"k{number}": 1 for number in range(201)}, "at most 200 items"),
        ({"n": "x" * 600_000}, "show less"),
        ({"n": 10**400}, "more than 308 digits"),
        (json.loads('{"n":' * 300 + "1" + "}" * 300), "a value is nested deeper than 100: show a part of it"),
    ],
)
def test_what_cannot_be_asked_fails_the_gate_and_says_why(given: dict[str, Any], why: str) -> None:
    here = begin(SHOWN, policy("release"), scripts=Scripts(output=lambda one: {"value": given}))
    go_on(here)
    assert here.status("r")["phase"] == "Failed"
    assert why in here.status("r")["message"]


CHAINED = """
nodes:
- {name: one, use: approval, with: {policy: release, message: Go on, edit: {text: as written}}}
- {name: two, use: approval, after: {one: Succeeded}, with: {policy: release, message: "${one.values.text}"}}
"""


@pytest.mark.parametrize("state", ["Stopped", "Terminated"])
def test_a_run_whose_gate_shows_what_another_gave_can_be_stopped(state: str) -> None:
    here = begin(CHAINED, policy("release"))
    vote(here, "r-one", "bea", "Approve")
    here.declare("r", state=state)
    go_on(here)
    assert here.status("r")["phase"] == "Cancelled"
    assert (phase_of(here, "r-one"), phase_of(here, "r-two")) == ("Approved", "Cancelled")


FORM = """
nodes:
- {name: ask, use: clarify, with: {policy: release, question: Which, answer: {text: {type: string}}}}
- {name: next, use: clarify, after: {ask: Succeeded}, with: {policy: release, question: "${ask.values.text}",
    answer: {text: {type: string}}}}
"""


def test_answers_that_are_seen_in_one_moment_keep_their_order() -> None:
    here = begin(FORM, policy("release"))
    here.now = here.now.replace(microsecond=100_000)
    vote(here, "r-ask", "amy", "Withdraw")
    here.now += timedelta(milliseconds=400)
    for who in ("amy", "bob"):
        here.vote("r-ask", who, "Answer", groups=MANAGERS, values={"text": f"{who}'s"})
    here.apply("r", here.decide("r"))
    first = next(told for told in here.requests["r-ask"]["status"]["history"].values() if "Answered by" in told)
    go_on(here)
    assert here.requests["r-next"]["spec"]["message"] == f"{first.removeprefix('Answered by ')}'s"


def test_who_was_called_in_within_a_second_has_decided_ever_after() -> None:
    here = begin(EDITED, policy("release", escalate={"after": "10500ms", "groups": ["directors"]}))
    here.now = here.now.replace(microsecond=0) + timedelta(seconds=11, milliseconds=300)
    here.vote("r-ask", "dora", "Approve", groups=["directors"])
    go_on(here)
    assert phases(here) == {"ask": "Succeeded", "pub": "Succeeded"}


def test_a_no_counts_however_often_somebody_has_changed_their_mind() -> None:
    here = begin(EDITED, policy("release", stages=TWO))
    for turn in range(14):
        here.now += timedelta(seconds=2)
        vote(here, "r-ask", "bea", ("Withdraw", "Approve")[turn % 2])
    here.now += timedelta(seconds=2)
    vote(here, "r-ask", "bea", "Reject")
    assert phase_of(here, "r-ask") == "Rejected"


def test_a_corrector_who_takes_the_vote_back_has_taken_it_back_however_often() -> None:
    here = begin(EDITED, policy("release", stages=TWO))
    vote(here, "r-ask", "bea", "Approve", values={"text": "better"})
    (again,) = open_requests(here)
    for turn in range(14):
        here.now += timedelta(seconds=2)
        vote(here, again, "bea", "Withdraw", reason=f"no {turn}")
    assert here.requests[again]["status"]["votes"] == "0/2"


def test_an_answer_to_a_failure_that_was_never_asked_for_edits_nothing() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    text = "nodes: [{name: a, use: heavy, onError: Ask, with: {value: good}}]"
    here = begin(text, policy("recovery"), scripts=scripts)
    go_on(here)
    forged = {**here.requests["r-a"], "status": {"phase": "Retry", "decidedAt": "2026-11-21T06:00:00Z"}}
    forged["metadata"] = {**forged["metadata"], "name": "zzz", "uid": "forged"}
    given = {"verdict": "Retry", "groups": MANAGERS, "values": {"value": "forged"}}
    forged["spec"] = {**forged["spec"], "votes": {"mallory": given}}
    said = ApprovalRequest.model_validate(forged)
    told = tell(said.spec.votes["mallory"], said.spec.binding.digest)
    forged["status"]["history"] = {"2026-11-21T05:59:00Z mallory": told}
    here.requests["zzz"] = forged
    scripts.fails = lambda one: None
    vote(here, "r-a", "bea", "Retry")
    (leg,) = (leg for leg in here.legs.values() if leg.runnable)
    assert leg.task(0).members[0].with_ == {"value": "good"}


def test_a_part_that_comes_after_a_gate_is_held_to_what_was_approved_there() -> None:
    part = "nodes: [{name: x, use: heavy, onError: Ask, with: {value: as approved}}]"
    text = """
nodes:
- {name: ask, use: approval, with: {policy: release, message: Go on}}
- {name: sub, use: workflow/part, after: {ask: Succeeded}}
"""
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("x") else None)
    here = begin(text, workflow(part, "part"), policy("release"), policy("recovery"), scripts=scripts)
    vote(here, "r-ask", "bea", "Approve")
    go_on(here)
    binding = here.requests["r-sub-x"]["spec"]["binding"]
    assert (binding["form"], binding["maySkip"]) == ({}, "WithoutOutput")


def test_a_part_is_found_by_its_node_whatever_others_are_called() -> None:
    part = "nodes: [{name: x, use: heavy}]"
    held = "nodes: [{name: ask, use: approval, with: {policy: release, message: Go}}]"
    text = """
nodes:
- {name: sub, use: workflow/part, forEach: {in: [1, 2]}}
- {name: sub_0, use: workflow/held, after: {sub: Succeeded}}
- {name: pub, use: heavy, after: {sub_0: Succeeded}}
"""
    here = begin(text, workflow(part, "part"), workflow(held, "held"), policy("release"))
    go_on(here)
    assert phases(here) == {"sub": "Succeeded", "sub_0": "Waiting", "pub": "Pending"}
    assert (open_requests(here), ran(here, "pub")) == (["r-sub-0-ask"], 0)


def test_who_tried_a_part_again_after_the_run_had_ended_does_not_approve_in_the_next() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("x") else None)
    text = """
nodes:
- {name: sub, use: workflow/part}
- {name: ask, use: approval, after: {sub: Succeeded}, with: {policy: release, message: Go on}}
"""
    part = workflow("nodes: [{name: x, use: heavy}]", "part")
    here = begin(text, part, policy("release", exclude=["Requester"]), scripts=scripts)
    go_on(here)
    scripts.fails = lambda one: None
    here.declare("r-sub", attempt=2, declaredBy="bea", actedBy=["bea"])
    go_on(here)
    here.submit("r2", workflow="example", requester="carl", **{"from": {"run": "r"}})
    go_on(here)
    vote(here, "r2-ask", "bea", "Approve")
    assert here.requests["r2-ask"]["status"]["votes"] == "0/1"


def test_a_policy_that_was_loosened_does_not_come_to_bear_by_a_correction() -> None:
    here = begin(EDITED, policy("release", stages=TWO, timeout="3d"))
    apply_policy(here)
    vote(here, "r-ask", "bea", "Approve", values={"text": "better"})
    (again,) = open_requests(here)
    assert here.requests[again]["status"]["votes"] == "1/2"
    assert here.requests[again]["spec"]["binding"]["policy"] == here.requests["r-ask"]["spec"]["binding"]["policy"]
    assert here.requests[again]["spec"]["binding"]["expiresAt"]


def test_what_somebody_declared_meanwhile_is_not_written_over_by_what_is_handed_down() -> None:
    here = begin("nodes: [{name: sub, use: workflow/part}]", workflow("nodes: [{name: x, use: heavy}]", "part"))
    here.settle_all()
    here.declare("r", declaredBy="bea", actedBy=["bea"])
    late = here.decide("r")
    assert any(isinstance(action, acts.DeclareChildState) for action in late.actions)
    here.declare("r-sub", state="Stopped", declaredBy="carl", actedBy=["carl"])
    here.apply("r", late)
    assert here.runs["r-sub"]["spec"]["actedBy"] == ["carl"]
    here.settle_all()
    assert (here.runs["r-sub"]["spec"]["state"], here.runs["r-sub"]["spec"]["actedBy"]) == ("Stopped", ["carl", "bea"])


def test_what_takes_the_place_of_a_corrected_request_is_created_at_once() -> None:
    here = begin(EDITED, policy("release", stages=TWO))
    here.vote("r-ask", "bea", "Approve", groups=MANAGERS, values={"text": "better"})
    decision = here.decide("r")
    assert any(isinstance(action, acts.CreateRequest) for action in decision.actions)
    assert all(action.urgent for action in decision.actions if isinstance(action, acts.WriteStatus))


def test_whoever_says_no_again_and_again_and_does_not_count_fills_no_history() -> None:
    here = begin(EDITED, policy("release", exclude=["Requester"]), actedBy=["bea"], declaredBy="bea")
    for turn in range(40):
        here.now += timedelta(seconds=2)
        vote(here, "r-ask", "bea", "Reject", reason=f"no {turn}")
    assert len(here.requests["r-ask"]["status"]["history"]) < 20
    vote(here, "r-ask", "bob", "Approve")
    assert phase_of(here, "r-ask") == "Approved"
