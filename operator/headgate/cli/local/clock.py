"""What time it is for a local Run: the real time, and what was skipped of waits. The one place that asks for it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _real() -> datetime:
    return datetime.now(UTC)


class Clock:
    def __init__(self, real: Callable[[], datetime] = _real) -> None:
        self._real = real
        self.skipped = timedelta()
        """How much later it is here than outside: what pods report is as much too early."""

    def now(self) -> datetime:
        return self._real() + self.skipped

    def skip_to(self, moment: datetime) -> None:
        self.skipped += max(timedelta(), moment - self.now())
