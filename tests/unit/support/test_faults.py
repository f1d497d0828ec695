"""The proxy that lets things go wrong: what is planned happens to what was meant, and everything else passes."""

import asyncio
import json
from collections.abc import Awaitable, Callable

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
from support.faults.asked import kind_of_write
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


def test_only_writes_of_the_kind_that_is_named_count_and_as_many_as_planned_go_wrong() -> None:
    async def test(api: FakeApi, proxy: FaultProxy, client: Client) -> None:
        await client.create(RUN, a_run(), "docs")
        for _ in range(2):
            with pytest.raises(UnavailableError):
                await client.patch(RUN, "r", "docs", {"spec": {"state": "Paused"}})
        await client.patch(RUN, "r", "docs", {"spec": {"state": "Paused"}})

    kind = "patch runs.headgate.dev (state)"
    proxy = through_proxy(Plan(writes=[WriteFault(1, Mishap.INTERNAL, kind, times=2)]), test)
    assert [call.kind for call in proxy.writes] == ["create runs.headgate.dev", kind, kind, kind]


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("POST", "/api/v1/namespaces/docs/secrets", b"{}", "create secrets"),
        ("PUT", "/apis/headgate.dev/v1alpha1/namespaces/docs/runs/r/status", b"{}", "update runs.headgate.dev/status"),
        (
            "PATCH",
            "/apis/argoproj.io/v1alpha1/namespaces/docs/workflows/w",
            b'{"spec":{"suspend":null}}',
            "patch workflows.argoproj.io (resume)",
        ),
    ],
)
def test_a_write_is_told_by_verb_and_resource_and_a_patch_by_what_it_changes(
    method: str, path: str, body: bytes, kind: str
) -> None:
    assert kind_of_write(method, path, body) == kind


async def watch(client: Client) -> list[str]:
    """The types of the events that are told within a second, and how it ended."""
    asked = {"watch": "true", "resourceVersion": "100", "timeoutSeconds": "1"}
    try:
        async with client.stream(RUN, RUN.path(), asked, seconds=3) as lines:
            return [json.loads(line)["type"] async for line in lines]
    except (UnreachableError, GoneError) as error:
        return [type(error).__name__]


BROKEN, WHOLE = ["UnreachableError"], ["ADDED", "ADDED", "BOOKMARK"]


@pytest.mark.parametrize(
    ("disturbance", "first", "second"),
    [
        (Disturbance.DROPPED, BROKEN, WHOLE),
        (Disturbance.STALLED, BROKEN, WHOLE),
        (Disturbance.LATE, WHOLE, WHOLE),
        (Disturbance.GONE, ["ADDED", "ERROR"], WHOLE),
        (Disturbance.EXPIRED, BROKEN, ["GoneError"]),
        (Disturbance.STALE, BROKEN, ["GoneError"]),
        (Disturbance.REWOUND, BROKEN, WHOLE),
    ],
)
def test_a_watch_is_disturbed_at_the_event_that_was_planned(
    disturbance: Disturbance, first: list[str], second: list[str]
) -> None:
    async def test(api: FakeApi, proxy: FaultProxy, client: Client) -> None:
        assert await client.list_all(RUN) == []
        await client.create(RUN, a_run("a"), "docs")
        await client.create(RUN, a_run("b"), "docs")
        assert await watch(client) == first
        assert await watch(client) == second
        if disturbance is Disturbance.STALE:
            assert not proxy.watching.is_over
            assert await client.list_all(RUN) == []
        assert len(await client.list_all(RUN)) == 2
        assert proxy.watching.is_over

    fault = WatchFault("runs.headgate.dev", disturbance, after=1, seconds=0.01)
    proxy = through_proxy(Plan(watches=[fault]), test)
    assert proxy.watching.effects == {disturbance: 1}


def test_a_disturbance_that_meets_nobody_is_seen_to_have_done_nothing() -> None:
    async def test(api: FakeApi, proxy: FaultProxy, client: Client) -> None:
        await client.create(RUN, a_run("a"), "docs")
        assert await watch(client) == ["ADDED", "BOOKMARK"]

    proxy = through_proxy(Plan(watches=[WatchFault("runs.headgate.dev", Disturbance.DROPPED, after=1)]), test)
    assert not proxy.watching.effects[Disturbance.DROPPED]
    assert not proxy.watching.is_over
