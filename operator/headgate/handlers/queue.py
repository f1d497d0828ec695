"""One queue for everything: keys that something happened to, each once, and keys to look at again by themselves.

A key that is being looked at is not handed out a second time; what happens to it meanwhile makes it due again. Pure but
for the waiting: the clock is an argument. Filled by watches and by decisions, emptied by the workers, of whom as many
are woken as there is to do.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Queue(Generic[K]):
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._due: dict[K, float] = {}
        """Key → since when it is due; in the order in which they came."""
        self._taken: set[K] = set()
        self._again: dict[K, float] = {}
        """Taken, and due again since."""
        self._heap: list[tuple[float, int, K]] = []
        self._wake: dict[K, tuple[float, int]] = {}
        """Key → its entry of the heap that counts; others of it are left overs."""
        self._number = 0
        self._idle: deque[asyncio.Future[None]] = deque()
        """Those who wait for something to do."""
        self._alarm: asyncio.TimerHandle | None = None
        """For them, once the next key that sleeps is due."""
        self._closed = False
        self._rests = False

    def __len__(self) -> int:
        return len(self._due) + len(self._again)

    @property
    def sleeping(self) -> int:
        return len(self._wake)

    def rest(self) -> None:
        """Nobody takes from it for now, maybe for weeks: it keeps nothing, and takes in nothing."""
        self._rests = True
        for kept in (self._due, self._again, self._heap, self._wake):
            kept.clear()

    def begin(self) -> None:
        """It is taken from again: whoever does fills it with all that there is."""
        self._rests = False

    def add(self, key: K) -> None:
        if self._rests:
            return
        if key in self._taken:
            self._again.setdefault(key, self._clock())
        else:
            self._due.setdefault(key, self._clock())
            self._wake_one()

    def wake_at(self, key: K, at: float | None) -> None:
        """Look at a key again then, whatever was said of it before; None: not by itself."""
        if at is None or self._rests:
            self._wake.pop(key, None)
            return
        self._number += 1
        entry = (at, self._number)
        self._wake[key] = entry
        heapq.heappush(self._heap, (at, self._number, key))
        if len(self._heap) > 2 * len(self._wake) + 64:
            self._heap = [(*entry, key) for key, entry in self._wake.items()]
            heapq.heapify(self._heap)
        if self._heap[0][1] == self._number:  # none is due sooner
            self._set_alarm()

    def forget(self, key: K) -> None:
        """It is gone: nothing wakes it any more."""
        self._wake.pop(key, None)

    async def take(self) -> tuple[K, float]:
        """The next key, and for how long it was due. Raises QueueClosedError in the end."""
        while True:
            self._rouse()
            if self._closed:
                raise QueueClosedError
            if self._due:
                key = next(iter(self._due))
                since = self._due.pop(key)
                self._taken.add(key)
                return key, self._clock() - since
            await self._wait()

    def done(self, key: K) -> None:
        self._taken.discard(key)
        if key in self._again:
            self._due.setdefault(key, self._again.pop(key))
            self._wake_one()

    def close(self) -> None:
        self._closed = True
        while self._idle:
            self._wake_one()

    async def _wait(self) -> None:
        """Until there may be something to do. Whoever gives up after being woken wakes another in his place."""
        waiting = asyncio.get_running_loop().create_future()
        self._idle.append(waiting)
        self._set_alarm()
        try:
            await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():
                self._wake_one()
            elif waiting in self._idle:
                self._idle.remove(waiting)
            raise

    def _wake_one(self) -> None:
        while self._idle:
            waiting = self._idle.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return

    def _set_alarm(self) -> None:
        """For when the next one that sleeps is due, if anybody waits for it: who comes later looks first."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._idle and self._heap:
            pause = max(0.0, self._heap[0][0] - self._clock())
            self._alarm = self._idle[0].get_loop().call_later(pause, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._rouse()
        self._set_alarm()

    def _rouse(self) -> None:
        """Move what is due out of the heap."""
        now = self._clock()
        while self._heap:
            at, number, key = self._heap[0]
            if self._wake.get(key) != (at, number):
                heapq.heappop(self._heap)
            elif at <= now:
                heapq.heappop(self._heap)
                del self._wake[key]
                self.add(key)
            else:
                return


class QueueClosedError(Exception):
    """There is nothing more to do here: the operator stops."""
