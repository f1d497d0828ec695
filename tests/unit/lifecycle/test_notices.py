"""Notifications: which moments are told, in which order, how often it is tried, and what a webhook reads."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.api.approvalpolicy import ApprovalPolicySpec
from headgate.api.approvalrequest import ApprovalRequest, Notice, NoticePhase
from headgate.lifecycle.moments import parse, spell
from headgate.lifecycle.notices import outbox
from headgate.lifecycle.notices.condition import notified
from headgate.lifecycle.notices.due import due_notices, next_moment
from headgate.lifecycle.notices.message import BadKeyError, build_body, message_id, read_keys, sign
from headgate.lifecycle.notices.outbox import Arrived, Attempt, Missed, after_attempt, next_delivery, revive
from support.short_runs import begin
from support.stories import policy
from support.world import World

OPENED = datetime(2026, 11, 21, 5, 31, 14, tzinfo=UTC)
CHAT = {"name": "chat", "url": "https://chat.example/hook", "secret": "chat"}
PAGER = {"name": "pager", "url": "https://pager.example/hook", "secret": "pager", "moments": ["Decided"]}
ASKING = "nodes: [{name: ask, use: approval, with: {policy: release, message: Go on}}]"
MANAGERS = ["release-managers"]


def asked(*notify: dict[str, Any], **terms: Any) -> World:
    return begin(ASKING, policy("release", notify=list(notify or (CHAT,)), **terms))


def notices(here: World, name: str = "r-ask") -> dict[str, Any]:
    return dict(here.requests[name]["status"].get("notices", {}))


def condition(here: World, name: str = "r-ask") -> dict[str, Any]:
    return next(one for one in here.requests[name]["status"]["conditions"] if one["type"] == "Notified")


class TestWhatIsTold:
    def test_a_question_is_told_once_however_often_it_is_looked_at(self) -> None:
        here = asked()
        assert notices(here) == {"asked.chat": {"phase": "Pending", "momentAt": "2026-11-21T05:30:58Z"}}
        assert (condition(here)["status"], condition(here)["reason"]) == ("Unknown", "Sending")
        before = here.writes.copy()
        here.settle_all()
        assert here.writes == before

    def test_the_decision_is_noted_in_the_same_write_as_what_was_decided(self) -> None:
        here = asked(CHAT, PAGER)
        here.vote("r-ask", "bea", "Reject", groups=MANAGERS)
        writes = here.writes["UpdateRequestStatus"]
        here.settle_all()
        assert here.writes["UpdateRequestStatus"] == writes + 1
        assert set(notices(here)) == {"asked.chat", "decided.chat", "decided.pager"}

    def test_whoever_is_to_be_told_is_told_of_what_takes_the_place_of_a_question(self) -> None:
        text = ASKING.replace("message: Go on", "message: Go on, edit: {note: a}")
        here = begin(text, policy("release", notify=[CHAT]))
        here.vote("r-ask", "bea", "Approve", groups=MANAGERS, values={"note": "b"})
        here.settle_all()
        successor = here.requests["r-ask"]["status"]["supersededBy"]
        assert set(notices(here)) == {"asked.chat", "decided.chat"}
        assert set(notices(here, successor)) == {"decided.chat"}  # the corrector's vote was all it needed

    def test_reminders_come_before_the_end_and_of_those_that_were_missed_only_the_last(self) -> None:
        here = asked(timeout="72h", remind=["24h", "4h"])
        started = here.now
        here.sleep()
        assert here.now - started == timedelta(hours=48)
        here.settle_all()
        assert "reminded-24h.chat" in notices(here)
        late = asked(timeout="72h", remind=["24h", "4h"])
        late.now += timedelta(hours=70)
        late.settle_all()
        assert set(notices(late)) == {"asked.chat", "reminded-4h.chat"}

    def test_times_beyond_the_calendar_are_no_mistake_of_ours(self) -> None:
        far = "999999999d"
        here = asked(timeout=far, remind=[far, "1h"], escalate={"after": far, "groups": ["directors"]})
        assert here.requests["r-ask"]["spec"]["binding"]["expiresAt"].startswith("9999-")
        assert set(notices(here)) == {"asked.chat"}

    def test_an_escalation_is_told_when_it_comes(self) -> None:
        here = asked(escalate={"after": "48h", "groups": ["directors"]})
        here.now += timedelta(hours=49)
        here.settle_all()
        assert notices(here)["escalated.chat"]["momentAt"] == "2026-11-23T05:30:58Z"

    def test_a_run_that_breaks_off_tells_that_nobody_needs_to_answer(self) -> None:
        here = asked()
        here.revisions.clear()
        here.settle_all()
        assert here.requests["r-ask"]["status"]["phase"] == "Cancelled"
        assert "decided.chat" in notices(here)

    def test_a_policy_that_tells_nobody_adds_nothing_to_a_request(self) -> None:
        here = begin(ASKING, policy("release", remind=["1h"], timeout="2h"))
        assert "notices" not in here.requests["r-ask"]["status"]
        assert [one["type"] for one in here.requests["r-ask"]["status"]["conditions"]] == ["Decided"]

    def test_a_run_is_not_taken_away_before_its_decision_was_told(self) -> None:
        here = begin(ASKING, policy("release", notify=[CHAT]), ttl="1s")
        here.vote("r-ask", "bea", "Approve", groups=MANAGERS)
        here.settle_all()
        here.now += timedelta(minutes=5)
        here.settle_all()
        assert "r" in here.runs
        for one in here.requests["r-ask"]["status"]["notices"].values():
            one["phase"] = "Sent"
        here.now += timedelta(minutes=5)
        here.settle_all()
        assert "r" not in here.runs


def request(**status: Any) -> ApprovalRequest:
    document = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ApprovalRequest",
        "metadata": {"name": "r-ask", "namespace": "docs", "uid": "u1", "creationTimestamp": spell(OPENED)},
        "spec": {
            "type": "Approval",
            "message": "Publish '$(rm -rf /)'?",
            "requester": "ana@example.com",
            "run": "r",
            "node": "ask",
            "values": {"salary": 5_000},
            "binding": {
                "digest": "sha256:" + "9" * 64,
                "revision": "9b1de77c02aa",
                "policy": {"name": "release", "hash": "sha256:" + "4" * 64, "stages": [{"name": "s", "users": ["b"]}]},
            },
        },
        "status": {"phase": "Open", "waitingFor": "1 more of b", **status},
    }
    return ApprovalRequest.model_validate(document)


class TestWhatAWebhookReads:
    def test_it_is_a_view_with_commands_and_neither_values_nor_links(self) -> None:
        body = build_body(request(), "asked.chat", spell(OPENED))
        told = json.loads(body)
        assert (told["type"], told["timestamp"], told["data"]["moment"]) == ("approval.asked", spell(OPENED), "Asked")
        assert told["data"]["message"] == "Publish '$(rm -rf /)'?"
        words, said = told["data"]["commands"][1].removesuffix("'").split("'")
        assert words == "kubectl patch apr r-ask -n docs --type=merge -p "
        assert json.loads(said) == {
            "metadata": {"uid": told["data"]["uid"]},
            "spec": {"votes": {"me": {"verdict": "Approve"}}},
        }
        assert b"salary" not in body
        assert b"http" not in body

    def test_of_what_is_decided_there_is_nothing_left_to_answer(self) -> None:
        decided = {"type": "Decided", "status": "True", "reason": "Rejected", "message": "rejected by b: no"}
        one = request(phase="Rejected", conditions=[{**decided, "lastTransitionTime": spell(OPENED)}])
        told = json.loads(build_body(one, "asked.chat", spell(OPENED)))["data"]
        assert (told["phase"], told["decision"]) == ("Rejected", "rejected by b: no")
        assert "commands" not in told

    def test_it_is_signed_as_standard_webhooks_says(self) -> None:
        keys = read_keys("headgate.dev/webhook", {"key": b"whsec" + b"_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"})
        headers = sign(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
        assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        two = read_keys("headgate.dev/webhook", {"key": b"k" * 32, "previous": b"p" * 32})
        assert len(sign(two, "msg_x", 1, b"")["webhook-signature"].split()) == 2

    @pytest.mark.parametrize(
        ("type_", "data"),
        [
            ("Opaque", {"key": b"k" * 32}),
            ("headgate.dev/webhook", {}),
            ("headgate.dev/webhook", {"key": b"short"}),
            ("headgate.dev/webhook", {"key": b"whsec_***"}),
        ],
    )
    def test_a_secret_that_is_not_meant_for_it_or_too_weak_signs_nothing(self, type_: str, data: Any) -> None:
        with pytest.raises(BadKeyError):
            read_keys(type_, data)

    def test_an_id_is_the_same_for_every_attempt_and_another_for_every_line(self) -> None:
        assert message_id(request(), "asked.chat") == message_id(request(votes="1/2"), "asked.chat")
        assert message_id(request(), "asked.chat") != message_id(request(), "decided.chat")


def line(at: datetime = OPENED, **more: Any) -> Notice:
    return Notice(phase=NoticePhase.PENDING, moment_at=spell(at), **more)


class TestAttempts:
    def test_pauses_grow_up_to_two_hours_and_what_a_server_asks_for_is_kept_to(self) -> None:
        pauses = [outbox.pause_after(attempts, None, 1.0) for attempts in range(1, 10)]
        assert pauses == [5, 20, 80, 320, 1280, 5120, 7200, 7200, 7200]
        assert outbox.pause_after(1, None, 0.0) == 2.5
        assert outbox.pause_after(1, 60.0, 0.0) == 60
        assert outbox.pause_after(1, 10**9, 0.0) == 6 * 3600

    def test_what_says_that_it_wants_no_more_is_left_alone_at_once(self) -> None:
        over = after_attempt(line(), Missed("HTTP 410", is_final=True), OPENED, 0.5)
        assert (over.phase, over.attempts) == (NoticePhase.DEAD, 1)

    def test_what_was_given_up_is_sent_again_when_somebody_asks_later_and_only_then(self) -> None:
        dead = {"asked.chat": line(attempts=10, tried_at=spell(OPENED)).model_copy(update={"phase": NoticePhase.DEAD})}
        now = OPENED + timedelta(hours=1)
        assert revive(dead, None, now) == dead
        assert revive(dead, OPENED - timedelta(seconds=1), now) == dead
        assert revive(dead, now + timedelta(days=1), now) == dead
        again = revive(dead, OPENED + timedelta(seconds=1), now)["asked.chat"]
        assert (again.phase, again.attempts) == (NoticePhase.PENDING, 0)

    def test_the_condition_names_what_was_given_up_and_how_to_try_again(self) -> None:
        dead = line(attempts=10, message="HTTP 500").model_copy(update={"phase": NoticePhase.DEAD})
        told = notified(request(), {"asked.chat": dead}, spell(OPENED))
        assert told is not None
        assert (told.status, told.reason) == ("False", "DeliveryFailed")
        assert told.message.startswith("asked to chat was given up after 10 attempts: HTTP 500; to try again: kubectl ")

    def test_the_condition_says_why_a_webhook_was_not_reached_long_before_it_is_given_up(self) -> None:
        missed = line(attempts=3, message="Secret chat: it is not there")
        told = notified(request(), {"asked.chat": missed, "asked.pager": line()}, spell(OPENED))
        assert told is not None
        assert (told.status, told.reason) == ("Unknown", "Retrying")
        assert told.message == "asked to chat failed in 3 attempts: Secret chat: it is not there; it is tried again"


TARGETS = ("chat", "pager")
ATTEMPTS: st.SearchStrategy[Attempt] = st.one_of(
    st.just(Arrived()),
    st.builds(Missed, st.just("HTTP 500"), st.one_of(st.none(), st.floats(0, 10**6))),
    st.builds(Missed, st.just("HTTP 410"), st.none(), st.just(True)),
)


@given(
    st.lists(st.tuples(st.sampled_from(["asked", "reminded-4h", "decided"]), st.sampled_from(TARGETS)), unique=True),
    st.lists(st.tuples(ATTEMPTS, st.booleans(), st.floats(0, 1)), min_size=40, max_size=40),
)
def test_nothing_is_lost_whatever_fails_and_whenever_the_operator_dies(
    keys: list[tuple[str, str]], happens: list[tuple[Attempt, bool, float]]
) -> None:
    """Each attempt either is noted, or the operator dies after it was sent. In the end nothing crashes any more."""
    place = {"asked": 0, "reminded-4h": 1, "decided": 2}
    stored = {f"{what}.{whom}": line(OPENED + timedelta(hours=place[what])) for what, whom in keys}
    arrived: list[str] = []
    now, noted = OPENED, dict.fromkeys(stored, 0)
    script = [*happens, *[(Missed("HTTP 500"), False, 0.5)] * 70]
    for attempt, crashes, spread in script:
        following = next_delivery(stored, now)
        if following.key is None:
            if following.wake_at is None:
                break
            assert following.wake_at > now
            now = following.wake_at
            following = next_delivery(stored, now)
            assert following.key is not None
        key = following.key
        what, _, whom = key.partition(".")
        before = [f"{other}.{whom}" for other in place if place[other] < place[what]]
        earlier = [stored[one] for one in before if one in stored]
        assert all(one.phase is not NoticePhase.PENDING for one in earlier)
        if isinstance(attempt, Arrived):
            arrived.append(key)
        now += timedelta(seconds=1)
        if not crashes:
            noted[key] += 1
            stored[key] = after_attempt(stored[key], attempt, now, spread)
    assert all(one.phase is not NoticePhase.PENDING for one in stored.values())
    assert all(one.attempts == noted[key] <= outbox.MAX_ATTEMPTS for key, one in stored.items())
    assert all((one.phase is NoticePhase.SENT) <= (key in arrived) for key, one in stored.items())


@given(st.lists(st.integers(0, 200), max_size=8), st.integers(0, 90), st.booleans())
def test_however_often_and_whenever_it_is_looked_at_each_moment_is_told_once(
    hours: list[int], first: int, is_open: bool
) -> None:
    """Looking later tells no more than looking all the time would have, and the next moment is always known."""
    spec = ApprovalPolicySpec.model_validate(
        {"stages": [{"name": "s", "users": ["b"]}], "notify": [CHAT], "timeout": "72h", "remind": ["24h", "4h"]}
    )
    one = request()
    binding = one.spec.binding.model_copy(update={"expires_at": spell(OPENED + timedelta(hours=72))})
    one = one.model_copy(update={"spec": one.spec.model_copy(update={"binding": binding})})
    seen: set[str] = set()
    for hour in sorted([first, *hours]):
        now = OPENED + timedelta(hours=hour)
        found = due_notices(one, spec, now, is_open=is_open)
        assert seen <= set(found)
        seen = set(found)
        assert due_notices(_with(one, found), spec, now, is_open=is_open) == found
        following = next_moment(one, spec, now)
        assert following is None or following > now
        one = _with(one, found)
    assert seen <= ({"asked.chat", "reminded-24h.chat", "reminded-4h.chat"} if is_open else {"decided.chat"})
    assert parse(spell(OPENED)) == OPENED


def _with(one: ApprovalRequest, found: dict[str, Notice]) -> ApprovalRequest:
    assert one.status is not None
    return one.model_copy(update={"status": one.status.model_copy(update={"notices": found})})
