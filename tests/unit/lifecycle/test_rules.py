"""A policy that approves by a rule (`autoApprove`): when nobody is asked, when people are all the same, and why."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from headgate.api.credential import Credential
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.compiler.known import Instance
from headgate_lang import documents, ruling
from support.pods import Scripts
from support.short_runs import begin, phases, ran
from support.stories import policy, types, workflow
from support.world import SETTINGS, World

MANAGERS = ["release-managers"]
SMALL = "${values.amount < 100}"
PLAIN = """
inputs: {amount: {type: integer}}
nodes:
- {name: ask, use: approval, with: {policy: release, message: "Pay?", edit: {amount: "${inputs.amount}"}}}
- {name: pay, use: heavy, with: {value: "${ask.values.amount}"}}
outputs: {by: "${ask.by}", why: "${ask.?reason}"}
"""
COMPUTED = PLAIN.replace('message: "Pay?"', 'message: "Pay ${string(inputs.amount)}?"')


def run(text: str = PLAIN, amount: int = 50, rule: str = SMALL, scripts: Scripts | None = None, **terms: Any) -> World:
    here = begin(text, policy("release", autoApprove=rule, **terms), scripts=scripts, inputs={"amount": amount})
    here.run_legs()
    here.settle_all()
    return here


def request(here: World, name: str = "r-ask") -> dict[str, Any]:
    return here.requests[name]


def rule_of(here: World, name: str = "r-ask") -> dict[str, Any]:
    return dict(request(here, name)["spec"]["binding"]["rule"])


def until_asked(here: World) -> None:
    """The request is made, and nobody has looked at it yet."""
    for _ in range(5):
        if "r-ask" not in here.requests:
            here.apply("r", here.decide("r"))
    assert "status" not in request(here)


def change(here: World, *, text: str = PLAIN, **terms: Any) -> None:
    """An admin writes the policy anew."""
    objects = [*builtin(), *types(), workflow(text), policy("release", **terms)]
    here.catalogue = StaticCatalogue(objects, complete=True)


@pytest.mark.parametrize("text", [PLAIN, COMPUTED], ids=["copied", "computed"])
def test_a_rule_that_holds_approves_and_says_which_rule_of_which_policy_in_which_version(text: str) -> None:
    here = run(text)
    status = here.finish("r")
    one = request(here)
    hash_ = one["spec"]["binding"]["policy"]["hash"].removeprefix("sha256:")[:8]
    why = f"its rule {SMALL} holds (policy hash {hash_})"
    assert (status["phase"], phases(here)) == ("Succeeded", {"ask": "Succeeded", "pay": "Succeeded"})
    assert one["status"]["phase"] == "AutoApproved"
    assert f"AutoApproved by policy/release: {why}" in one["status"]["history"].values()
    assert status["outputs"] == {"by": ["policy/release"], "why": why}
    assert one["spec"]["binding"]["policy"]["autoApprove"] == SMALL
    assert rule_of(here) == {"verdict": "Holds"}
    assert [reason for _, reason, _ in here.events if reason in ("Asked", "AutoApproved")] == ["AutoApproved"]
    assert ("r", "Waiting", "ask: the rule of policy release holds: nobody is asked") in here.events


def test_what_was_approved_by_rule_is_read_back_the_same_ever_after() -> None:
    here = run()
    before = copy.deepcopy(request(here))
    here.finish("r")
    assert request(here) == before


@pytest.mark.parametrize(
    ("rule", "amount", "verdict", "why"),
    [
        (SMALL, 100, "Fails", ""),
        ("${values.amount}", 1, "Unknown", "it came to nothing"),
        ("${values.other < 1}", 1, "Unknown", "it came to nothing"),
        ("always!", 1, "Unknown", "it came to nothing"),
    ],
    ids=["false", "not a boolean", "an error", "no expression"],
)
def test_a_rule_that_does_not_hold_asks_people_and_says_why(rule: str, amount: int, verdict: str, why: str) -> None:
    here = run(rule=rule, amount=amount)
    assert request(here)["status"]["phase"] == "Open"
    assert rule_of(here) == {"verdict": verdict, **({"message": why} if why else {})}
    told = next(iter(request(here)["status"]["history"].values()))
    assert told.endswith(why or "its rule is false, so people are asked")
    here.vote("r-ask", "bea", "Approve", groups=MANAGERS)
    assert here.finish("r")["phase"] == "Succeeded"


def test_people_are_asked_if_the_pod_that_was_to_evaluate_the_rule_told_nothing() -> None:
    here = begin(PLAIN, policy("release", autoApprove=SMALL), inputs={"amount": 1})
    for _ in range(SETTINGS.lost_pods + 1):
        for leg in list(here.legs.values()):
            here.lose_pod(leg, 0)
        here.settle_all()
    assert request(here)["status"]["phase"] == "Open"
    assert rule_of(here)["message"] == "nothing told what came of it"
    change(here)
    here.settle_all()
    assert (list(here.requests), request(here)["status"]["phase"]) == (["r-ask"], "Open")


def test_a_rule_is_evaluated_in_a_pod_of_its_own_and_told_all_inputs() -> None:
    text = """
inputs: {amount: {type: integer}, note: {type: string, default: x}}
nodes:
- {name: calc, use: calc, with: {value: "${inputs.amount}"}}
- {name: ask, use: approval, with: {policy: release, message: "${string(calc.value)}?", edit: {amount: 1}}}
"""
    here = begin(text, policy("release", autoApprove="${inputs.note == 'x'}"), inputs={"amount": 1})
    (leg,) = here.legs.values()
    assert leg.positions == [(Instance("calc"),), (Instance("ask", prepare=True),)]
    assert leg.task(1).inputs == {"amount": 1, "note": "x"}
    here.run_legs()
    assert here.finish("r")["nodes"]["ask"]["phase"] == "Succeeded"


def test_a_clarification_is_never_answered_by_a_rule() -> None:
    text = "nodes: [{name: ask, use: clarify, with: {policy: release, question: Who, answer: {who: {}}}}]"
    here = begin(text, policy("release", autoApprove="${true}"))
    assert request(here)["status"]["phase"] == "Open"
    assert "rule" not in request(here)["spec"]["binding"]


class TestAnAdminWhoWritesMeanwhile:
    def test_another_rule_than_the_one_that_was_evaluated_does_not_count(self) -> None:
        here = begin(PLAIN, policy("release", autoApprove=SMALL), inputs={"amount": 1})
        change(here, autoApprove="${values.amount < 200}")
        here.run_legs()
        here.settle_all()
        assert request(here)["status"]["phase"] == "Open"
        assert rule_of(here)["message"] == "the policy has another rule than the one that was evaluated"

    def test_a_rule_that_is_taken_out_before_people_are_asked_approves_nothing(self) -> None:
        here = begin(PLAIN, policy("release", autoApprove=SMALL), inputs={"amount": 1})
        change(here)
        here.run_legs()
        here.settle_all()
        assert request(here)["status"]["phase"] == "Open"
        assert "rule" not in request(here)["spec"]["binding"]
        assert len(here.requests) == 1

    def test_a_rule_that_is_added_to_an_open_question_sends_no_pod_after_it_and_changes_nothing(self) -> None:
        here = begin(PLAIN, policy("release"), inputs={"amount": 1})
        before = here.writes.copy()
        change(here, autoApprove=SMALL)
        here.settle_all()
        assert (here.writes, here.legs) == (before, {})
        here.vote("r-ask", "bea", "Approve", groups=MANAGERS)
        assert here.finish("r")["phase"] == "Succeeded"
        assert list(here.requests) == ["r-ask"]


class TestPeopleComeFirst:
    def open_with_rule_holding(self) -> World:
        """Asked, and nobody has looked at it since: the operator was away for a moment."""
        here = begin(PLAIN, policy("release", autoApprove=SMALL), inputs={"amount": 50})
        here.run_legs()
        until_asked(here)
        return here

    def test_a_no_that_came_before_the_rule_was_followed_stands(self) -> None:
        here = self.open_with_rule_holding()
        here.vote("r-ask", "bea", "Reject", groups=MANAGERS, reason="no")
        assert here.finish("r")["phase"] == "Cancelled"
        assert request(here)["status"]["phase"] == "Rejected"
        here.declare("r", attempt=2)
        here.settle_all()
        here.run_legs()
        here.settle_all()
        assert request(here, "r-ask-r3")["status"]["phase"] == "Open"
        assert rule_of(here, "r-ask-r3")["message"] == "people were asked about this node before in this Run"

    def test_what_somebody_corrected_is_for_people_though_the_rule_would_hold_of_it(self) -> None:
        here = self.open_with_rule_holding()
        here.vote("r-ask", "bea", "Approve", groups=["others"], values={"amount": 60})
        here.settle_all()
        assert request(here)["status"]["phase"] == "AutoApproved"  # hers is no vote on this question
        here = self.open_with_rule_holding()
        here.vote("r-ask", "bea", "Approve", groups=MANAGERS, values={"amount": 60})
        here.settle_all()
        first = request(here)["status"]
        assert first["phase"] == "Superseded"
        assert rule_of(here, first["supersededBy"])["verdict"] == "Unknown"
        assert request(here, first["supersededBy"])["status"]["phase"] in ("Open", "Approved")

    def test_nobody_is_approved_for_whom_no_person_is_known_if_the_policy_refuses_that(self) -> None:
        here = begin(PLAIN, policy("release", autoApprove=SMALL, exclude=["Requester"]), inputs={"amount": 1})
        here.runs["r"]["spec"]["requester"] = "system:cron"
        here.run_legs()
        assert here.finish("r")["phase"] == "Cancelled"
        assert request(here)["status"]["phase"] == "Cancelled"

    def test_policies_that_changed_before_the_rule_was_followed_leave_it_to_people(self) -> None:
        here = self.open_with_rule_holding()
        request(here)["metadata"]["annotations"]["headgate.dev/guard"] = "another"
        here.settle_all()
        first = request(here)["status"]
        assert first["phase"] == "Superseded"
        assert request(here, first["supersededBy"])["status"]["phase"] == "Open"


def test_a_request_that_says_a_rule_holds_of_which_no_pod_told_is_not_ours() -> None:
    """Whoever makes one beforehand under the name that the operator will use."""
    here = begin(PLAIN, policy("release", autoApprove=SMALL), inputs={"amount": 500})
    here.run_legs()
    until_asked(here)
    forged = request(here)
    forged["spec"]["binding"]["rule"] = {"verdict": "Holds"}
    here.settle_all()
    assert forged["status"]["phase"] == "Superseded"
    (ours,) = here.requests.keys() - {"r-ask"}
    assert request(here, ours)["status"]["phase"] == "Open"


def test_a_status_that_says_approved_by_rule_of_a_request_without_one_is_a_no() -> None:
    here = begin(PLAIN, policy("release"), inputs={"amount": 1})
    request(here)["status"] |= {"phase": "AutoApproved", "decidedAt": "2026-11-21T06:00:00Z"}
    assert here.finish("r")["phase"] == "Cancelled"


def test_a_ruling_about_other_values_or_of_another_run_does_not_count() -> None:
    told = ruling.Ruling(ruling.identify(SMALL), "uid", documents.digest({"amount": 1}), holds=True)
    kept, found = ruling.detach(ruling.attach({"message": "m"}, told))
    assert (kept, found) == ({"message": "m"}, told)
    assert ruling.detach({"message": "m", ruling.KEY: {"holds": "yes"}}) == ({"message": "m"}, None)
    for other in (replace(told, run="another"), replace(told, values="sha256:0")):
        here = begin(PLAIN, policy("release", autoApprove=SMALL), inputs={"amount": 1})
        uid = here.runs["r"]["metadata"]["uid"]
        mine = replace(other, run=other.run if other.run == "another" else uid)
        (leg,) = here.legs.values()
        here.start_pod(leg, 0)
        here.end_pod(leg, 0)
        shown = documents.decode(leg.pods[0].outputs["o0"])
        leg.pods[0].outputs["o0"] = documents.encode(ruling.attach(shown, mine))
        here.settle_all()
        assert rule_of(here) == {"verdict": "Unknown", "message": "it was evaluated about something else"}


def test_a_node_whose_credential_stands_behind_the_policy_runs_after_an_approval_by_its_rule() -> None:
    head: dict[str, Any] = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Credential", "metadata": {"name": "bank"}}
    spec = {"type": "apiKey", "secret": "bank", "nodeTypes": ["http"], "behind": "release"}
    bank = Credential.model_validate({**head, "spec": spec})
    text = PLAIN.replace(
        'use: heavy, with: {value: "${ask.values.amount}"}',
        'use: http, with: {credential: bank, url: "https://bank.example/${ask.values.amount}"}',
    )
    for rule, pays in ((SMALL, 1), ("${values.amount < 10}", 0)):
        here = begin(text, policy("release", autoApprove=rule), bank, inputs={"amount": 50})
        for _ in range(3):
            here.run_legs()
            here.settle_all()
        assert ran(here, "pay") == pays
