"""What a pod loads, and when: a start is mostly loading."""

import os
import subprocess
import sys

import pytest

from support.bundles import PATH

LOADED = "import sys; before = set(sys.modules); {}; print(*sorted(set(sys.modules) - before))"
HEAVY = {"asyncio", "pydantic", "httpx", "httpcore", "cel_expr_python", "google", "tempfile"}


def loaded_by(statement: str) -> set[str]:
    told = {"PYTHONPATH": os.pathsep.join(PATH)}
    command = [sys.executable, "-c", LOADED.format(statement)]
    ran = subprocess.run(command, env=told, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in ran.stdout.split()}


def test_the_process_that_outlives_the_others_loads_nothing_heavy() -> None:
    loaded = loaded_by("import headgate_node.runtime.main, headgate_node.runtime.evaluation.server")
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("module", ["set_", "text", "http", "llm"])
def test_a_node_file_brings_no_client_and_no_engine(module: str) -> None:
    loaded = loaded_by(f"import headgate_node.runtime.worker, headgate_core.{module}")
    assert loaded & (HEAVY - {"asyncio", "pydantic", "tempfile"}) == set()
