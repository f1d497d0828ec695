"""Whether a later pod can have anything to run: the sieve stops only what `fate` would stop as well."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from headgate_lang.fate import Fate, Outcome, fate
from headgate_lang.sieve import can_run
from headgate_lang.task import Follower

S, K, F = Outcome.SUCCEEDED, Outcome.SKIPPED, Outcome.FAILED


def test_it_says_go_where_what_is_needed_came() -> None:
    assert can_run([Follower("b", {"a": S})], {"a": S})
    assert can_run([Follower("b", {"a": F})], {"a": F})
    assert can_run([Follower("b", {"a": Outcome.NOT_FAILED})], {"a": K})
    assert can_run([Follower("b", {"a": K | F | S})], {"a": Outcome.FORGIVEN})


def test_it_stops_a_pod_of_which_no_member_gets_what_it_needs() -> None:
    assert not can_run([Follower("b", {"a": S})], {"a": F})
    assert not can_run([Follower("b", {"a": F})], {"a": S})
    assert not can_run([Follower("b", {"a": S}), Follower("c", {"b": S})], {"a": K})


def test_a_member_that_others_decide_about_as_well_may_still_run() -> None:
    assert can_run([Follower("b", {})], {"a": F})
    assert can_run([Follower("b", {"a": S}), Follower("c", {})], {"a": F})


def test_a_member_may_run_because_the_one_before_it_does_not() -> None:
    assert can_run([Follower("b", {"a": S}), Follower("c", {"b": Outcome.NOT_FAILED})], {"a": F})


def test_who_needs_a_node_without_an_answer_cannot_run_yet() -> None:
    """A failure that people are asked about is not an end: whoever needs it is planned again."""
    assert not can_run([Follower("b", {"a": Outcome.ENDED})], {})


@dataclass(frozen=True)
class World:
    """Members of a later pod with all their needs, and how everything ends."""

    needs: list[dict[str, Outcome]]
    here: dict[str, Outcome]
    elsewhere: dict[str, Outcome]
    if_run: list[Outcome]


LOOKS = st.sampled_from([S, K, F, Outcome.OMITTED, Outcome.FORGIVEN])
ACCEPTED = st.sampled_from([S, Outcome.NOT_FAILED, F, Outcome.NOT_OMITTED, Outcome.ENDED])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    here = {"h0": draw(LOOKS), "h1": draw(LOOKS)}
    elsewhere = {"e0": draw(LOOKS), "e1": draw(LOOKS)}
    needs = []
    for index in range(draw(st.integers(1, 4))):
        candidates = [*here, *elsewhere, *(f"m{other}" for other in range(index))]
        needs.append(draw(st.dictionaries(st.sampled_from(candidates), ACCEPTED, max_size=3)))
    return World(needs, here, elsewhere, [draw(LOOKS) for _ in needs])


@given(worlds())
def test_what_it_stops_fate_would_stop_too_whatever_becomes_of_the_rest(world: World) -> None:
    followers = [
        Follower(f"m{index}", {need: accepted for need, accepted in needs.items() if need not in world.elsewhere})
        for index, needs in enumerate(world.needs)
    ]
    if can_run(followers, world.here):
        return
    ended = {**world.here, **world.elsewhere}
    for index, needs in enumerate(world.needs):
        verdict, _ = fate(needs, ended)
        assert verdict is not Fate.RUN
        ended[f"m{index}"] = Outcome.OMITTED if verdict is Fate.OMITTED else K
