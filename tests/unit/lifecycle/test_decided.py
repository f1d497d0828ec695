"""What was decided is read back from the request, and stays: whoever votes, or acts on the Run, afterwards."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headgate.api.approvalrequest import Decision, Vote
from headgate.lifecycle.approvals.voting import corrector_of, decide_request, read_decided
from support.questions import LATE, SOON, decided, request, vote


def test_who_corrected_a_request_can_be_read_back_from_it() -> None:
    cast = {"bea": vote(values={"notes": "better"}), "bob": vote()}
    before, after = decided(cast), request({})
    shown = after.spec.model_copy(update={"values": {"notes": "better"}})
    found = corrector_of(before, after.model_copy(update={"spec": shown}))
    assert found is not None
    assert (found.user, found.vote.values) == ("bea", {"notes": "better"})
    assert corrector_of(before, after) is None
    assert corrector_of(decided({"bea": vote(), "bob": vote()}), after) is None
    assert corrector_of(request(cast), after) is None


def test_a_vote_that_was_not_noted_when_it_was_decided_is_no_part_of_the_decision() -> None:
    one = decided({"bea": vote(), "bob": vote()})
    late = {**one.spec.votes, "cat": Vote.model_validate(vote("Reject"))}
    forged = one.model_copy(update={"spec": one.spec.model_copy(update={"votes": late})})
    found = read_decided(forged)
    assert found is not None
    assert (found.phase, found.by) == (Decision.APPROVED, ("bea", "bob"))


@given(
    st.dictionaries(
        st.sampled_from(("p0", "p1", "p2", "p3", "p4")),
        st.tuples(st.sampled_from(("Approve", "Reject", "Withdraw")), st.booleans()),
    ),
    st.sets(st.sampled_from(("p0", "p1", "p2", "p3", "system:cron"))),
    st.booleans(),
    st.booleans(),
)
def test_what_was_decided_stays_so_whoever_acts_on_the_run_afterwards(
    votes: dict[str, tuple[str, bool]], involved: set[str], excludes: bool, is_late: bool
) -> None:
    cast = {
        who: vote(verdict, values={"notes": "mine"} if corrects and verdict == "Approve" else {})
        for who, (verdict, corrects) in votes.items()
    }
    terms: dict[str, Any] = {"exclude": ["Requester"]} if excludes else {}
    one = decided(cast, LATE if is_late else SOON, frozenset(involved), requester="system:cron", **terms)
    first = decide_request(
        one.model_copy(update={"status": None}), LATE if is_late else SOON, involved=frozenset(involved)
    )
    again = read_decided(one)
    assert (again is None) == first.is_open
    if again is not None:
        assert (again.phase, again.by, again.values) == (first.phase, first.by, first.values)
        if excludes:
            assert not set(again.by) & involved


@given(st.integers(0, 3), st.integers(0, 5))
def test_what_was_decided_is_read_back_the_same_from_what_was_noted(approvals: int, minutes: int) -> None:
    cast = {f"p{number}": vote() for number in range(approvals)}
    now = SOON + timedelta(minutes=minutes)
    first = decide_request(request(cast), now)
    again = decide_request(request(cast, history=dict(first.history)), first.decided_at or now)
    assert (again.phase, again.by, str(again.count)) == (first.phase, first.by, str(first.count))
