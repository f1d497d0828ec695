"""The status of a Workflow: what stands in its conditions, and that it is written only where it says something new."""

from datetime import UTC, datetime, timedelta
from typing import Any

from headgate.errors import SPEC, Item, Problem, Severity
from headgate.handlers.accounts import build_remedy
from headgate.handlers.workflows import Found, build_status

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
WRONG = Problem(
    SPEC / "nodes" / Item(0, "draft") / "with", "UnknownNode", "there is no node `comits`", "did you mean `commits`?"
)
DOUBT = Problem(SPEC, "DisconnectedGraph", "two parts", severity=Severity.WARNING)


def status_of(found: Found, old: dict[str, Any] | None = None, now: datetime = NOW) -> dict[str, Any]:
    return build_status({"metadata": {"generation": 3}, "status": old or {}}, found, now)


def conditions(status: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["type"]: (one["status"], one["reason"]) for one in status["conditions"]}


def test_a_problem_stands_in_the_condition_and_all_of_them_in_findings() -> None:
    status = status_of(Found([WRONG, DOUBT], None, None))
    assert conditions(status) == {"Valid": ("False", "UnknownNode"), "Ready": ("True", "Prepared")}
    assert status["problems"] == 2
    assert status["findings"][0] == {
        "path": "spec.nodes[draft].with",
        "reason": "UnknownNode",
        "message": "there is no node `comits`",
        "severity": "error",
        "remedy": "did you mean `commits`?",
    }
    assert "1 warning" in status["conditions"][0]["message"]


def test_doubts_leave_it_valid() -> None:
    assert conditions(status_of(Found([DOUBT], None, None)))["Valid"] == ("True", "Checked")


def test_a_namespace_without_the_executors_account_is_told_with_the_commands_that_make_it() -> None:
    status = status_of(Found([], None, None, build_remedy("docs", "headgate-executor", "headgate")))
    assert conditions(status) == {"Valid": ("True", "Checked"), "Ready": ("False", "AccountMissing")}
    assert "kubectl create serviceaccount headgate-executor -n docs && " in status["conditions"][1]["message"]
    assert (
        "--clusterrole=headgate-executor --serviceaccount=docs:headgate-executor" in status["conditions"][1]["message"]
    )


def test_the_same_findings_give_the_same_status_whenever_it_is_looked_at() -> None:
    found = Found([DOUBT], None, "r")
    first = status_of(found)
    assert status_of(found, first, NOW + timedelta(days=1)) == first


def test_a_condition_that_turns_says_when() -> None:
    first = status_of(Found([], None, None))
    later = status_of(Found([WRONG], None, None), first, NOW + timedelta(hours=1))
    times = {one["type"]: one["lastTransitionTime"] for one in later["conditions"]}
    assert times == {"Valid": "2026-11-25T13:00:00Z", "Ready": "2026-11-25T12:00:00Z"}
