"""Shell completion: what may stand at the cursor, read from what each command takes and from the cluster."""

import shlex
from pathlib import Path

import pytest

from headgate.cli.arguments import DESCRIBE, DescribedError
from headgate.cli.main import COMMANDS, load
from support.cli import headgate
from support.fake_api import FakeApi
from unit.cli.test_run_commands import put_run, put_workflow

HEAD = {"apiVersion": "headgate.dev/v1alpha1", "kind": "ApprovalRequest"}


def complete(*words: str) -> tuple[list[str], str]:
    """The words that are offered, and what the shell is told to do."""
    ran = headgate("__complete", *words)
    assert (ran.code, ran.err) == (0, "")
    *lines, directive = ran.out.splitlines()
    return [line.partition("\t")[0] for line in lines], directive


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_takes_and_does_nothing(command: str) -> None:
    with pytest.raises(DescribedError) as described:
        load(command).run(f"headgate {command}", [DESCRIBE], None)
    assert "--help" in [flag for action in described.value.actions for flag in action.option_strings]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ap", ["approvals", "approve"]),
        ("nonsense ''", []),
        ("run --wa", ["--watch"]),
        ("run --local --skip", ["--skip-waits"]),
        ("run --skip", []),
        ("graph a.yaml -o ''", ["text", "mermaid", "dot"]),
        ("graph a.yaml -o d", ["dot"]),
        ("completion ''", ["bash", "zsh", "fish"]),
        ("output r a --raw ''", []),
    ],
)
def test_commands_flags_and_choices_are_offered_by_their_beginning(typed: str, offered: list[str]) -> None:
    found, directive = complete(*shlex.split(typed))
    assert (found, directive) == (offered, ":4")


@pytest.mark.parametrize(
    "typed", ["lint ''", "run --local ''", "run --local a.yaml ''", "run hello -f ''", "render a.yaml --workflow x ''"]
)
def test_where_a_file_is_meant_the_shell_completes_files(typed: str) -> None:
    assert complete(*shlex.split(typed)) == ([], ":0")


def put_request(api: FakeApi, name: str, phase: str) -> None:
    metadata = {"name": name, "namespace": "docs", "uid": name}
    thing = {**HEAD, "metadata": metadata, "spec": {"message": "Pay\nit?"}, "status": {"phase": phase}}
    api.put("headgate.dev/approvalrequests", thing)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("get ''", ["nightly-1\tRunning"]),
        ("watch night", ["nightly-1\tRunning"]),
        ("output nightly-1 ''", ["a\tSucceeded", "b\tRunning"]),
        ("logs nightly-1 -f b", ["b\tRunning"]),
        ("run ''", ["nightly"]),
        ("get --workflow ''", ["nightly"]),
        ("approve ''", ["nightly-1-ask\tPay it?"]),
        ("approvals show ''", ["nightly-1-ask\tPay it?"]),
        ("output nightly-1 a -n ''", []),
    ],
)
def test_names_are_those_of_the_cluster_with_what_they_are(
    api: FakeApi, kubeconfig: Path, typed: str, offered: list[str]
) -> None:
    put_workflow(api)
    put_run(api, status={"phase": "Running", "nodes": {"a": {"phase": "Succeeded"}, "b": {"phase": "Running"}}})
    put_request(api, "nightly-1-ask", "Open")
    put_request(api, "nightly-1-old", "Approved")
    first, *rest = shlex.split(typed)
    ran = headgate("__complete", first, "--kubeconfig", str(kubeconfig), *rest)
    assert ran.out.splitlines() == [*offered, ":4"]


def test_contexts_come_from_the_kubeconfig(kubeconfig: Path) -> None:
    ran = headgate("__complete", "get", "--kubeconfig", str(kubeconfig), "--context", "")
    assert ran.out == "test\n:4\n"


def test_without_a_cluster_nothing_is_offered_and_nothing_is_said(tmp_path: object) -> None:
    assert headgate("__complete", "get", "--kubeconfig", f"{tmp_path}/none", "").out == ":4\n"
