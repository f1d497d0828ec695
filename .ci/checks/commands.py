"""Checks that a tool of its own makes: ruff, mypy, import-linter, bash. What the tool prints is passed on."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from checks.tree import Tree
from checks.verdict import Finding

PATH = ("operator", "node-images/sdk", "node-images/core", "node-images/code", "tests", ".ci")
BIN = Path(sys.executable).parent
TYPED = (
    "operator/headgate",
    "operator/headgate_lang",
    "node-images/sdk/headgate_node",
    "node-images/core/headgate_core",
    "node-images/code/headgate_code",
    "node-images/code/sandbox",
    "tests",
    ".ci",
)


def check_style(tree: Tree) -> list[Finding]:
    ruff = str(BIN / "ruff")
    found = run_tool([ruff, "check", "--quiet", "--output-format=concise"], tree, "`make fmt` mends most of it")
    return found + run_tool([ruff, "format", "--check", "--output-format=concise"], tree, "`make fmt` formats them")


def check_types(tree: Tree) -> list[Finding]:
    return run_tool([str(BIN / "mypy"), *TYPED], tree, "give the right type, or an ignore with its code and reason")


def check_layers(tree: Tree) -> list[Finding]:
    remedy = "move the code to the layer that it belongs to; CONTRIBUTING.md names them"
    return run_tool([str(BIN / "lint-imports"), "--no-logo"], tree, remedy)


def check_shell(tree: Tree) -> list[Finding]:
    scripts = [path for path in tree.files if (tree.text(path) or "").startswith("#!/usr/bin/env bash")]
    found: list[Finding] = []
    for script in scripts:
        found += run_tool(["bash", "-n", script], tree, "mend the syntax")
    return found


def run_tool(command: Sequence[str], tree: Tree, remedy: str) -> list[Finding]:
    """Run a tool over the tree; one finding, with all that it prints, if it fails."""
    path = os.pathsep.join(str(tree.root / folder) for folder in PATH)
    done = subprocess.run(
        command,
        cwd=tree.root,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "NO_COLOR": "1"},
    )
    if done.returncode == 0:
        return []
    return [Finding(Path(command[0]).name, "is not content", remedy, (done.stdout + done.stderr).strip())]
