"""The outbox: which line is sent next and when, what an attempt makes of it, and when it is given up. Pure.

Its state is in the request's status and nowhere else. To each webhook lines go in the order of their moments; one that
does not arrive holds up those after it, until it is given up. An attempt that was made and not noted is made again,
under the same id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from headgate.api.approvalpolicy import Moment
from headgate.api.approvalrequest import Notice, NoticePhase
from headgate.lifecycle import moments
from headgate.lifecycle.notices.due import moment_of, target_of
from headgate.lifecycle.tidy import line

MAX_ATTEMPTS = 10
FIRST_PAUSE = 5.0
GROWTH = 4.0
LONGEST_PAUSE = 2 * 3600.0
LONGEST_ASKED = 6 * 3600.0
"""What a server may ask for by Retry-After."""
_MAX_MESSAGE = 300
_RANK = {moment: place for place, moment in enumerate(Moment)}


@dataclass(frozen=True, slots=True)
class Arrived:
    """It was taken."""


@dataclass(frozen=True, slots=True)
class Missed:
    """It was not."""

    why: str
    retry_after: float | None = None
    """Seconds for which the server wants to be left alone."""
    is_final: bool = False
    """It never will be."""


Attempt = Arrived | Missed


@dataclass(frozen=True, slots=True)
class Next:
    """The line to send now; or when to look again."""

    key: str | None = None
    wake_at: datetime | None = None


def next_delivery(notices: Mapping[str, Notice], now: datetime) -> Next:
    heads: dict[str, str] = {}
    for key in sorted(notices, key=lambda key: _order(key, notices[key])):
        if notices[key].phase is NoticePhase.PENDING:
            heads.setdefault(target_of(key), key)
    times = {key: moments.parse(notices[key].next_at) or now for key in heads.values()}
    due = [key for key, at in times.items() if at <= now]
    if due:
        return Next(min(due, key=lambda key: _order(key, notices[key])))
    return Next(wake_at=min(times.values(), default=None))


def _order(key: str, notice: Notice) -> tuple[str, int, str]:
    return notice.moment_at, _RANK[moment_of(key)], key


def after_attempt(notice: Notice, attempt: Attempt, now: datetime, spread: float) -> Notice:
    """`spread`: from 0 to 1, by chance, so that not all try again in one moment."""
    attempts = notice.attempts + 1
    said = {"attempts": attempts, "tried_at": moments.spell(now), "next_at": None, "message": None}
    if isinstance(attempt, Arrived):
        return notice.model_copy(update={**said, "phase": NoticePhase.SENT})
    said["message"] = line(attempt.why, _MAX_MESSAGE)
    if attempt.is_final or attempts >= MAX_ATTEMPTS:
        return notice.model_copy(update={**said, "phase": NoticePhase.DEAD})
    pause = timedelta(seconds=pause_after(attempts, attempt.retry_after, spread))
    return notice.model_copy(update={**said, "next_at": moments.spell_exactly(now + pause)})


def pause_after(attempts: int, retry_after: float | None, spread: float) -> float:
    pause = min(FIRST_PAUSE * GROWTH ** (attempts - 1), LONGEST_PAUSE) * (0.5 + spread / 2)
    return max(pause, min(retry_after or 0.0, LONGEST_ASKED))


def revive(notices: Mapping[str, Notice], asked_at: datetime | None, now: datetime) -> dict[str, Notice]:
    """Whatever was given up before somebody asked to try again is to be sent anew. A time to come asks for nothing: it
    would never stop to."""
    if asked_at is None or asked_at > now:
        return dict(notices)
    return {key: _revived(one) if _was_given_up(one, asked_at) else one for key, one in notices.items()}


def _was_given_up(notice: Notice, before: datetime) -> bool:
    tried_at = moments.parse(notice.tried_at)
    return notice.phase is NoticePhase.DEAD and (tried_at is None or tried_at < before)


def _revived(notice: Notice) -> Notice:
    return notice.model_copy(update={"phase": NoticePhase.PENDING, "attempts": 0, "next_at": None})
