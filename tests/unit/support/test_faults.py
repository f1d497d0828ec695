"""The proxy that lets things go wrong: what is planned happens to what was meant, and everything else passes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from headgate.kube.access import Access
from headgate.kube.client import Client, Patience
from headgate.kube.errors import (
    ConflictError,
    GoneError,
    KubeError,
    TooManyRequestsError,
    UnavailableError,
    UnreachableError,
)
from headgate.kube.kinds import RUN, Object
from support.fake_api import FakeApi, run_fake_api
from support.faults.plan import Disturbance, Mishap, Plan, WatchFault, WriteFault
from support.faults.proxy import FaultProxy

KEY = ("headgate.dev/runs", "docs", "r")
ONCE = Patience(attempts=1)
Test = Callable[[FakeApi, FaultProxy, Client], Awaitable[None]]


def through_proxy(plan: Plan, test: Test) -> FaultProxy:
    async def run() -> FaultProxy:
        async with run_fake_api() as api, FaultProxy(api.access, plan).serving() as proxy:
            async with Client(Access(proxy.url, None, "docs", lambda: None), patience=ONCE) as client:
                await test(api, proxy, client)
            return proxy

    return asyncio.run(run())


def a_run(name: str = "r") -> Object:
    return {"metadata": {"name": name}, "spec": {"workflow": "w"}}


def test_without_a_fault_all_passes_and_writes_are_counted() -> None:
    async def test(api: FakeApi, proxy: FaultProxy, client: Client) -> None:
        await client.create(RUN, a_run(), "docs")
        assert (await client.get(RUN, "r", "docs"))["spec"] == {"workflow": "w"}
        assert len(await client.list_all(RUN)) == 1

    (call,) = through_proxy(Plan(), test).writes
    assert (call.method, call.number, call.code, call.name) == ("POST", 1, 201, "r")


@pytest.mark.parametrize(
    ("mishap", "error", "is_done"),
    [
        (Mishap.CONFLICT, ConflictError, False),
        (Mishap.BUSY, TooManyRequestsError, False),
        (Mishap.INTERNAL, UnavailableError, False),
        (Mishap.TIMEOUT, UnavailableError, False),
        (Mishap.RESET, UnreachableError, False),
        (Mishap.LOST, UnreachableError, True),
        (Mishap.KILL_BEFORE, UnreachableError, False),
        (Mishap.KILL_AFTER, UnreachableError, True),
    ],
)
def test_a_planned_write_goes_wrong_and_the_one_before_does_not(
    mishap: Mishap, error: type[KubeError], is_done: bool
) -> None:
    killed: list[bool] = []

    async def test(api: FakeApi, proxy: FaultProxy, client: Client) -> None:
        proxy.kill = lambda: killed.append(True)
        await client.create(RUN, a_run("before"), "docs")
        with pytest.raises(error):
            await client.create(RUN, a_run(), "docs")
        assert (KEY in api.things) is is_done

    through_proxy(Plan(writes=[WriteFault(2, mishap)]), test)
    assert bool(killed) is (mishap in (Mishap.KILL_BEFORE, Mishap.KILL_AFTER))


async def watch(client: Client, *, seconds: float = 3) -> list[Any]:
    asked = {"watch": "true", "resourceVersion": "0", "timeoutSeconds": "1"}
    async with client.stream(RUN, RUN.path(), asked, seconds=seconds) as lines:
        return [line async for line in lines]


def disturbed(disturbance: Disturbance, **more: Any) -> Plan:
    return Plan(watches=[WatchFault("runs.headgate.dev", disturbance, **more)])


def test_a_watch_is_dropped_after_as_many_events_as_planned_and_the_next_one_is_whole() -> None:
    async def test(api: FakeApi, proxy: FaultProxy, client: Client) -> None:
        await client.create(RUN, a_run("a"), "docs")
        await client.create(RUN, a_run("b"), "docs")
        with pytest.raises(UnreachableError):
            await watch(client)
        assert len(await watch(client)) == 3  # with the bookmark at its end

    through_proxy(disturbed(Disturbance.DROPPED, after=1), test)


def test_a_watch_is_told_that_its_version_is_gone() -> None:
    async def test(api: FakeApi, proxy: FaultProxy, client: Client) -> None:
        with pytest.raises(GoneError):
            await watch(client)

    through_proxy(disturbed(Disturbance.EXPIRED), test)


def test_a_list_is_as_old_as_the_first_one() -> None:
    async def test(api: FakeApi, proxy: FaultProxy, client: Client) -> None:
        assert await client.list_all(RUN) == []
        await client.create(RUN, a_run(), "docs")
        assert await client.list_all(RUN) == []
        assert len(await client.list_all(RUN)) == 1

    through_proxy(disturbed(Disturbance.STALE), test)
