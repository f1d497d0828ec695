"""What commands say about a Run beside its picture: why it is where it is, a table, log lines, the Run that goes on."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.run import Run
from headgate.cli.printing.paint import Paint
from headgate.cli.requests.people import Matter, Person, Rights
from headgate.cli.runs.again import build_again
from headgate.cli.runs.explaining import explain
from headgate.cli.runs.lines import as_text, read_line
from headgate.cli.runs.table import as_table
from headgate.compiler.graph import Graph, Node, Role
from headgate_lang.fate import Outcome

NOW = datetime(2026, 11, 21, 5, 50, 14, tzinfo=UTC)


def run_of(spec: dict[str, Any] | None = None, status: dict[str, Any] | None = None, **metadata: str) -> Run:
    return Run.model_validate(
        {
            "apiVersion": "headgate.dev/v1alpha1",
            "kind": "Run",
            "metadata": {"name": "nightly-1", "namespace": "docs", **metadata},
            "spec": {"workflow": "nightly", **(spec or {})},
            **({"status": status} if status is not None else {}),
        }
    )


REQUEST = ApprovalRequest.model_validate(
    {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ApprovalRequest",
        "metadata": {"name": "nightly-1-review", "namespace": "docs"},
        "spec": {
            "type": "Approval",
            "message": "Publish?",
            "run": "nightly-1",
            "node": "review",
            "binding": {
                "digest": "sha256:91c2f0a6d1b3",
                "revision": "9b1de77c02aa",
                "expiresAt": "2026-11-24T05:31:14Z",
                "policy": {
                    "name": "release",
                    "hash": "sha256:4d0be1a7c3f2",
                    "stages": [{"name": "managers", "groups": ["release-managers"], "votes": 2}],
                },
            },
            "votes": {"bea@example.com": {"verdict": "Approve"}},
        },
        "status": {
            "phase": "Open",
            "votes": "1/2",
            "until": "24 Nov 05:31Z",
            "waitingFor": "1 more of group release-managers (not ana@example.com)",
        },
    }
)


def asked(user: str, *groups: str) -> dict[str, Matter]:
    return {"nightly-1-review": Matter(REQUEST, Person(user, groups), Rights(), NOW)}


def test_a_run_that_waits_is_explained_by_the_request_that_it_waits_for() -> None:
    nodes = {
        "draft": {"phase": "Succeeded"},
        "review": {"phase": "Waiting", "request": "nightly-1-review"},
        "publish": {"phase": "Pending", "needs": "review"},
    }
    run = run_of(status={"phase": "Waiting", "progress": "1/3", "nodes": nodes})
    assert explain(run, None, asked("mallory"), NOW, "headgate") == (
        "nightly-1 waits for people. No pod, no GPU and no Argo Workflow is held.\n"
        "\n"
        "  review   needs 1 more of group release-managers (not ana@example.com).\n"
        "           bea@example.com has voted Approve. Until 24 Nov 05:31Z (2 days 23 hours), then: Reject.\n"
        "  publish  waits for review\n"
        "\n"
        "To go on:\n"
        "  headgate approvals show nightly-1-review  the question, and how to answer it\n"
    )


def test_whoever_may_vote_is_told_so() -> None:
    nodes = {"review": {"phase": "Waiting", "request": "nightly-1-review"}}
    run = run_of(status={"phase": "Waiting", "nodes": nodes})

    def told(user: str, *groups: str) -> str:
        text = explain(run, None, asked(user, *groups), NOW, "headgate", "docs")
        return text.partition("Reject.\n\n")[2]

    assert told("bob", "release-managers") == "You, bob, may vote:\n  headgate approve nightly-1-review\n"
    assert told("mallory").startswith("To go on:\n  headgate approvals show nightly-1-review")
    assert told("bea@example.com", "release-managers").startswith("To go on:")


def test_a_run_that_failed_is_explained_with_what_can_be_done() -> None:
    nodes = {
        "fetch": {"phase": "Failed", "reason": "HttpStatus", "message": "c.example answers 404", "attempts": 3},
        "store": {"phase": "Omitted", "reason": "NeedFailed", "needs": "fetch"},
    }
    status = {"phase": "Failed", "endedAt": "2026-11-21T02:50:14Z", "nodes": nodes}
    assert explain(run_of(status=status), None, {}, NOW, "headgate") == (
        "nightly-1 failed 3 hours ago.\n"
        "\n"
        "  fetch  HttpStatus: c.example answers 404 (3 attempts)\n"
        "  store  omitted, because fetch failed\n"
        "\n"
        "To go on:\n"
        "  headgate retry nightly-1       what failed runs again, then the rest\n"
        "  headgate skip nightly-1 fetch  go on without fetch, in a new Run\n"
        "  headgate logs nightly-1 fetch  what fetch wrote\n"
    )


def test_a_run_that_nobody_has_looked_at_points_to_the_operator() -> None:
    assert "is the operator running?" in explain(run_of(), None, {}, NOW, "headgate")


def test_a_paused_run_says_by_whom() -> None:
    run = run_of({"state": "Paused", "declaredBy": "ana@example.com"}, {"phase": "Running", "nodes": {}})
    assert explain(run, None, {}, NOW, "headgate").startswith("nightly-1 is paused by ana@example.com.\n")


def test_a_node_waits_only_for_what_has_not_ended_and_of_a_paused_run_for_people() -> None:
    review = Node("review", Role.WORK, "set.v1")
    graph = Graph((review, Node("publish", Role.WORK, "http.v2", needs={"review": Outcome.SUCCEEDED})))
    for phase, told in (
        ("Waiting", "publish  waits for review\n"),
        ("Succeeded", "publish  starts when the Run goes on\n"),
    ):
        status = {"phase": "Waiting", "nodes": {"review": {"phase": phase}, "publish": {"phase": "Pending"}}}
        assert told in explain(run_of({"state": "Paused"}, status), graph, {}, NOW, "headgate")


def test_commands_look_where_the_one_did_that_tells_them() -> None:
    status = {
        "phase": "Failed",
        "endedAt": "2026-11-21T02:50:14Z",
        "nodes": {"a": {"phase": "Failed", "reason": "Timeout"}},
    }
    told = explain(run_of(status=status), None, {}, NOW, "headgate", "default")
    for command in ("retry nightly-1", "skip nightly-1 a", "logs nightly-1 a"):
        assert f"  headgate {command} -n docs " in told


def test_what_keeps_a_node_from_starting_is_told_in_place_of_soon() -> None:
    nodes = {"fetch": {"phase": "Pending", "leg": 1, "message": "Argo has not taken up leg 1"}}
    told = explain(run_of(status={"phase": "Running", "nodes": nodes}), None, {}, NOW, "headgate")
    assert "  fetch  Argo has not taken up leg 1\n" in told
    state = {"state": "Terminated", "declaredBy": "dan@example.com"}
    status = {"phase": "Running", "message": "stopping: waits for Argo to end leg 1", "nodes": {}}
    told = explain(run_of(state, status), None, {}, NOW, "headgate")
    assert told == "nightly-1 is terminated by dan@example.com; stopping: waits for Argo to end leg 1.\n"


def test_runs_are_listed_the_youngest_first() -> None:
    old = run_of(status={"phase": "Failed", "message": "fetch: 404"}, creationTimestamp="2026-11-20T05:50:14Z")
    young = run_of(creationTimestamp="2026-11-21T05:49:14Z")
    assert as_table([old, young], NOW) == (
        "NAME        WORKFLOW   STATUS   PROGRESS   MESSAGE      AGE\n"
        "nightly-1   nightly                                     1m\n"
        "nightly-1   nightly    Failed              fetch: 404   1d\n"
    )
    assert as_table([], NOW) == ""


def test_a_new_run_takes_over_inputs_and_environment_and_says_what_is_left_out() -> None:
    old = run_of({"inputs": {"day": "monday"}, "environment": "prod"})
    assert build_again(old, skip={"fetch": None, "store": {"rows": 0}}, restart=["tell"]) == {
        "workflow": "nightly",
        "inputs": {"day": "monday"},
        "environment": "prod",
        "from": {"run": "nightly-1", "restart": ["tell"], "skip": {"fetch": {}, "store": {"output": {"rows": 0}}}},
    }


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            {
                "type": "log",
                "time": "2026-11-21T05:31:02.123Z",
                "node": "fetch",
                "instance": "fetch[3]",
                "level": "info",
                "message": "asked",
                "values": {"url": "https://a.example", "n": 3},
            },
            "05:31:02 fetch[3]  asked url=https://a.example n=3\n",
        ),
        ({"type": "log", "node": "a", "level": "warning", "message": "slow"}, "a  warning: slow\n"),
        ({"type": "progress", "node": "a", "done": 3, "total": 10, "message": "pages"}, "a  3/10 pages\n"),
        ({"type": "stream", "node": "a", "text": "Once "}, "Once "),
        ({"type": "log", "node": "a", "message": "\x1b[2J"}, "a  �[2J\n"),
    ],
)
def test_lines_of_the_runtime_are_shown_as_people_read_them(line: dict[str, Any], shown: str) -> None:
    read = read_line(json.dumps(line).encode())
    assert read is not None
    assert as_text(read, Paint()) == shown


@pytest.mark.parametrize("text", [b"plain words", b"[1, 2]", b'{"no": "type"}', b"\xff\xfe"])
def test_what_other_programs_print_is_shown_as_it_is(text: bytes) -> None:
    read = read_line(text + b"\n")
    assert read is not None
    assert as_text(read, Paint()) == f"{text.decode(errors='replace')}\n"
    assert read_line(b"\n") is None


def test_what_argos_executor_writes_between_is_left_out() -> None:
    assert read_line(b'time="2026-11-25T16:14:43Z" level=info msg="exited" argo=true error="<nil>"\n') is None
    assert read_line(b'time="2026-11-25T16:14:43Z" level=info msg="no need to save" argo=true\n') is None
