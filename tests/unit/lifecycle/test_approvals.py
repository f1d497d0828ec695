"""How a question is decided: by whom, by how many, until when. A reference that counts naively is the oracle."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.api.approvalrequest import ApprovalRequest, Decision
from headgate.lifecycle.approvals.counting import count
from headgate.lifecycle.approvals.voting import Corrector, Outcome, corrector_of, decide_request
from headgate.lifecycle.moments import spell

OPENED = datetime(2026, 11, 21, 5, 31, 14, tzinfo=UTC)
SOON = OPENED + timedelta(minutes=10)
MANAGERS = ["release-managers"]
STAGE = {"name": "managers", "groups": MANAGERS, "votes": 2}


def request(
    votes: dict[str, dict[str, Any]] | None = None, type_: str = "Approval", history: Any = None, **terms: Any
) -> ApprovalRequest:
    requester = terms.pop("requester", "ana@example.com")
    more: dict[str, Any] = {name: terms.pop(name) for name in ("rule", "corrects") if name in terms}
    binding: dict[str, Any] = {
        "digest": "sha256:" + "9" * 64,
        "revision": "9b1de77c02aa",
        "form": terms.pop("form", {"notes": {"type": "string"}}),
        "expiresAt": terms.pop("expires", "2026-11-24T05:31:14Z"),
        "policy": {"name": "release", "hash": "sha256:" + "4" * 64, "stages": [STAGE], **terms},
        **more,
    }
    document = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ApprovalRequest",
        "metadata": {"name": "notes-1-review", "uid": "u", "creationTimestamp": spell(OPENED), "generation": 1},
        "spec": {
            "type": type_,
            "message": "Publish?",
            "requester": requester,
            "run": "notes-1",
            "node": "review",
            "values": {"notes": "as drafted"},
            "binding": binding,
            "votes": votes or {},
        },
        "status": {"phase": "Open", "history": history or {}},
    }
    return ApprovalRequest.model_validate(document)


def vote(verdict: str = "Approve", groups: Any = MANAGERS, **more: Any) -> dict[str, Any]:
    return {"verdict": verdict, "groups": list(groups), **more}


def decide(one: ApprovalRequest, now: datetime = SOON, **more: Any) -> Outcome:
    return decide_request(one, now, **more)


def test_a_quorum_of_the_group_approves_and_values_are_what_was_shown() -> None:
    found = decide(request({"bea": vote(), "bob": vote(reason="fine")}))
    assert (found.phase, found.by, found.values) == (Decision.APPROVED, ("bea", "bob"), {"notes": "as drafted"})
    assert str(found.count) == "2/2"


def test_one_vote_of_two_leaves_it_open() -> None:
    found = decide(request({"bea": vote()}))
    assert (found.phase, str(found.count)) == (Decision.OPEN, "1/2")


def test_one_reject_ends_it_whatever_the_others_say() -> None:
    found = decide(request({"bea": vote(), "bob": vote(), "cat": vote("Reject", reason="no")}))
    assert (found.phase, found.by, found.reason) == (Decision.REJECTED, ("cat",), "no")


@pytest.mark.parametrize(
    "stranger",
    [vote(groups=()), vote(groups=["others"]), vote("Withdraw"), vote("Answer"), vote(values={"other": 1})],
    ids=["no group", "another group", "taken back", "another question's verdict", "values that nobody asked for"],
)
def test_these_votes_do_not_count(stranger: dict[str, Any]) -> None:
    assert decide(request({"bea": vote(), "bob": stranger})).phase is Decision.OPEN


def test_a_stranger_cannot_reject_either() -> None:
    assert decide(request({"mallory": vote("Reject", groups=())})).phase is Decision.OPEN


def test_the_requester_and_whoever_acted_on_the_run_do_not_count_if_the_policy_excludes_them() -> None:
    votes = {"ana@example.com": vote(), "dan": vote(), "bea": vote()}
    assert decide(request(votes)).phase is Decision.APPROVED
    excluding = request(votes, exclude=["Requester"])
    assert str(decide(excluding).count) == "2/2"
    assert str(decide(excluding, involved=frozenset({"dan"})).count) == "1/2"


def test_nobody_is_asked_when_no_person_is_known_to_have_asked() -> None:
    votes = {"bea": vote(), "bob": vote()}
    machine: dict[str, Any] = {"requester": "system:cron", "exclude": ["Requester"]}
    assert decide(request(votes, **machine)).phase is Decision.CANCELLED
    assert decide(request(votes, unattributed="Allow", **machine)).phase is Decision.APPROVED
    unstamped = decide(request(votes, requester=None, exclude=["Requester"]))
    assert "no admission policy stamped who asked; create another" in unstamped.message


def test_a_service_account_is_a_person_only_if_the_policy_lists_it() -> None:
    account = "system:serviceaccount:argocd:sync"
    votes = {account: vote(), "bea": vote()}
    assert decide(request(votes)).phase is Decision.OPEN
    assert decide(request(votes, serviceAccounts=[account])).phase is Decision.APPROVED


LATE = datetime(2026, 11, 24, 5, 31, 14, tzinfo=UTC)


def test_a_vote_that_is_first_seen_after_the_end_does_not_count() -> None:
    assert decide(request({"bea": vote(), "bob": vote()}), LATE).phase is Decision.EXPIRED
    assert decide(request({"bea": vote(), "bob": vote()}), LATE - timedelta(seconds=1)).phase is Decision.APPROVED


def test_a_vote_that_was_seen_in_time_counts_however_late_the_operator_decides() -> None:
    seen = dict(decide(request({"bea": vote(), "bob": vote()})).history)
    again = request({"bea": vote(), "bob": vote()}, history=seen)
    assert decide(again, LATE + timedelta(days=1)).phase is Decision.APPROVED


def test_a_vote_that_was_changed_after_the_end_is_a_new_vote() -> None:
    seen = dict(decide(request({"bea": vote(), "bob": vote("Withdraw")})).history)
    again = request({"bea": vote(), "bob": vote()}, history=seen)
    assert decide(again, LATE).phase is Decision.EXPIRED


def test_silence_approves_only_where_the_policy_says_so() -> None:
    assert decide(request(onTimeout="Approve"), LATE).phase is Decision.AUTO_APPROVED
    assert decide(request(onTimeout="Reject"), LATE).phase is Decision.EXPIRED
    assert decide(request(type_="Clarification", onTimeout="Approve"), LATE).phase is Decision.EXPIRED


def test_escalation_calls_in_another_group_after_a_while() -> None:
    terms: dict[str, Any] = {"escalate": {"after": "48h", "groups": ["directors"]}}
    votes = {"bea": vote(), "dir": vote(groups=["directors"])}
    assert decide(request(votes, **terms)).phase is Decision.OPEN
    assert decide(request(votes, **terms)).wake_at == OPENED + timedelta(hours=48)
    seen = dict(decide(request(votes, **terms)).history)
    later = OPENED + timedelta(hours=48)
    assert decide(request(votes, history=seen, **terms), later).phase is Decision.APPROVED


def test_whoever_stands_in_votes_for_one_person_once() -> None:
    terms: dict[str, Any] = {
        "stages": [{"name": "legal", "users": ["lea", "leo"], "votes": 2}],
        "delegation": [{"from": "lea", "to": "sam", "until": "2026-11-22T00:00:00Z"}],
    }
    assert str(decide(request({"sam": vote(groups=())}, **terms)).count) == "1/2"
    assert str(decide(request({"sam": vote(groups=()), "lea": vote(groups=())}, **terms)).count) == "1/2"
    both = {"sam": vote(groups=()), "leo": vote(groups=())}
    assert decide(request(both, **terms)).phase is Decision.APPROVED
    assert str(decide(request(both, **terms), datetime(2026, 11, 22, tzinfo=UTC)).count) == "1/2"


def test_corrected_values_supersede_and_the_corrector_counts_in_the_next_request() -> None:
    corrected = vote(values={"notes": "better"})
    found = decide(request({"bea": corrected}))
    assert (found.phase, found.by, found.values) == (Decision.SUPERSEDED, ("bea",), {"notes": "better"})
    bea = request({"bea": corrected}).spec.votes["bea"]
    assert str(decide(request({}), corrector=Corrector("bea", bea)).count) == "1/2"
    assert decide(request({"bob": vote()}), corrector=Corrector("bea", bea)).phase is Decision.APPROVED
    assert decide(request({"bea": vote("Reject")}), corrector=Corrector("bea", bea)).phase is Decision.REJECTED


def test_who_corrected_a_request_can_be_read_back_from_it() -> None:
    def ended(**corrected: Any) -> ApprovalRequest:
        document = request({"bea": vote(**corrected), "bob": vote()}).model_dump(by_alias=True)
        return ApprovalRequest.model_validate({**document, "status": {"phase": "Superseded", "decidedAt": spell(SOON)}})

    found = corrector_of(ended(values={"notes": "better"}))
    assert found is not None
    assert (found.user, found.vote.values) == ("bea", {"notes": "better"})
    assert corrector_of(ended()) is None
    assert corrector_of(request({"bea": vote(values={"notes": "better"})})) is None


@pytest.mark.parametrize("values", [{"notes": 7}, {"other": "x"}, {"notes": None}])
def test_a_correction_that_does_not_fit_the_form_is_no_vote(values: dict[str, Any]) -> None:
    found = decide(request({"bea": vote(values=values)}))
    assert (found.phase, str(found.count)) == (Decision.OPEN, "0/2")


def test_an_answer_must_fit_and_two_must_say_the_same() -> None:
    form = {"audience": {"type": "string"}, "languages": {"type": "array", "default": ["en"]}}

    def say(audience: str) -> dict[str, Any]:
        return vote("Answer", values={"audience": audience})

    def ask(votes: dict[str, dict[str, Any]]) -> Outcome:
        return decide(request(votes, "Clarification", form=form))

    assert ask({"bea": say("all"), "bob": say("some")}).phase is Decision.OPEN
    assert ask({"bea": say("all"), "bob": vote("Answer")}).phase is Decision.OPEN
    found = ask({"bea": say("all"), "bob": say("all")})
    assert (found.phase, found.values) == (Decision.ANSWERED, {"audience": "all", "languages": ["en"]})


def test_whoever_changes_a_vote_without_end_counts_no_more() -> None:
    history: dict[str, str] = {}
    now = SOON
    for turn in range(20):
        one = request({"bea": vote(reason=str(turn)), "bob": vote()}, history=history)
        found = decide(one, now)
        history, now = dict(found.history), now + timedelta(seconds=1)
        if found.is_open:
            break
        history = {key: told for key, told in history.items() if not key.endswith(" headgate")}
    assert found.is_open


GROUPS = ("a", "b", "c")
PEOPLE = tuple(f"p{number}" for number in range(5))


@given(
    st.lists(st.tuples(st.sets(st.sampled_from(GROUPS), min_size=1), st.integers(1, 3)), min_size=1, max_size=3),
    st.dictionaries(
        st.sampled_from(PEOPLE),
        st.tuples(st.sampled_from(["Approve", "Reject", "Withdraw"]), st.sets(st.sampled_from(GROUPS))),
    ),
    st.sets(st.sampled_from(PEOPLE), max_size=2),
)
def test_any_votes_decide_as_trying_every_way_to_count_them_would(
    stages: list[tuple[set[str], int]], votes: dict[str, tuple[str, set[str]]], excluded: set[str]
) -> None:
    terms = [{"name": f"s{n}", "groups": sorted(groups), "votes": most} for n, (groups, most) in enumerate(stages)]
    cast = {who: vote(verdict, sorted(groups)) for who, (verdict, groups) in votes.items()}
    one = request(cast, stages=terms, exclude=["Requester"])
    found = decide(one, involved=frozenset(excluded))
    eligible = {
        who: [n for n, (wanted, _) in enumerate(stages) if wanted & groups]
        for who, (_, groups) in votes.items()
        if who not in excluded
    }
    said = {who: votes[who][0] for who, places in eligible.items() if places}
    if "Reject" in said.values():
        assert found.phase is Decision.REJECTED
        return
    yes = [who for who, verdict in said.items() if verdict == "Approve"]
    ways = product(*([None, *eligible[who]] for who in yes))
    passed = any(all(list(way).count(n) >= most for n, (_, most) in enumerate(stages)) for way in ways)
    assert (found.phase is Decision.APPROVED) == passed


@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(PEOPLE), st.sets(st.integers(0, 3), min_size=1)),
)
def test_a_vote_counts_once_and_never_more_than_a_stage_needs(needed: list[int], votes: dict[str, set[int]]) -> None:
    places = {who: [n for n in stages if n < len(needed)] for who, stages in votes.items()}
    found = count(needed, places)
    assert sum(found.filled) <= len(votes)
    assert all(has <= needs for has, needs in zip(found.filled, needed, strict=True))


@given(st.integers(0, 3), st.integers(0, 5))
def test_what_was_decided_is_read_back_the_same_from_what_was_noted(approvals: int, minutes: int) -> None:
    cast = {f"p{number}": vote() for number in range(approvals)}
    now = SOON + timedelta(minutes=minutes)
    first = decide(request(cast), now)
    again = decide(request(cast, history=dict(first.history)), first.decided_at or now)
    assert (again.phase, again.by, str(again.count)) == (first.phase, first.by, str(first.count))


VERDICTS = ("Approve", "Reject", "Withdraw", "Correct")


@given(
    st.sampled_from([None, "Holds", "Fails", "Unknown"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["Approval", "Clarification"]),
    st.dictionaries(st.sampled_from(PEOPLE), st.tuples(st.sampled_from(VERDICTS), st.booleans())),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_a_rule_decides_only_a_yes_that_is_its_own_to_give_and_never_over_anybodys_objection(
    verdict: str | None,
    has_rule: bool,
    corrects: bool,
    type_: str,
    votes: dict[str, tuple[str, bool]],
    around: tuple[bool, bool, bool],
) -> None:
    excludes, is_person, is_late = around
    cast = {
        who: vote("Approve", MANAGERS if may else (), values={"notes": "mine"})
        if said == "Correct"
        else vote(said, MANAGERS if may else ())
        for who, (said, may) in votes.items()
    }
    terms: dict[str, Any] = {
        **({"rule": {"verdict": verdict}} if verdict else {}),
        **({"corrects": "another"} if corrects else {}),
        **({"autoApprove": "${values.notes == ''}"} if has_rule else {}),
        **({"exclude": ["Requester"]} if excludes else {}),
        "requester": "ana" if is_person else "system:cron",
    }
    one = request(cast, type_, **terms)
    found = decide(one, LATE if is_late else SOON)
    counts = {said for said, may in votes.values() if may} if type_ == "Approval" and not is_late else set()
    may_rule = verdict == "Holds" and has_rule and not corrects and type_ == "Approval"
    expected = may_rule and not (excludes and not is_person) and not counts & {"Reject", "Correct"}
    assert (found.phase is Decision.AUTO_APPROVED) == expected
    if expected:
        assert (found.by, found.values) == (("policy/release",), {"notes": "as drafted"})
        again = decide(request(cast, type_, history=dict(found.history), **terms), found.decided_at or SOON)
        assert again.phase is Decision.AUTO_APPROVED


def test_a_vote_that_is_changed_within_a_second_is_noted_once() -> None:
    first = decide(request({"bea": vote("Withdraw")}))
    later = SOON + timedelta(milliseconds=400)
    second = decide(request({"bea": vote()}, history=first.history), later)
    assert len(second.history) == 2
    assert (
        decide(request({"bea": vote()}, history=second.history), later + timedelta(minutes=1)).history == second.history
    )
