"""What a worker makes of what goes wrong."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from headgate.handlers import work
from headgate.handlers.engine import Engine, run_workers
from headgate.handlers.metrics import Metrics
from headgate.handlers.queue import Queue
from headgate.handlers.work import Work
from headgate.handlers.world import build_world
from headgate.kube.errors import NotFoundError
from headgate.kube.kinds import Object
from headgate.lifecycle.actions import RecordEvent

RUN = {
    "metadata": {
        "name": "r",
        "namespace": "docs",
        "uid": "u",
        "resourceVersion": "1",
        "creationTimestamp": "2026-11-21T05:30:58Z",
    },
    "spec": {"workflow": "w"},
}


class Broken:
    """An observer that cannot, and an executor that tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.has_told = asyncio.Event()

    async def observe(self, _namespace: str, name: str) -> None:
        raise KeyError(name)

    async def tell(self, run: Object, event: RecordEvent) -> None:
        self.told.append((run["metadata"]["name"], f"{event.reason}: {event.message}"))
        self.has_told.set()


def build_engine(queue: Queue[Work], broken: Broken) -> Engine:
    world = build_world()
    world.runs.put(RUN)

    async def record(*_: Any) -> None:
        """Nothing is recorded."""

    return Engine(
        world=world,
        queue=queue,
        observer=broken,  # type: ignore[arg-type]
        executor=broken,  # type: ignore[arg-type]
        decide=lambda *_: None,  # type: ignore[arg-type]
        checks={},
        record=record,
        metrics=Metrics(),
        clock=lambda: 0.0,
        now=lambda: datetime(2026, 11, 26, tzinfo=UTC),
    )


def test_a_mistake_of_ours_is_told_to_those_whose_run_does_not_go_on() -> None:
    async def scene() -> None:
        queue, broken = Queue[Work](lambda: 0.0), Broken()
        engine = build_engine(queue, broken)
        queue.add(work.run("docs", "r"))
        working = asyncio.create_task(engine.work())
        await asyncio.wait_for(broken.has_told.wait(), 5)
        assert broken.told == [
            ("r", "CannotGoOn: a mistake of Headgate's (KeyError): the operator's log has more of it")
        ]
        queue.close()
        await working

    asyncio.run(scene())


def test_what_failed_when_we_led_before_does_not_count_when_we_lead_again() -> None:
    class Missing(Broken):
        async def observe(self, _namespace: str, name: str) -> None:
            raise NotFoundError("get", name)

    async def lead_once(engine: Engine, queue: Queue[Work]) -> None:
        queue.begin()
        queue.add(work.run("docs", "r"))
        leading = asyncio.create_task(run_workers(engine, 1))
        async with asyncio.timeout(5):
            while not queue.sleeping:  # noqa: ASYNC110 - a key that sleeps is no event
                await asyncio.sleep(0.005)
        leading.cancel()
        await asyncio.gather(leading, return_exceptions=True)
        queue.rest()

    async def scene() -> None:
        queue, missing = Queue[Work](lambda: 0.0), Missing()
        engine = build_engine(queue, missing)
        await lead_once(engine, queue)
        await lead_once(engine, queue)
        assert missing.told == []  # each time it is the first time, and looked at again at once

    asyncio.run(scene())
