"""Keeps a cache like what the API server holds: a list, then a watch that goes on where the last one ended.

Every way in which a watch goes wrong leads back into the same circle. One that froze is noticed because no watch lives
long: the API server is asked to end it after half a minute, and one that has not ended soon after is left. Run by the
operator, a task a kind.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from headgate.kube.answers import parse
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.errors import GoneError, KubeError, MalformedAnswerError, NotFoundError, error_from
from headgate.kube.kinds import Key, Object, key_of

log = logging.getLogger(__name__)

_UNSERVED_PAUSE = 10.0
_TOO_SOON = 1.0
"""A watch that ends this soon has not lived: without a pause its end and the next would be a busy loop."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How long a watch lives, and how much later it counts as frozen, in seconds."""

    watch: int = 30
    grace: float = 5.0
    first_pause: float = 0.1
    longest_pause: float = 5.0
    """Between attempts that fail."""

    @property
    def silence(self) -> float:
        """Longer than this nobody can have heard nothing, unless the API server cannot be reached."""
        return 2 * (self.watch + self.grace)


class Reflector:
    def __init__(
        self,
        client: Client,
        cache: Cache,
        *,
        namespace: str | None = None,
        labels: str = "",
        rhythm: Rhythm | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self.cache = cache
        self._namespace = namespace if cache.kind.namespaced else None
        self._labels = labels
        self._rhythm = rhythm or Rhythm()
        self._clock = clock
        self.heard_at = clock()
        """When the API server last answered us about this kind."""
        self.hears_since = clock()
        """When it did so first, after we could not reach it."""
        self._is_deaf = False
        self.turned_at = clock()
        """When we last asked it for something, whatever came of it: a circle that does not turn is dead."""
        self.relists = 0
        self.frozen = 0
        self.senseless = 0

    async def run(self) -> None:
        """For ever. Nothing that the API server does ends it."""
        pause = self._rhythm.first_pause
        version = ""
        while True:
            self.turned_at = self._clock()
            try:
                version = version or await self._list()
                version = await self._watch(version)
                if self._clock() - self.turned_at > _TOO_SOON:
                    pause = self._rhythm.first_pause
                    continue
            except GoneError:
                version = ""
            except NotFoundError:
                self._note_unserved()
                await asyncio.sleep(_UNSERVED_PAUSE)
            except KubeError as error:
                self._is_deaf = True
                log.warning("watch interrupted", extra={"kind": self.cache.kind.plural, "error": str(error)})
            except Exception:  # an answer of a shape that nobody thought of: list again, and do not go deaf for ever
                version = ""
                self.senseless += 1
                log.exception("an answer makes no sense", extra={"kind": self.cache.kind.plural})
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load
            pause = min(2 * pause, self._rhythm.longest_pause)

    def _note_unserved(self) -> None:
        """The API server does not know the kind: there is none of it, until somebody installs it."""
        self.cache.served = False
        self.cache.replace((), 2**63)
        self._heard()

    async def _list(self) -> str:
        self.relists += 1
        there: set[Key] = set()
        start = version = ""
        while True:
            self.turned_at = self._clock()
            page = await self._client.list_page(self.cache.kind, self._namespace, labels=self._labels, start=start)
            version = version or page.version
            self.cache.served = True
            for thing in page.items:
                self._complete(thing)
                there.add(key_of(thing))
                self._put(thing)
            self._heard()
            start = page.next
            if not start:
                break
            await asyncio.sleep(0)
        self.cache.replace(there, int(version) if version.isdecimal() else 0)
        return version

    async def _watch(self, version: str) -> str:
        """Follow until the API server ends it; give the version to go on from."""
        kind = self.cache.kind
        asked = {
            "watch": "true",
            "labelSelector": self._labels,
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(self._rhythm.watch),
        }
        is_answered = False
        try:
            async with self._client.stream(
                kind, kind.path(self._namespace), asked, seconds=self._rhythm.watch + self._rhythm.grace
            ) as lines:
                is_answered = True
                self._heard()
                async for line in lines:
                    version = self._take(line) or version
        except TimeoutError:
            self.frozen += 1
            self._is_deaf = self._is_deaf or not is_answered
            log.warning("watch frozen", extra={"kind": kind.plural})
        return version

    def _take(self, line: bytes) -> str:
        """Take in one event; give the version that it brings us to."""
        try:
            event = parse(line)
            type_, thing = event["type"], event["object"]
            if type_ == "ERROR":
                raise error_from(f"watch {self.cache.kind.plural}", int(thing.get("code", 500)), thing)
            self._heard()
            version: str = thing["metadata"]["resourceVersion"]
        except (ValueError, KeyError, TypeError) as error:
            doing = f"watch {self.cache.kind.plural}"
            raise MalformedAnswerError(doing, f"an event makes no sense: {error!r}") from None
        if type_ in ("ADDED", "MODIFIED"):
            self._put(thing)
        elif type_ == "DELETED":
            self.cache.remove(thing)
        return version

    def _put(self, thing: Object) -> None:
        """One object that makes no sense must not keep us from all others."""
        try:
            self.cache.put(thing)
        except Exception:
            self.senseless += 1
            log.exception("an object makes no sense", extra={"kind": self.cache.kind.plural, "key": key_of(thing)})

    def _complete(self, thing: Object) -> None:
        """Items of a list do not say what they are."""
        thing.setdefault("apiVersion", self.cache.kind.api_version)
        thing.setdefault("kind", self.cache.kind.name)

    def _heard(self) -> None:
        self.heard_at = self._clock()
        if self._is_deaf:
            self._is_deaf, self.hears_since = False, self.heard_at
