"""What holds of the bundles of every graph: nothing is lost, nothing comes back, and nobody waits longer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from headgate.api.nodetype import Trait
from headgate.compiler.graph import Role
from headgate.compiler.known import Instance
from headgate.compiler.leg import Bundle
from support.ready import Situation, situations


@given(situations())
def test_every_instance_is_in_exactly_one_bundle(situation: Situation) -> None:
    members = [member for one in situation.bundles for member in one.members]
    assert sorted(members) == sorted(situation.ready)


@given(situations())
def test_bundles_and_their_members_stand_after_what_they_wait_for(situation: Situation) -> None:
    at = {member: place for place, one in enumerate(situation.bundles) for member in one.members}
    for place, one in enumerate(situation.bundles):
        needed = {at[need] for member in one.members for need in situation.needs(situation.graph[member.node])}
        assert set(one.waits_for) == needed - {place}
        assert all(need < place for need in one.waits_for)
        seen: set[Instance] = set()
        for member in one.members:
            within = {need for need in situation.needs(situation.graph[member.node]) if at[need] == place}
            assert within <= seen
            seen.add(member)


@given(situations())
def test_user_code_is_never_in_a_pod_with_another_s_credential_or_with_what_people_are_shown(
    situation: Situation,
) -> None:
    for one in situation.bundles:
        nodes = [situation.graph[member.node] for member in one.members]
        if any(Trait.USER_CODE in node.traits for node in nodes) and len({node.name for node in nodes}) > 1:
            assert not any(node.credentials or member.prepare for node, member in zip(nodes, one.members, strict=True))


@given(situations())
def test_the_same_instances_give_the_same_bundles(situation: Situation) -> None:
    assert situation.bundles == situation.bundles


@dataclass(frozen=True)
class Times:
    """How long things take. Instant nodes take no time; the items of a loop and heavy nodes take some like the rest."""

    start_of_a_pod: int
    of: Mapping[Instance, int]


@st.composite
def timed(draw: st.DrawFn) -> tuple[Situation, Times]:
    situation = draw(situations())
    times = draw(st.lists(st.integers(0, 20), min_size=len(situation.ready), max_size=len(situation.ready)))
    taken = {
        instance: 0 if is_instant(situation, instance) else time
        for instance, time in zip(situation.ready, times, strict=True)
    }
    return situation, Times(draw(st.integers(0, 5)), taken)


def is_instant(situation: Situation, instance: Instance) -> bool:
    node = situation.graph[instance.node]
    return instance.prepare or node.role is Role.RENDER or Trait.INSTANT in node.traits


def simulate(situation: Situation, bundles: Sequence[Bundle], times: Times) -> Mapping[Instance, int]:
    """When the end of each instance is seen: at the end of its pod."""
    seen: dict[Instance, int] = {}
    for one in bundles:
        outside = (seen[need] for place in one.waits_for for need in bundles[place].members)
        start = max(outside, default=0) + times.start_of_a_pod
        ends: dict[Instance, int] = {}
        for member in one.members:
            within = (ends[need] for need in situation.needs(situation.graph[member.node]) if need in ends)
            ends[member] = max(within, default=start) + times.of[member]
        seen.update(dict.fromkeys(one.members, max(ends.values())))
    return seen


def with_a_pod_each(situation: Situation, bundles: Sequence[Bundle]) -> Sequence[Bundle]:
    """The same, but for the shards of loops, which are how a loop runs in any case."""
    groups: list[tuple[Instance, ...]] = []
    for one in bundles:
        is_shard = one.at_once is not None
        groups += [one.members] if is_shard else [(member,) for member in one.members]
    at = {member: place for place, group in enumerate(groups) for member in group}
    return [
        Bundle(group, tuple(sorted({at[need] for need in situation.needs(situation.graph[group[0].node])})))
        for group in groups
    ]


@given(timed())
def test_however_long_the_nodes_take_nobody_outside_waits_longer_than_with_a_pod_each(
    case: tuple[Situation, Times],
) -> None:
    situation, times = case
    bundles = situation.bundles
    shared = simulate(situation, bundles, times)
    alone = simulate(situation, with_a_pod_each(situation, bundles), times)
    for one in bundles:
        assert shared[one.members[0]] <= max(alone[member] for member in one.members)
    mates = {member: set(one.members) for one in bundles for member in one.members}
    for waiter, waits in waiters(situation):
        outside = waits - mates[waiter] if waiter else waits
        if outside:
            assert max(shared[need] for need in outside) <= max(alone[need] for need in waits)


def waiters(situation: Situation) -> Iterable[tuple[Instance | None, set[Instance]]]:
    """Whoever waits for what is ready: an instance that is ready too, or None for one that runs later and elsewhere.

    The latter may wait for others of its kind, and so for what those wait for.
    """
    later: dict[str, set[Instance]] = {}
    for node in situation.graph:
        waits = set(situation.needs(node)).union(*(later.get(need, ()) for need in node.needs))
        own = [instance for instance in situation.ready if instance.node == node.name]
        yield from ((instance, waits) for instance in own)
        if not own or own[0].prepare:
            later[node.name] = waits.union(own)
            yield None, later[node.name]
