"""The operator dies at its writes, and another one starts: nothing is lost, and nothing runs twice.

A proxy before the real API server kills it: before a write, of which the API server then never hears, or after one that
it has done and of which nobody heard. Two lives that change nothing, since all that they wrote was there, make the next
one longer. So they get further, until all has ended as it does when nothing happens to anybody. Most lives are played
before a stand-in for Argo, some in real pods.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.settings import Settings
from support.faults.lives import IN_PODS, RUNS
from support.faults.plan import KILLS, Mishap, Plan, WriteFault
from support.faults.proxy import Call
from support.faults.reference import Reference, Verdict, judge, take_reference
from support.faults.scene import Lane, Release, open_lane
from support.figures import record
from support.operator_process import Nursery, OperatorProcess

LONGEST = 500.0
"""Seconds for all lives together, on a machine that has other things to do."""
QUIET = 60.0
"""Seconds after which a life that neither dies nor ends has forgotten something."""
LANES = 4
_FIRST = ((1, Mishap.KILL_BEFORE), (1, Mishap.KILL_AFTER))
STEPS = (*(_FIRST * 4), (2, Mishap.KILL_BEFORE))
"""At which of its writes one life after the other ends: the first is hit both ways, and what a life knows of its
own writes matters too."""
STRIDES = ((4, Mishap.KILL_AFTER), (3, Mishap.KILL_BEFORE))
"""Where pods make lives long."""
RARE = re.compile(r"leases|\(data, immutable\)")
"""Leases are taken and held whatever else is written, and a segment of the audit log is sealed when it is full."""
Kill = tuple[str, Mishap]


class Lives:
    """One operator after the other in a lane, each until it is killed."""

    def __init__(self, lane: Lane, operator: OperatorProcess, steps: Sequence[tuple[int, Mishap]]) -> None:
        self.lane, self.operator = lane, operator
        self.steps = cycle(steps)
        self.kills: Counter[Kill] = Counter()
        self.made: Counter[str] = Counter()
        """Name of a leg → how often it was created."""
        self._in_vain = 0
        """Lives in a row that changed nothing: one killed at once does not, and one that finds its writes done."""
        self.settings = lane.release.settings(lane.namespace, LEADER_ELECTION="false")
        lane.proxy.kill = operator.kill

    async def live(self, wanted: set[Kill]) -> None:
        """Until all has ended that people asked for. Whatever is `wanted`, by any lane, happens first: before a write,
        and then after it, for one that was done may not come again."""
        while not self.lane.people.are_content:
            at, mishap = next(self.steps)
            rare = [WriteFault(1, how, kind) for how in KILLS for kind, wished in sorted(wanted) if how is wished]
            plan = Plan([*rare, WriteFault(at + max(0, self._in_vain - 1), mishap)])
            await self._one_life(plan, self.lane.people.until_content)
            wanted.difference_update(self.kills)
        await self._one_life(Plan(), self.lane.argo.until_idle)

    async def _one_life(self, plan: Plan, until: Callable[[], Any]) -> None:
        self.lane.proxy.begin(plan)
        self.operator.launch(**self.settings)
        waits = [asyncio.create_task(until()), asyncio.create_task(self.operator.until_ended())]
        try:
            done, _ = await asyncio.wait(waits, timeout=QUIET, return_when=asyncio.FIRST_COMPLETED)
            assert done, f"{self.lane.people.ends}\n{self.operator.said()[-3000:]}"
        finally:
            self.operator.kill()
            for wait in waits:
                wait.cancel()
            self._count(self.lane.proxy.calls)

    def _count(self, calls: Sequence[Call]) -> None:
        self.kills.update((call.kind, call.mishap) for call in calls if call.mishap is not None)
        made = (call.name for call in calls if call.code == 201 and call.kind == "create workflows.argoproj.io")
        self.made.update(made)
        self._in_vain = 0 if any(call.number and call.code in (200, 201) for call in calls) else self._in_vain + 1


def write_kubeconfig(path: Path, server: str) -> Path:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "proxy",
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
        "clusters": [{"name": "proxy", "cluster": {"server": server}}],
        "users": [{"name": "proxy", "user": {}}],
    }
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    with Nursery() as found:
        yield found


class Play:
    """What both tests share: lanes, and operators in them."""

    def __init__(self, settings: Settings, nursery: Nursery, folder: Path) -> None:
        self.settings, self.nursery, self.folder = settings, nursery, folder

    def lives(self, lane: Lane, steps: Sequence[tuple[int, Mishap]]) -> Lives:
        kubeconfig = write_kubeconfig(self.folder / f"{lane.namespace}.kubeconfig", lane.proxy.url)
        log = self.folder / f"{lane.namespace}.log"
        return Lives(lane, OperatorProcess(self.settings, lane.namespace, log, kubeconfig, self.nursery), steps)


@pytest.fixture
def play(cluster_settings: Settings, nursery: Nursery, tmp_path: Path) -> Play:
    return Play(cluster_settings, nursery, tmp_path)


def tell(kills: Mapping[Kill, int]) -> str:
    kinds = sorted({kind for kind, _ in kills})
    rows = (f"{kind:55}{''.join(f'{kills.get((kind, how), 0):8}' for how in KILLS)}" for kind in kinds)
    return "\n".join([f"{'killed at':55}  before   after", *rows])


@pytest.mark.timeout(590)
def test_an_operator_that_dies_at_any_write_loses_nothing_and_does_nothing_twice(
    release: Release, reference: Reference, play: Play
) -> None:
    namespaces = [release.add_namespace() for _ in range(LANES)]
    asked = [tuple(RUNS)[place::LANES] for place in range(LANES)]
    wanted = {(kind, how) for kind in reference.writes if not RARE.search(kind) for how in KILLS}

    async def die() -> tuple[Counter[Kill], list[Verdict]]:
        async with AsyncExitStack() as stack, asyncio.timeout(LONGEST):
            lanes = [await stack.enter_async_context(open_lane(release, namespace)) for namespace in namespaces]
            all_lives = [play.lives(lane, STEPS) for lane in lanes]
            async with asyncio.TaskGroup() as group:
                for lives, some in zip(all_lives, asked, strict=True):
                    await lives.lane.people.ask(1, some)
                    group.create_task(lives.live(wanted))
            kills = sum((lives.kills for lives in all_lives), Counter[Kill]())
            return kills, [judge(reference, lane) for lane in lanes]

    kills, verdicts = asyncio.run(die())
    lost = {name: ends for verdict in verdicts for name, ends in verdict.lost.items()}
    doubled = {name: count for verdict in verdicts for name, count in verdict.doubled.items()}
    print(tell(kills))
    note = f"{len({kind for kind, _ in kills})} kinds of write, before and after; a stand-in for Argo's pods"
    record("kill_points", kills.total(), ">= 200", "kills", note=note)
    record("kill_lost", len(lost), "== 0", "Runs", n=kills.total())
    record("kill_doubled", len(doubled), "== 0", "nodes", n=kills.total())
    assert not lost
    assert not doubled
    assert kills.total() >= 200
    assert {kind for kind in reference.writes if not RARE.search(kind)} <= {kind for kind, _ in kills}


@pytest.mark.timeout(590)
def test_an_operator_that_dies_while_pods_run_starts_none_of_them_twice(release: Release, play: Play) -> None:
    calm, stormy = release.add_namespace(), release.add_namespace()

    async def die() -> tuple[Lives, Verdict]:
        async with (
            asyncio.timeout(LONGEST),
            open_lane(release, calm, has_pods=True) as quiet,
            open_lane(release, stormy, has_pods=True) as lane,
        ):
            lives = play.lives(lane, STRIDES)
            await lane.people.ask(1, IN_PODS)
            async with asyncio.TaskGroup() as group:
                expected = group.create_task(take_reference(quiet, IN_PODS))
                group.create_task(lives.live(set()))
            return lives, judge(expected.result(), lane)

    lives, verdict = asyncio.run(die())
    print(tell(lives.kills))
    assert not verdict.lost
    assert {name: count for name, count in lives.made.items() if count > 1} == {}
    assert lives.kills.total() >= 10
