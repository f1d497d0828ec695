"""A process that dies, is killed, or never lets go: told as the error of what ran in it, by one that outlives it."""

import signal
import time
from typing import Any

import pytest

from headgate_lang.fate import Outcome
from headgate_lang.report import Entry, Phase
from headgate_lang.task import Follower, Loop
from headgate_node.runtime import main
from headgate_node.runtime.burial import bury, why_died
from support.bundles import Pods, Ran, finish, member, task_of

AFTER = member("b", needs={"a": Outcome.ENDED})
SHORT = "import headgate_node.runtime.supervisor as s; s.SLACK, s.LOOK = 0.3, 0.1"


def die(pods: Pods, how: str) -> Ran:
    dying = member("a", "breaks", needs={"z": Outcome.SUCCEEDED}, with_={"how": how})
    go = {"go-n1": (Follower("d", {"a": Outcome.FAILED}),)}
    return pods.run_process(task_of(member("z"), dying, AFTER, tells=("a",), go=go))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("os._exit", "its process ended by itself, with exit code 3; it printed: last words"),
        ("segfault", "its process was ended by SIGSEGV"),
    ],
)
def test_a_node_that_takes_its_process_along_is_named(pods: Pods, how: str, said: str) -> None:
    ran = die(pods, how)
    assert ran.code == 0
    assert (ran.entry("a").phase, ran.entry("a").reason) == (Phase.FAILED, "NodeCrashed")
    assert said in ran.entry("a").message
    # What had ended stands, what had not begun is open, and the later pods of the leg are told.
    assert ran.entry("z").phase is Phase.SUCCEEDED
    assert "b" not in ran.report
    assert ran.ends["a"].outcome is Outcome.FAILED
    assert ran.out("go-n1") == "true"


def test_a_node_that_writes_over_the_report_and_leaves_with_0_is_named_all_the_same(pods: Pods) -> None:
    ran = pods.run_process(task_of(member("a", "breaks", with_={"how": "report"})))
    assert (ran.code, ran.entry("a").phase, ran.entry("a").reason) == (0, Phase.FAILED, "NodeCrashed")
    assert "exit code 0" in ran.entry("a").message


def test_a_node_that_never_lets_anything_else_run_is_ended_when_its_time_is_over(pods: Pods) -> None:
    blocking = member("a", "sleeps", with_={"seconds": 60, "blocking": True}, timeout=0.2)
    begun = time.monotonic()
    ran = pods.run_process(task_of(blocking), before=SHORT)
    assert time.monotonic() - begun < 10
    assert (ran.entry("a").reason, ran.code) == ("Timeout", 0)
    assert "never let anything else run" in ran.entry("a").message


@pytest.mark.parametrize(
    ("status", "more", "reason", "said"),
    [
        (3, {}, "NodeCrashed", "exit code 3"),
        (-9, {}, "NodeCrashed", "ended by SIGKILL"),
        (-9, {"ran_out_of_memory": True}, "OutOfMemory", "raise its `pod.resources`"),
        (-9, {"was_blocked": True}, "Timeout", "until its time was over"),
        (70, {}, "InternalError", "the runtime failed"),
    ],
)
def test_why_a_process_died(status: int, more: dict[str, bool], reason: str, said: str) -> None:
    told = {"was_blocked": False, "ran_out_of_memory": False, **more}
    found, words = why_died(status, **told)
    assert found == reason
    assert said in words


RUNNING, DONE = Entry(Phase.RUNNING, started_at="2026-11-21T05:30:58Z"), Entry(Phase.SUCCEEDED)


@pytest.mark.parametrize(
    ("running", "reason", "then"),
    [
        (["a"], "NodeCrashed", "NodeCrashed"),
        (["a", "b"], "NodeCrashed", "OutcomeUnknown"),
        (["a", "b"], "OutOfMemory", "OutOfMemory"),
        (["loop[0]", "loop[1]"], "NodeCrashed", "NodeCrashed"),
    ],
)
def test_of_several_that_ran_nobody_knows_which_it_was(running: list[str], reason: str, then: str) -> None:
    task = task_of(member("a"), member("b"), member("c"), member("loop", loop=Loop([1, 2], 2, only=(0, 1))))
    buried = bury(task, {"c": DONE, **dict.fromkeys(running, RUNNING)}, reason, "it died", "")
    assert buried["c"] == DONE
    assert {buried[name].reason for name in running} == {then}
    assert {buried[name].phase for name in running} == {Phase.FAILED}
    assert {buried[name].started_at for name in running} == {RUNNING.started_at}
    if then == "OutcomeUnknown":
        assert "a, b ran in it" in buried["a"].message


def stop(pods: Pods, before: str, **with_: Any) -> tuple[Ran, float]:
    """SIGTERM as soon as the node has started."""
    todo = task_of(
        member("first"),
        member("a", "sleeps", needs={"first": Outcome.SUCCEEDED}, with_={"seconds": 60, **with_}),
        member("later", needs={"a": Outcome.ENDED}),
        member("other", "sleeps", needs={"first": Outcome.SUCCEEDED}, with_={"seconds": 0.1}),
        parallelism=2,
    )
    ran, process = pods.start(todo, before=before)
    while not (ran.has("report") and "a" in ran.report):
        time.sleep(0.01)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    return finish(ran, process), time.monotonic() - begun


def test_after_sigterm_what_runs_may_finish_and_nothing_starts(pods: Pods) -> None:
    ran, _ = stop(pods, "", untilCancelled=True)
    assert ran.code == 0
    assert (ran.entry("a").phase, ran.output("a")) == (Phase.SUCCEEDED, {"slept": True, "told": True})
    assert "later" not in ran.report


def test_after_sigterm_what_does_not_finish_is_cancelled_and_truly_told(pods: Pods) -> None:
    ran, took = stop(pods, "import headgate_node.runtime.worker as w; w.TO_FINISH = 0.3")
    assert (ran.code, took < 5) == (0, True)
    assert ran.entry("first").phase is Phase.SUCCEEDED
    assert ran.entry("a").phase is Phase.RUNNING
    assert ran.entry("other").phase is Phase.SUCCEEDED
    assert "later" not in ran.report


STOPPED_WHILE_TELLING = """
import os, signal
from headgate_node.runtime.supervisor import Supervisor
settle = Supervisor._settle
def stopped(self, status):
    os.kill(os.getpid(), signal.SIGTERM)
    return settle(self, status)
Supervisor._settle = stopped
"""


def test_a_process_that_is_gone_is_told_of_though_sigterm_comes_just_then(pods: Pods) -> None:
    todo = task_of(member("a", "breaks", with_={"how": "os._exit"}))
    ran = pods.run_process(todo, before=STOPPED_WHILE_TELLING)
    assert ran.code == 0
    assert (ran.entry("a").phase, ran.entry("a").reason) == (Phase.FAILED, "NodeCrashed")


def test_what_is_no_task_is_told_and_nothing_is_run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEADGATE_TASK", raising=False)
    assert main.run(["headgate_core"]) == 2
    monkeypatch.setenv("HEADGATE_TASK", "garbage")
    assert main.run(["headgate_core"]) == 2
    assert main.run([]) == 2
    told = capfd.readouterr().err
    for said in ("HEADGATE_TASK is not set", "HEADGATE_TASK holds no task", "headgate-node PACKAGE"):
        assert said in told
