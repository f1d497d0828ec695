"""The client and the caches against a real API server: what the fake one only claims."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cluster.settings import Settings
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.errors import AlreadyExistsError, ConflictError, InvalidError, NotFoundError
from headgate.kube.kinds import EVENT, LEG, NODE_TYPE, REVISION, RUN, SECRET, Object
from headgate.kube.lease import Election, Terms
from headgate.kube.reflector import Reflector, Rhythm
from headgate.names import API_VERSION
from support.api_access import access_to

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("crds")]


def play(settings: Settings, scene: Callable[[Client], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with Client(access_to(settings), agent="headgate-tests") as client, asyncio.timeout(60):
            await scene(client)

    asyncio.run(whole())


def run(name: str, **spec: Any) -> Object:
    return {"apiVersion": API_VERSION, "kind": "Run", "metadata": {"name": name}, "spec": {"workflow": "w", **spec}}


def test_a_status_is_replaced_whole_and_only_at_its_version(cluster_settings: Settings, namespace: str) -> None:
    async def scene(client: Client) -> None:
        created = await client.create(RUN, run("r"), namespace)
        first = await client.replace_status(RUN, created, {"phase": "Running", "message": "m", "progress": "0/1"})
        assert first["status"] == {"phase": "Running", "message": "m", "progress": "0/1"}
        second = await client.replace_status(RUN, first, {"phase": "Running"})
        assert second["status"] == {"phase": "Running"}
        assert second["spec"] == created["spec"]
        with pytest.raises(ConflictError):
            await client.replace_status(RUN, first, {"phase": "Failed"})
        same = await client.replace_status(RUN, second, {"phase": "Running"})
        assert same["metadata"]["resourceVersion"] == second["metadata"]["resourceVersion"]

    play(cluster_settings, scene)


def test_what_is_invalid_is_told_with_its_causes(cluster_settings: Settings, namespace: str) -> None:
    async def scene(client: Client) -> None:
        await client.create(RUN, run("r"), namespace)
        with pytest.raises(InvalidError) as told:
            await client.patch(RUN, "r", namespace, {"spec": {"workflow": "another", "state": "Gone"}})
        assert "spec.state" in {cause.field for cause in told.value.causes}
        with pytest.raises(AlreadyExistsError):
            await client.create(RUN, run("r"), namespace)

    play(cluster_settings, scene)


def test_a_patch_or_a_deletion_meant_for_another_object_does_nothing(
    cluster_settings: Settings, namespace: str
) -> None:
    async def scene(client: Client) -> None:
        created = await client.create(RUN, run("r"), namespace)
        another = str(uuid.uuid4())
        with pytest.raises(ConflictError):
            await client.patch(RUN, "r", namespace, {"metadata": {"uid": another}, "spec": {"state": "Paused"}})
        with pytest.raises(ConflictError):
            await client.delete(RUN, "r", namespace, uid=another)
        mine = {"metadata": {"uid": created["metadata"]["uid"]}, "spec": {"state": "Paused"}}
        assert (await client.patch(RUN, "r", namespace, mine))["spec"]["state"] == "Paused"
        await client.delete(RUN, "r", namespace, uid=created["metadata"]["uid"])
        with pytest.raises(NotFoundError):
            await client.delete(RUN, "r", namespace)

    play(cluster_settings, scene)


def test_revisions_and_secrets_come_back_as_they_went(cluster_settings: Settings, namespace: str) -> None:
    content = {"planner": 1, "workflow": {"nodes": [{"name": "a", "with": {"x": 1.5, "y": "ä", "z": 2**40}}]}}

    async def scene(client: Client) -> None:
        head = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "w-1"}, "revision": 1}
        assert (await client.create(REVISION, {**head, "data": content}, namespace))["data"] == content
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "s"},
            "immutable": True,
            "data": {"k": "e30="},
        }
        assert (await client.create(SECRET, secret, namespace))["data"] == {"k": "e30="}
        with pytest.raises(InvalidError):
            await client.patch(SECRET, "s", namespace, {"data": {"k": "W10="}})

    play(cluster_settings, scene)


def test_a_cache_follows_a_real_watch_through_its_ends(cluster_settings: Settings, namespace: str) -> None:
    async def scene(client: Client) -> None:
        cache = Cache(RUN)
        reflector = Reflector(client, cache, rhythm=Rhythm(2, 3))
        task = asyncio.create_task(reflector.run())

        async def until(holds: Callable[[], bool]) -> None:
            async with asyncio.timeout(20):
                while not holds():  # noqa: ASYNC110 - what is awaited is heard by the cache
                    await asyncio.sleep(0.02)

        await client.create(RUN, run("a"), namespace)
        await until(lambda: cache.get(namespace, "a") is not None)
        for number in range(3):
            await asyncio.sleep(1.5)
            await client.create(RUN, run(f"b{number}"), namespace)
            await until(lambda name=f"b{number}": cache.get(namespace, name) is not None)  # type: ignore[misc]  # late bound on purpose
        await client.delete(RUN, "a", namespace)
        await until(lambda: cache.get(namespace, "a") is None)
        assert reflector.relists == 1
        assert reflector.frozen == 0
        task.cancel()

    play(cluster_settings, scene)


def test_a_lease_is_held_and_given_up(cluster_settings: Settings, namespace: str) -> None:
    async def scene(client: Client) -> None:
        terms = Terms(duration=3, renew=2, retry=0.2)
        first = Election(client, namespace, "lease", "a", terms=terms)
        second = Election(client, namespace, "lease", "b", terms=terms)
        await first.win()
        holding = asyncio.create_task(first.hold())
        waiting = asyncio.create_task(second.win())
        await asyncio.sleep(4)
        assert not waiting.done()
        holding.cancel()
        await first.give_up()
        async with asyncio.timeout(1):
            await waiting

    play(cluster_settings, scene)


def test_every_kind_that_we_read_is_there(cluster_settings: Settings, namespace: str) -> None:
    async def scene(client: Client) -> None:
        for kind in (RUN, LEG, SECRET, EVENT, REVISION):
            await client.list_page(kind, namespace)
        await client.list_page(NODE_TYPE)

    play(cluster_settings, scene)
