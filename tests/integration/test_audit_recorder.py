"""Two recorders that both believe that they lead: what one of them forgets while it waits is not recorded twice."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from headgate.audit.entry import Action, Entry, Fact
from headgate.audit.retention import Retention
from headgate.audit.segments import in_order, lines_of
from headgate.audit.verifying import Verifier
from headgate.handlers.ledger import Ledger
from headgate.handlers.metrics import Metrics
from headgate.handlers.recorder import Recorder
from headgate.handlers.witness import Place
from headgate.handlers.world import World, build_world
from headgate.kube.client import Client
from headgate.lifecycle.actions import DeleteRun
from headgate.names import API_VERSION
from support.fake_api import FakeApi, run_fake_api

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT = "2026-11-25T12:00:00Z"
BINDING = {
    "digest": "sha256:91c2f0a6d1b34e0c",
    "revision": "9b1de77c02aa",
    "policy": {"name": "release", "hash": "sha256:4d0be1a7c3f2aaaa", "stages": [{"name": "m", "groups": ["managers"]}]},
}


class Scene:
    def __init__(self, api: FakeApi, client: Client) -> None:
        self.api = api
        self.worlds = {name: build_world() for name in ("first", "second")}
        self.first, self.second = (self._lead(client, name, world) for name, world in self.worlds.items())

    def _lead(self, client: Client, name: str, world: World) -> Recorder:
        place = Place("headgate", "headgate", None, name, "1", {})
        ledger = Ledger(client, "headgate", "headgate", Retention(), Metrics(), lambda: NOW)
        recorder = Recorder(world=world, client=client, ledger=ledger, metrics=Metrics(), place=place, now=lambda: NOW)
        recorder.wire()
        recorder._leads = True
        return recorder

    def hear(self, *things: dict[str, Any]) -> None:
        for world in self.worlds.values():
            for thing in things:
                (world.runs if thing["kind"] == "Run" else world.requests).put(thing)

    def part(self, world: str, run: dict[str, Any], request: dict[str, Any]) -> None:
        self.worlds[world].runs.remove(run)
        self.worlds[world].requests.remove(request)

    def read(self) -> tuple[list[Entry], list[str]]:
        verifier = Verifier()
        segments = in_order(thing for (kind, _, _), thing in self.api.things.items() if kind == "configmaps")
        found = [verifier.read(line.text) for segment in segments for line in lines_of(segment)]
        return [entry for entry in found if entry], [str(flaw) for flaw in verifier.finish().flaws]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Scene], Awaitable[None]]], None]:
    monkeypatch.setattr("headgate.handlers.recorder._GATHER", 0)

    async def whole(test: Callable[[Scene], Awaitable[None]]) -> None:
        async with run_fake_api() as api, Client(api.access) as client, asyncio.timeout(30):
            scene = Scene(api, client)
            await scene.first.ledger.append([replace(URGENT, uid="before")])
            await scene.second.ledger.load()
            await test(scene)

    return lambda test: asyncio.run(whole(test))


Play = Callable[[Callable[[Scene], Awaitable[None]]], None]


def run(number: int = 1) -> dict[str, Any]:
    metadata = {"name": f"r{number}", "uid": f"run-{number}", **META}
    return {"apiVersion": API_VERSION, "kind": "Run", "metadata": metadata, "spec": {"workflow": "w"}}


def request(number: int = 1) -> dict[str, Any]:
    owner = {"apiVersion": API_VERSION, "kind": "Run", "name": f"r{number}", "uid": f"run-{number}", "controller": True}
    metadata = {"name": f"r{number}-ask", "uid": f"request-{number}", "ownerReferences": [owner], **META}
    spec = {"type": "Approval", "message": "?", "run": f"r{number}", "node": "ask", "binding": BINDING}
    return {"apiVersion": API_VERSION, "kind": "ApprovalRequest", "metadata": metadata, "spec": spec}


META: dict[str, Any] = {"namespace": "docs", "resourceVersion": "1", "generation": 1, "creationTimestamp": AT}
URGENT = Fact(Action.VOTED, "vote", "ApprovalRequest", "other", "other", "docs", who="ana@example.com")


def test_what_another_has_recorded_is_not_recorded_again_when_its_request_goes_before_our_turn(play: Play) -> None:
    async def test(scene: Scene) -> None:
        scene.hear(run(), request())
        await scene.first._turn()
        await scene.second.settle([URGENT])  # meets the other's end, and reads on
        scene.part("second", run(), request())
        await scene.second._turn()
        entries, flaws = scene.read()
        assert flaws == []
        told = Counter(entry.action for entry in entries)
        assert (told["Asked"], told["RunCreated"], told["RunDeleted"]) == (1, 1, 1)
        asked = next(entry for entry in entries if entry.action == "Asked")
        assert not scene.second.ledger.known.has(as_fact(asked)), "once nothing of it waits, it is forgotten"

    play(test)


def test_nor_when_it_goes_while_our_own_write_reads_what_the_other_wrote(play: Play) -> None:
    async def test(scene: Scene) -> None:
        scene.hear(run(), request())
        await scene.first._turn()

        parted = asyncio.Event()

        async def part_meanwhile(asked: web.Request) -> web.StreamResponse | None:
            if asked.method == "GET" and asked.path.endswith("-00000002"):
                parted.set()
                scene.part("second", run(), request())
            return None

        scene.api.standing = part_meanwhile
        await scene.second._turn()
        assert parted.is_set()
        await scene.second._turn()
        entries, flaws = scene.read()
        assert flaws == []
        assert Counter(entry.action for entry in entries)["Asked"] == 1

    play(test)


def test_nor_when_more_went_than_is_remembered(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate.audit.known._PARTED", 1)

    async def test(scene: Scene) -> None:
        for number in range(4):
            scene.hear(run(number), request(number))
        for world in scene.worlds:
            for number in range(4):
                scene.part(world, run(number), request(number))
        await scene.first._turn()
        await scene.second.settle([URGENT])
        await scene.second._turn()
        entries, flaws = scene.read()
        assert flaws == []
        assert Counter(entry.action for entry in entries)["RunDeleted"] == 4
        known = scene.second.ledger.known
        assert [known.has(as_fact(entry)) for entry in entries if entry.action == "RunDeleted"].count(True) == 1

    play(test)


@pytest.mark.parametrize(
    ("change", "who"),
    [(None, "headgate"), ({"labels": {"keep": "true"}}, ""), ({"deletionTimestamp": AT}, "headgate")],
    ids=["it goes", "somebody changes it first", "somebody else's finalizer holds it"],
)
def test_a_run_that_headgate_was_about_to_delete_is_deleted_by_it_unless_it_was_changed(
    play: Play, change: dict[str, Any] | None, who: str
) -> None:
    """Headgate deletes only what is as it was: with a person's change it stays, and people may delete it later."""

    async def test(scene: Scene) -> None:
        scene.hear(run())
        await scene.first.before(run(2), DeleteRun("r1", "run-1"))
        last = run()
        if change is not None:
            last["metadata"] |= {"resourceVersion": "2", **change}
            scene.hear(last)
        scene.worlds["first"].runs.remove(last)
        await scene.first._turn()
        entries, _ = scene.read()
        (deleted,) = [entry for entry in entries if entry.action == "RunDeleted"]
        assert deleted.who == who

    play(test)


def as_fact(entry: Entry) -> Fact:
    key = {"Asked": "asked", "RunDeleted": "deleted"}[entry.action]
    return Fact(Action(entry.action), key, entry.kind, entry.name, entry.uid)
