"""Revisions stay while a Run keeps to them, and the last ten of a workflow for people; the rest is swept."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from headgate.handlers.revisions import TOUCHED, NotOursError, Revisions, choose_stale, revisions_of
from headgate.handlers.world import REVISION_LABEL, build_world
from headgate.kube.client import Client
from headgate.kube.times import write_time
from support.fake_api import run_fake_api

NOW = datetime(2026, 11, 25, 15, 0, 0, tzinfo=UTC)
LABELS = {REVISION_LABEL: "r0", "headgate.dev/workflow": "w"}
KIND = "apps/controllerrevisions"


def revision(number: int, age: timedelta = timedelta(days=1), touched: timedelta | None = None) -> dict[str, Any]:
    labels = {REVISION_LABEL: f"r{number}", "headgate.dev/workflow": "w"}
    created = write_time(NOW - age - timedelta(minutes=number))
    metadata = {"name": f"w-r{number}", "namespace": "docs", "labels": labels, "creationTimestamp": created}
    annotations = {} if touched is None else {TOUCHED: write_time(NOW - touched)}
    return {"metadata": {**metadata, "annotations": annotations}, "data": {}}


def stale(*revisions: dict[str, Any], used: str = "", workflows: bool = True) -> list[str]:
    there = {("docs", "w")} if workflows else set()
    found = choose_stale(revisions, {("docs", used)}, there, NOW)
    return sorted(one["metadata"]["name"] for one in found)


def test_the_last_ten_stay_and_older_ones_go() -> None:
    assert stale(*map(revision, range(12))) == ["w-r10", "w-r11"]


def test_what_a_run_keeps_to_stays_however_old_it_is() -> None:
    assert stale(*map(revision, range(12)), used="r11") == ["w-r10"]


def test_nothing_of_a_workflow_that_is_gone_is_history() -> None:
    assert stale(revision(0), revision(1), used="r1", workflows=False) == ["w-r0"]


def test_what_is_new_or_was_touched_within_the_hour_stays() -> None:
    new = revision(0, timedelta(minutes=5))
    touched = revision(1, touched=timedelta(minutes=50))
    assert stale(new, touched, revision(2), workflows=False) == ["w-r2"]


def test_a_child_that_has_no_status_yet_keeps_to_what_its_label_says() -> None:
    assert revisions_of({"metadata": {"labels": {REVISION_LABEL: "r7"}}}) == {"r7"}
    assert revisions_of({"metadata": {}, "status": {"revision": "r8"}}) == {"r8"}
    assert revisions_of({"metadata": {}}) == set()


def test_pinning_makes_it_once_touches_it_seldom_and_refuses_another_content() -> None:
    async def play() -> None:
        async with run_fake_api() as api, Client(api.access) as client:
            now = [NOW]
            revisions = Revisions(build_world(), client, lambda: now[0])
            for minutes in (0, 1, 15, 16):
                now[0] = datetime(2026, 11, 25, 12, minutes, 0, tzinfo=UTC)
                await revisions.pin("docs", "w-r0", LABELS, {"a": 1})
            assert [call.split()[0] for call in api.writes] == ["POST", "PATCH"]
            with pytest.raises(NotOursError, match="another content"):
                await revisions.pin("docs", "w-r0", LABELS, {"a": 2})

    asyncio.run(play())


def test_one_that_is_pinned_again_while_it_is_swept_stays() -> None:
    async def play() -> None:
        async with run_fake_api() as api, Client(api.access) as client:
            world = build_world()
            api.put(KIND, revision(0))
            world.revisions.put(api.things[KIND, "docs", "w-r0"])
            api.put(KIND, api.things[KIND, "docs", "w-r0"])
            revisions = Revisions(world, client, lambda: NOW)
            assert await revisions.sweep() == 0
            world.revisions.put(api.things[KIND, "docs", "w-r0"])
            assert await revisions.sweep() == 1

    asyncio.run(play())
