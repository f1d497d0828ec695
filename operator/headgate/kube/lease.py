"""Leader election by a Lease: one replica acts, the others watch along and take over within seconds.

The clock of the holder is not compared with ours: what counts is how long we have seen the Lease unchanged. A leader
that cannot renew in time stops acting before anybody else may begin.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from headgate.kube.client import Client
from headgate.kube.errors import AlreadyExistsError, ConflictError, KubeError, NotFoundError
from headgate.kube.kinds import LEASE, Object
from headgate.kube.times import write_micro_time

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """Seconds. A replica that dies is replaced after `duration` and at most two `retry` more: 14."""

    duration: float = 10.0
    """Unchanged for so long, it is anybody's."""
    renew: float = 7.0
    """A leader that has not renewed for so long stops."""
    retry: float = 2.0


class LostError(Exception):
    """Somebody else may lead by now."""


class Election:
    def __init__(
        self,
        client: Client,
        namespace: str,
        name: str,
        identity: str,
        *,
        terms: Terms | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._name = name
        self._identity = identity
        self._terms = terms or Terms()
        self._clock = clock
        self.tells: Callable[[], Mapping[str, str]] = dict
        """Annotations that go along with each renewal."""
        self.told: Mapping[str, str] = {}
        """The annotations that whoever led before left on the Lease, as we took it."""
        self._seen = ("", 0.0)
        """The version of the Lease that we saw last, and when first."""
        self._asked_at = 0.0
        """When what gave us the Lease last was asked for: its answer may have been slow."""
        self.leads = False

    async def win(self) -> None:
        """Wait until we lead."""
        while not self.leads:
            asked = self._clock()
            try:
                is_ours = await self._try()
                if is_ours and self._clock() < asked + self._terms.renew:  # else it may be somebody else's by now
                    self.leads, self._asked_at = True, asked
            except KubeError as error:
                log.warning("no lease", extra={"error": str(error)})
            if not self.leads:
                await asyncio.sleep(self._terms.retry * random.uniform(0.8, 1.0))  # noqa: S311 - spreads load
        log.info("leads", extra={"instance": self._identity})

    async def hold(self) -> None:
        """Renew for ever. Raises LostError in time."""
        while True:
            ends = self._asked_at + self._terms.renew
            await asyncio.sleep(min(self._terms.retry, max(0.0, ends - self._clock())))
            asked = self._clock()
            try:
                async with asyncio.timeout(max(0.0, ends - asked)):
                    if not await self._try():
                        raise self._lost("somebody else has taken the lease")
                self._asked_at = asked
            except (KubeError, TimeoutError) as error:
                if self._clock() >= ends:
                    raise self._lost(f"the lease could not be renewed: {error}") from None

    async def give_up(self) -> None:
        """Let others lead at once: we stop."""
        if not self.leads:
            return
        self.leads = False
        try:
            lease = await self._client.get(LEASE, self._name, self._namespace)
            if lease["spec"].get("holderIdentity") == self._identity:
                change = {
                    "metadata": {"resourceVersion": lease["metadata"]["resourceVersion"]},
                    "spec": {"holderIdentity": ""},
                }
                await self._client.patch(LEASE, self._name, self._namespace, change)
        except KubeError as error:
            log.warning("lease not given up", extra={"error": str(error)})

    def _lost(self, why: str) -> LostError:
        self.leads = False
        return LostError(why)

    async def _try(self) -> bool:
        """Take the lease, or renew it; say whether it is ours."""
        try:
            lease = await self._client.get(LEASE, self._name, self._namespace)
        except NotFoundError:
            return await self._create()
        spec, version = lease["spec"], lease["metadata"]["resourceVersion"]
        if version != self._seen[0]:
            self._seen = (version, self._clock())
        holder = spec.get("holderIdentity") or ""
        if holder not in ("", self._identity) and self._clock() < self._seen[1] + self._terms.duration:
            return False
        if not self.leads:
            self.told = lease["metadata"].get("annotations") or {}
        return await self._take(version, spec, is_ours=holder == self._identity)

    async def _create(self) -> bool:
        lease: Object = {
            "apiVersion": LEASE.api_version,
            "kind": LEASE.name,
            "metadata": {"name": self._name, "namespace": self._namespace, "annotations": dict(self.tells())},
            "spec": {**self._renewal(), "acquireTime": write_micro_time(datetime.now(UTC)), "leaseTransitions": 0},
        }
        try:
            await self._client.create(LEASE, lease, self._namespace)
        except AlreadyExistsError:
            return False
        return True

    async def _take(self, version: str, spec: Object, *, is_ours: bool) -> bool:
        change = self._renewal()
        if not is_ours:
            change["acquireTime"] = change["renewTime"]
            change["leaseTransitions"] = spec.get("leaseTransitions", 0) + 1
        try:
            metadata = {"resourceVersion": version, "annotations": dict(self.tells())}
            written = await self._client.patch(
                LEASE, self._name, self._namespace, {"metadata": metadata, "spec": change}
            )
        except ConflictError:
            return is_ours and await self._is_still_ours()
        self._seen = (written["metadata"]["resourceVersion"], self._clock())
        return True

    async def _is_still_ours(self) -> bool:
        """A renewal whose answer was lost is a conflict when it is repeated."""
        lease = await self._client.get(LEASE, self._name, self._namespace)
        return bool(lease["spec"].get("holderIdentity") == self._identity)

    def _renewal(self) -> Object:
        return {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": int(self._terms.duration) or 1,
            "renewTime": write_micro_time(datetime.now(UTC)),
        }
