"""A ledger of the audit log before an API server in memory, and what stands in the log."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from headgate.audit.chain import Head
from headgate.audit.entry import Action, Entry, Fact
from headgate.audit.retention import Retention
from headgate.audit.segments import in_order, lines_of
from headgate.audit.verifying import Verified, Verifier
from headgate.handlers.ledger import Ledger
from headgate.handlers.metrics import Metrics
from headgate.kube.client import Client, Patience
from support.fake_api import FakeApi, run_fake_api

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
TWICE = Patience(attempts=2, first_pause=0.001, longest_pause=0.002, seconds=1)


class Scene:
    def __init__(self, api: FakeApi, client: Client) -> None:
        self.api, self.client = api, client
        self.now = START

    def ledger(self, retention: Retention = Retention()) -> Ledger:  # noqa: B008 - frozen
        return Ledger(self.client, "headgate", "headgate", retention, Metrics(), lambda: self.now)

    @property
    def segments(self) -> list[dict[str, Any]]:
        return in_order(thing for (kind, _, _), thing in self.api.things.items() if kind == "configmaps")

    def read(self, *heads: Head) -> tuple[list[Entry], Verified]:
        verifier = Verifier(heads)
        found = [verifier.read(line.text) for segment in self.segments for line in lines_of(segment)]
        return [entry for entry in found if entry is not None], verifier.finish()

    def cut(self, number: int) -> None:
        """Somebody takes this entry out of the first segment."""
        segment = self.segments[0]
        data = {key: text for key, text in segment["data"].items() if key != f"{number:012}"}
        self.api.put("configmaps", {**segment, "metadata": dict(segment["metadata"]), "data": data})

    def keys(self) -> Counter[str]:
        return Counter(entry.uid for entry in self.read()[0])


def play(test: Callable[[Scene], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with run_fake_api() as api, Client(api.access, patience=TWICE) as client, asyncio.timeout(60):
            await test(Scene(api, client))

    asyncio.run(whole())


def facts(numbers: Iterable[int]) -> list[Fact]:
    return [
        Fact(Action.VOTED, "vote", "ApprovalRequest", f"r{number}", f"uid-{number}", "docs", who="ana@example.com")
        for number in numbers
    ]
