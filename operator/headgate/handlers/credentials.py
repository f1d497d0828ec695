"""The status of a Credential: whether its values can be had, and the command that helps where they cannot.

Of its Secret nothing but metadata is read, and no Secret is watched: it is looked at again now and then. What counts is
looked at when a leg is created; this is for people who want to know before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headgate.api.credential import Credential, CredentialSpec
from headgate.handlers.catalogue import Models
from headgate.handlers.conditions import Truth, build_condition
from headgate.handlers.looking import see_secret
from headgate.handlers.world import World
from headgate.kube import kinds
from headgate.kube.client import Client
from headgate.kube.kinds import Object
from headgate.lifecycle.granting import problem_of
from headgate.lifecycle.observed import SecretSeen

AGAIN_SECONDS = 60.0
"""Somebody has been told what to do."""
SELDOM_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class CredentialChecker:
    world: World
    client: Client
    models: Models
    now: Callable[[], datetime]

    async def look(self, namespace: str, name: str) -> float | None:
        """Say after how many seconds to look again, though nothing has been heard by then."""
        thing = self.world.credentials.get(namespace, name)
        if thing is None or "deletionTimestamp" in thing["metadata"]:
            return None
        found = self.models.read(thing)
        if not isinstance(found, Credential):
            return None
        secret = found.spec.secret
        seen = None if secret is None else await see_secret(self.client, namespace, secret)
        status = build_status(thing, found.spec, seen, self.now())
        if status != (thing.get("status") or {}):
            self.world.credentials.put(await self.client.replace_status(kinds.CREDENTIAL, thing, status))
        return SELDOM_SECONDS if status["conditions"][0]["status"] == "True" else AGAIN_SECONDS


def build_status(thing: Object, spec: CredentialSpec, seen: SecretSeen | None, now: datetime) -> Object:
    problem = problem_of(spec, seen, thing["metadata"].get("namespace", ""))
    return {"conditions": [build_condition(thing, "Ready", _truth(problem, seen), now)]}


def _truth(problem: str, seen: SecretSeen | None) -> Truth:
    if not problem:
        return Truth(True, "SecretFound", "its Secret is there")
    reason = "SealedValues" if seen is None else "KeyMissing" if seen.exists else "SecretMissing"
    return Truth(False, reason, problem)
