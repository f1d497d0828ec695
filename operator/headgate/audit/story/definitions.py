"""What is written down and decides later: policies, credentials, workflows, and what guards votes. By its hash, before
and after; who changed it only the API server's own audit log knows. Asked by the recorder."""

from collections.abc import Mapping
from typing import Any

from headgate.audit.entry import Action, Fact, Scalar
from headgate_lang import documents

ADMISSION = frozenset(
    {
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
    }
)
DEFINITIONS = frozenset({"Workflow", "ApprovalPolicy", "Credential"}) | ADMISSION
LASTING = DEFINITIONS | {"Operator", "ConfigMap"}
"""What may be there for as long as there is a log, with ever more to tell."""

Object = Mapping[str, Any]


def fact_of_definition(kind: str, thing: Object, before: str | None) -> Fact | None:
    """`before`: the hash of its spec that was recorded last. None: nothing is new."""
    found = documents.digest(thing.get("spec") or {})
    if found == before:
        return None
    metadata = thing["metadata"]
    detail: dict[str, Scalar] = {"hash": found}
    if before is not None:
        detail["before"] = before
    return Fact(
        Action.DEFINED if before is None else Action.CHANGED,
        f"defined/{metadata.get('generation', 0)}/{found}",
        kind,
        metadata["name"],
        metadata["uid"],
        metadata.get("namespace", ""),
        at=metadata.get("creationTimestamp", "") if before is None and metadata.get("generation", 1) == 1 else "",
        detail=detail,
    )


def removed(kind: str, namespace: str, name: str, uid: str) -> Fact:
    return Fact(Action.REMOVED, "removed", kind, name, uid, namespace)
