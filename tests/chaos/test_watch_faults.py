"""Watches break, lag, fall silent, are sent back to a list, or hear old news, while Runs are under way: all end as if
nothing had happened, and what the operator knows is what the API server holds.

What happens is made from a seed that a failure names. A plan of which a fault met nobody fails too.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import pytest

from headgate.handlers.operator import Operator
from headgate.handlers.world import SELECTORS
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.kinds import Key, Object, key_of, version_of
from headgate.kube.reflector import Rhythm
from support.faults.plan import Disturbance, Plan, WatchFault
from support.faults.reference import Reference, judge
from support.faults.scene import Lane, Release, open_lane
from support.figures import record

LANES = 7
PLANS = 105
LONGEST = 120.0
"""Seconds in which all has ended, and is known."""
QUICK = Rhythm(watch=2, grace=1.0, first_pause=0.05, longest_pause=0.5)
"""Half a minute, in which a watch of the operator lives, is long for a hundred plans."""
FOR_EVER = 3600.0
ASKING = ("approved", "rejected", "corrected", "answered", "recovered")
WORKING = ("chain", "branches", "loop", "parent", "again", "paused", "stopped", "ended", "family")
MOST_BEFORE = {
    "runs.headgate.dev": 4,
    "workflows.argoproj.io": 2,
    "secrets": 0,
    "approvalrequests.headgate.dev": 1,
    "workflows.headgate.dev": 0,
}
"""Resource → how many events of it may pass first: there are more in any plan."""


@dataclass(frozen=True, slots=True)
class Scenario:
    seed: int
    lives: tuple[str, ...]
    faults: tuple[WatchFault, ...]

    @property
    def freezes(self) -> int:
        return sum(fault.seconds == FOR_EVER for fault in self.faults)


def build_scenario(seed: int) -> Scenario:
    """Each disturbance in turn, and one beside it."""
    dice = random.Random(seed)
    kinds = list(Disturbance)
    chosen = (kinds[seed % len(kinds)], dice.choice(kinds))
    resources = dice.sample(sorted(MOST_BEFORE), len(chosen))
    lives = (dice.choice(ASKING), *dice.sample(WORKING, 2))
    faults = (_fault(dice, resource, how) for resource, how in zip(resources, chosen, strict=True))
    return Scenario(seed, lives, tuple(faults))


def _fault(dice: random.Random, resource: str, how: Disturbance) -> WatchFault:
    seconds = dice.choice((0.5, FOR_EVER)) if how is Disturbance.STALLED else dice.choice((0.2, 1.0))
    return WatchFault(resource, how, after=dice.randint(0, MOST_BEFORE[resource]), seconds=seconds)


async def play(lane: Lane, scenario: Scenario, reference: Reference, effects: Counter[Disturbance]) -> list[str]:
    """What is wrong at its end."""
    lane.proxy.begin(Plan(watches=scenario.faults))
    watching = lane.proxy.watching
    operator = lane.build_operator(QUICK)
    await operator.start()
    try:
        async with asyncio.timeout(LONGEST):
            await lane.people.ask(scenario.seed, scenario.lives)
            await lane.people.until_content()
            await lane.argo.until_idle()
            await until_known(lane, operator, scenario.freezes)
        unknown = ""
    except TimeoutError:
        unknown = f"after {LONGEST:g} s the operator knows less than there is, or Runs have not ended"
    finally:
        health = [*operator.alive().problems, *operator.ready().problems]
        await operator.stop()
    effects.update(watching.effects)
    verdict = judge(reference, lane)
    wrong = [unknown, *health, *map(str, verdict.lost.items()), *map(str, verdict.doubled.items())]
    if watching.effects.total() < len(scenario.faults):
        wrong.append(f"of its faults, only these met anybody: {dict(watching.effects)}")
    return [text for text in wrong if text]


async def until_known(lane: Lane, operator: Operator, freezes: int) -> None:
    """The caches hold what the API server does, all that was planned has happened, and what froze was noticed."""
    async with Client(lane.release.access) as client:
        for name, cache in operator.world:
            await until(partial(is_known, client, lane, name, cache))

    async def is_noticed() -> bool:
        return lane.proxy.watching.is_over and sum(one.frozen for one in operator.reflectors) >= freezes

    await until(is_noticed)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    while not await holds():  # noqa: ASYNC110 - what a cache lacks is no event
        await asyncio.sleep(0.1)


async def is_known(client: Client, lane: Lane, name: str, cache: Cache) -> bool:
    """Whether the cache holds what the API server lists."""
    namespace = lane.namespace if cache.kind.namespaced else None
    listed = await client.list_all(cache.kind, namespace, labels=SELECTORS.get(name, ""))
    return versions(cache) == versions(listed)


def versions(things: Iterable[Object]) -> dict[Key, int]:
    return {key_of(thing): version_of(thing) for thing in things}


@pytest.mark.timeout(590)
def test_whatever_becomes_of_a_watch_all_ends_as_if_nothing_had_happened(
    release: Release, reference: Reference
) -> None:
    scenarios = [build_scenario(seed) for seed in range(1, PLANS + 1)]
    namespaces = [release.add_namespace() for _ in range(LANES)]
    effects: Counter[Disturbance] = Counter()

    async def in_turn(namespace: str, some: Sequence[Scenario]) -> list[str]:
        async with open_lane(release, namespace) as lane:
            return [
                f"{scenario}: {wrong}" for scenario in some if (wrong := await play(lane, scenario, reference, effects))
            ]

    async def all_of_them() -> list[str]:
        parts = [scenarios[place::LANES] for place in range(LANES)]
        return list(chain.from_iterable(await asyncio.gather(*map(in_turn, namespaces, parts))))

    unsettled = asyncio.run(all_of_them())
    note = ", ".join(f"{how} {count}" for how, count in sorted(effects.items()))
    record("watch_plans", len(scenarios), ">= 100", "plans", note=f"what met a watch: {note}")
    record("watch_unsettled", len(unsettled), "== 0", "plans", n=len(scenarios))
    assert unsettled == []
    assert effects.keys() == set(Disturbance)
