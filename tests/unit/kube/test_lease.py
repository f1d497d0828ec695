"""One leader at a time, another within seconds when it dies, at once when it stops."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from headgate.kube.client import Client, Patience
from headgate.kube.lease import Election, LostError, Terms
from support.fake_api import FakeApi, answer, run_fake_api

QUICK = Terms(duration=0.3, renew=0.2, retry=0.02)
ONCE = Patience(attempts=1, seconds=0.5)


def play(scene: Callable[[FakeApi, Callable[[str], Election]], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with run_fake_api() as api, Client(api.access, patience=ONCE) as client, asyncio.timeout(5):
            await scene(api, lambda identity: Election(client, "headgate", "lease", identity, terms=QUICK))

    asyncio.run(whole())


def test_the_terms_keep_their_promise() -> None:
    terms = Terms()
    assert terms.renew + terms.retry < terms.duration
    assert terms.duration + 2 * terms.retry <= 15


def test_one_leads_and_another_takes_over_when_it_no_longer_renews() -> None:
    async def scene(api: FakeApi, elect: Callable[[str], Election]) -> None:
        first, second = elect("a"), elect("b")
        await first.win()
        holding = asyncio.create_task(first.hold())
        waiting = asyncio.create_task(second.win())
        await asyncio.sleep(0.6)
        assert not waiting.done()
        holding.cancel()
        began = asyncio.get_running_loop().time()
        await waiting
        assert asyncio.get_running_loop().time() - began < 0.6
        assert api.things["coordination.k8s.io/leases", "headgate", "lease"]["spec"]["holderIdentity"] == "b"

    play(scene)


def test_one_that_stops_lets_others_lead_at_once() -> None:
    async def scene(_: FakeApi, elect: Callable[[str], Election]) -> None:
        first, second = elect("a"), elect("b")
        await first.win()
        await first.give_up()
        began = asyncio.get_running_loop().time()
        await second.win()
        assert asyncio.get_running_loop().time() - began < 0.2

    play(scene)


def test_one_that_cannot_renew_stops_before_another_may_begin() -> None:
    async def scene(api: FakeApi, elect: Callable[[str], Election]) -> None:
        first = elect("a")
        await first.win()
        api.faults += [answer(503)] * 1000
        began = asyncio.get_running_loop().time()
        with pytest.raises(LostError, match="could not be renewed"):
            await first.hold()
        assert asyncio.get_running_loop().time() - began < QUICK.duration
        assert not first.leads

    play(scene)


def test_a_renewal_whose_answer_was_slow_counts_from_when_it_was_asked_for() -> None:
    async def scene(api: FakeApi, elect: Callable[[str], Election]) -> None:
        first = elect("a")
        asked: list[float] = []
        await first.win()

        async def slow(request: web.Request) -> web.StreamResponse | None:
            if request.method != "PATCH":
                return None
            if asked:
                return await answer(503)(request)
            asked.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.75 * QUICK.renew)
            return None

        api.standing = slow
        with pytest.raises(LostError):
            await first.hold()
        assert asyncio.get_running_loop().time() - asked[0] < QUICK.duration

    play(scene)


def test_a_lease_whose_answer_came_too_late_is_not_won_before_it_is_renewed() -> None:
    async def scene(api: FakeApi, elect: Callable[[str], Election]) -> None:
        first = elect("a")

        async def slow(request: web.Request) -> web.StreamResponse | None:
            api.standing = None
            await asyncio.sleep(1.5 * QUICK.renew)
            return None

        api.standing = slow
        await first.win()
        holding = asyncio.create_task(first.hold())
        await asyncio.sleep(0.5 * QUICK.renew)
        assert not holding.done(), "it was lost as it was won"
        holding.cancel()

    play(scene)


def test_one_whose_lease_was_taken_stops() -> None:
    async def scene(api: FakeApi, elect: Callable[[str], Election]) -> None:
        first = elect("a")
        await first.win()
        lease = api.things["coordination.k8s.io/leases", "headgate", "lease"]
        api.put("coordination.k8s.io/leases", {**lease, "spec": {**lease["spec"], "holderIdentity": "b"}})
        with pytest.raises(LostError, match="somebody else"):
            await first.hold()

    play(scene)


def test_what_a_leader_tells_on_its_lease_is_known_to_the_next() -> None:
    async def scene(_: FakeApi, elect: Callable[[str], Election]) -> None:
        first, second = elect("a"), elect("b")
        first.tells = lambda: {"headgate.dev/audit-head": "5:sha256:1"}
        await first.win()
        await first.give_up()
        await second.win()
        assert second.told == {"headgate.dev/audit-head": "5:sha256:1"}

    play(scene)
