"""A Run as `get` and `watch` draw it: the pictures of LANGUAGE §4.5, and the lines that a pipe gets."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from headgate.api.run import Run
from headgate.api.workflow import Workflow
from headgate.cli.printing.paint import Paint
from headgate.cli.runs.amounts import long, short
from headgate.cli.runs.sketch import as_text, changed
from headgate.cli.runs.tree import build_tree
from headgate.compiler.build import build
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.compiler.graph import Graph

EXAMPLES = Path(__file__).parents[3] / "operator/docs/examples"
NOW = datetime(2026, 11, 21, 5, 50, 14, tzinfo=UTC)


def graph_of(example: str) -> Graph:
    documents = yaml.safe_load_all((EXAMPLES / f"{example}.yaml").read_text())
    workflow = next(one for one in documents if one["kind"] == "Workflow")
    return build(Workflow.model_validate(workflow).spec, StaticCatalogue(builtin())).graph


def run_of(name: str, spec: dict[str, Any], status: dict[str, Any]) -> Run:
    return Run.model_validate(
        {
            "apiVersion": "headgate.dev/v1alpha1",
            "kind": "Run",
            "metadata": {"name": name, "namespace": "docs"},
            "spec": spec,
            "status": status,
        }
    )


def waiting() -> Run:
    nodes = {
        "commits": {"phase": "Succeeded", "leg": 1, "attempts": 1, "seconds": 0.4},
        "draft": {
            "phase": "Succeeded",
            "leg": 1,
            "attempts": 1,
            "seconds": 5.1,
            "usage": {"promptTokens": 1830, "outputTokens": 412},
        },
        "review": {
            "phase": "Waiting",
            "request": "release-notes-7k2xp-review",
            "startedAt": "2026-11-21T05:31:14Z",
            "message": "1 of 2 votes, until 24 Nov 05:31 UTC",
        },
        "publish": {"phase": "Pending", "needs": "review"},
    }
    status = {"phase": "Waiting", "progress": "2/5", "workSeconds": 16.0, "waitSeconds": 0.0, "nodes": nodes}
    return run_of("release-notes-7k2xp", {"workflow": "release-notes", "requester": "ana@example.com"}, status)


def draw(run: Run, graph: Graph | None, *, plain: bool = False, width: int = 0) -> str:
    return as_text(build_tree(run, graph, NOW, "kubectl headgate"), Paint(), plain=plain, width=width)


def test_a_run_that_waits_for_people() -> None:
    assert draw(waiting(), graph_of("release-notes")) == (
        "release-notes-7k2xp   Waiting   2/5   16s of work, 19m waiting   asked by ana@example.com\n"
        "\n"
        "  ✓ commits  http      0.4s\n"
        "  ✓ draft    llm       5.1s  small, 1,830 tokens in, 412 out\n"
        "  ◷ review   approval  19m   1 of 2 votes, until 24 Nov 05:31 UTC\n"
        "                             kubectl headgate approvals show release-notes-7k2xp-review\n"
        "  · publish  http            needs review\n"
        "  · tell     slack           only if review fails\n"
    )


def test_a_run_that_somebody_said_no_to() -> None:
    nodes = {
        "commits": {"phase": "Succeeded", "seconds": 0.4},
        "draft": {"phase": "Succeeded", "seconds": 4.8},
        "review": {
            "phase": "Failed",
            "reason": "Rejected",
            "message": "rejected by bob@example.com: wrong version number",
            "seconds": 7300.0,
        },
        "publish": {"phase": "Omitted", "reason": "NeedFailed", "needs": "review"},
        "tell": {"phase": "Succeeded", "seconds": 0.2},
    }
    status = {"phase": "Cancelled", "progress": "5/5", "workSeconds": 15.0, "waitSeconds": 7300.0, "nodes": nodes}
    spec = {"workflow": "release-notes", "requester": "ana@example.com"}
    assert draw(run_of("release-notes-5hj8c", spec, status), graph_of("release-notes")) == (
        "release-notes-5hj8c   Cancelled   5/5   15s of work, 2h waiting   asked by ana@example.com\n"
        "\n"
        "  ✓ commits  http      0.4s\n"
        "  ✓ draft    llm       4.8s\n"
        "  ✗ review   approval  2h    Rejected by bob@example.com: wrong version number\n"
        "  ⊘ publish  http            omitted: review failed\n"
        "  ✓ tell     slack     0.2s\n"
    )


def looping() -> Run:
    nodes = {
        "changed": {"phase": "Succeeded", "seconds": 0.6},
        "fetch": {
            "phase": "Running",
            "startedAt": "2026-11-21T05:50:03Z",
            "items": {"total": 200, "succeeded": 35, "failed": 2},
        },
    }
    spec = {"workflow": "nightly-customers", "environment": "prod", "requester": "system:cron"}
    status = {"phase": "Running", "progress": "1/5", "workSeconds": 12.0, "nodes": nodes}
    return run_of("nightly-customers-29385", spec, status)


def test_a_loop_shows_how_far_it_is_and_what_is_tolerated() -> None:
    assert draw(looping(), graph_of("nightly-customers")) == (
        "nightly-customers-29385   Running   1/5   12s of work   environment prod   asked by system:cron\n"
        "\n"
        "  ✓ changed    http      0.6s\n"
        "  ● fetch      http      11s   37/200 ▓▓▓░░░░░░░░░░░░░ 2 failed, 10 tolerated\n"
        "  · store      postgres        needs fetch\n"
        "  · complain   slack           needs fetch and changed\n"
        "  ⚑ heartbeat  http            finally\n"
    )


def test_plain_is_ascii_and_a_narrow_terminal_cuts_what_is_said() -> None:
    drawn = draw(looping(), graph_of("nightly-customers"), plain=True)
    assert drawn.isascii()
    assert "  run fetch      http      11s   37/200 ###------------- 2 failed, 10 tolerated\n" in drawn
    assert all(len(line) <= 50 for line in draw(looping(), graph_of("nightly-customers"), width=50).splitlines()[1:])


def test_without_its_graph_a_run_is_shown_as_its_status_tells_it() -> None:
    assert [line.split()[1] for line in draw(waiting(), None).splitlines()[2:]] == [
        "commits", "draft", "publish", "review", "headgate",
    ]  # fmt: skip


def test_nothing_in_a_message_commands_the_terminal() -> None:
    run = run_of("r", {"workflow": "w"}, {"phase": "Failed", "nodes": {"a": {"phase": "Failed", "message": "\x1b[2J"}}})
    assert "\x1b" not in draw(run, None)


def test_a_pipe_gets_a_line_for_each_change() -> None:
    graph = graph_of("release-notes")
    before = build_tree(waiting(), graph, NOW, "headgate")
    first = list(changed(None, before))
    assert first == [
        "commits Succeeded (0.4s)",
        "draft Succeeded (5.1s): small, 1,830 tokens in, 412 out",
        "review Waiting (19m): 1 of 2 votes, until 24 Nov 05:31 UTC",
        "release-notes-7k2xp   Waiting   2/5   16s of work, 19m waiting   asked by ana@example.com",
    ]
    assert list(changed(before, before)) == []


def test_a_line_says_once_how_a_node_ended() -> None:
    nodes = {"a": {"phase": "Omitted", "needs": "b"}}
    tree = build_tree(run_of("r", {"workflow": "w"}, {"phase": "Running", "nodes": nodes}), None, NOW, "headgate")
    assert next(changed(None, tree)) == "a Omitted: b failed"


def test_times_take_as_few_characters_as_tell_them() -> None:
    assert [short(one) for one in (0.04, 0.44, 9.96, 11.9, 60, 1140, 7300, 200_000)] == [
        "0.0s", "0.4s", "10.0s", "11s", "1m", "19m", "2h", "2d",
    ]  # fmt: skip
    assert [long(one) for one in (3, 60, 3 * 3600, 2 * 86_400 + 23 * 3600 + 59 * 60)] == [
        "less than a minute", "1 minute", "3 hours", "2 days 23 hours",
    ]  # fmt: skip
