"""The status of what is judged by itself, ApprovalPolicies and NodeTypes: whether it makes sense.

Admission refuses what does not, if it is asked; this is for what came while it was not, or under an older Headgate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headgate.compiler.alone import check_alone
from headgate.compiler.parse import parse
from headgate.handlers.conditions import build_condition, build_verdict, write_status
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.kinds import Object


@dataclass(frozen=True, kw_only=True)
class SoundnessChecker:
    cache: Cache
    sound: str
    """What a valid one is good for, in a sentence."""
    client: Client
    now: Callable[[], datetime]

    async def look(self, namespace: str, name: str) -> None:
        thing = self.cache.get(namespace, name)
        if thing is None or "deletionTimestamp" in thing["metadata"]:
            return
        status = build_status(thing, self.sound, self.now())
        await write_status(self.client, self.cache, thing, status)


def build_status(thing: Object, sound: str, now: datetime) -> Object:
    parsed = parse(thing)
    problems = tuple(dict.fromkeys([*parsed.problems, *check_alone(parsed.model)]))
    return {"conditions": [build_condition(thing, "Valid", build_verdict(problems, sound), now)]}
