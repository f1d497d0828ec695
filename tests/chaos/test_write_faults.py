"""Every kind of write goes wrong in every way, while Runs are under way: all end as if nothing had happened.

A proxy before the real API server answers a write with 409, 429, 500 or 504, breaks the connection before the API
server hears of it, or after it has done it. Each kind of write of the lives meets each of these, once, or more often
than the client alone is patient for.
"""

import asyncio
import random
import time
from dataclasses import dataclass

import pytest

from support.faults.plan import ANSWERS, Mishap, Plan, WriteFault
from support.faults.reference import Reference, Verdict, judge
from support.faults.scene import Lane, Release, open_lane
from support.figures import record

SETTLED = 60.0
"""Seconds from the last fault on."""
LONGEST = 150.0
"""Seconds for a round, on a machine that has other things to do."""
OFTEN = 6
"""Once more than the client tries by itself."""
SEED = 20261125


@dataclass
class Round:
    """What one round was to meet, and what became of it."""

    plan: Plan
    lane: Lane
    verdict: Verdict
    hits: int
    seconds: float
    """From the last fault to the end of all Runs."""

    @property
    def missed(self) -> set[tuple[str | None, Mishap]]:
        met = {(call.kind, call.mishap) for call in self.lane.proxy.calls}
        return {(fault.kind, fault.mishap) for fault in self.plan.writes} - met


def build_plans(reference: Reference) -> list[Plan]:
    """A plan a round: together, each kind of write with each mishap."""
    dice = random.Random(SEED)
    plans = []
    for shift in range(len(ANSWERS)):
        faults = []
        for place, (kind, count) in enumerate(sorted(reference.writes.items())):
            at, often = dice.randint(1, min(count, 2)), dice.choice((1, OFTEN))
            faults.append(WriteFault(at, ANSWERS[(place + shift) % len(ANSWERS)], kind, often))
        plans.append(Plan(faults))
    return plans


async def play(lane: Lane, plan: Plan, reference: Reference) -> Round:
    lane.proxy.begin(plan)
    operator = lane.build_operator(elects=True)
    await operator.start()
    try:
        async with asyncio.timeout(LONGEST):
            await lane.people.ask(1)
            await lane.people.until_content()
            ended = time.monotonic()
            await lane.argo.until_idle()
    except TimeoutError:
        ended = float("inf")
    finally:
        await operator.stop()
    hits = [call.at for call in lane.proxy.calls if call.mishap is not None]
    return Round(plan, lane, judge(reference, lane), len(hits), ended - max(hits, default=0.0))


@pytest.mark.timeout(590)
def test_whatever_becomes_of_a_write_all_ends_as_if_nothing_had_happened(
    release: Release, reference: Reference
) -> None:
    plans = build_plans(reference)
    namespaces = [release.add_namespace() for _ in plans]

    async def one(namespace: str, plan: Plan) -> Round:
        async with open_lane(release, namespace) as lane:
            return await play(lane, plan, reference)

    async def all_of_them() -> list[Round]:
        return await asyncio.gather(*map(one, namespaces, plans))

    rounds = asyncio.run(all_of_them())
    lost = [(f"{name}: {ends}") for each in rounds for name, ends in each.verdict.lost.items()]
    slowest = max(each.seconds for each in rounds)
    planned = sum(len(plan.writes) for plan in plans)
    note = f"{len(reference.writes)} kinds of write, {len(ANSWERS)} mishaps; all settled {max(slowest, 0):.1f} s later"
    record("write_faults", planned - sum(len(each.missed) for each in rounds), ">= 100", "faults", note=note)
    record("write_faults_lost", len(lost), "== 0", "Runs", n=sum(each.hits for each in rounds))
    assert lost == []
    assert [each.verdict.doubled for each in rounds if each.verdict.doubled] == []
    missed = [fault for each in rounds for fault in each.missed]
    print("met nobody:", missed)
    assert planned - len(missed) >= 100, "a write that comes once in a while may not come again"
    assert slowest < SETTLED
