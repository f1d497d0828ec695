"""Whether a Run fits its workflow: the inputs that it gives, the environment that it names.

Lint asks where both were given; admission and the start of a Run ask the same.
"""

from collections.abc import Iterator

from headgate.api.run import RunSpec
from headgate.api.workflow import WorkflowSpec
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Item, Path, Problem
from headgate_lang.near import did_you_mean
from headgate_lang.schema import Kind, Violation, check_fields

_REASONS = {
    Kind.TYPE: ProblemReason.TYPE_MISMATCH,
    Kind.MISSING: ProblemReason.MISSING_PARAMETER,
    Kind.UNKNOWN: ProblemReason.UNKNOWN_FIELD,
    Kind.VALUE: ProblemReason.INVALID_VALUE,
    Kind.SCHEMA: ProblemReason.INVALID_SCHEMA,
}


def check_run(run: RunSpec, workflow: WorkflowSpec) -> tuple[Problem, ...]:
    violations = check_fields(run.inputs, workflow.inputs)
    return (*_environment(run, workflow), *(_input(run, violation) for violation in violations))


def _environment(run: RunSpec, workflow: WorkflowSpec) -> Iterator[Problem]:
    if run.environment is None or run.environment in workflow.environments:
        return
    known = ", ".join(workflow.environments)
    message = f"`{run.workflow}` has no environment `{run.environment}`"
    remedy = did_you_mean(run.environment, workflow.environments) or (f"it has {known}" if known else "leave it out")
    yield Problem(SPEC / "environment", ProblemReason.UNKNOWN_ENVIRONMENT, message, remedy)


def _input(run: RunSpec, violation: Violation) -> Problem:
    path = Path(("spec", "inputs", *(Item(step) if isinstance(step, int) else step for step in violation.path)))
    is_unknown = violation.kind is Kind.UNKNOWN
    if is_unknown and len(violation.path) == 1:
        message = f"`{run.workflow}` has no input `{violation.path[0]}`"
        return Problem(path, ProblemReason.UNKNOWN_INPUT, message, violation.remedy, on_key=True)
    name = f"`{'.'.join(str(step) for step in violation.path)}`" if violation.path else "the Run"
    return Problem(path, _REASONS[violation.kind], f"{name} {violation.message}", violation.remedy, on_key=is_unknown)
