"""Completion where it counts: typed at a real bash, and asked for by the real kubectl."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.kubectl import Kubectl
from support.terminal import Typed

BIN = Path(sys.executable).parent


@pytest.fixture
def bash(tmp_path: Path) -> Iterator[Typed]:
    """A bash that has been told."""
    told = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(tmp_path), "TERM": "dumb", "PS1": "ready> "}
    (tmp_path / "order.yaml").write_text("")
    at = Typed(["bash", "--norc", "--noprofile", "-i"], told, tmp_path)
    at.expect("ready> ")
    at.type("source <(headgate completion bash); echo to'ld'")
    at.expect("told\n")
    yield at
    at.process.kill()
    at.process.wait(10)


def test_bash_completes_a_command_a_flag_a_choice_and_a_file(bash: Typed) -> None:
    bash.press("headgate comp\t")
    bash.expect("headgate completion ")
    bash.press("z\t")
    bash.expect("zsh ")
    bash.type("| head -1")
    bash.expect("#compdef headgate")
    bash.press("headgate run --local ord\t")
    bash.expect("order.yaml ")
    bash.press("--skip\t")
    bash.expect("--skip-waits ")


def test_kubectl_completes_its_plugin(kubectl: Kubectl) -> None:
    program = Path(kubectl.program)
    path = f"{BIN}:{program.parent}:{os.environ['PATH']}"
    asked = [str(program), "__complete", "headgate", "wat"]
    found = subprocess.run(asked, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == ["watch\tshow a Run as it goes on", ":4"]


def test_kubectl_asks_with_all_that_was_typed(kubectl: Kubectl) -> None:
    program = Path(kubectl.program)
    path = f"{BIN}:{program.parent}:{os.environ['PATH']}"
    asked = [str(program), "__complete", "headgate", "graph", "a.yaml", "-o", "m"]
    found = subprocess.run(asked, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == ["mermaid", ":4"]
