"""Moments as statuses hold them and as people read them. Never the present one: that is passed in."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def parse(text: str | None) -> datetime | None:
    """A moment out of a status, or out of what a pod wrote; None for what is none."""
    if not text or len(text) > 40:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def spell(moment: datetime) -> str:
    """RFC 3339, whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def spell_exactly(moment: datetime) -> str:
    """RFC 3339, with milliseconds: of spans, every little counts."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tell(moment: datetime) -> str:
    """As a message says it: `24 Nov 05:31`."""
    moment = moment.astimezone(UTC)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment:%H:%M}"


def shift(moment: datetime, seconds: float) -> datetime:
    """Later, or earlier; a duration that leads out of the calendar leads to its end."""
    try:
        return moment + timedelta(seconds=seconds)
    except OverflowError:
        return _LAST if seconds > 0 else _FIRST


Span = tuple[datetime, datetime]


def length_of(spans: Iterable[Span], *, without: Iterable[Span] = ()) -> float:
    """How many seconds these spans cover, each counted once, and not those of `without`."""
    taken = _union(without)
    total = 0.0
    for start, end in _union(spans):
        total += (end - start).total_seconds()
        total -= sum((min(end, b) - max(start, a)).total_seconds() for a, b in taken if min(end, b) > max(start, a))
    return total


def _union(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
