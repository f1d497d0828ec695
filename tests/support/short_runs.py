"""Runs of short workflows in a World, begun and looked at in a line."""

from typing import Any

from headgate.api.common import Resource
from headgate.lifecycle.observed import Settings
from support.legs import Leg
from support.pods import Scripts
from support.stories import policy, workflow, world
from support.world import SETTINGS, World

MANAGERS = ["release-managers"]
TWO = "nodes: [{name: a, use: heavy}, {name: b, use: heavy, after: {a: Succeeded}}]"
SAFE = "nodes: [{name: a, use: safe}]"
GATED = """
nodes:
- {name: a, use: heavy}
- {name: ask, use: approval, after: {a: Succeeded}, with: {policy: release, message: Go on}}
- {name: b, use: heavy, after: {ask: Succeeded}}
finally: [{name: last, use: calc, with: {value: "${run.phase}"}}]
"""


def begin(
    text: str, *more: Resource, settings: Settings = SETTINGS, scripts: Scripts | None = None, **spec: Any
) -> World:
    here = world(workflow(text), *more, settings=settings, scripts=scripts)
    here.submit("r", workflow="example", requester="ana@example.com", **spec)
    here.settle_all()
    return here


def leg(here: World) -> Leg:
    (only,) = here.legs.values()
    return only


def phases(here: World, name: str = "r") -> dict[str, str]:
    return {node: said["phase"] for node, said in here.status(name)["nodes"].items()}


def ran(here: World, instance: str) -> int:
    return sum(times for (_, one), times in here.executions.items() if str(one) == instance)


def gated(**spec: Any) -> World:
    here = begin(GATED, policy("release"), **spec)
    here.run_legs()
    here.settle_all()
    return here


def go_on(here: World) -> None:
    """As far as it goes without people."""
    for _ in range(20):
        here.settle_all()
        if not any(leg.runnable for leg in here.legs.values()):
            return
        here.run_legs()
    raise AssertionError("there is always more to run")


def answer(here: World, request: str, verdict: str, **more: Any) -> None:
    """Somebody whom the policy asks votes, and it goes on."""
    here.vote(request, "bea", verdict, groups=MANAGERS, **more)
    go_on(here)


def open_requests(here: World) -> list[str]:
    return sorted(name for name, one in here.requests.items() if one["status"]["phase"] == "Open")
