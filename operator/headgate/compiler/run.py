"""Whether a Run fits its workflow: the inputs that it gives, the environment that it names.

Lint asks where both were given; admission and the start of a Run ask the same, and a parent before it starts a child.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from headgate.api.run import RunSpec
from headgate.api.workflow import WorkflowSpec
from headgate.compiler.document.depth import FLATTEN, NESTED_DEEPER, is_deeper
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.sizes import KIB, MAX_INPUTS
from headgate.errors import SPEC, Item, Path, Problem
from headgate_lang.near import did_you_mean
from headgate_lang.schema import Kind, Violation, check_fields, with_defaults

REASONS = {
    Kind.TYPE: ProblemReason.TYPE_MISMATCH,
    Kind.MISSING: ProblemReason.MISSING_PARAMETER,
    Kind.UNKNOWN: ProblemReason.UNKNOWN_FIELD,
    Kind.VALUE: ProblemReason.INVALID_VALUE,
    Kind.SCHEMA: ProblemReason.INVALID_SCHEMA,
}


def check_run(run: RunSpec, workflow: WorkflowSpec) -> tuple[Problem, ...]:
    return (*_environment(run, workflow), *check_inputs(run.workflow, run.inputs, workflow))


def check_inputs(name: str, inputs: Mapping[str, Any], workflow: WorkflowSpec) -> tuple[Problem, ...]:
    """`name`: of the workflow."""
    if deep := tuple(_too_deep(name) for name, value in inputs.items() if is_deeper(value)):
        return deep
    violations = check_fields(inputs, workflow.inputs)
    return (*(_input(name, violation) for violation in violations), *_size(inputs, workflow))


def _too_deep(name: str) -> Problem:
    """Of a value that deep, perhaps not all was read: nothing else is said of it."""
    return Problem(SPEC / "inputs" / name, ProblemReason.INVALID_VALUE, f"`{name}` {NESTED_DEEPER}", FLATTEN)


def _size(inputs: Mapping[str, Any], workflow: WorkflowSpec) -> Iterator[Problem]:
    """As pods are told them: in ASCII, with the defaults of what is not given."""
    size = len(json.dumps(with_defaults(inputs, workflow.inputs), separators=(",", ":")))
    if size > MAX_INPUTS:
        message = f"the inputs are {math.ceil(size / KIB)} KiB of JSON, and a Run takes {MAX_INPUTS // KIB} KiB at most"
        remedy = "keep what is large in an object store or a knowledge base and pass its name, or divide it among Runs"
        yield Problem(SPEC / "inputs", ProblemReason.TOO_LARGE, message, remedy)


def _environment(run: RunSpec, workflow: WorkflowSpec) -> Iterator[Problem]:
    if run.environment is None or run.environment in workflow.environments:
        return
    known = ", ".join(workflow.environments)
    message = f"`{run.workflow}` has no environment `{run.environment}`"
    remedy = did_you_mean(run.environment, workflow.environments) or (f"it has {known}" if known else "leave it out")
    yield Problem(SPEC / "environment", ProblemReason.UNKNOWN_ENVIRONMENT, message, remedy)


def _input(workflow: str, violation: Violation) -> Problem:
    path = Path(("spec", "inputs", *(Item(step) if isinstance(step, int) else step for step in violation.path)))
    is_unknown = violation.kind is Kind.UNKNOWN
    if is_unknown and len(violation.path) == 1:
        message = f"`{workflow}` has no input `{violation.path[0]}`"
        return Problem(path, ProblemReason.UNKNOWN_INPUT, message, violation.remedy, on_key=True)
    name = f"`{'.'.join(str(step) for step in violation.path)}`" if violation.path else "the Run"
    return Problem(path, REASONS[violation.kind], f"{name} {violation.message}", violation.remedy, on_key=is_unknown)
