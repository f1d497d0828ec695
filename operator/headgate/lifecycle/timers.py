"""Gates that ask nobody: `wait` and `event`. They end by the clock, counted from when their status says they began."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from headgate.api.nodetype import Gate
from headgate.compiler.known import Settled
from headgate.lifecycle import moments
from headgate.lifecycle.case import Case
from headgate.lifecycle.facts import End, Waiting
from headgate.lifecycle.rendering import CannotRenderError
from headgate.lifecycle.tidy import line
from headgate_lang import durations
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason
from headgate_lang.report import Error

MAX_GIVEN = 200
"""Bytes of what is no time, in the message that says so: it is read by nodes, and stands in their pods."""


def view_timer(case: Case, name: str, kind: Gate, params: Mapping[str, Any], started_at: datetime) -> Waiting:
    """Raises CannotRenderError."""
    until = _until(kind, params, started_at)
    message = f"until {moments.tell(until)} UTC"
    if case.now < until:
        return Waiting(started_at, until=until, message=message, reason="Timer" if kind is Gate.TIMER else "Event")
    if kind is Gate.TIMER:
        end = End(Settled(Outcome.SUCCEEDED), {"endedAt": moments.spell(until)}, ended_at=until)
    else:
        error = Error(Reason.EXPIRED, f"the event {params.get('name')} did not come {message}")
        end = End(Settled(Outcome.FAILED, Reason.EXPIRED), error=error, ended_at=until)
    return Waiting(started_at, end=end)


def _until(kind: Gate, params: Mapping[str, Any], started_at: datetime) -> datetime:
    if kind is Gate.EVENT:
        return _after(started_at, params.get("within", "3d"))
    moment = started_at
    if "for" in params:
        moment = _after(started_at, params["for"])
    if "until" in params:
        named = moments.parse(params["until"]) if isinstance(params["until"], str) else None
        if named is None:
            given = line(repr(params["until"]), MAX_GIVEN)
            raise CannotRenderError(f"`until` is {given}, which is no moment such as 2026-11-22T05:20:00Z")
        moment = max(moment, named)
    return moment


def _after(started_at: datetime, written: Any) -> datetime:
    if not isinstance(written, str) or not durations.is_duration(written):
        raise CannotRenderError(f"{line(repr(written), MAX_GIVEN)} is no duration such as 30s, 24h or 3d")
    try:
        return started_at + timedelta(seconds=durations.parse(written))
    except OverflowError:
        raise CannotRenderError(f"{written} is longer than a calendar holds") from None
