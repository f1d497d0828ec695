"""What objects tell: the same facts whenever they are asked, and never what somebody entered or a node gave."""

import json
from typing import Any

import pytest

from headgate.api.approvalrequest import ApprovalRequest
from headgate.audit.chain import START, extend
from headgate.audit.entry import Action, Actor, Fact
from headgate.audit.known import Known
from headgate.audit.story.actions import facts_of_leg
from headgate.audit.story.definitions import fact_of_definition
from headgate.audit.story.requests import facts_of_request
from headgate.audit.story.runs import facts_of_run
from headgate.lifecycle.actions import CreateLeg
from headgate.lifecycle.approvals.history import tell

SEEN = "2026-11-25T12:00:00.000Z"
SECRET = "hunter2"
RUN: dict[str, Any] = {
    "apiVersion": "headgate.dev/v1alpha1",
    "kind": "Run",
    "metadata": {"name": "r", "namespace": "docs", "uid": "u1", "generation": 3, "creationTimestamp": SEEN},
    "spec": {
        "workflow": "release",
        "inputs": {"password": SECRET},
        "requester": "ana@example.com",
        "state": "Paused",
        "attempt": 2,
        "declaredBy": "bea@example.com",
    },
    "status": {
        "phase": "Succeeded",
        "revision": "9b1de77c02aa",
        "attempt": 1,
        "startedAt": "2026-11-25T12:00:01Z",
        "endedAt": "2026-11-25T12:09:01Z",
        "message": f"it said {SECRET}",
        "outputs": {"token": SECRET},
        "legs": [
            {"number": 1, "argo": "r-1", "phase": "Succeeded"},
            {"number": 2, "argo": "r-2", "phase": "Pending"},
        ],
        "conditions": [{"type": "Succeeded", "status": "True", "reason": "Succeeded", "message": SECRET}],
    },
}
VOTE = {"verdict": "Approve", "reason": "looks right", "values": {"notes": SECRET}, "uid": "7", "groups": ["managers"]}


def request(**status: Any) -> ApprovalRequest:
    policy = {"name": "release", "hash": "sha256:4d0be1a7c3f2aaaa", "stages": [{"name": "m", "groups": ["managers"]}]}
    return ApprovalRequest.model_validate(
        {
            "apiVersion": "headgate.dev/v1alpha1",
            "kind": "ApprovalRequest",
            "metadata": {"name": "r-review", "namespace": "docs", "uid": "u2", "creationTimestamp": SEEN},
            "spec": {
                "type": "Approval",
                "message": f"Publish {SECRET}?",
                "run": "r",
                "node": "review",
                "requester": "ana@example.com",
                "values": {"notes": SECRET},
                "binding": {"digest": "sha256:91c2f0a6d1b34e0c", "revision": "9b1de77c02aa", "policy": policy},
                "votes": {"bea@example.com": VOTE},
            },
            "status": status,
        }
    )


def decided() -> ApprovalRequest:
    open_ = request(phase="Open")
    said = tell(open_.spec.votes["bea@example.com"], open_.spec.binding.digest)
    history = {
        "2026-11-25T12:01:00Z bea@example.com": "Reject, digest 91c2f0a6: too long",
        "2026-11-25T12:02:00Z bea@example.com": said,
        "2026-11-25T12:02:00.100Z headgate": "Approved by bea@example.com",
    }
    return request(phase="Approved", decidedAt="2026-11-25T12:02:00Z", votes="1/1", history=history)


def told(facts: Any) -> list[tuple[str, str, str]]:
    return [(fact.action, fact.who, fact.outcome) for fact in facts]


def test_a_run_tells_who_asked_who_steered_and_how_it_ended() -> None:
    assert told(facts_of_run(RUN)) == [
        ("RunCreated", "ana@example.com", ""),
        ("RunDeclared", "bea@example.com", "Paused"),
        ("RunStarted", "headgate", ""),
        ("LegStarted", "headgate", "1"),  # the second is claimed, and told when it is made
        ("RunEnded", "headgate", "Succeeded"),
    ]


def test_a_request_tells_every_vote_and_what_was_stamped_on_the_one_that_stands() -> None:
    facts = list(facts_of_request(decided()))
    assert told(facts) == [
        ("Asked", "headgate", ""),
        ("Voted", "bea@example.com", "Reject"),
        ("Voted", "bea@example.com", "Approve"),
        ("Decided", "headgate", "Approved"),
    ]
    assert "groups" not in facts[1].detail
    assert facts[2].detail["groups"] == ["managers"]
    assert [fact.actor for fact in facts] == [Actor.HEADGATE, Actor.USER, Actor.USER, Actor.HEADGATE]


def test_what_was_entered_shown_or_given_is_told_as_a_digest_only() -> None:
    facts = [*facts_of_run(RUN), *facts_of_request(decided())]
    text = json.dumps([str(entry) for entry in extend(START, facts, SEEN)])
    assert SECRET not in text
    assert "looks right" in text


@pytest.mark.parametrize("made", [lambda: facts_of_run(RUN), lambda: facts_of_request(decided())])
def test_told_twice_it_is_recorded_once(made: Any) -> None:
    known = Known()
    for entry in extend(START, made(), SEEN):
        known.add(entry)
    assert [fact for fact in made() if not known.has(fact)] == []


def leg(*rests_on: str) -> CreateLeg:
    return CreateLeg("r-2", 2, {}, ("publish",), rests_on, {"publish": ("blog",)})


def test_a_leg_tells_on_which_decision_it_rests_after_the_decision_itself() -> None:
    facts = list(facts_of_leg(RUN, leg("r-review"), [decided()], {"blog": "u3"}))
    actions = [fact.action for fact in facts]
    assert actions[-3:] == [Action.LEG_STARTED, Action.DECISION_USED, Action.CREDENTIAL_USED]
    assert actions.index(Action.DECIDED) < len(actions) - 3
    assert facts[-3].detail["decisions"] == ["r-review"]
    assert (facts[-2].outcome, facts[-1].uid) == ("Approved", "u3")


@pytest.mark.parametrize("phase", ["Open", "Superseded"])
def test_a_question_that_decides_nothing_is_not_used(phase: str) -> None:
    facts = list(facts_of_leg(RUN, leg("r-review"), [request(phase=phase)], {}))
    assert Action.DECISION_USED not in [fact.action for fact in facts]


def test_a_policy_is_told_by_its_hash_before_and_after() -> None:
    def policy(generation: int, votes: int) -> dict[str, Any]:
        metadata = {"name": "release", "namespace": "docs", "uid": "u4", "generation": generation}
        return {"metadata": metadata, "spec": {"stages": [{"votes": votes}]}}

    first = fact_of_definition("ApprovalPolicy", policy(1, 2), None)
    assert first is not None
    before = str(first.detail["hash"])
    assert fact_of_definition("ApprovalPolicy", policy(1, 2), before) is None
    second = fact_of_definition("ApprovalPolicy", policy(2, 1), before)
    assert second is not None
    back = fact_of_definition("ApprovalPolicy", policy(3, 2), str(second.detail["hash"]))
    assert back is not None
    assert (second.action, second.detail["before"]) == (Action.CHANGED, before)
    assert len({first.id, second.id, back.id}) == 3, "changed and changed back are two changes"


def test_of_what_is_gone_nothing_is_remembered_but_that() -> None:
    known = Known()
    for entry in extend(START, facts_of_run(RUN), SEEN):
        known.add(entry)
    assert [thing.uid for thing in known.gone({"u9"}, {"Run"})] == ["u1"]
    gone = Fact(Action.RUN_DELETED, "deleted", "Run", "r", "u1")
    known.add(extend(START, [gone], SEEN)[0])
    assert list(known.gone((), {"Run"})) == []
    assert known.has(gone), "told once more a moment later, it is not recorded again"
