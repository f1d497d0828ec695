"""People in a namespace: they ask for Runs, vote and declare what `support.faults.lives` says, and see how Runs end.

They talk to the API server itself, each in their own name, whatever happens to the operator.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from headgate.kube import kinds
from headgate.kube.access import Access, Persona
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.errors import AlreadyExistsError, KubeError
from headgate.kube.reflector import Reflector
from support.faults.lives import ANA, GROUPS, RUNS, Deed, are_over, build_runs, decide_deeds, read_ends

_AGAIN = 0.3
"""Seconds after which somebody tries again who was refused."""
_KINDS = {"Run": kinds.RUN, "ApprovalRequest": kinds.APPROVAL_REQUEST}


def client_as(access: Access, user: str, *groups: str) -> Client:
    return Client(replace(access, acts_as=Persona(user, groups)), agent="headgate-tests")


@dataclass
class People:
    access: Access
    namespace: str
    round: int = 0
    lives: tuple[str, ...] = ()
    runs: Cache = field(default_factory=lambda: Cache(kinds.RUN))
    requests: Cache = field(default_factory=lambda: Cache(kinds.APPROVAL_REQUEST))
    _clients: dict[str, Client] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def living(self) -> AsyncIterator["People"]:
        async with AsyncExitStack() as stack:
            admin = await stack.enter_async_context(Client(self.access))
            for who, groups in GROUPS.items():
                self._clients[who] = await stack.enter_async_context(client_as(self.access, who, *groups))
            for cache in (self.runs, self.requests):
                cache.listener = lambda _: self._wake()
            watches = [Reflector(admin, cache, namespace=self.namespace) for cache in (self.runs, self.requests)]
            tasks = [asyncio.create_task(watch.run()) for watch in watches] + [asyncio.create_task(self._act())]
            try:
                yield self
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def ask(self, round_: int, lives: Iterable[str] = RUNS) -> None:
        """Ask for the Runs of another round."""
        self.round, self.lives = round_, tuple(lives)
        for run in build_runs(round_, lives):
            self.runs.put(await self._clients[ANA].create(kinds.RUN, run, self.namespace))

    @property
    def ends(self) -> dict[str, Any]:
        """How the Runs of this round have ended that have."""
        return read_ends(self.seen(self.runs), self.seen(self.requests), self.round)

    @property
    def are_content(self) -> bool:
        return are_over(self.seen(self.runs), self.lives, self.round)

    async def until_content(self) -> None:
        """All has ended that they asked for."""
        while not self.are_content:
            await self._news.wait()

    def seen(self, cache: Cache) -> dict[str, Any]:
        return {thing["metadata"]["name"]: thing for thing in cache}

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _act(self) -> None:
        while True:
            news, pause = self._news, None
            for deed in list(decide_deeds(self.seen(self.runs), self.seen(self.requests), self.round)):
                try:
                    await self._do(deed)
                except KubeError:  # what they saw is no longer so: they look again
                    pause = _AGAIN
            try:
                async with asyncio.timeout(pause):
                    await news.wait()
            except TimeoutError:
                continue

    async def _do(self, deed: Deed) -> None:
        client = self._clients[deed.who]
        if deed.name:
            kind, cache = _KINDS[deed.kind], self.runs if deed.kind == "Run" else self.requests
            cache.put(await client.patch(kind, deed.name, self.namespace, dict(deed.body)))
            return
        try:
            self.runs.put(await client.create(kinds.RUN, dict(deed.body), self.namespace))
        except AlreadyExistsError:
            return
