"""How a round of lives goes when nothing goes wrong, and what another one makes of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from support.faults.lives import life_of, with_followers
from support.faults.plan import Plan
from support.faults.scene import Lane

_OF_THE_CLUSTER = "update nodetypes.headgate.dev/status"
"""What the first operator of all lanes writes, and no other: node types have no namespace."""


@dataclass(frozen=True, slots=True)
class Reference:
    ends: dict[str, Any]
    ledger: Counter[str]
    writes: Counter[str]
    """Kind of write → how many the operator needs of it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    lost: dict[str, Any]
    """What ended in another way, or never: (how it ended, how it should have)."""
    doubled: dict[str, int]
    """What was executed more often than people asked for."""


async def take_reference(lane: Lane, lives: Iterable[str]) -> Reference:
    """Of the first round of a lane."""
    lane.proxy.begin(Plan())
    operator = lane.build_operator(elects=True)
    await operator.start()
    try:
        await lane.people.ask(1, lives)
        await lane.people.until_content()
        await lane.argo.until_idle()
    finally:
        await operator.stop()
    assert not lane.argo.broken, lane.argo.broken
    writes = Counter(call.kind for call in lane.proxy.calls if call.kind != _OF_THE_CLUSTER)
    return Reference(lane.people.ends, lane.ledger(1), writes)


def judge(reference: Reference, lane: Lane) -> Verdict:
    """What has become of the lane's round."""
    assert not lane.argo.broken, lane.argo.broken
    found, lives = lane.people.ends, with_followers(lane.people.lives)
    expected = {name: end for name, end in reference.ends.items() if life_of(name) in lives}
    lost = {name: (found.get(name), end) for name, end in expected.items() if found.get(name) != end}
    more = {name: count for name, count in lane.ledger(lane.people.round).items() if count > reference.ledger[name]}
    return Verdict(lost, more)
