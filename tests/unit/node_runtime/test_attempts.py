"""Attempts at an instance: what is repeated and what is not, how long each may take, what ends it (LANGUAGE §3.13)."""

import time
from typing import Any

import pytest

from headgate_lang.fate import Outcome
from headgate_lang.report import Phase
from headgate_lang.task import Retry
from headgate_node import NodeError
from headgate_node.runtime.repeating import may_repeat, wait_before
from support.bundles import Pods, member, task_of

SOON = 0.001


def flaky(pods: Pods, retry: Retry, **with_: Any) -> tuple[str, int]:
    """The reason, empty if it succeeded, and how many attempts there were."""
    entry = pods.run(task_of(member("a", "flaky", with_=with_, retry=retry))).entry("a")
    return entry.reason, entry.attempts


@pytest.mark.parametrize(
    ("retry", "given", "ended"),
    [
        (Retry(), {"reason": "Timeout"}, ("Timeout", 1)),
        (Retry(3), {"reason": "Timeout"}, ("", 3)),
        (Retry(1), {"reason": "Timeout"}, ("Timeout", 2)),
        (Retry(3), {"reason": "PodLost"}, ("", 3)),
        (Retry(3), {"reason": "ConnectFailed"}, ("", 3)),
        (Retry(3), {"reason": "HttpStatus", "status": 429}, ("", 3)),
        (Retry(3), {"reason": "HttpStatus", "status": 503}, ("", 3)),
        (Retry(3), {"reason": "HttpStatus", "status": 404}, ("HttpStatus", 1)),
        (Retry(3), {"reason": "Broken"}, ("Broken", 1)),
        (Retry(3), {"reason": "Timeout", "method": "POST"}, ("Timeout", 1)),
        (Retry(3, reasons=("Broken",)), {"reason": "Broken"}, ("", 3)),
        (Retry(3, reasons=("Broken",)), {"reason": "Broken", "method": "POST"}, ("", 3)),
        (Retry(3, reasons=("Broken",)), {"reason": "Timeout"}, ("Timeout", 1)),
    ],
)
def test_only_what_may_repeat_does(pods: Pods, retry: Retry, given: dict[str, Any], ended: tuple[str, int]) -> None:
    soon = Retry(retry.limit, retry.reasons, delay=SOON)
    assert flaky(pods, soon, times=2, **given) == ended


def test_every_attempt_is_given_what_the_first_was_and_the_same_key(pods: Pods) -> None:
    given = {"times": 2, "reason": "Timeout", "value": "${inputs.list}"}
    ran = pods.run(
        task_of(
            member("a", "flaky", with_=given, retry=Retry(3, delay=SOON)),
            member("b", needs={"a": Outcome.SUCCEEDED}, with_={"x": "${inputs.list}"}),
            inputs={"list": [1]},
        )
    )
    assert ran.output("a") == {"attempt": 3, "key": "5f0c2a9e/a", "value": [1, "changed"]}
    assert ran.output("b") == {"x": [1]}
    assert ran.entry("a").usage == {"calls": 3}


def test_a_retry_is_told_in_the_log(pods: Pods) -> None:
    ran = pods.run(task_of(member("a", "flaky", with_={"times": 1, "reason": "Timeout"}, retry=Retry(1, delay=SOON))))
    (line,) = ran.lines
    assert (line["level"], line["instance"], line["attempt"]) == ("warning", "a", 1)
    assert "Timeout: attempt 1 of a" in line["message"]


@pytest.mark.parametrize(
    ("retries", "retry_after", "chance", "seconds"),
    [
        (0, None, 0.5, 1.0),
        (1, None, 0.5, 2.0),
        (3, None, 0.5, 8.0),
        (0, None, 0.0, 0.75),
        (0, None, 1.0, 1.25),
        (9, None, 1.0, 10.0),
        (5000, None, 0.5, 10.0),
        (0, 7.0, 0.5, 7.0),
        (3, 7.0, 0.5, 8.0),
        (0, 1e9, 0.5, 300.0),
    ],
)
def test_the_wait_grows_is_spread_is_capped_and_heeds_what_a_server_asks(
    retries: int, retry_after: float | None, chance: float, seconds: float
) -> None:
    assert wait_before(retries, Retry(9, cap=10.0), retry_after, chance) == pytest.approx(seconds)


def test_a_status_decides_whatever_the_reason_is_called() -> None:
    assert may_repeat(NodeError("RateLimited", "", status=429), Retry(1), is_idempotent=True)
    assert not may_repeat(NodeError("AnswerTimeout", "", status=400), Retry(1), is_idempotent=True)


def test_an_attempt_has_its_time_and_another_its_own(pods: Pods) -> None:
    given = {"seconds": 5}
    begun = time.monotonic()
    ran = pods.run(task_of(member("a", "sleeps", with_=given, timeout=0.05, retry=Retry(1, delay=SOON))))
    assert time.monotonic() - begun < 2
    entry = ran.entry("a")
    assert (entry.phase, entry.reason, entry.attempts) == (Phase.FAILED, "Timeout", 2)
    assert "not done after 0.05 s" in entry.message
    assert entry.seconds is not None
    assert 0.1 <= entry.seconds < 2


def test_a_node_that_does_not_want_to_stop_is_left_to_itself_and_told(
    pods: Pods, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headgate_node.runtime.attempts.TO_OBEY", 0.02)
    given = {"seconds": 0.3, "stubborn": True}
    ran = pods.run(task_of(member("a", "sleeps", with_=given, timeout=0.02), member("b", needs={"a": Outcome.ENDED})))
    assert (ran.entry("a").reason, ran.entry("b").phase) == ("Timeout", Phase.SUCCEEDED)
    assert any("was cancelled" in line["message"] for line in ran.lines)


@pytest.mark.parametrize(
    ("how", "reason", "said"),
    [
        ("raise", "NodeCrashed", "ValueError: what a surprise"),
        ("sys.exit", "NodeCrashed", "SystemExit: 3"),
        ("garbage", "InvalidOutput", "`breaks` gave dict, not its output"),
        ("nan", "InvalidOutput", "`breaks` gave what no JSON document can hold"),
        ("cancel", "NodeCrashed", "the node cancelled itself"),
        ("memory", "OutOfMemory", "more memory than there is"),
    ],
)
def test_a_crash_is_the_error_of_that_node_alone(pods: Pods, how: str, reason: str, said: str) -> None:
    ran = pods.run(
        task_of(
            member("a", "breaks", with_={"how": how}),
            member("b"),
            member("c", needs={"a": Outcome.FAILED}, with_={"m": "${a.error.message}"}),
        )
    )
    assert (ran.entry("a").phase, ran.entry("a").reason, ran.entry("a").attempts) == (Phase.FAILED, reason, 1)
    assert said in ran.entry("a").message
    assert ran.entry("b").phase is Phase.SUCCEEDED
    assert ran.output("c") == {"m": ran.entry("a").message}


def test_a_traceback_is_in_the_log_and_nowhere_else(pods: Pods) -> None:
    ran = pods.run(task_of(member("a", "breaks", with_={"how": "raise"})))
    (line,) = ran.lines
    assert "Traceback" in line["values"]["traceback"]
    assert "Traceback" not in str(ran.files)


def test_so_many_run_at_a_time(pods: Pods) -> None:
    members = [member(f"n{i}", "sleeps", with_={"seconds": 0.03}) for i in range(4)]
    begun = time.monotonic()
    pods.run(task_of(*members))
    at_once = time.monotonic() - begun
    begun = time.monotonic()
    pods.run(task_of(*members, parallelism=1))
    assert time.monotonic() - begun >= 0.12
    assert at_once < 0.12
