"""One queue: each key once, never twice at a time, and awake when it is time."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from headgate.handlers.queue import Queue, QueueClosedError


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def play(scene: Callable[[Queue[str], Clock], Awaitable[None]]) -> None:
    async def whole() -> None:
        clock = Clock()
        async with asyncio.timeout(2):
            await scene(Queue(clock), clock)

    asyncio.run(whole())


def test_whatever_happens_to_a_key_it_is_due_once() -> None:
    async def scene(queue: Queue[str], clock: Clock) -> None:
        for key in ("a", "b", "a"):
            queue.add(key)
        clock.now += 3
        assert await queue.take() == ("a", 3)
        assert await queue.take() == ("b", 3)
        assert len(queue) == 0

    play(scene)


def test_a_key_that_is_taken_comes_again_only_when_it_is_done() -> None:
    async def scene(queue: Queue[str], clock: Clock) -> None:
        queue.add("a")
        await queue.take()
        queue.add("a")
        queue.add("a")
        queue.add("b")
        assert (await queue.take())[0] == "b"
        queue.done("a")
        clock.now += 1
        assert await queue.take() == ("a", 1)
        queue.done("a")
        assert len(queue) == 0

    play(scene)


def test_a_key_wakes_by_itself_and_what_was_said_last_counts() -> None:
    async def scene(queue: Queue[str], clock: Clock) -> None:
        queue.wake_at("a", 110.0)
        queue.wake_at("a", 105.0)
        queue.wake_at("b", 104.0)
        queue.wake_at("b", None)
        queue.wake_at("c", 106.0)
        queue.forget("c")
        clock.now = 105.0
        assert (await queue.take())[0] == "a"
        queue.done("a")
        clock.now = 200.0
        queue.add("end")
        assert (await queue.take())[0] == "end"
        assert queue.sleeping == 0

    play(scene)


def test_who_waits_is_woken_by_what_happens() -> None:
    async def scene(queue: Queue[str], clock: Clock) -> None:
        waiting = asyncio.create_task(queue.take())
        await asyncio.sleep(0)
        queue.add("a")
        assert (await waiting)[0] == "a"
        waiting = asyncio.create_task(queue.take())
        await asyncio.sleep(0)
        queue.close()
        with pytest.raises(QueueClosedError):
            await waiting

    play(scene)


def test_deadlines_that_are_moved_a_thousand_times_leave_nothing_behind() -> None:
    async def scene(queue: Queue[str], clock: Clock) -> None:
        for at in range(1000):
            queue.wake_at("a", 1000.0 + at)
        assert len(queue._heap) < 200

    play(scene)


def test_a_queue_that_rests_keeps_nothing_and_takes_in_nothing() -> None:
    async def scene(queue: Queue[str], clock: Clock) -> None:
        queue.add("before")
        queue.wake_at("asleep", 101.0)
        queue.rest()
        queue.add("meanwhile")
        queue.wake_at("meanwhile", 100.0)
        clock.now += 5
        assert (len(queue), queue.sleeping) == (0, 0)
        queue.begin()
        queue.add("now")
        assert await queue.take() == ("now", 0.0)

    play(scene)


async def breathe() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_as_many_are_woken_as_there_is_to_do() -> None:
    async def scene(queue: Queue[str], clock: Clock) -> None:
        idle = [asyncio.create_task(queue.take()) for _ in range(5)]
        await breathe()
        queue.add("a")
        queue.add("b")
        assert len(queue._idle) == 3
        await breathe()
        assert sorted(one.result()[0] for one in idle if one.done()) == ["a", "b"]
        queue.close()
        ends = await asyncio.gather(*idle, return_exceptions=True)
        assert sum(isinstance(end, QueueClosedError) for end in ends) == 3

    play(scene)


@pytest.mark.parametrize("is_woken", [False, True], ids=["asleep", "just woken"])
def test_whoever_is_cancelled_leaves_what_there_is_to_another(is_woken: bool) -> None:
    async def scene(queue: Queue[str], clock: Clock) -> None:
        first, second = (asyncio.create_task(queue.take()) for _ in range(2))
        await breathe()
        if is_woken:
            queue.add("a")
        first.cancel()
        if not is_woken:
            queue.add("a")
        assert (await second)[0] == "a"
        assert first.cancelled()
        assert not queue._idle

    play(scene)


def test_who_waits_is_woken_when_a_key_is_due_by_itself_though_another_is_due_sooner_than_was_said() -> None:
    async def scene() -> None:
        loop = asyncio.get_running_loop()
        queue: Queue[str] = Queue(loop.time)
        idle = [asyncio.create_task(queue.take()) for _ in range(3)]
        await breathe()
        queue.wake_at("late", loop.time() + 0.04)
        queue.wake_at("soon", loop.time() + 0.02)
        queue.wake_at("never", loop.time() + 60)
        async with asyncio.timeout(5):
            done, _ = await asyncio.wait(idle, return_when=asyncio.FIRST_COMPLETED)
            assert [one.result()[0] for one in done] == ["soon"]
            done, _ = await asyncio.wait(set(idle) - done, return_when=asyncio.FIRST_COMPLETED)
            assert [one.result()[0] for one in done] == ["late"]
        queue.close()
        await asyncio.gather(*idle, return_exceptions=True)

    asyncio.run(scene())
