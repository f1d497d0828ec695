"""Who must look again when something has changed."""

import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.handlers import work
from headgate.handlers.dispatch import Dispatcher
from headgate.handlers.metrics import Metrics
from headgate.handlers.outbox import Outbox
from headgate.handlers.posting import Poster
from headgate.handlers.queue import Queue
from headgate.handlers.siblings import Siblings
from headgate.handlers.work import Work
from headgate.handlers.world import World, build_world
from headgate.kube.access import Access
from headgate.kube.client import Client
from headgate.settings import Reach


def thing(name: str, version: int, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": name, "resourceVersion": str(version)}, **more}


def run(name: str, phase: str) -> dict[str, Any]:
    one = thing(name, 1, spec={"workflow": "w"}, status={"phase": phase})
    one["metadata"] |= {"namespace": "docs", "creationTimestamp": "2026-11-21T05:30:58Z"}
    return one


def outbox_of(world: World) -> Outbox:
    """One that sends nothing."""
    client = Client(Access("http://127.0.0.1:1", None, "docs", lambda: None))
    clock, now = (lambda: 0.0), (lambda: datetime(2026, 11, 25, tzinfo=UTC))
    return Outbox(world=world, client=client, poster=Poster(Reach()), metrics=Metrics(), clock=clock, now=now)


def staged(siblings: Siblings | None = None) -> tuple[World, Queue[Work], Dispatcher]:
    world: World = build_world()
    queue: Queue[Work] = Queue(lambda: 0.0)
    dispatcher = Dispatcher(world, siblings or Siblings(), queue, Metrics(), outbox_of(world))
    dispatcher.wire()
    return world, queue, dispatcher


async def put_three(world: World, queue: Queue[Work]) -> None:
    for name, phase in (("waits", "Waiting"), ("runs", "Running"), ("ended", "Succeeded")):
        world.runs.put(run(name, phase))
    await taken(queue)


async def taken(queue: Queue[Work]) -> set[Work]:
    found = set()
    while len(queue):
        key, _ = await queue.take()
        queue.done(key)
        found.add(key)
    return found


@pytest.mark.parametrize("cache", ["validating", "validating_bindings", "mutating", "mutating_bindings"])
def test_every_run_that_has_not_ended_looks_again_when_what_guards_votes_has_changed(cache: str) -> None:
    """One of which a pod runs beside the gate does not wait as a whole."""

    async def scene() -> None:
        world, queue, _ = staged()
        await put_three(world, queue)
        getattr(world, cache).put(thing("headgate-votes", 2, spec={}))
        assert await taken(queue) == {work.run("docs", "waits"), work.run("docs", "runs")}

    asyncio.run(scene())


def test_a_policy_that_says_something_else_wakes_the_runs_that_may_ask_by_it() -> None:
    """One that could not ask may ask now, and of an open question people may now be reminded."""

    async def scene() -> None:
        world, queue, _ = staged()
        await put_three(world, queue)
        runs = {work.run("docs", "waits"), work.run("docs", "runs")}
        said: list[tuple[int, str, dict[str, Any]]] = [(1, "docs", {}), (2, "docs", {"notify": []}), (3, "other", {})]
        for version, namespace, spec in said:
            policy = thing("p", version, spec=spec)
            policy["metadata"] |= {"namespace": namespace}
            world.policies.put(policy)
            woken = {one for one in await taken(queue) if one.about is work.About.RUN}
            assert woken == (runs if namespace == "docs" else set())
        noted = {**world.policies.get("docs", "p"), "status": {"conditions": []}}  # type: ignore[dict-item]
        noted["metadata"]["resourceVersion"] = "4"
        world.policies.put(noted)
        assert not await taken(queue)

    asyncio.run(scene())


@pytest.mark.parametrize(("phase", "wakes"), [("Waiting", True), ("Failed", True), ("Running", False)])
def test_a_run_that_gives_up_its_place_wakes_those_that_wait_for_one(phase: str, wakes: bool) -> None:
    async def scene() -> None:
        world, queue, _ = staged()
        for name, its in (("first", "Running"), ("second", "Pending")):
            world.runs.put(run(name, its))
        await taken(queue)
        later = run("first", phase)
        later["metadata"]["resourceVersion"] = "2"
        world.runs.put(later)
        assert (work.run("docs", "second") in await taken(queue)) == wakes

    asyncio.run(scene())


def test_a_run_that_made_no_sense_is_looked_at_once_it_does() -> None:
    async def scene() -> None:
        siblings = Siblings()
        world, queue, _ = staged(siblings)
        for version, ended_at in enumerate(("soon", "2026-11-21T05:31:00Z", "2026-11-21T05:32:00Z"), start=1):
            changed = run("r", "Succeeded")
            changed["metadata"]["resourceVersion"] = str(version)
            changed["status"]["endedAt"] = ended_at
            with pytest.raises(ValueError, match="soon") if ended_at == "soon" else nullcontext():
                world.runs.put(changed)
            found = await taken(queue)
            assert ended_at == "soon" or work.run("docs", "r") in found
        assert list(siblings.phases()) == ["Succeeded"]

    asyncio.run(scene())


def test_of_a_long_queue_those_at_its_head_are_woken_and_each_that_begins_or_stands_back_wakes_those_behind() -> None:
    async def scene() -> None:
        world, queue, _ = staged()
        workflow = thing("w", 1, spec={"execution": {"concurrency": {"limit": 1}}})
        workflow["metadata"] |= {"namespace": "docs"}
        world.workflows.put(workflow)
        world.runs.put(run("first", "Running"))
        for number in range(100):
            world.runs.put(run(f"q{number:03}", "Pending"))
        await taken(queue)

        async def woken_by(change: dict[str, Any], version: int) -> set[str]:
            change["metadata"]["resourceVersion"] = str(version)
            world.runs.put(change)
            return {one.name for one in await taken(queue) if one.about is work.About.RUN} - {
                change["metadata"]["name"]
            }

        assert await woken_by(run("first", "Succeeded"), 2) == {f"q{number:03}" for number in range(11)}
        assert await woken_by(run("q000", "Running"), 2) == {f"q{number:03}" for number in range(1, 12)}
        paused = run("q001", "Pending")
        paused["spec"]["state"] = "Paused"
        assert await woken_by(paused, 2) == {f"q{number:03}" for number in range(2, 13)}
        raised = {**workflow, "spec": {"execution": {"concurrency": {"limit": 2}}}}
        raised["metadata"] = {**workflow["metadata"], "resourceVersion": "2"}
        world.workflows.put(raised)
        assert work.run("docs", "q002") in await taken(queue)

    asyncio.run(scene())


def test_a_run_that_starts_or_ends_has_its_workflow_noted_and_not_checked_again() -> None:
    async def scene() -> None:
        world, queue, _ = staged()
        for version, phase in enumerate(("Running", "Succeeded"), start=1):
            changed = run("r", phase)
            changed["metadata"]["resourceVersion"] = str(version)
            world.runs.put(changed)
            assert await taken(queue) == {work.run("docs", "r"), work.last_run("docs", "w")}

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("cache", "namespace", "looks"),
    [
        ("policies", "docs", {work.policy("docs", "one"), work.workflow("docs", "w")}),
        ("node_types", "", {work.node_type("one"), work.workflow("docs", "w")}),
    ],
)
def test_what_is_judged_by_itself_is_looked_at_when_it_changes_and_not_when_its_status_does(
    cache: str, namespace: str, looks: set[Work]
) -> None:
    """Of two operators whose words differ, each would else write down its own for ever."""

    def one(version: int, **more: Any) -> dict[str, Any]:
        found = thing("one", version, **more)
        found["metadata"] |= {"namespace": namespace} if namespace else {}
        return found

    async def scene() -> None:
        world, queue, dispatcher = staged()
        workflow = thing("w", 1, spec={})
        workflow["metadata"] |= {"namespace": "docs"}
        world.workflows.put(workflow)
        await taken(queue)
        getattr(world, cache).put(one(2, spec={"a": 1}))
        assert await taken(queue) == looks
        getattr(world, cache).put(one(3, spec={"a": 1}, status={"conditions": []}))
        assert await taken(queue) == set()
        getattr(world, cache).put(one(4, spec={"a": 2}, status={"conditions": []}))
        assert await taken(queue) == looks
        dispatcher.queue_everything()
        assert await taken(queue) == looks

    asyncio.run(scene())
