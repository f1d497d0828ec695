"""Which Run of a workflow was the last: written where it is new, and rarely however many start."""

import asyncio
from typing import Any

import pytest

from headgate.handlers.last_runs import LastRuns
from headgate.handlers.siblings import Siblings
from headgate.kube import kinds
from headgate.kube.cache import Cache, Change

STATUS = {"problems": 0, "lastRun": "r0"}


class Clerk:
    """Writes down what a client is to write."""

    def __init__(self) -> None:
        self.wrote: list[str] = []

    async def replace_status(self, kind: object, thing: dict[str, Any], status: dict[str, Any]) -> dict[str, Any]:
        self.wrote.append(status["lastRun"])
        version = int(thing["metadata"]["resourceVersion"]) + 1
        return {**thing, "metadata": {**thing["metadata"], "resourceVersion": str(version)}, "status": status}


class Scene:
    def __init__(self, **workflow: Any) -> None:
        self.cache = Cache(kinds.WORKFLOW)
        metadata = {"name": "w", "namespace": "docs", "uid": "w", "resourceVersion": "1"}
        self.cache.put({"metadata": metadata, "spec": {}, **workflow})
        self.siblings, self.clerk, self.now = Siblings(), Clerk(), 100.0
        client: Any = self.clerk
        self._its = LastRuns(cache=self.cache, siblings=self.siblings, client=client, clock=lambda: self.now)

    def start(self, name: str) -> None:
        metadata = {"name": name, "namespace": "docs", "uid": name, "creationTimestamp": "2026-11-21T05:30:58Z"}
        run = {"metadata": metadata, "spec": {"workflow": "w"}}
        self.siblings.note(Change(("docs", name), None, run))

    def look(self) -> float | None:
        return asyncio.run(self._its.look("docs", "w"))


def test_what_is_new_is_written_beside_all_that_the_status_says() -> None:
    scene = Scene(status=STATUS)
    scene.start("r1")
    assert (scene.look(), scene.look()) == (None, None)
    assert scene.clerk.wrote == ["r1"]
    written = scene.cache.get("docs", "w")
    assert written is not None
    assert written["status"] == {"problems": 0, "lastRun": "r1"}


def test_of_many_that_start_at_once_one_is_written_and_later_the_last() -> None:
    scene = Scene(status=STATUS)
    scene.start("r1")
    scene.look()
    for number in range(2, 9):
        scene.start(f"r{number}")
    scene.now += 2
    assert scene.look() == 3
    scene.now += 3
    assert scene.look() is None
    assert scene.clerk.wrote == ["r1", "r8"]


@pytest.mark.parametrize("workflow", [{}, {"status": STATUS}], ids=["not checked yet", "without Runs"])
def test_there_is_nothing_to_write(workflow: dict[str, Any]) -> None:
    scene = Scene(**workflow)
    if not workflow:
        scene.start("r1")
    assert scene.look() is None
    assert scene.clerk.wrote == []
