"""Whether the API server judges what people do as this release means it to: a word for its policies, as they are now.

A request keeps the word that held when it was asked. As long as the policies are those that a release has recorded, the
word is the same, also across an upgrade, which changes them where they stand. It is another once one says something
else, and if one was ever taken away: made again, also with the same words, it has another uid.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from headgate.handlers.world import World
from headgate.kube import kinds
from headgate.kube.answers import parse
from headgate.kube.client import Client
from headgate.kube.errors import ForbiddenError

VALIDATING, MUTATING = "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"
STAMPS = ("run-stamp", "vote-stamp")
NEEDED: Mapping[str, str] = {
    **dict.fromkeys(("argo", "audit", "nodetypes", "pods", "records", "requests"), VALIDATING),
    **dict.fromkeys(("results", "revisions", "runs", "status", "stores", "votes"), VALIDATING),
    **dict.fromkeys(STAMPS, MUTATING),
}
"""What the policies are called, after the release: each has a binding of the same name. All of them: who may forge a
status, or what a pod gave, needs no vote."""
_RECORD_KEY = "policies.json"
_READ_SECONDS = 30.0


def hash_spec(spec: Any) -> str:
    """As the chart computes it."""
    text = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def build_guard(things: Mapping[str, Any], release: str, recorded: Mapping[str, str]) -> str | None:
    """`things`: `Kind.name` → the object as it stands there; `recorded`: → the hash of its spec that the release has
    recorded. None: one of them is missing."""
    uids, changed = {}, {}
    for name, kind in NEEDED.items():
        for each in (kind, f"{kind}Binding"):
            key = f"{each}.{release}-{name}"
            if key not in things:
                return None
            uids[key] = things[key]["metadata"]["uid"]
            found = hash_spec(things[key]["spec"])
            if recorded.get(key) != found:
                changed[key] = found
    return hash_spec([uids, changed])


class Guard:
    def __init__(
        self,
        world: World,
        client: Client,
        namespace: str,
        release: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._caches = (world.validating, world.validating_bindings, world.mutating, world.mutating_bindings)
        self._client = client
        self._namespace = namespace
        self._release = release
        self._clock = clock
        self._seen = -1
        self._read_at = float("-inf")
        self._word: str | None = None

    async def word(self) -> str | None:
        """Looked up anew when a policy has changed, and now and then for what the release has recorded."""
        changes = sum(cache.count_of_changes for cache in self._caches)
        if changes != self._seen or self._clock() >= self._read_at + _READ_SECONDS:
            things = {f"{cache.kind.name}.{one['metadata']['name']}": one for cache in self._caches for one in cache}
            self._word = build_guard(things, self._release, await self._recorded()) if things else None
            self._seen, self._read_at = changes, self._clock()
        return self._word

    async def _recorded(self) -> Mapping[str, str]:
        try:
            record = await self._client.find(kinds.CONFIG_MAP, f"{self._release}-admission", self._namespace)
            recorded = parse((record or {}).get("data", {}).get(_RECORD_KEY, "{}").encode())
        except (ForbiddenError, ValueError):
            return {}
        return recorded if isinstance(recorded, dict) else {}
