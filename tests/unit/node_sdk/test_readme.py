"""The page about writing a node shows one that works."""

import asyncio
import re
from pathlib import Path

import pytest

from headgate_node.lookup import find_node
from headgate_node.testing import run_node
from support.bundles import REPOSITORY

PAGE = (REPOSITORY / "node-images/sdk/README.md").read_text(encoding="utf-8")


def test_the_node_that_is_shown_gives_what_its_examples_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, called = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    package = tmp_path / "shown_nodes"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "text.py").write_text(shown)
    monkeypatch.syspath_prepend(tmp_path)
    node = find_node("shown_nodes", "text")
    for example in node.examples:
        assert asyncio.run(run_node(node, example.with_)) == example.output
    assert 'run_node("text", {"text": " a ", "operation": "trim"})' in called
