"""How long a server asks to be left alone. Pure; nodes pass it on with an answer that is worth another try."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST = 86_400.0
"""Nobody waits for longer than a day: what says so is read as this."""


def read_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds, by `Retry-After`, as a number or as a time, or by `retry-after-ms`; None if it says neither."""
    milliseconds, said = headers.get("retry-after-ms", "").strip(), headers.get("retry-after", "").strip()
    if _is_number(milliseconds):
        return min(int(milliseconds) / 1000, MOST)
    if _is_number(said):
        return min(float(said), MOST)
    try:
        then = parsedate_to_datetime(said)
    except (ValueError, OverflowError):  # the latter for years of eleven digits
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min(max(0.0, (then - now).total_seconds()), MOST)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12
