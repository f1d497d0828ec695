"""Whether a namespace has the executor's account: asked now and then, and forgotten with the namespace."""

import asyncio

from headgate.handlers.accounts import Accounts
from headgate.kube.client import Client
from support.fake_api import run_fake_api


def test_what_is_no_longer_believed_is_not_kept() -> None:
    async def scene() -> None:
        now = 0.0
        async with run_fake_api() as api, Client(api.access) as client:
            accounts = Accounts(client, "executor", "headgate", clock=lambda: now)
            for number in range(20):
                assert await accounts.remedy(f"preview-{number}") is not None
                now += 5.0
            assert len(accounts._known) <= 2
            before = len(api.calls)
            assert await accounts.remedy("preview-19") is not None
            assert len(api.calls) == before

    asyncio.run(scene())
