"""Reads once more what a leg depends on, right before it is created: a Credential or a Model, and whether its Secret is
there.

A Secret's values are never read: its metadata says that it is there, and who set which of its keys.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from headgate.handlers.world import World
from headgate.kube import kinds
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.errors import ForbiddenError
from headgate.kube.kinds import Object
from headgate.lifecycle.observed import Holder, Look, SecretSeen

_PREFIX = "f:"


async def look(world: World, client: Client, namespace: str, looks: Iterable[Look]) -> Mapping[Look, SecretSeen | None]:
    caches = {Holder.CREDENTIAL: world.credentials, Holder.MODEL: world.models}
    found = {}
    for one in looks:
        thing = await _read(client, caches[one.kind], namespace, one.name)
        secret = secret_of(thing) if thing is not None else None
        found[one] = None if secret is None else await see_secret(client, namespace, secret)
    return found


async def see_secret(client: Client, namespace: str, name: str) -> SecretSeen:
    try:
        thing = await client.find_metadata(kinds.SECRET, name, namespace)
    except ForbiddenError:
        return SecretSeen(exists=True)  # then nobody can say, and the pod will
    return SecretSeen(exists=False) if thing is None else SecretSeen(True, keys_of(thing["metadata"]))


async def _read(client: Client, cache: Cache, namespace: str, name: str) -> Object | None:
    """What the cache has may be older than what somebody has just tightened."""
    thing = await client.find(cache.kind, name, namespace)
    if thing is None:
        cache.forget(namespace, name)
    else:
        cache.put(thing)
    return thing


def secret_of(thing: Object) -> str | None:
    """The Secret that a Credential or a Model names."""
    spec = thing.get("spec") or {}
    external = spec.get("external") or {}
    secret = spec.get("secret") or (external.get("key") or {}).get("secret")
    return str(secret) if secret else None


def keys_of(metadata: Mapping[str, Any]) -> frozenset[str] | None:
    """The keys of a Secret, as the API server noted who set them. Whoever sets one is noted, or nobody is: if the notes
    were thrown away, the next to apply is told of all that was there before."""
    keys: set[str] = set()
    for entry in metadata.get("managedFields") or ():
        fields = entry.get("fieldsV1") or {}
        for part in ("f:data", "f:stringData"):
            keys.update(key[len(_PREFIX) :] for key in fields.get(part) or {} if key.startswith(_PREFIX))
    return frozenset(keys) or None
