"""Commands about Runs, against an API server: what they change, what they print, what they say when it fails."""

import asyncio
import base64
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from headgate.api.approvalrequest import Vote
from headgate.cli.cluster.session import in_words
from headgate.compiler.known import Instance
from headgate.kube.errors import ForbiddenError, KubeError, NotFoundError
from headgate.lifecycle import entries
from headgate.lifecycle.approvals.history import tell
from headgate.lifecycle.children import name_under
from headgate_lang import documents
from headgate_lang.report import Entry, Phase
from support.fake_api import FakeApi, answer
from unit.cli.conftest import Command, begin

HELLO = str(Path(__file__).parents[3] / "operator/docs/examples/hello.yaml")
LOCALLY = f"run it here with `headgate run --local {HELLO}`"
RUNS, WORKFLOWS = "headgate.dev/runs", "headgate.dev/workflows"


def put_run(api: FakeApi, name: str = "nightly-1", *, status: dict[str, Any] | None = None, **spec: Any) -> None:
    api.put(
        RUNS,
        {
            "apiVersion": "headgate.dev/v1alpha1",
            "kind": "Run",
            "metadata": {"name": name, "namespace": "docs", "uid": "5f0c2a9e"},
            "spec": {"workflow": "nightly", **spec},
            "status": status or {},
        },
    )


def put_workflow(api: FakeApi) -> None:
    spec = {"inputs": {"day": {"type": "string"}, "m": {"type": "integer", "default": 1}}, "nodes": []}
    workflow = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Workflow", "spec": spec}
    api.put(WORKFLOWS, {**workflow, "metadata": {"name": "nightly", "namespace": "docs"}})


def spec_of(api: FakeApi, name: str = "nightly-1") -> dict[str, Any]:
    spec: dict[str, Any] = api.things[(RUNS, "docs", name)]["spec"]
    return spec


def the_new_run(api: FakeApi) -> dict[str, Any]:
    (found,) = [thing for key, thing in api.things.items() if key[0] == RUNS and key[2] != "nightly-1"]
    return found


def test_run_creates_a_run_with_inputs_from_a_file_and_from_flags(api: FakeApi, command: Command) -> None:
    put_workflow(api)
    ran = command("run", "nightly", "-f", "-", "-i", "day=3", "--environment", "prod", stdin="m: 2\nday: x\n")
    assert ran.code == 0, ran.err
    made = the_new_run(api)
    assert made["spec"] == {"workflow": "nightly", "inputs": {"m": 2, "day": "3"}, "environment": "prod"}
    assert made["metadata"]["generateName"] == "nightly-"
    assert ran.out == f"run.headgate.dev/{made['metadata']['name']} created\n"


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (["run", "nightli"], "", "there is no Workflow nightli in namespace docs: did you mean `nightly`?"),
        (["run", "nightly", "-i", "n"], "", "an input is given as -i name=value, not as n"),
        (["run", "nightly", "-f", "-"], "- 1\n", "- must hold one map of inputs: `name: value`"),
        (["run", "nightly", "-f", "-"], "a: [\n", "error["),
        (["run", "nightly", "--name", "x" * 41], "", "the name of a Run has at most 40 characters"),
        (["run", HELLO], "", f"is a file, and a workflow of the cluster is wanted: {LOCALLY}"),
        (["run", "./nothing"], "", "no workflow is called ./nothing, and there is no such file"),
        (["run", "nothing.yaml"], "", "there is no Workflow nothing.yaml in namespace docs"),
    ],
)
def test_a_run_that_makes_no_sense_is_refused_before_anything_is_written(
    api: FakeApi, command: Command, arguments: list[str], stdin: str, told: str
) -> None:
    put_workflow(api)
    ran = command(*arguments, stdin=stdin)
    assert ran.code in (1, 2)
    assert told in ran.err
    assert api.writes == []


def test_what_the_api_server_refuses_is_told_cause_by_cause(api: FakeApi, command: Command) -> None:
    put_workflow(api)
    causes = [{"field": "spec.inputs.n", "message": "`n` is missing: write `n:` and a string", "reason": "Missing"}]
    refuse = answer(422, "Invalid", details={"causes": causes})
    api.faults += [answer_nothing, refuse]
    assert command("run", "nightly").err == (
        "headgate run: the API server refused it:\n  * spec.inputs.n: `n` is missing: write `n:` and a string\n"
    )


async def answer_nothing(_: object) -> None:
    """The first request goes through."""


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("pause", "Running", "Paused"),
        ("resume", "Paused", "Running"),
        ("stop", "Running", "Stopped"),
        ("terminate", "Running", "Terminated"),
    ],
)
def test_what_people_want_is_declared_in_the_spec(
    api: FakeApi, command: Command, verb: str, before: str, after: str
) -> None:
    put_run(api, state=before, status={"phase": "Running"})
    assert command(verb, "nightly-1").code == 0
    assert spec_of(api)["state"] == after


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ForbiddenError(
                "get", 'runs "x" is forbidden: User "bea" cannot get resource "runs" in the namespace "docs"'
            ),
            "you are bea, and RBAC does not let you get runs in namespace docs",
        ),
        (
            ForbiddenError(
                "get", 'users "ana" is forbidden: User "bea" cannot impersonate resource "users" at the scope'
            ),
            "you are bea, and RBAC does not let you impersonate users in the whole cluster",
        ),
        (
            ForbiddenError("get", "ValidatingAdmissionPolicy 'a' with binding 'b' denied request: you are too late"),
            "you may not do this: you are too late",
        ),
        (ForbiddenError("get", "no"), "you may not do this: no"),
        (NotFoundError("get", "404 page not found"), "this cluster does not know Headgate's kinds: is it installed"),
        (NotFoundError("get", 'runs "x" not found'), 'runs "x" not found'),
    ],
)
def test_what_the_api_server_says_is_told_in_human_words(error: KubeError, told: str) -> None:
    assert in_words(error).startswith(told)


def test_nothing_can_be_declared_of_a_run_that_has_ended(api: FakeApi, command: Command) -> None:
    put_run(api, status={"phase": "Succeeded"})
    assert command("pause", "nightly-1").err == (
        "headgate pause: nightly-1 has ended (Succeeded): there is nothing to pause\n"
    )
    assert command("retry", "nightly-1").err.endswith("nothing failed that could run again\n")
    assert api.writes == []


def test_retry_raises_the_attempt_of_a_run_that_failed(api: FakeApi, command: Command) -> None:
    put_run(api, status={"phase": "Failed"})
    assert command("retry", "nightly-1").out == "nightly-1: attempt 2\n"
    assert spec_of(api)["attempt"] == 2


def test_retry_from_a_node_and_skip_make_a_new_run(api: FakeApi, command: Command) -> None:
    put_run(api, status={"phase": "Failed"}, inputs={"n": "x"})
    assert command("skip", "nightly-1", "fetch", "--output", '{"rows": 0}').code == 0
    assert the_new_run(api)["spec"] == {
        "workflow": "nightly",
        "inputs": {"n": "x"},
        "from": {"run": "nightly-1", "skip": {"fetch": {"output": {"rows": 0}}}},
    }


def test_watch_shows_each_change_and_its_exit_code_is_how_the_run_ends(
    api: FakeApi, loop: asyncio.AbstractEventLoop, command: Command
) -> None:
    put_run(api, status={"phase": "Running", "nodes": {"a": {"phase": "Running"}}})
    end = begin(api, command, "watch", "nightly-1")
    status = {"phase": "Cancelled", "nodes": {"a": {"phase": "Succeeded", "seconds": 0.4}}}
    loop.call_soon_threadsafe(lambda: put_run(api, status=status))
    ran = end()
    assert ran.code == 3
    assert ran.out == "a Running\nnightly-1   Running\na Succeeded (0.4s)\nnightly-1   Cancelled\n"


def test_watch_goes_on_when_its_connection_breaks_off(
    api: FakeApi, loop: asyncio.AbstractEventLoop, command: Command
) -> None:
    put_run(api, status={"phase": "Running"})
    end = begin(api, command, "watch", "nightly-1")
    busy = {"code": 503, "metadata": {"name": "x"}}
    loop.call_soon_threadsafe(lambda: api.events.append((api.version + 1, RUNS, "ERROR", busy)))
    loop.call_soon_threadsafe(lambda: put_run(api, status={"phase": "Succeeded"}))
    ran = end()
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == "nightly-1   Succeeded"


def test_get_lists_runs_or_draws_one(api: FakeApi, command: Command) -> None:
    assert command("get").err == "there are no Runs in namespace docs\n"
    put_run(api, status={"phase": "Running", "nodes": {"a": {"phase": "Running"}}})
    assert command("get").out.splitlines()[1].split()[:3] == ["nightly-1", "nightly", "Running"]
    assert command("get", "nightly-1").out == "nightly-1   Running\n\n  ● a\n"


def test_get_lists_the_runs_of_one_workflow_whoever_made_them(api: FakeApi, command: Command) -> None:
    put_run(api)
    put_run(api, "other-1", workflow="other")
    assert [line.split()[0] for line in command("get", "--workflow", "other").out.splitlines()[1:]] == ["other-1"]
    assert command("get", "--workflow", "none").err == "there are no Runs of none in namespace docs\n"


def test_a_run_that_is_deleted_while_its_logs_are_followed_is_told_in_a_line(
    api: FakeApi, loop: asyncio.AbstractEventLoop, command: Command
) -> None:
    put_run(api, status={"phase": "Running"})
    ran = []
    follower = threading.Thread(target=lambda: ran.append(command("logs", "nightly-1", "-f")))
    follower.start()
    while not any("pods" in call for call in api.calls):
        time.sleep(0.01)
    loop.call_soon_threadsafe(lambda: api.drop(RUNS, "docs", "nightly-1"))
    follower.join(10)
    assert ran[0].code == 1
    assert ran[0].err.startswith("headgate logs: there is no Run nightly-1 in namespace docs")


def test_output_of_a_loop_over_parts_finds_them_though_their_names_need_a_mark(api: FakeApi, command: Command) -> None:
    """`sub` and `sub_0` stand in one workflow: item 0 of the first is not called as the second is."""
    items = {"total": 1, "succeeded": 1, "failed": 0}
    put_run(api, status={"phase": "Succeeded", "nodes": {"sub": {"phase": "Succeeded", "items": items}}})
    name = name_under("nightly-1", Instance("sub", 0), 0, is_ambiguous=True)
    put_run(api, name, status={"phase": "Succeeded", "outputs": {"n": 1}})
    labels = {"headgate.dev/parent": "nightly-1", "headgate.dev/node": "sub"}
    api.things[(RUNS, "docs", name)]["metadata"]["labels"] = labels
    assert json.loads(command("output", "nightly-1", "sub").out) == {"outputs": [{"n": 1}], "failed": []}


def put_kept(api: FakeApi, leg: int, told: dict[str, tuple[str, Any]]) -> None:
    """A Secret as the operator makes it: instance → key and document."""
    entry = Entry(Phase.SUCCEEDED)
    held = entries.Entries("Succeeded", {path: entries.KeptEntry(entry, key) for path, (key, _) in told.items()})
    texts = {"entries": entries.encode(held), **{key: documents.encode(value) for key, value in told.values()}}
    api.put(
        "secrets",
        {
            "metadata": {
                "name": f"nightly-1-{leg}-kept",
                "namespace": "docs",
                "labels": {"headgate.dev/run-uid": "5f0c2a9e", "headgate.dev/leg": str(leg)},
            },
            "data": {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()},
        },
    )


def test_output_prints_what_the_run_gave_and_what_its_nodes_gave(api: FakeApi, command: Command) -> None:
    nodes = {"a": {"phase": "Succeeded"}, "b": {"phase": "Succeeded"}, "c": {"phase": "Failed"}}
    put_run(api, status={"phase": "Succeeded", "outputs": {"text": "Hello, {world}!"}, "nodes": nodes})
    put_kept(api, 1, {"a": ("o0", {"n": 1}), "b[0]": ("o1", {"0": {"x": 1}})})
    put_kept(api, 2, {"a": ("o0", {"n": 2}), "b[1]": ("o1", {"1": {"x": 2}})})
    assert json.loads(command("output", "nightly-1").out) == {"text": "Hello, {world}!"}
    assert command("output", "nightly-1", "--raw", "text").out == "Hello, {world}!\n"
    assert json.loads(command("output", "nightly-1", "a").out) == {"n": 2}
    assert json.loads(command("output", "nightly-1", "b").out) == {"outputs": [{"x": 1}, {"x": 2}], "failed": []}
    assert command("output", "nightly-1", "c").err == "headgate output: c gave nothing: it is Failed\n"
    assert command("output", "nightly-1", "d").err == "headgate output: nightly-1 has no node d: it has a, b, c\n"


REQUESTS = "headgate.dev/approvalrequests"
HASH = "sha256:91c2f0a6d1b3"
TERMS = {"name": "release", "hash": HASH, "stages": [{"name": "all", "groups": ["managers"]}]}


def put_decided(api: FakeApi, type_: str, phase: str, verdict: str, **values: Any) -> None:
    binding: dict[str, Any] = {"digest": HASH, "revision": "9b1de77c02aa", "policy": TERMS}
    binding["form"] = {"text": {"type": "string"}}
    vote = {"verdict": verdict, "reason": "checked", "uid": "u", "groups": ["managers"], "values": values}
    thing: dict[str, Any] = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ApprovalRequest",
        "metadata": {"name": "nightly-1-ask", "namespace": "docs", "uid": "77"},
        "spec": {"type": type_, "message": "?", "run": "nightly-1", "node": "ask", "binding": binding},
        "status": {
            "phase": phase,
            "decidedAt": "2026-11-21T05:44:41Z",
            "history": {"2026-11-21T05:44:40Z bea": tell(Vote.model_validate(vote), binding["digest"])},
        },
    }
    thing["spec"]["votes"] = {"bea": vote}
    api.put(REQUESTS, thing)


def test_output_of_what_people_answered_is_what_expressions_read_of_it(api: FakeApi, command: Command) -> None:
    node = {"phase": "Succeeded", "request": "nightly-1-ask"}
    put_run(api, status={"phase": "Succeeded", "nodes": {"ask": node}})
    put_decided(api, "Clarification", "Answered", "Answer", text="all")
    assert json.loads(command("output", "nightly-1", "ask").out) == {
        "values": {"text": "all"},
        "by": ["bea"],
        "decidedAt": "2026-11-21T05:44:41Z",
        "reason": "checked",
    }


def test_output_of_a_node_that_people_skipped_is_what_they_gave_in_its_place(api: FakeApi, command: Command) -> None:
    node = {"phase": "Succeeded", "request": "nightly-1-ask"}
    again: dict[str, Any] = {"from": {"run": "nightly-0", "skip": {"a": {"output": {"rows": 0}}}}}
    put_run(api, status={"phase": "Succeeded", "nodes": {"ask": node, "a": {"phase": "Succeeded"}}}, **again)
    put_decided(api, "Recovery", "Skip", "Skip", text="instead")
    assert json.loads(command("output", "nightly-1", "ask").out) == {"text": "instead"}
    assert json.loads(command("output", "nightly-1", "a").out) == {"rows": 0}


def test_as_asks_in_somebody_elses_name(api: FakeApi, command: Command) -> None:
    heard: list[dict[str, list[str]]] = []

    async def hear(request: web.Request) -> None:
        heard.append({name: request.headers.getall(name, []) for name in ("Impersonate-User", "Impersonate-Group")})

    api.standing = hear
    command("get", "--as", "bea ☃", "--as-group", "managers", "--as-group", "staff")
    assert heard == [{"Impersonate-User": ["bea ☃"], "Impersonate-Group": ["managers", "staff"]}]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--as-group", "managers"], "--as-group is for --as: say as whom, too"),
        (["--as", ""], "--as needs a name"),
        (["--as", "bea", "--as-group", "a\r\nX: y"], "--as-group needs a name, without line breaks"),
    ],
)
def test_nobody_acts_as_themselves_who_said_otherwise(
    api: FakeApi, command: Command, flags: list[str], told: str
) -> None:
    ran = command("get", *flags)
    assert ran.code == 2
    assert told in ran.err
    assert api.calls == []


def test_an_api_server_that_is_not_there_and_a_context_that_is_not_are_told_in_a_line(
    api: FakeApi, command: Command
) -> None:
    assert command("get", "--context", "prod").err == (
        "headgate get: the kubeconfig has no context 'prod': it has test\n"
    )
    api.faults.append(answer(401, "Unauthorized"))
    assert command("get").err.startswith("headgate get: the API server does not know who you are")
