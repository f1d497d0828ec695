"""How long and how many, in as few characters as tell it: `0.4s`, `19m`, `2 days 23 hours`, `1,830`."""

from datetime import UTC, datetime

_UNITS = ((86_400, "d", "day"), (3600, "h", "hour"), (60, "m", "minute"))


def short(seconds: float) -> str:
    """In one unit: `0.4s`, `11s`, `19m`, `2h`, `3d`."""
    for length, letter, _ in _UNITS:
        if seconds >= length:
            return f"{int(seconds // length)}{letter}"
    return f"{seconds:.1f}s" if seconds < 10 else f"{int(seconds)}s"


def long(seconds: float) -> str:
    """In words, in at most two units: `2 days 23 hours`, `4 minutes`."""
    said: list[str] = []
    rest = int(seconds)
    for length, _, word in _UNITS:
        count, rest = divmod(rest, length)
        if count:
            said.append(f"{count} {word}{'' if count == 1 else 's'}")
        elif said:
            break
    return " ".join(said[:2]) if said else "less than a minute"


def count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def moment(text: str) -> datetime:
    """A time as Kubernetes writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def until(now: datetime, text: str | None) -> float:
    """Seconds from a time, as Kubernetes writes it, to now; 0 without one."""
    return max(0.0, (now - moment(text)).total_seconds()) if text else 0.0
