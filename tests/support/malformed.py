"""Tables of malformed objects in tests/unit/compiler: read from YAML, one file a family.

A case is the `spec` of a workflow called `malformed`, the `spec` of a `type` or a `policy` (over a sound one), or a
whole `document`, with what is expected of it beside: `errors`, all of them, each a path and a reason; `warnings`, all
of them, where the key stands; `says`, a part of what is told. `lacks` are objects that are not there. Texts too long to
be written out are called `$NAME`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem, Severity

_STAND_INS: dict[str, Any] = {
    "$ITEMS": list(range(1001)),
    "$NODES": [{"name": f"n{i}", "use": "log", "with": {"message": "hi"}} for i in range(10_001)],
    "$TEXT": "x" * 19_000,
    "$WIDE": [
        *({"name": f"n{i}", "use": "set", "with": {"x": 1}} for i in range(1200)),
        {"name": "last", "use": "log", "with": {"message": "hi", "data": [f"${{n{i}.x}}" for i in range(1200)]}},
    ],
}  # fmt: skip
_PARTS = {"$LONG": "x" * 4096, "$DEEP": "(" * 40 + "1" + ")" * 40}


@dataclass(frozen=True)
class Case:
    family: str
    it: str
    document: dict[str, Any]
    errors: list[str]
    warnings: list[str] | None
    says: str
    lacks: tuple[str, ...]


def read_cases(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.yaml")):
        for one in yaml.safe_load(path.read_text(encoding="utf-8")):
            it, says = one.pop("it"), str(one.pop("says", ""))
            errors, warnings = one.pop("errors", []), one.pop("warnings", None)
            lacks = tuple(one.pop("lacks", ()))
            document = one.pop("document", None) or _document(one)
            yield Case(path.stem, it, _filled(document), errors, warnings, says, lacks)


def assert_told(case: Case, problems: list[Problem]) -> None:
    """Every problem that is expected and no other, each with something to do about it."""
    told = "\n".join(str(problem) for problem in problems)
    errors = [f"{problem.path} {problem.reason}" for problem in problems if problem.severity is Severity.ERROR]
    warnings = [f"{problem.path} {problem.reason}" for problem in problems if problem.severity is Severity.WARNING]
    assert sorted(errors) == sorted(case.errors), told
    if case.warnings is not None:
        assert sorted(warnings) == sorted(case.warnings), told
    assert case.says in told
    for problem in problems:
        assert problem.remedy, f"nothing to do about {problem}"
        assert problem.reason in set(ProblemReason)


_SOUND_TYPE = {"description": "d", "image": f"registry.example/x@sha256:{'6' * 64}", "command": ["/x"]}
_SOUND_POLICY = {"stages": [{"name": "owners", "groups": ["owners"]}], "exclude": ["Requester"]}


def _document(one: dict[str, Any]) -> dict[str, Any]:
    kind, name, spec = "Workflow", "malformed", one
    if "type" in one:
        kind, name, spec = "NodeType", "malformed.v1", {**_SOUND_TYPE, **one["type"]}
    elif "policy" in one:
        kind, spec = "ApprovalPolicy", {**_SOUND_POLICY, **one["policy"]}
    return {"apiVersion": "headgate.dev/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_filled(held) for held in value]
    if isinstance(value, str):
        for name, part in _PARTS.items():
            value = value.replace(name, part)
        return _STAND_INS.get(value, value)
    return value
