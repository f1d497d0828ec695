"""What a pod loads, and when: a start is mostly loading."""

import os
import subprocess
import sys

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


def test_node_files_bring_no_client_and_no_engine() -> None:
    nodes = ", ".join(f"headgate_core.{module}" for module in ("set_", "text", "http", "llm"))
    loaded = loaded_by(f"import headgate_node.runtime.worker, {nodes}")
    assert loaded & (HEAVY - {"asyncio", "pydantic", "tempfile"}) == set()
