"""The guarded client of a pod: made when a node first asks for it, by the rules that the task tells."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from headgate_lang.task import Http
from headgate_node.http import HttpError
from headgate_node.runtime.worker import Client


def refused(rules: Http, url: str) -> str:
    """The reason why a request is not sent."""

    async def ask() -> str:
        async with AsyncExitStack() as stack:
            client = Client(rules, stack)
            assert client.get() is client.get(), "one a pod"
            with pytest.raises(HttpError) as raised:
                await client.get().request("GET", url)
            return str(raised.value.reason)

    return asyncio.run(ask())


def test_the_rules_of_the_namespace_hold() -> None:
    assert refused(Http(deny_hosts=("evil.example",)), "http://evil.example/") == "HostRefused"
    assert refused(Http(only_hosts=("good.example",)), "http://other.example/") == "HostRefused"
    assert refused(Http(), "http://127.0.0.1/") == "AddressRefused"
    assert refused(Http(cluster_addresses=("203.0.113.0/24",)), "http://203.0.113.7/") == "AddressRefused"
