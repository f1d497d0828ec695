"""The status of a Credential: whether its values can be had, and the command that helps where they cannot. And of a
Model, whether the key of its endpoint can be. Nobody asks the endpoint itself.

Of its Secret nothing but metadata is read, and no Secret is watched: it is looked at again now and then. What counts is
looked at when a leg is created; this is for people who want to know before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headgate.api.common import Resource
from headgate.api.credential import Credential, CredentialSpec
from headgate.api.model import Model, ModelSpec
from headgate.handlers.catalogue import Models
from headgate.handlers.conditions import Truth, build_condition, write_status
from headgate.handlers.looking import secret_of, see_secret
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.kinds import Object
from headgate.lifecycle.granting import problem_of, problem_of_model
from headgate.lifecycle.observed import SecretSeen

AGAIN_SECONDS = 60.0
"""Somebody has been told what to do."""
SELDOM_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class SecretChecker:
    cache: Cache
    """Of Credentials, or of Models."""
    client: Client
    models: Models
    now: Callable[[], datetime]

    async def look(self, namespace: str, name: str) -> float | None:
        """Say after how many seconds to look again, though nothing has been heard by then."""
        thing = self.cache.get(namespace, name)
        if thing is None or "deletionTimestamp" in thing["metadata"]:
            return None
        found = self.models.read(thing)
        if found is None:
            return None
        secret = secret_of(thing)
        seen = None if secret is None else await see_secret(self.client, namespace, secret)
        status = _status_of(thing, found, seen, self.now())
        await write_status(self.client, self.cache, thing, status)
        return SELDOM_SECONDS if status["conditions"][0]["status"] == "True" else AGAIN_SECONDS


def _status_of(thing: Object, found: Resource, seen: SecretSeen | None, now: datetime) -> Object:
    match found:
        case Credential(spec=credential):
            return build_status(thing, credential, seen, now)
        case Model(spec=model):
            return build_model_status(thing, model, seen, now)
    raise AssertionError(f"{type(found).__name__} has no Secret")


def build_model_status(thing: Object, spec: ModelSpec, seen: SecretSeen | None, now: datetime) -> Object:
    problem = problem_of_model(spec, seen, thing["metadata"].get("namespace", ""))
    if problem:
        reason = "NotServed" if spec.external is None else _missing(seen)
        return {"conditions": [build_condition(thing, "Ready", Truth(False, reason, problem), now)]}
    assert spec.external is not None
    has_key = spec.external.key is not None
    truth = Truth(True, "SecretFound", "its key is there") if has_key else Truth(True, "NoKey", "it asks for no key")
    return {"endpoint": spec.external.url, "conditions": [build_condition(thing, "Ready", truth, now)]}


def build_status(thing: Object, spec: CredentialSpec, seen: SecretSeen | None, now: datetime) -> Object:
    problem = problem_of(spec, seen, thing["metadata"].get("namespace", ""))
    return {"conditions": [build_condition(thing, "Ready", _truth(problem, seen), now)]}


def _truth(problem: str, seen: SecretSeen | None) -> Truth:
    if not problem:
        return Truth(True, "SecretFound", "its Secret is there")
    return Truth(False, "SealedValues" if seen is None else _missing(seen), problem)


def _missing(seen: SecretSeen | None) -> str:
    return "KeyMissing" if seen is not None and seen.exists else "SecretMissing"
