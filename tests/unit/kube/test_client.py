"""The client: what is asked, what comes back, which faults are told and which are lived through."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiohttp import web

from headgate.kube.client import Client, Patience
from headgate.kube.errors import (
    AlreadyExistsError,
    Cause,
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidError,
    KubeError,
    MalformedAnswerError,
    NamespaceEndsError,
    NotFoundError,
    TooManyRequestsError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
    error_from,
)
from headgate.kube.kinds import NODE_TYPE, RUN, Object
from headgate.kube.wire import Call
from support.fake_api import FakeApi, answer, reset, run_fake_api

QUICK = Patience(attempts=3, first_pause=0.001, longest_pause=0.002, seconds=0.5)
RUNS = "headgate.dev/runs"


def run(name: str = "r", **more: Any) -> Object:
    return {"metadata": {"name": name, "namespace": "docs"}, "spec": {"workflow": "w"}, **more}


def with_api(test: Callable[[FakeApi, Client], Awaitable[None]]) -> list[Call]:
    calls: list[Call] = []

    async def play() -> None:
        async with run_fake_api() as api, Client(api.access, patience=QUICK, on_call=calls.append) as client:
            await test(api, client)

    asyncio.run(play())
    return calls


def test_an_object_is_created_read_patched_and_deleted() -> None:
    async def test(api: FakeApi, client: Client) -> None:
        created = await client.create(RUN, run(), "docs")
        assert created["metadata"]["uid"]
        patched = await client.patch(RUN, "r", "docs", {"spec": {"state": "Paused"}})
        assert (await client.get(RUN, "r", "docs")) == patched
        assert patched["spec"] == {"workflow": "w", "state": "Paused"}
        await client.delete(RUN, "r", "docs", uid=created["metadata"]["uid"])
        assert await client.find(RUN, "r", "docs") is None

    calls = with_api(test)
    assert [(call.verb, call.code) for call in calls] == [
        ("create", 201),
        ("patch", 200),
        ("get", 200),
        ("delete", 200),
        ("get", 404),
    ]


def test_a_status_is_replaced_only_at_the_version_that_was_read() -> None:
    async def test(api: FakeApi, client: Client) -> None:
        read = await client.create(RUN, run(status={"phase": "Pending", "message": "m"}), "docs")
        written = await client.replace_status(RUN, read, {"phase": "Running"})
        assert written["status"] == {"phase": "Running"}
        with pytest.raises(ConflictError):
            await client.replace_status(RUN, read, {"phase": "Failed"})

    with_api(test)


def test_an_object_that_took_the_name_of_another_is_not_deleted_in_its_place() -> None:
    async def test(api: FakeApi, client: Client) -> None:
        await client.create(RUN, run(), "docs")
        with pytest.raises(ConflictError):
            await client.delete(RUN, "r", "docs", uid="another")

    with_api(test)


def test_a_list_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate.kube.client._PAGE", 2)

    async def test(api: FakeApi, client: Client) -> None:
        for number in range(5):
            api.put(RUNS, run(f"r{number}"))
        names = [thing["metadata"]["name"] for thing in await client.list_all(RUN)]
        assert names == ["r0", "r1", "r2", "r3", "r4"]
        assert len(api.calls) == 3

    with_api(test)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (answer(409, "AlreadyExists"), AlreadyExistsError),
        (answer(409, "Conflict"), ConflictError),
        (answer(403, "Forbidden"), ForbiddenError),
        (answer(404, "NotFound"), NotFoundError),
        (answer(410, "Expired"), GoneError),
        (answer(422, "Invalid"), InvalidError),
        (answer(403, "Forbidden", details={"causes": [{"reason": "NamespaceTerminating"}]}), NamespaceEndsError),
    ],
)
def test_what_asking_again_would_not_change_is_told_at_once(fault: Any, told: type[KubeError]) -> None:
    async def test(api: FakeApi, client: Client) -> None:
        api.faults.append(fault)
        with pytest.raises(told) as error:
            await client.get(RUN, "r", "docs")
        assert type(error.value) is told
        assert len(api.calls) == 1

    with_api(test)


@dataclass
class Tokens:
    """In a file that somebody has renewed, unread: the API server takes the last one only."""

    left: list[str]

    def token(self) -> str:
        return self.left[0]

    def renew(self, _: float) -> bool:
        return len(self.left) > 1 and bool(self.left.pop(0))

    async def judge(self, request: web.Request) -> web.StreamResponse | None:
        is_good = request.headers["Authorization"] == "Bearer new"
        return None if is_good else await answer(401, "Unauthorized")(request)


@pytest.mark.parametrize(("left", "calls"), [(["old", "new"], 2), (["old", "older"], 2), (["old"], 1)])
def test_a_token_that_is_refused_is_read_anew_and_asked_with_once(left: list[str], calls: int) -> None:
    async def test(api: FakeApi, client: Client) -> None:
        tokens = Tokens(list(left))
        api.standing = tokens.judge
        access = replace(api.access, token=tokens.token, renew=tokens.renew)
        async with Client(access, patience=QUICK) as asking:
            if left[-1] == "new":
                await asking.create(RUN, run(), "docs")
            else:
                with pytest.raises(UnauthorizedError):
                    await asking.create(RUN, run(), "docs")
        assert len(api.calls) == calls

    with_api(test)


def test_a_watch_whose_token_is_refused_goes_on_with_another() -> None:
    async def test(api: FakeApi, client: Client) -> None:
        tokens = Tokens(["old", "new"])
        access = replace(api.access, token=tokens.token, renew=tokens.renew)
        asked = {"watch": "true", "resourceVersion": "1", "timeoutSeconds": "0"}
        async with Client(access, patience=QUICK) as asking:
            api.faults.append(tokens.judge)
            with pytest.raises(UnauthorizedError):
                async with asking.stream(RUN, RUN.path("docs"), asked):
                    pass
            api.faults.append(tokens.judge)
            async with asking.stream(RUN, RUN.path("docs"), asked) as lines:
                assert [line async for line in lines]

    with_api(test)


def test_an_invalid_object_is_told_with_its_causes() -> None:
    causes = [{"field": "spec.inputs", "message": "cannot be changed", "reason": "FieldValueInvalid"}]

    async def test(api: FakeApi, client: Client) -> None:
        api.faults.append(answer(422, "Invalid", message="Run is invalid", details={"causes": causes}))
        with pytest.raises(InvalidError, match=r"^patch /apis/.*/namespaces/docs/runs/r: Run is invalid$") as error:
            await client.patch(RUN, "r", "docs", {})
        assert error.value.causes == (Cause("spec.inputs", "cannot be changed", "FieldValueInvalid"),)

    with_api(test)


@pytest.mark.parametrize(
    "fault", [answer(429, "TooManyRequests"), answer(500), answer(503), answer(504, "Timeout"), reset]
)
def test_what_passes_in_a_moment_is_lived_through(fault: Any) -> None:
    async def test(api: FakeApi, client: Client) -> None:
        api.faults += [fault, fault]
        assert (await client.create(RUN, run(), "docs"))["metadata"]["uid"]
        api.faults += [fault, fault]
        assert await client.patch(RUN, "r", "docs", {"spec": {"attempt": 2}})

    with_api(test)


@pytest.mark.parametrize(
    ("fault", "told"),
    [(answer(429), TooManyRequestsError), (answer(503), UnavailableError), (reset, UnreachableError)],
)
def test_what_does_not_pass_is_told_after_a_few_attempts(fault: Any, told: type[KubeError]) -> None:
    async def test(api: FakeApi, client: Client) -> None:
        api.faults += [fault] * 10
        with pytest.raises(told):
            await client.patch(RUN, "r", "docs", {})
        assert len(api.calls) == 3

    with_api(test)


def test_the_api_server_says_when_to_come_back() -> None:
    async def test(api: FakeApi, client: Client) -> None:
        api.faults += [answer(429, headers={"Retry-After": "7"})] * 3
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("headgate.kube.client.asyncio.sleep", sleep)
            with pytest.raises(TooManyRequestsError):
                await client.get(RUN, "r", "docs")
        assert waited == [7.0, 7.0]

    with_api(test)


def test_an_object_without_a_name_is_not_created_twice() -> None:
    """Nobody knows whether the first was created before the connection broke."""

    async def test(api: FakeApi, client: Client) -> None:
        api.faults.append(reset)
        nameless = {"metadata": {"generateName": "r-"}, "spec": {}}
        with pytest.raises(UnreachableError):
            await client.create(RUN, nameless, "docs")
        assert len(api.calls) == 1

    with_api(test)


def test_an_answer_that_is_no_object_is_told() -> None:
    from aiohttp import web

    async def nonsense(_: web.Request) -> web.Response:
        return web.Response(text="<html>")

    async def test(api: FakeApi, client: Client) -> None:
        api.faults += [nonsense] * 3
        with pytest.raises(MalformedAnswerError):
            await client.get(NODE_TYPE, "http.v1")

    with_api(test)


def test_an_api_server_that_does_not_answer_is_not_waited_for() -> None:
    from aiohttp import web

    async def silent(_: web.Request) -> web.Response:
        await asyncio.sleep(3600)
        raise AssertionError

    async def test(api: FakeApi, client: Client) -> None:
        api.faults.append(silent)
        impatient = Client(api.access, patience=Patience(attempts=1, seconds=0.05))
        async with impatient:
            with pytest.raises(UnavailableError, match="no answer within"):
                await impatient.get(RUN, "r", "docs")

    with_api(test)


@pytest.mark.parametrize("details", ["no backend", ["no backend"], {"causes": ["no backend"]}, {"causes": 1}])
def test_an_error_of_a_proxy_before_the_api_server_is_an_error_like_others(details: Any) -> None:
    error = error_from("get leases", 503, {"details": details})
    assert isinstance(error, UnavailableError)
    assert error.causes == ()
