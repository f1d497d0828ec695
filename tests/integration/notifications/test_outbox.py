"""The outbox at work: real requests to a real webhook, an API server that fails, an operator that dies in between."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import web

from headgate.api.approvalrequest import ApprovalRequest, NoticePhase
from headgate.handlers import outbox as handler
from headgate.handlers.metrics import Metrics
from headgate.handlers.outbox import Outbox
from headgate.handlers.posting import Poster
from headgate.handlers.world import build_world
from headgate.kube.client import Client, Patience
from headgate.lifecycle.moments import spell
from headgate.lifecycle.notices import outbox as attempts
from headgate.lifecycle.notices.message import build_body
from headgate.settings import Reach
from integration.notifications.peer import KEY, Act, Hook, answer, dawdle, is_signed, run_hook
from support.fake_api import FakeApi, Object, run_fake_api, status

REQUESTS, POLICIES, SECRETS = "headgate.dev/approvalrequests", "headgate.dev/approvalpolicies", "secrets"
HEAD = {"apiVersion": "headgate.dev/v1alpha1"}
REACH = Reach(open_addresses=(ip_network("127.0.0.0/8"),), insecure_hosts=("127.0.0.1",), seconds=1.0)


@dataclass
class Scene:
    api: FakeApi
    hook: Hook
    outboxes: list[tuple[Outbox, "asyncio.Task[None]", Client]] = field(default_factory=list)

    async def start(self) -> Outbox:
        """An operator that has just come to lead: all that it knows is what the API server has."""
        world = build_world()
        client = Client(self.api.access, patience=Patience(attempts=1, seconds=2))
        await client.__aenter__()
        outbox = Outbox(
            world=world,
            client=client,
            poster=Poster(REACH),
            metrics=Metrics(),
            clock=time.time,
            now=lambda: datetime.now(UTC),
            spread=lambda: 0.5,
        )
        world.requests.listener = outbox.request_changed
        world.policies.listener = outbox.policy_changed
        for (kind, _, _), thing in list(self.api.things.items()):
            if kind in (REQUESTS, POLICIES):
                (world.requests if kind == REQUESTS else world.policies).put(thing)
        self.outboxes.append((outbox, asyncio.create_task(outbox.work()), client))
        return outbox

    async def die(self) -> None:
        _, task, client = self.outboxes.pop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await client.__aexit__(None, None, None)

    def ask(self, *lines: str, name: str = "r-ask") -> None:
        at = datetime(2026, 11, 25, 12, tzinfo=UTC)
        notices = {
            line: {"phase": "Pending", "momentAt": spell(at + timedelta(hours=number))}
            for number, line in enumerate(lines)
        }
        policy = {"name": "release", "hash": "sha256:" + "4" * 64, "stages": [{"name": "s", "users": ["bea"]}]}
        binding = {"digest": "sha256:" + "9" * 64, "revision": "9b1de77c02aa", "policy": policy}
        spec = {"type": "Approval", "message": "Go?", "run": "r", "node": "ask", "binding": binding}
        metadata = {"name": name, "namespace": "docs", "generation": 1}
        conditions = [{"type": "Decided", "status": "False", "reason": "VotesMissing", "message": "m"}]
        conditions[0]["lastTransitionTime"] = spell(at)
        said = {"phase": "Open", "notices": notices, "conditions": conditions}
        self.api.put(REQUESTS, {**HEAD, "kind": "ApprovalRequest", "metadata": metadata, "spec": spec, "status": said})

    def tell(self, *names: str, **annotations: str) -> Object:
        """The policy, with a webhook of each name; all of them are the peer, but for one that nobody is."""
        urls = {name: "http://127.0.0.1:1/" if name == "nobody" else self.hook.url for name in names}
        notify = [{"name": name, "url": url, "secret": "hook"} for name, url in urls.items()]
        notes = {f"headgate.dev/{name}": value for name, value in annotations.items()}
        metadata = {"name": "release", "namespace": "docs", "annotations": notes}
        spec = {"stages": [{"name": "s", "users": ["bea"]}], "notify": notify}
        return self.api.put(POLICIES, {**HEAD, "kind": "ApprovalPolicy", "metadata": metadata, "spec": spec})

    def sign(self) -> None:
        secret = {"type": "headgate.dev/webhook", "data": {"key": base64.b64encode(KEY).decode()}}
        self.api.put(SECRETS, {"kind": "Secret", "metadata": {"name": "hook", "namespace": "docs"}, **secret})

    def notices(self, name: str = "r-ask") -> dict[str, Any]:
        return dict(self.api.things[REQUESTS, "docs", name]["status"]["notices"])

    def condition(self) -> dict[str, Any]:
        conditions = self.api.things[REQUESTS, "docs", "r-ask"]["status"]["conditions"]
        return next(one for one in conditions if one["type"] == "Notified")

    async def until(self, holds: Callable[[], object], seconds: float = 8) -> None:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - many things may come to hold, and none of them is an event
                await asyncio.sleep(0.005)

    async def settled(self) -> None:
        await self.until(lambda: all(one["phase"] != "Pending" for one in self.notices().values()))


@asynccontextmanager
async def staged(*acts: Act) -> AsyncIterator[Scene]:
    async with run_fake_api() as api, run_hook(*acts) as hook:
        scene = Scene(api, hook)
        scene.sign()
        scene.tell("chat")
        try:
            yield scene
        finally:
            while scene.outboxes:
                await scene.die()


def play(test: Callable[[Scene], Awaitable[None]], *acts: Act) -> None:
    async def whole() -> None:
        async with staged(*acts) as scene:
            await test(scene)

    asyncio.run(whole())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(attempts, "GROWTH", 1.2)
    monkeypatch.setattr(handler, "AGAIN", 0.05)


def test_a_mistake_of_ours_is_an_attempt_and_holds_up_no_other_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(scene: Scene) -> None:
        scene.tell("chat", "mail")
        scene.ask("asked.chat", "decided.mail")

        def break_down(request: ApprovalRequest, line: str, at: str) -> bytes:
            if line == "asked.chat":
                raise RuntimeError("nobody thought of this")
            return build_body(request, line, at)

        monkeypatch.setattr("headgate.handlers.outbox.build_body", break_down)
        await scene.start()
        await scene.settled()
        assert (scene.notices()["asked.chat"]["phase"], scene.notices()["decided.mail"]["phase"]) == ("Dead", "Sent")
        assert "a mistake of Headgate's (RuntimeError)" in scene.notices()["asked.chat"]["message"]

    play(test)


def test_lines_are_sent_in_order_signed_and_noted() -> None:
    async def test(scene: Scene) -> None:
        scene.ask("asked.chat", "reminded-4h.chat", "decided.chat")
        outbox = await scene.start()
        await scene.settled()
        assert {one["phase"] for one in scene.notices().values()} == {"Sent"}
        assert all(is_signed(headers, body) for headers, body in scene.hook.got)
        moments = [body.partition(b'"type":"approval.')[2].partition(b'"')[0] for _, body in scene.hook.got]
        assert moments == [b"asked", b"reminded", b"decided"]
        assert (scene.condition()["status"], scene.condition()["reason"]) == ("True", "Sent")
        await scene.until(lambda: outbox.count(NoticePhase.SENT) == 3)  # once the reply to its own write is read
        assert outbox.count(NoticePhase.PENDING) == 0

    play(test)


def test_what_fails_is_tried_again_in_its_turn_and_what_comes_after_it_waits() -> None:
    async def test(scene: Scene) -> None:
        scene.ask("asked.chat", "decided.chat")
        await scene.start()
        await scene.settled()
        first, second = scene.hook.ids[0], scene.hook.ids[-1]
        assert scene.hook.ids == [first] * 4 + [second]
        assert scene.notices()["asked.chat"]["attempts"] == 4

    play(test, answer(500), answer(429, Retry_After="0"), answer(503), answer(200))


def test_what_is_never_taken_is_given_up_told_and_sent_again_when_somebody_asks() -> None:
    async def test(scene: Scene) -> None:
        scene.ask("asked.chat")
        outbox = await scene.start()
        await scene.settled()
        dead = scene.notices()["asked.chat"]
        assert (dead["phase"], dead["attempts"], dead["message"]) == ("Dead", 10, "HTTP 500")
        assert len(scene.hook.got) == 10
        assert scene.condition()["reason"] == "DeliveryFailed"
        assert "headgate.dev/resend" in scene.condition()["message"]
        await scene.until(lambda: any(kind == "events" for kind, _, _ in scene.api.things))
        events = [one for (kind, _, _), one in scene.api.things.items() if kind == "events"]
        assert [one["reason"] for one in events] == ["NotificationFailed"]
        assert outbox.count(NoticePhase.DEAD) == 1
        scene.hook.acts[:] = [answer(200)]
        await asyncio.sleep(1.1)  # a time of a status has whole seconds: what was asked must be later
        outbox.world.policies.put(scene.tell("chat", resend=spell(datetime.now(UTC))))
        await scene.until(lambda: scene.notices()["asked.chat"]["phase"] == "Sent")
        assert len(set(scene.hook.ids)) == 1
        assert scene.condition()["status"] == "True"

    play(test, answer(500))


def test_an_operator_that_dies_between_sending_and_noting_sends_it_again_under_the_same_id_and_no_more() -> None:
    async def test(scene: Scene) -> None:
        scene.ask("asked.chat")
        dying = asyncio.Event()

        async def die_at_write(request: web.Request) -> web.StreamResponse | None:
            if request.method == "PUT":
                dying.set()
                await asyncio.sleep(30)
            return None

        scene.api.standing = die_at_write
        await scene.start()
        await asyncio.wait_for(dying.wait(), 5)
        await scene.die()
        scene.api.standing = None
        assert scene.notices()["asked.chat"]["phase"] == "Pending"
        await scene.start()
        await scene.settled()
        assert len(scene.hook.ids) == 2
        assert len(set(scene.hook.ids)) == 1
        assert scene.notices()["asked.chat"]["attempts"] == 1

    play(test)


@pytest.mark.parametrize("code", [409, 500, 429, 503])
def test_what_was_sent_and_could_not_be_noted_is_noted_later_and_not_sent_again(code: int) -> None:
    async def test(scene: Scene) -> None:
        scene.ask("asked.chat")
        left = [3]

        async def refuse(request: web.Request) -> web.StreamResponse | None:
            if request.method != "PUT" or not left[0]:
                return None
            left[0] -= 1
            return status(code, "Conflict" if code == 409 else "Unavailable")

        scene.api.standing = refuse
        await scene.start()
        await scene.until(lambda: scene.notices()["asked.chat"]["phase"] == "Sent", 25)
        assert len(scene.hook.got) == 1

    play(test)


def test_whoever_else_writes_the_status_meanwhile_loses_nothing() -> None:
    async def test(scene: Scene) -> None:
        scene.ask("asked.chat")
        written: list[int] = []

        async def vote_first(request: web.Request) -> web.StreamResponse | None:
            if request.method == "PUT" and not written:
                written.append(1)
                thing = scene.api.things[REQUESTS, "docs", "r-ask"]
                scene.api.put(REQUESTS, {**thing, "status": {**thing["status"], "votes": "1/2"}})
            return None

        scene.api.standing = vote_first
        await scene.start()
        await scene.settled()
        assert scene.api.things[REQUESTS, "docs", "r-ask"]["status"]["votes"] == "1/2"
        assert len(scene.hook.got) == 1

    play(test)


def test_one_webhook_that_does_not_answer_keeps_no_other_waiting() -> None:
    async def test(scene: Scene) -> None:
        scene.tell("chat", "nobody")
        scene.ask("asked.nobody", "decided.nobody", "decided.chat")
        await scene.start()
        await scene.until(lambda: scene.notices()["decided.chat"]["phase"] == "Sent")
        assert scene.notices()["decided.nobody"]["phase"] == "Pending"

    play(test)


def test_slow_webhooks_of_some_requests_leave_room_for_others() -> None:
    async def test(scene: Scene) -> None:
        for number in range(3):
            scene.ask("asked.chat", name=f"slow-{number}")
        scene.ask("asked.chat")
        await scene.start()
        await scene.until(lambda: scene.notices()["asked.chat"]["phase"] == "Sent")

    play(test, dawdle, dawdle, dawdle, answer(200))


def test_without_the_secret_nothing_is_sent_and_with_it_all() -> None:
    async def test(scene: Scene) -> None:
        scene.api.drop(SECRETS, "docs", "hook")
        scene.ask("asked.chat")
        await scene.start()
        await scene.until(lambda: scene.notices()["asked.chat"].get("message"))
        assert scene.notices()["asked.chat"]["message"] == "Secret hook: it is not there"
        assert scene.hook.got == []
        scene.sign()
        await scene.settled()
        assert scene.notices()["asked.chat"]["phase"] == "Sent"

    play(test)


def test_a_webhook_that_the_policy_no_longer_has_is_given_up_at_once() -> None:
    async def test(scene: Scene) -> None:
        scene.tell("other")
        scene.ask("asked.chat")
        await scene.start()
        await scene.settled()
        dead = scene.notices()["asked.chat"]
        assert (dead["phase"], dead["message"]) == ("Dead", "policy release has no webhook chat any more")

    play(test)


def test_a_request_that_is_gone_or_another_under_its_name_is_not_written() -> None:
    async def test(scene: Scene) -> None:
        scene.ask("asked.chat")

        async def replace_first(request: web.Request) -> web.StreamResponse | None:
            if request.method == "GET" and request.path.endswith("/r-ask") and scene.hook.got:
                scene.api.standing = None
                thing = dict(scene.api.things[REQUESTS, "docs", "r-ask"])
                scene.api.drop(REQUESTS, "docs", "r-ask")
                thing["metadata"] = {"name": "r-ask", "namespace": "docs", "generation": 1}
                scene.api.put(REQUESTS, thing)
            return None

        scene.api.standing = replace_first
        await scene.start()
        await scene.until(lambda: scene.api.standing is None)
        await asyncio.sleep(0.1)
        assert scene.notices()["asked.chat"]["phase"] == "Pending"
        assert not any(call.startswith("PUT") for call in scene.api.calls)

    play(test)
