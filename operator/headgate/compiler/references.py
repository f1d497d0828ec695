"""What a Credential names that is not there: warnings, as GitOps applies in any order. Admission and lint ask."""

from collections.abc import Iterator
from typing import Any

from headgate.api.credential import CredentialSpec
from headgate.compiler.catalogue import Answer, Catalogue, Missing
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Item, Path, Problem, Severity


def check_credential(spec: CredentialSpec, catalogue: Catalogue) -> tuple[Problem, ...]:
    return tuple(_doubts(spec, catalogue))


def _doubts(spec: CredentialSpec, catalogue: Catalogue) -> Iterator[Problem]:
    for index, name in enumerate(spec.node_types):
        path, what = SPEC / "nodeTypes" / Item(index), f"there is no node type `{name}`: nothing uses it by that"
        yield from _missing(catalogue.node_type(name), path, ProblemReason.MISSING_NODE_TYPE, what)
    for index, name in enumerate(spec.workflows):
        path, what = SPEC / "workflows" / Item(index), f"there is no workflow `{name}` here"
        yield from _missing(catalogue.workflow(name), path, ProblemReason.MISSING_WORKFLOW, what)
    if spec.behind is not None:
        what = f"there is no ApprovalPolicy `{spec.behind}` here: until there is, no node is given it"
        yield from _missing(catalogue.policy(spec.behind), SPEC / "behind", ProblemReason.MISSING_POLICY, what)


def _missing(answer: Answer[Any], path: Path, reason: ProblemReason, what: str) -> Iterator[Problem]:
    if isinstance(answer, Missing):
        remedy = f"did you mean `{answer.near}`?" if answer.near else "apply it, or mend the name"
        yield Problem(path, reason, what, remedy, Severity.WARNING)
