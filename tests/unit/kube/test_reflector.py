"""Caches stay like what the API server holds, whatever becomes of the watch."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from headgate.handlers.health import check_alive
from headgate.kube.cache import Cache, Change
from headgate.kube.client import Client, Patience
from headgate.kube.kinds import RUN, Object
from headgate.kube.reflector import Reflector, Rhythm
from support.fake_api import FakeApi, answer, reset, run_fake_api

QUICK = Patience(attempts=2, first_pause=0.001, longest_pause=0.002, seconds=0.5)
LONG = Rhythm(5, 1, 0.001, 0.01)
RUNS = "headgate.dev/runs"


def run(name: str, **spec: Any) -> Object:
    return {"metadata": {"name": name, "namespace": "docs", "managedFields": [{}]}, "spec": spec}


def owner(thing: Object) -> list[str]:
    return [thing["spec"]["owner"]] if "owner" in thing["spec"] else []


class Play:
    def __init__(self, api: FakeApi, client: Client, rhythm: Rhythm) -> None:
        self.api = api
        self.cache = Cache(RUN, indexes={"owner": owner})
        self.changes: list[Change] = []
        self.cache.listener = self.changes.append
        self.reflector = Reflector(client, self.cache, rhythm=rhythm)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():  # noqa: ASYNC110 - many things may come to hold, and none of them is an event
                await asyncio.sleep(0.005)

    @property
    def names(self) -> list[str]:
        return sorted(name for _, name in self.cache.names)


def play(scene: Callable[[Play], Awaitable[None]], rhythm: Rhythm = LONG) -> None:
    @asynccontextmanager
    async def stage() -> Any:
        async with run_fake_api() as api, Client(api.access, patience=QUICK) as client:
            stage = Play(api, client, rhythm)
            api.put(RUNS, run("a", owner="o"))
            task = asyncio.create_task(stage.reflector.run())
            await stage.until(lambda: stage.cache.synced)
            yield stage
            task.cancel()

    async def whole() -> None:
        async with stage() as it:
            await scene(it)

    asyncio.run(whole())


def test_what_is_created_changed_and_deleted_is_heard() -> None:
    async def scene(it: Play) -> None:
        it.api.put(RUNS, run("b", owner="o"))
        await it.until(lambda: it.names == ["a", "b"])
        assert [one["metadata"]["name"] for one in it.cache.by("owner", "o")] == ["a", "b"]
        it.api.put(RUNS, run("b", owner="p"))
        await it.until(lambda: len(it.cache.by("owner", "p")) == 1)
        assert len(it.cache.by("owner", "o")) == 1
        it.api.drop(RUNS, "docs", "b")
        await it.until(lambda: it.names == ["a"])
        assert [(one.key[1], one.old is None, one.new is None) for one in it.changes] == [
            ("a", True, False),
            ("b", True, False),
            ("b", False, False),
            ("b", False, True),
        ]
        found = it.cache.get("docs", "a")
        assert found is not None
        assert "managedFields" not in found["metadata"]

    play(scene)


def test_a_watch_that_ends_goes_on_where_it_was() -> None:
    async def scene(it: Play) -> None:
        await it.until(lambda: len(it.api.watches) >= 2)
        it.api.put(RUNS, run("b"))
        await it.until(lambda: it.names == ["a", "b"])
        assert it.reflector.relists == 1

    play(scene, Rhythm(1, 1, 0.001, 0.01))


def test_since_when_it_hears_is_since_the_api_server_came_back() -> None:
    async def scene(it: Play) -> None:
        begun = it.reflector.hears_since
        await it.until(lambda: len(it.api.watches) >= 2)
        assert it.reflector.hears_since == begun
        it.api.faults.append(answer(503))
        await it.until(lambda: it.reflector.hears_since > begun)

    play(scene, Rhythm(1, 1, 0.001, 0.01))


def test_nothing_is_heard_of_an_api_server_that_takes_what_is_asked_and_never_answers() -> None:
    async def scene(it: Play) -> None:
        begun = it.reflector.hears_since

        async def hang(_: web.Request) -> web.StreamResponse | None:
            await asyncio.sleep(3600)
            return None

        it.api.faults += [hang]
        await it.until(lambda: it.reflector.frozen > 0)
        it.api.faults.clear()
        await it.until(lambda: it.reflector.hears_since > begun)

    play(scene, Rhythm(0, 0.2, 0.001, 0.01))


def test_a_long_list_that_an_api_server_gives_slowly_is_no_circle_that_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twenty pages of ten seconds: a restart would only begin the list anew."""
    monkeypatch.setattr("headgate.kube.client._PAGE", 1)

    async def scene() -> None:
        now, alive = 1000.0, []
        async with run_fake_api() as api, Client(api.access, patience=QUICK) as client:
            for number in range(20):
                api.put(RUNS, run(f"r{number:02}"))
            reflector = Reflector(client, Cache(RUN), rhythm=Rhythm(), clock=lambda: now)

            async def slow(_: web.Request) -> web.StreamResponse | None:
                nonlocal now
                now += 10.0
                alive.append(check_alive([reflector], [], now, Rhythm()).is_good)
                return None

            api.standing = slow
            task = asyncio.create_task(reflector.run())
            async with asyncio.timeout(5):
                while not reflector.cache.synced:  # noqa: ASYNC110 - a cache has no event for it
                    await asyncio.sleep(0.005)
            task.cancel()
        assert len(alive) == 20
        assert all(alive)

    asyncio.run(scene())


def test_a_version_that_is_forgotten_leads_to_a_new_list() -> None:
    async def scene(it: Play) -> None:
        it.api.events.clear()
        it.api.things.pop((RUNS, "docs", "a"))
        it.api.things[RUNS, "docs", "c"] = {
            **run("c"),
            "metadata": {"name": "c", "namespace": "docs", "resourceVersion": "101"},
        }
        it.api.version += 1
        it.api.forget_history()
        await it.until(lambda: it.names == ["c"])
        assert it.reflector.relists == 2

    play(scene)


def test_a_watch_that_freezes_is_noticed() -> None:
    async def scene(it: Play) -> None:
        it.api.frozen = True
        it.api.forget_history()
        await it.until(lambda: it.reflector.frozen > 0)
        it.api.frozen = False
        it.api.put(RUNS, run("b"))
        await it.until(lambda: it.names == ["a", "b"])

    play(scene, Rhythm(0, 0.2, 0.001, 0.01))


def test_faults_of_lists_and_watches_pass() -> None:
    async def scene(it: Play) -> None:
        it.api.faults += [
            reset,
            answer(500),
            answer(429),
            answer(403, "Forbidden"),
            answer(410, "Expired"),
            answer(500),
        ]
        it.api.forget_history()
        it.api.put(RUNS, run("b"))
        await it.until(lambda: it.names == ["a", "b"] and not it.api.faults)

    play(scene)


def test_our_own_writes_are_there_before_they_are_heard() -> None:
    cache = Cache(RUN)
    cache.put(versioned("a", 5))
    assert not cache.put(versioned("a", 4))
    assert cache.put(versioned("a", 6))
    cache.forget("docs", "a")
    assert not cache.put(versioned("a", 6))
    assert len(cache) == 0
    assert cache.put(versioned("a", 7))


def test_a_list_that_is_older_than_what_was_heard_takes_nothing_away() -> None:
    cache = Cache(RUN)
    cache.put(versioned("a", 5))
    cache.put(versioned("b", 9))
    cache.replace(set(), 7)
    assert cache.names == (("docs", "b"),)


def test_nobody_can_change_what_is_cached() -> None:
    cache = Cache(RUN)
    cache.put(versioned("a", 5))
    read = cache.get("docs", "a")
    assert read is not None
    read["spec"]["workflow"] = "another"
    assert cache.get("docs", "a") == versioned("a", 5)


def versioned(name: str, version: int) -> Object:
    return {"metadata": {"name": name, "namespace": "docs", "resourceVersion": str(version)}, "spec": {}}


def deep(name: str) -> Object:
    value: Any = 1
    for _ in range(900):
        value = {"a": value}
    return run(name, inputs={"n": value})


def test_an_object_that_is_nested_too_deep_keeps_us_from_no_other() -> None:
    async def scene(it: Play) -> None:
        it.api.put(RUNS, deep("deep"))
        it.api.put(RUNS, run("b", owner="o"))
        await it.until(lambda: it.names == ["a", "b", "deep"])
        found = it.cache.get("docs", "deep")
        assert found is not None
        assert found["metadata"]["uid"] == it.api.things[RUNS, "docs", "deep"]["metadata"]["uid"]
        assert [change.key[1] for change in it.changes] == ["a", "deep", "b"]
        it.api.drop(RUNS, "docs", "deep")
        await it.until(lambda: it.names == ["a", "b"])
        assert (it.reflector.relists, it.reflector.senseless) == (1, 0)

    play(scene)


def test_a_list_with_an_object_that_is_nested_too_deep_is_read() -> None:
    async def scene(it: Play) -> None:
        it.api.put(RUNS, deep("deep"))
        it.api.forget_history()
        it.api.put(RUNS, run("b"))
        await it.until(lambda: it.reflector.relists > 1 and it.names == ["a", "b", "deep"])

    play(scene, Rhythm(1, 0.2, 0.001, 0.01))


@pytest.mark.parametrize(
    "event",
    [
        {"type": "ERROR", "object": "gone"},
        {"type": "ERROR", "object": {"code": 500, "details": "none"}},
        {"type": "ADDED", "object": {"metadata": {"resourceVersion": "9"}}},
        {"type": "DELETED", "object": {"metadata": {"resourceVersion": "9"}}},
    ],
)
def test_an_event_of_an_unknown_shape_does_not_end_the_watching(event: Object) -> None:
    async def scene(it: Play) -> None:
        taken = it.reflector._take
        lines = [json.dumps(event).encode()]
        it.reflector._take = lambda line: taken(lines.pop() if lines else line)  # type: ignore[method-assign]
        it.api.put(RUNS, run("b"))
        await it.until(lambda: not lines)
        it.api.put(RUNS, run("c"))
        await it.until(lambda: it.names == ["a", "b", "c"])

    play(scene)
