"""Importing a module costs next to nothing: the engine and protobuf are loaded at the first computed expression."""

import subprocess
import sys
from pathlib import Path

import pytest

OPERATOR = Path(__file__).parents[3] / "operator"
MODULES = sorted(
    ".".join(path.relative_to(OPERATOR).with_suffix("").parts)
    for path in (OPERATOR / "headgate_lang").rglob("*.py")
    if path.name != "__init__.py"
)

LOADED = "import sys; before = set(sys.modules); {}; print(*sorted(set(sys.modules) - before))"


def loaded_by(statement: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED.format(statement)],
        env={"PYTHONPATH": str(OPERATOR)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in ran.stdout.split()}


def test_no_module_loads_more_than_the_standard_library() -> None:
    foreign = loaded_by(f"import {', '.join(MODULES)}") - {"headgate_lang"} - sys.stdlib_module_names
    assert foreign == set()


@pytest.mark.parametrize("text", ["hello", "${a.b}", "x ${a.b[0]} y"])
def test_literals_and_plain_paths_do_not_need_the_engine(text: str) -> None:
    statement = (
        "from headgate_lang.resolve import resolve; from headgate_lang.scope import Scope; "
        f"assert not resolve({text!r}, Scope({{'a': {{'b': [1]}}}})).faults"
    )
    assert "cel_expr_python" not in loaded_by(statement)
    assert "google" not in loaded_by(statement)
