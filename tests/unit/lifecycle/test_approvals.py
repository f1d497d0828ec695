"""How a question is decided: by whom, by how many, until when. A reference that counts naively is the oracle."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.api.approvalrequest import ApprovalRequest, Decision
from headgate.lifecycle.approvals.counting import count
from headgate.lifecycle.approvals.voting import Corrector, Outcome, decide_request
from support.questions import LATE, MANAGERS, OPENED, SOON, request, vote


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


def test_silence_approves_what_was_asked_and_not_what_one_of_several_corrected() -> None:
    outcome = decide(request(corrects="notes-1-review", onTimeout="Approve"), LATE)
    assert outcome.phase is Decision.EXPIRED
    assert "silence does not approve what somebody corrected" in outcome.message


def test_a_no_counts_as_long_as_nothing_is_decided_and_silence_does_not_overrule_it() -> None:
    for silence in ("Approve", "Reject"):
        assert decide(request({"bea": vote("Reject")}, onTimeout=silence), LATE).phase is Decision.REJECTED
    stranger = request({"mallory": vote("Reject", groups=())}, onTimeout="Approve")
    assert decide(stranger, LATE).phase is Decision.AUTO_APPROVED


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


def test_who_votes_for_themselves_and_in_anothers_place_has_one_vote() -> None:
    terms: dict[str, Any] = {
        "stages": [{"name": "legal", "users": ["lea", "sam"], "votes": 2}],
        "delegation": [{"from": "lea", "to": "sam", "until": "2026-11-22T00:00:00Z"}],
    }
    assert str(decide(request({"sam": vote(groups=())}, **terms)).count) == "1/2"
    both = request({"sam": vote(groups=()), "lea": vote(groups=())}, **terms)
    assert decide(both).phase is Decision.APPROVED


def test_two_who_stand_in_for_one_person_have_one_vote() -> None:
    terms: dict[str, Any] = {
        "stages": [{"name": "legal", "users": ["lea", "leo"], "votes": 2}],
        "delegation": [{"from": "lea", "to": who, "until": "2026-11-22T00:00:00Z"} for who in ("sam", "sue")],
    }
    assert str(decide(request({"sam": vote(groups=()), "sue": vote(groups=())}, **terms)).count) == "1/2"


def test_corrected_values_supersede_and_the_corrector_counts_in_the_next_request() -> None:
    corrected = vote(values={"notes": "better"})
    found = decide(request({"bea": corrected}))
    assert (found.phase, found.by, found.values) == (Decision.SUPERSEDED, ("bea",), {"notes": "better"})
    bea = request({"bea": corrected}).spec.votes["bea"]
    assert str(decide(request({}), corrector=Corrector("bea", bea)).count) == "1/2"
    assert decide(request({"bob": vote()}), corrector=Corrector("bea", bea)).phase is Decision.APPROVED
    assert decide(request({"bea": vote("Reject")}), corrector=Corrector("bea", bea)).phase is Decision.REJECTED


@pytest.mark.parametrize("kind", ["Approval", "Clarification", "Recovery"])
def test_values_that_are_nested_deeper_than_a_hundred_are_no_vote_but_a_no_stays_a_no(kind: str) -> None:
    yes, no = {"Approval": ("Approve", "Reject"), "Clarification": ("Answer", ""), "Recovery": ("Skip", "Stop")}[kind]
    fits, deep = ({"any": levels(depth)} for depth in (99, 100))

    def said(verdict: str, values: dict[str, Any]) -> Outcome:
        voted = {"bea": vote(verdict, values=values), "bob": vote(verdict, values=values)}
        return decide(request(voted, kind, form={"any": {"optional": True}}))

    assert said(yes, fits).phase is not Decision.OPEN
    assert said(yes, deep).unheard["bea"] == "the values are nested deeper than 100"
    assert not no or said(no, deep).phase in (Decision.REJECTED, Decision.STOP)


def levels(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


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
    st.lists(st.integers(1, 2), min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(PEOPLE), st.sets(st.sampled_from(PEOPLE), max_size=3), max_size=4),
    st.dictionaries(st.sampled_from(PEOPLE), st.sets(st.integers(0, 2))),
)
def test_votes_fill_as_many_places_as_any_way_to_count_them_would_one_a_vote_and_one_a_person(
    needed: list[int], votes: dict[str, set[str]], stages: dict[str, set[int]]
) -> None:
    stages = {who: {n for n in numbers if n < len(needed)} for who, numbers in stages.items()}
    found = count(needed, votes, stages)
    ways = product(*([None, *((who, n) for who in whom for n in stages.get(who, ()))] for whom in votes.values()))
    best = 0
    for way in ways:
        taken = [place for place in way if place is not None]
        if len({who for who, _ in taken}) == len(taken):
            best = max(best, sum(min(most, sum(n == stage for _, n in taken)) for stage, most in enumerate(needed)))
    assert sum(found.filled) == best
    assert all(has <= needs for has, needs in zip(found.filled, needed, strict=True))


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
    said = {said for said, may in votes.values() if may and (said == "Reject" or not is_late)}
    counts = said if type_ == "Approval" else set()
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


@pytest.mark.parametrize(
    ("cast", "why"),
    [
        (vote(values={"notes": 7}), "notes is an integer, must be a string"),
        (vote("Answer"), "Answer is no answer to this"),
        (vote(groups=["others"]), "the policy asks others"),
    ],
)
def test_a_vote_that_does_not_count_is_told_with_the_reason(cast: dict[str, Any], why: str) -> None:
    found = decide(request({"bea": cast, "bob": vote("Withdraw")}))
    assert list(found.unheard) == ["bea"]
    assert found.unheard["bea"].startswith(why)


def test_whoever_is_excluded_reads_that_and_whoever_comes_late_too() -> None:
    one = request({"dan": vote()}, exclude=["Requester"])
    assert decide(one, involved=frozenset({"dan"})).unheard == {
        "dan": "who asked for the Run, or acted on it, is excluded"
    }


def test_whoever_has_changed_a_vote_too_often_reads_that() -> None:
    told = {f"2026-11-21T05:{minute}:00Z bea": f"Approve, digest 91c2f0a6: {minute}" for minute in range(31, 43)}
    found = decide(request({"bea": vote(reason="again"), "bob": vote()}, history=told))
    assert (found.phase, str(found.count)) == (Decision.OPEN, "1/2")
    assert found.unheard == {"bea": "it was changed too often: of this voter, only a no counts now"}
