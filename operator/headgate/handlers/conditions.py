"""Conditions of what the operator looked at: the same as before unless something else is true. Asked by `workflows`,
`soundness` and `credentials`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headgate.errors import Problem, Severity
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.kinds import Object
from headgate.kube.times import write_time


@dataclass(frozen=True, slots=True)
class Truth:
    """What a condition says, and why."""

    holds: bool
    reason: str
    message: str


_LONGEST = 32_000


def build_verdict(problems: Sequence[Problem], sound: str) -> Truth:
    """Whether something is valid: the first error says why not. `sound`: what holds if there is none."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    warnings = len(problems) - len(errors)
    doubts = f", {warnings} {'warning' if warnings == 1 else 'warnings'}" if warnings else ""
    if not errors:
        return Truth(True, "Checked", f"{sound}{doubts}")
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Truth(False, errors[0].reason, f"{errors[0]}{more}{doubts}"[:_LONGEST])


async def write_status(client: Client, cache: Cache, thing: Object, status: Object) -> None:
    """If it says something new."""
    if status != (thing.get("status") or {}):
        cache.put(await client.replace_status(cache.kind, thing, status))


def build_condition(thing: Object, type_: str, truth: Truth, now: datetime) -> Object:
    condition = {
        "type": type_,
        "status": "True" if truth.holds else "False",
        "reason": truth.reason,
        "message": truth.message,
        "observedGeneration": thing["metadata"].get("generation", 1),
    }
    return {**condition, "lastTransitionTime": _transition(thing.get("status") or {}, condition, now)}


def _transition(old: Mapping[str, Any], condition: Mapping[str, Any], now: datetime) -> str:
    for one in old.get("conditions") or ():
        if one["type"] == condition["type"] and one["status"] == condition["status"]:
            return str(one["lastTransitionTime"])
    return write_time(now)
