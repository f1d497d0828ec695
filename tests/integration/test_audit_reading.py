"""The audit log read once more, by an operator that leads again: what was known stays known if that goes wrong."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from headgate.audit import segments
from headgate.audit.retention import Retention
from headgate.audit.segments import number_of
from headgate.handlers.ledger import Ledger
from headgate.kube.errors import KubeError
from support.fake_api import answer
from support.ledger_scene import Scene, facts, play


async def fail_behind_page_one(request: web.Request) -> web.StreamResponse | None:
    return await answer(500)(request) if "continue" in request.query else None


async def fail_every_list(request: web.Request) -> web.StreamResponse | None:
    return await answer(500)(request) if request.method == "GET" and request.path.endswith("configmaps") else None


@pytest.mark.parametrize("fault", [fail_behind_page_one, fail_every_list])
def test_a_second_reading_that_fails_halfway_leaves_what_was_known(monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    monkeypatch.setattr(segments, "MAX_BYTES", 600)
    monkeypatch.setattr("headgate.handlers.ledger._PAGE", 2)

    async def test(scene: Scene) -> None:
        ledger = scene.ledger(Retention(keep=3600.0))
        for number in range(4):
            await ledger.append(facts([number]))
        scene.now += timedelta(hours=2)
        for number in range(4, 10):
            await ledger.append(facts([number]))
        await ledger.prune()
        assert number_of(scene.segments[0]["metadata"]["name"]) != 1
        scene.api.standing = fault
        with pytest.raises(KubeError):
            await ledger.load()
        scene.api.standing = None
        await ledger.append(facts([6, 9, 10]))
        await expect_whole(scene, ledger)

    play(test)


def test_a_second_reading_that_is_called_off_leaves_what_was_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MAX_BYTES", 600)
    monkeypatch.setattr("headgate.handlers.ledger._PAGE", 2)

    async def test(scene: Scene) -> None:
        ledger = scene.ledger()
        for number in range(12):
            await ledger.append(facts([number]))
        reaches_page_two = asyncio.Event()

        async def hang(request: web.Request) -> web.StreamResponse | None:
            if "continue" in request.query:
                reaches_page_two.set()
                await asyncio.Event().wait()
            return None

        scene.api.standing = hang
        reading = asyncio.create_task(ledger.load())
        await reaches_page_two.wait()
        writing = asyncio.create_task(ledger.append(facts([8, 12])))
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await writing
        scene.api.standing = None
        assert reading.cancelled()
        await expect_whole(scene, ledger)

    play(test)


async def expect_whole(scene: Scene, ledger: Ledger) -> None:
    """No flaw, nothing twice, no fault told; and whoever reads it anew ends where this one did."""
    entries, verified = scene.read(ledger.head)
    assert verified.flaws == ()
    assert {entry.action for entry in entries} <= {"Voted", "Pruned"}
    fresh = scene.ledger()
    await fresh.load()
    assert fresh.head == ledger.head == verified.head


def test_one_that_slept_while_all_that_it_knew_was_pruned_begins_no_segment_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(segments, "MAX_BYTES", 600)

    async def test(scene: Scene) -> None:
        asleep, awake = scene.ledger(), scene.ledger(Retention(keep=3600.0))
        await asleep.append(facts([0]))
        await asleep.append(facts([1]))
        for number in range(2, 8):
            await awake.append(facts([number]))
        scene.now += timedelta(hours=2)
        await awake.append(facts([8]))
        await awake.prune()
        await asleep.append(facts([8, 9]))
        assert number_of(scene.segments[0]["metadata"]["name"]) != 2
        await expect_whole(scene, asleep)

    play(test)
