"""What is known to be recorded: of any number of facts about one object, each, and no other."""

from dataclasses import replace

import pytest

from headgate.audit.chain import START, extend
from headgate.audit.entry import Action, Entry, Fact
from headgate.audit.known import Known

SEEN = "2026-11-25T12:00:00.000Z"


def uses(count: int, uid: str = "u") -> list[Fact]:
    return [Fact(Action.CREDENTIAL_USED, f"used/{number}", "Credential", "blog", uid) for number in range(count)]


def entries(facts: list[Fact]) -> tuple[Entry, ...]:
    return extend(START, facts, SEEN)


@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 1500])
def test_of_many_facts_about_one_object_each_is_known_and_can_be_dropped(count: int) -> None:
    known, told = Known(), uses(count + 1)
    written = entries(told)
    for entry in written[:count]:
        known.add(entry)
    assert [known.has(fact) for fact in told] == [True] * count + [False]
    for entry in written[: count // 2]:
        known.drop(entry)
    assert [known.has(fact) for fact in told] == [False] * (count // 2) + [True] * (count - count // 2) + [False]
    for entry in written:
        known.drop(entry)
    assert not any(map(known.has, told))


def test_a_mark_that_only_lies_across_two_others_is_not_known() -> None:
    """Whoever writes entries chooses their ids: `ab` and `cd` do not make `bc`."""
    fact = uses(1)[0]
    mark = fact.id[:16]
    (made,) = entries([fact])
    around = [replace(made, id=id_) for id_ in (f"{'0' * 8}{mark[:8]}", f"{mark[8:]}{'0' * 8}")]
    known = Known()
    for entry in around:
        known.add(entry)
    assert not known.has(fact)
    known.add(made)
    assert known.has(fact)
    known.drop(made)
    assert not known.has(fact)


def test_of_what_is_gone_the_last_thousand_stay_known_and_all_of_which_something_waits() -> None:
    known = Known()
    gone = [Fact(Action.RUN_DELETED, "deleted", "Run", "r", f"u{number}") for number in range(1003)]
    for entry in entries(gone):
        known.add(entry)
    assert all(map(known.has, gone)), "nothing is forgotten before somebody says that nothing waits"
    known.trim({"u1"})
    assert [fact.uid for fact in gone if not known.has(fact)] == ["u0", "u2"]
