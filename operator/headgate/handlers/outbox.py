"""Sends what requests have to tell: takes a line, sends it, notes in the request's status what came of it.

Apart from the workers that carry Runs out, with a queue of its own: whoever does not answer keeps no gate waiting. All
that it must not forget is in the cluster. What was sent and could not be noted yet is kept until it is, so that only a
crash in between sends anything twice.
"""

import asyncio
import base64
import binascii
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from headgate.api.approvalpolicy import ApprovalPolicy
from headgate.api.approvalrequest import ApprovalRequest, Notice, NoticePhase
from headgate.handlers.execute import build_event
from headgate.handlers.metrics import Metrics
from headgate.handlers.posting import Poster
from headgate.handlers.queue import Queue, QueueClosedError
from headgate.handlers.world import World
from headgate.kube import kinds
from headgate.kube.cache import Change
from headgate.kube.client import Client
from headgate.kube.errors import ConflictError, KubeError, NotFoundError
from headgate.kube.kinds import Key, Object
from headgate.lifecycle import moments
from headgate.lifecycle.actions import EventType, RecordEvent
from headgate.lifecycle.approvals.telling import plain
from headgate.lifecycle.notices.condition import RESEND, given_up, notified
from headgate.lifecycle.notices.due import moment_of, target_of
from headgate.lifecycle.notices.message import BadKeyError, build_body, message_id, read_keys, sign
from headgate.lifecycle.notices.outbox import Attempt, Missed, after_attempt, next_delivery, revive

log = logging.getLogger(__name__)


class UnsettledError(Exception):
    """Somebody else wrote the status each time."""


WORKERS = 4
_CONFLICTS = 8
AGAIN = 5.0
"""Seconds until what the API server would not take is tried anew."""


@dataclass(kw_only=True)
class Outbox:
    world: World
    client: Client
    poster: Poster
    metrics: Metrics
    clock: Callable[[], float]
    now: Callable[[], datetime]
    spread: Callable[[], float] = random.random
    queue: Queue[Key] = field(init=False)
    _unnoted: dict[tuple[str, str], Attempt] = field(default_factory=dict)
    """Uid and line → what came of an attempt that could not be noted yet."""
    _counts: dict[Key, Mapping[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.queue = Queue[Key](self.clock)

    # -- what it hears -----------------------------------------------------------------------------------------

    def request_changed(self, change: Change) -> None:
        counts = _count(change.new)
        if counts:
            self._counts[change.key] = counts
        else:
            self._counts.pop(change.key, None)
        if counts.get(NoticePhase.PENDING):
            self.queue.add(change.key)
        if change.new is None and self._unnoted:
            gone = change.thing["metadata"]["uid"]
            self._unnoted = {about: attempt for about, attempt in self._unnoted.items() if about[0] != gone}

    def policy_changed(self, change: Change) -> None:
        """What is to be sent may now go elsewhere, and what was given up may be asked for again."""
        namespace, _ = change.key
        self._queue(lambda key: key[0] == namespace)

    def queue_everything(self) -> None:
        """When we begin to lead."""
        self._queue(lambda _: True)

    def count(self, phase: NoticePhase) -> int:
        """How many lines of all requests stand so."""
        return sum(counts.get(phase, 0) for counts in self._counts.values())

    def _queue(self, concerns: Callable[[Key], bool]) -> None:
        for key in list(self._counts):
            if concerns(key):
                self.queue.add(key)

    # -- what it does ------------------------------------------------------------------------------------------

    async def work(self) -> None:
        """As long as we lead. What we knew when we led before, somebody else may have done over since."""
        self._unnoted.clear()
        self.queue_everything()
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            try:
                key, _ = await self.queue.take()
            except QueueClosedError:
                return
            try:
                await self._look(key)
            except (KubeError, UnsettledError) as error:
                log.warning("a notification waits", extra={"request": "/".join(key), "error": str(error)})
                self.queue.wake_at(key, self.clock() + AGAIN)
            except Exception:
                log.exception("a mistake of ours", extra={"request": "/".join(key)})
                self.queue.wake_at(key, self.clock() + 60.0)
            finally:
                self.queue.done(key)

    async def _look(self, key: Key) -> None:
        request = _read(self.world.requests.get(*key))
        if request is None or request.status is None:
            self.queue.forget(key)
            return
        policy = self._policy(request)
        asked_at = moments.parse(policy.metadata.annotations.get(RESEND)) if policy is not None else None
        now = self.now()
        if revive(request.status.notices, asked_at, now) != request.status.notices:
            await self._change(request, lambda notices: revive(notices, asked_at, now))
            self.queue.add(key)
            return
        following = next_delivery(request.status.notices, now)
        if following.key is None:
            wake_at = following.wake_at
            self.queue.wake_at(key, None if wake_at is None else wake_at.timestamp())
            return
        await self._tell(request, policy, following.key)
        self.queue.add(key)

    async def _tell(self, request: ApprovalRequest, policy: ApprovalPolicy | None, line: str) -> None:
        about = (request.metadata.uid or "", line)
        attempt = self._unnoted.get(about)
        if attempt is None:
            attempt = self._unnoted[about] = await self._try(request, policy, line)
        now, spread = self.now(), self.spread()

        def noted(notices: Mapping[str, Notice]) -> Mapping[str, Notice]:
            one = notices.get(line)
            if one is None or one.phase is not NoticePhase.PENDING:
                return notices
            return {**notices, line: after_attempt(one, attempt, now, spread)}

        written = await self._change(request, noted)
        self._unnoted.pop(about, None)
        one = written.get(line)
        self.metrics.notifications.labels(str(moment_of(line)), str(one.phase) if one else "Gone").inc()
        if one is not None and one.phase is NoticePhase.DEAD:
            await self._say(request, f"{given_up({line: one})}. The question itself does not mind")

    async def _try(self, request: ApprovalRequest, policy: ApprovalPolicy | None, line: str) -> Attempt:
        """A mistake of ours counts as an attempt: not counted, this line would be tried for ever, and no other one."""
        try:
            return await self._send(request, policy, line)
        except KubeError:
            raise
        except Exception as error:
            log.exception("a mistake of ours", extra={"request": request.metadata.name, "line": line})
            return Missed(f"a mistake of Headgate's ({type(error).__name__}): the operator's log has more of it")

    async def _send(self, request: ApprovalRequest, policy: ApprovalPolicy | None, line: str) -> Attempt:
        assert request.status is not None
        target = next((one for one in policy.spec.notify if one.name == target_of(line)), None) if policy else None
        if target is None:
            name = request.spec.binding.policy.name
            return Missed(f"policy {name} has no webhook {target_of(line)} any more", is_final=True)
        try:
            keys = await self._keys(request.metadata.namespace or "", target.secret)
        except BadKeyError as error:
            return Missed(f"Secret {target.secret}: {error}")
        now = self.now()
        body = build_body(request, line, request.status.notices[line].moment_at)
        headers = sign(keys, message_id(request, line), int(now.timestamp()), body)
        return await self.poster.post(target.url, headers, body, now)

    async def _keys(self, namespace: str, name: str) -> tuple[bytes, ...]:
        try:
            secret = await self.client.get(kinds.SECRET, name, namespace)
        except NotFoundError:
            raise BadKeyError("it is not there") from None
        try:
            data = {key: base64.b64decode(text, validate=True) for key, text in (secret.get("data") or {}).items()}
        except (binascii.Error, ValueError):
            raise BadKeyError("its data is no base64") from None
        return read_keys(str(secret.get("type", "")), data)

    async def _change(
        self, request: ApprovalRequest, change: Callable[[Mapping[str, Notice]], Mapping[str, Notice]]
    ) -> Mapping[str, Notice]:
        """Change the lines of a request, whoever else writes its status meanwhile; give them as they are then."""
        namespace, name = request.metadata.namespace or "", request.metadata.name or ""
        for _ in range(_CONFLICTS):
            thing = await self.client.find(kinds.APPROVAL_REQUEST, name, namespace)
            found = _read(thing)
            if thing is None or found is None or found.status is None or found.metadata.uid != request.metadata.uid:
                return {}
            notices = dict(change(found.status.notices))
            if notices == found.status.notices:
                self.world.requests.put(thing)
                return notices
            told = notified(found, notices, moments.spell(self.now()))
            others = tuple(one for one in found.status.conditions if told is None or one.type != told.type)
            conditions = (*others, *((told,) if told is not None else ()))
            status = found.status.model_copy(update={"notices": notices, "conditions": conditions})
            try:
                written = await self.client.replace_status(kinds.APPROVAL_REQUEST, thing, plain(status))
            except ConflictError:
                continue
            self.world.requests.put(written)
            return notices
        raise UnsettledError(f"{name} changes all the time")

    async def _say(self, request: ApprovalRequest, why: str) -> None:
        """An Event of Kubernetes. That one cannot be written stops nothing."""
        about = self.world.requests.get(request.metadata.namespace or "", request.metadata.name or "")
        if about is None:
            return
        event = RecordEvent(EventType.WARNING, "NotificationFailed", why[:900])
        try:
            await self.client.create(kinds.EVENT, build_event(about, event, self.now()), request.metadata.namespace)
        except KubeError as error:
            log.info("an Event was not written", extra={"error": str(error)})

    def _policy(self, request: ApprovalRequest) -> ApprovalPolicy | None:
        thing = self.world.policies.get(request.metadata.namespace or "", request.spec.binding.policy.name)
        try:
            return None if thing is None else ApprovalPolicy.model_validate(thing)
        except ValidationError:
            return None


def _read(thing: Object | None) -> ApprovalRequest | None:
    try:
        return None if thing is None else ApprovalRequest.model_validate(thing)
    except ValidationError:
        return None


def _count(thing: Object | None) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in ((thing or {}).get("status", {}).get("notices") or {}).values():
        counts[one["phase"]] = counts.get(one["phase"], 0) + 1
    return counts
