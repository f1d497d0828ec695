"""What a pod says of an instance, made fit to be kept. A pod may run anybody's code: its words are bounded here."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from headgate.api.common import WORD
from headgate.lifecycle import moments
from headgate_lang.report import MAX_FAILED_ITEMS, Entry, Error, Failure, Phase

MAX_LINE = 1000
MAX_PREVIEW = 1000
_WORD = re.compile(WORD)
_MOST = 2**31 - 1


def tidy(entry: Entry) -> Entry:
    return replace(
        entry,
        reason=word(entry.reason, "Failed" if entry.phase is Phase.FAILED else ""),
        message=line(entry.message),
        cause=None if entry.cause is None else line(entry.cause, 40),
        attempts=min(max(entry.attempts, 0), _MOST),
        started_at=_time(entry.started_at),
        seconds=_number(entry.seconds),
        usage=_usage(entry.usage),
        preview=None if entry.preview is None else line(entry.preview, MAX_PREVIEW),
        failed=tuple(_failure(one) for one in entry.failed[:MAX_FAILED_ITEMS]),
    )


def line(text: str, most: int = MAX_LINE) -> str:
    """Bounded in bytes, since that is what a status is bounded in."""
    data = text.encode("utf-8", "replace")
    return data.decode() if len(data) <= most else data[: most - 3].decode("utf-8", "ignore") + "…"


def word(text: str, otherwise: str) -> str:
    return text if _WORD.fullmatch(text) else otherwise


def _time(text: str | None) -> str | None:
    moment = moments.parse(text)
    return None if moment is None else moments.spell_exactly(moment)


def _number(number: float | None) -> float | None:
    return float(number) if number is not None and math.isfinite(number) and 0 <= number <= 1e9 else None


def _usage(usage: Mapping[str, float]) -> dict[str, float]:
    counted = ((key[:40], _number(value)) for key, value in list(usage.items())[:20])
    return {key: value for key, value in counted if value is not None}


def _failure(failure: Failure) -> Failure:
    error = failure.error
    told = Error(word(error.reason, "Failed"), line(error.message, 300), min(max(error.attempts, 1), _MOST))
    return replace(failure, error=told)
