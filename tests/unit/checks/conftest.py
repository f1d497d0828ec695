"""A small repository for the checks to look at."""

import subprocess
from pathlib import Path

import pytest

from checks.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """An empty git repository, but for the file of exceptions. Files written before the first look belong to it."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".ci/checks").mkdir(parents=True)
    (tmp_path / ".ci/checks/exceptions.toml").write_text("")
    return Tree(tmp_path)
