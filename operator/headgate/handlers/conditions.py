"""Conditions of what the operator looked at: the same as before unless something else is true. Asked by `workflows` and
`credentials`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headgate.kube.kinds import Object
from headgate.kube.times import write_time


@dataclass(frozen=True, slots=True)
class Truth:
    """What a condition says, and why."""

    holds: bool
    reason: str
    message: str


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
