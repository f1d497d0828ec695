"""The end of a pod from outside: SIGTERM. Nothing starts any more, what runs is told, and is ended a while later."""

import asyncio


class Stopped(Exception):  # noqa: N818 - no error: what was about to begin does not
    """The pod is about to end, so this is not begun."""


class Stopping:
    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._running: set[asyncio.Event] = set()
        """`ctx.cancelled` of all that runs."""

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        self._event.set()
        for cancelled in self._running:
            cancelled.set()

    def watch(self, cancelled: asyncio.Event) -> None:
        """Something runs that is to be told by this."""
        self._running.add(cancelled)
        if self.is_set:
            cancelled.set()

    def forget(self, cancelled: asyncio.Event) -> None:
        self._running.discard(cancelled)

    def check(self) -> None:
        """Raises Stopped."""
        if self.is_set:
            raise Stopped

    async def wait(self) -> None:
        await self._event.wait()

    async def sleep(self, seconds: float) -> None:
        """Sleep, but not beyond a stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
