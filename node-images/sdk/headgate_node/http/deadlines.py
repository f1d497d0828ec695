"""How long each phase of a request may take. httpcore tells through its trace which phase begins.

A deadline is for the phase, not for a single read: a server that sends a byte a second does not gain time by it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum

from headgate_node.http.failure import Failure, HttpError, Reason
from headgate_node.http.settings import Timeouts


class Phase(StrEnum):
    """What a request is doing, in the words of a message."""

    WAIT = "waiting for a free connection"
    CONNECT = "connecting"
    TLS = "agreeing on encryption"
    SEND = "sending the request"
    HEADER = "waiting for the answer to begin"
    READ = "waiting for the next piece of the answer"


_BEGINS = {
    "connection.connect_tcp.started": Phase.CONNECT,
    "connection.start_tls.started": Phase.TLS,
    "http11.send_request_headers.started": Phase.SEND,
    "http11.receive_response_headers.started": Phase.HEADER,
}
_REASONS = {
    Phase.CONNECT: Reason.CONNECT_TIMEOUT,
    Phase.TLS: Reason.TLS_TIMEOUT,
    Phase.HEADER: Reason.HEADER_TIMEOUT,
    Phase.READ: Reason.READ_TIMEOUT,
}


class Deadlines:
    """One request with all its redirects: `total` runs through them, the others begin anew with their phase."""

    def __init__(self, timeouts: Timeouts, total: float | None = None, answer_within: float | None = None) -> None:
        self._now = asyncio.get_running_loop().time
        self._limits: Mapping[Phase, float] = {
            Phase.CONNECT: timeouts.connect,
            Phase.TLS: timeouts.tls,
            Phase.HEADER: answer_within or timeouts.header,
            Phase.READ: answer_within or timeouts.read,
        }
        self._total = total or timeouts.total
        self._end = self._now() + self._total
        self._timer = asyncio.timeout(None)
        self._is_last = True
        self.phase = Phase.WAIT

    @asynccontextmanager
    async def hold(self, phase: Phase) -> AsyncIterator[None]:
        """Keep what is done inside to the time of its phases, beginning with this one."""
        self._timer = asyncio.timeout(None)
        try:
            async with self._timer:
                self._begin(phase)
                yield
        except TimeoutError as error:
            if not self._timer.expired():
                raise
            raise HttpError(self._build_failure()) from error

    async def trace(self, event: str, _: Mapping[str, object]) -> None:
        if phase := _BEGINS.get(event):
            self._begin(phase)

    def _begin(self, phase: Phase) -> None:
        self.phase = phase
        own_end = self._now() + self._limits.get(phase, self._total)
        self._is_last = own_end >= self._end
        self._timer.reschedule(min(self._end, own_end))

    def _build_failure(self) -> Failure:
        if self._is_last:
            message = f"not done after {self._total:.3g} s, then {self.phase}"
            return Failure(Reason.TOTAL_TIMEOUT, message, "raise the node's `timeout`, or ask for less at once")
        message = f"{self._limits[self.phase]:.3g} s were not enough: {self.phase}"
        remedy = "look whether the service is up"
        if self.phase in {Phase.HEADER, Phase.READ}:
            remedy += "; one that is slow needs a longer `answerWithin`"
        return Failure(_REASONS[self.phase], message, remedy)
