"""What admission answers: every problem as a cause that kubectl prints on a line of its own, and warnings. Pure.

The same checks as `headgate lint`. A change that leaves the spec as it was is never refused: labels can be set and
finalizers removed on what an older Headgate let in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headgate.api.credential import Credential
from headgate.api.run import Run
from headgate.api.workflow import Workflow
from headgate.compiler.alone import check_alone
from headgate.compiler.catalogue import Catalogue, Found, Missing
from headgate.compiler.check import check
from headgate.compiler.parse import parse
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.references import check_credential
from headgate.compiler.run import check_run
from headgate.compiler.run_again import check_run_again
from headgate.errors import SPEC, Problem, Severity
from headgate.names import GROUP

_MOST_CAUSES = 50
_LONGEST_CAUSE = 1000
_LONGEST_WARNING = 250
_ALL_WARNINGS = 4000
"""The API server drops what is beyond: 256 characters each, 4,096 in all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)


def judge(request: Mapping[str, Any], catalogue: Catalogue) -> Verdict:
    """Look at the object of an admission request."""
    thing = request.get("object")
    if request.get("operation") not in ("CREATE", "UPDATE") or not isinstance(thing, dict):
        return Verdict()
    old = request.get("oldObject")
    if isinstance(old, dict) and old.get("spec") == thing.get("spec"):
        return Verdict()
    parsed = parse(thing)
    match parsed.model:
        case Workflow() as workflow:
            checked = check(workflow.spec, catalogue, name=workflow.metadata.name)
            return Verdict(_joined(parsed.problems, checked.problems))
        case Run() as run if old is None:
            return Verdict(_joined(parsed.problems, _problems_of_run(run, catalogue)))
        case Credential() as credential:
            return Verdict(_joined(parsed.problems, check_credential(credential.spec, catalogue)))
        case _:
            return Verdict(_joined(parsed.problems, check_alone(parsed.model)))


def build_response(request: Mapping[str, Any], verdict: Verdict) -> dict[str, Any]:
    """The answer, as the API server passes it on to kubectl."""
    response: dict[str, Any] = {"uid": request["uid"], "allowed": not verdict.errors}
    if verdict.errors:
        response["status"] = _status(request, verdict.errors)
    if warnings := _warnings(verdict.warnings):
        response["warnings"] = warnings
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}


def _problems_of_run(run: Run, catalogue: Catalogue) -> Sequence[Problem]:
    found = catalogue.workflow(run.spec.workflow)
    match found:
        case Found(workflow):
            return (*check_run(run.spec, workflow), *check_run_again(run.spec, workflow, catalogue))
        case Missing(near):
            message = f"there is no workflow `{run.spec.workflow}` that could run"
            remedy = f"did you mean `{near}`?" if near else "create it first, or mend it if it is not valid"
            return (Problem(SPEC / "workflow", ProblemReason.MISSING_WORKFLOW, message, remedy),)
        case _:
            return ()


def _joined(*problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problem for several in problems for problem in several))


def _status(request: Mapping[str, Any], errors: Sequence[Problem]) -> dict[str, Any]:
    kind = (request.get("kind") or {}).get("kind", "")
    name = request.get("name") or "(a generated name)"
    causes = [_cause(problem) for problem in errors[:_MOST_CAUSES]]
    if len(errors) > _MOST_CAUSES:
        more = f"and {len(errors) - _MOST_CAUSES} more: `headgate lint` tells all"
        causes.append({"reason": "FieldValueInvalid", "field": "spec", "message": more})
    told = "; ".join(str(problem) for problem in errors[:3])
    return {
        "status": "Failure",
        "reason": "Invalid",
        "code": 422,
        "message": f'{kind}.{GROUP} "{name}" is invalid: {told}'[:_ALL_WARNINGS],
        "details": {"group": GROUP, "kind": kind, "name": name, "causes": causes},
    }


def _cause(problem: Problem) -> dict[str, str]:
    """kubectl puts the field before the message."""
    text = _line(problem)[:_LONGEST_CAUSE]
    return {"reason": "FieldValueInvalid", "field": str(problem.path), "message": text}


def _line(problem: Problem) -> str:
    remedy = f": {problem.remedy}" if problem.remedy else ""
    return f"{problem.message}{remedy} [{problem.reason}]"


def _warnings(problems: Sequence[Problem]) -> list[str]:
    warnings: list[str] = []
    size = 0
    for number, problem in enumerate(problems):
        text = str(problem)
        text = text if len(text) <= _LONGEST_WARNING else f"{text[: _LONGEST_WARNING - 1]}…"
        size += len(text.encode())
        if size > _ALL_WARNINGS:
            warnings.append(f"and {len(problems) - number} more warnings")
            break
        warnings.append(text)
    return warnings
