"""What is asked: its content, its digest, and the ApprovalRequest that asks it. Deterministic, to the name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from headgate.api.approvalpolicy import Terms
from headgate.api.approvalrequest import ApprovalRequest, MaySkip, PolicyCopy, Question, RuleFound
from headgate.lifecycle import moments
from headgate.lifecycle.approvals.naming import name_in_round
from headgate.lifecycle.approvals.ruling import Subject, holds, judge_rule, unless_asked
from headgate.lifecycle.case import Case
from headgate.lifecycle.children import NODE
from headgate.lifecycle.pinned import WORKFLOW
from headgate.lifecycle.tidy import line
from headgate.names import API_VERSION, GROUP, label_of
from headgate_lang import documents
from headgate_lang.ruling import Ruling

RUN = f"{GROUP}/run"
GUARD = f"{GROUP}/guard"
"""The annotation that says which admission policies stood when people were asked."""
MAX_MESSAGE = 19_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, before there is a request."""

    type: Question
    node: str
    policy: str
    """The ApprovalPolicy."""
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    """What is shown."""
    form: Mapping[str, Any] = field(default_factory=dict)
    """What may be corrected or answered."""
    may_skip: MaySkip | None = None
    """Of a failure: whether it may be answered with Skip."""
    output: Mapping[str, Any] = field(default_factory=dict)
    """What stands in for its output, if it may."""
    replaces: str | None = None
    """The request whose place it takes."""
    replaces_uid: str | None = None
    corrects: ApprovalRequest | None = None
    """That request, if what it shows was corrected: this goes by its policy."""
    ruling: Ruling | None = None
    """What a pod told of the policy's rule."""

    def digest(self, case: Case) -> str:
        """Covers what is asked, of which Run, on which content."""
        return documents.digest(
            {
                "run": case.uid,
                "revision": case.pinned.digest,
                "instance": self.node,
                "round": case.mark(self.node).round,
                "type": str(self.type),
                "message": self.message,
                "values": dict(self.values),
                "form": dict(self.form),
                "maySkip": self.may_skip,
                "output": dict(self.output),
                "replaces": [self.replaces, self.replaces_uid],
            }
        )

    def judged(self, case: Case, policy: Terms) -> RuleFound | None:
        """What the rule of a policy says of this; the rule read what may be corrected."""
        values = {name: value for name, value in self.values.items() if name in self.form}
        return judge_rule(policy.auto_approve, self.ruling, Subject(case.uid, self.type, values, self.replaces))

    def again(self, before: ApprovalRequest) -> "Asked":
        """What takes the place of a request: the same, asked anew."""
        return replace(self, replaces=before.metadata.name, replaces_uid=before.metadata.uid)

    def corrected(self, values: Mapping[str, Any], before: ApprovalRequest) -> "Asked":
        return replace(self.again(before), values=values, corrects=before)


def base_name(case: Case, node: str) -> str:
    return name_in_round(case.name, node, case.mark(node).round)


def bind(case: Case, asked: Asked, copied: PolicyCopy, expires_at: str | None) -> str:
    """The digest of a request: whatever a decision of people is bound to."""
    content = {"asked": asked.digest(case), "requester": case.spec.requester}
    return documents.digest({**content, "policy": _plain(copied), "expiresAt": expires_at})


def build_request(case: Case, asked: Asked, name: str, copied: PolicyCopy, ends_at: datetime | None) -> dict[str, Any]:
    rule = unless_asked(asked.judged(case, copied), asked.node, case.uid, name, case.observed.requests)
    expires_at = moments.spell(ends_at) if ends_at is not None else None
    binding: dict[str, Any] = {
        "digest": bind(case, asked, copied, expires_at),
        "revision": case.status.revision,
        "form": dict(asked.form),
        "policy": _plain(copied),
        **({"expiresAt": expires_at} if expires_at is not None else {}),
    }
    if asked.may_skip is not None:
        binding |= {"maySkip": str(asked.may_skip), "output": dict(asked.output)}
    if asked.replaces is not None:
        binding |= {"corrects": asked.replaces, "correctsUid": asked.replaces_uid}
    if rule is not None:
        binding["rule"] = rule.model_dump(mode="json", by_alias=True, exclude_none=True)
    labels = {WORKFLOW: label_of(case.spec.workflow), RUN: case.name, NODE: asked.node}
    owner = {"apiVersion": API_VERSION, "kind": "Run", "name": case.name, "uid": case.uid, "controller": True}
    metadata = {
        "name": name,
        "namespace": case.run.metadata.namespace,
        "labels": labels,
        "annotations": {GUARD: case.observed.guard or ""},
        "ownerReferences": [owner],
    }
    spec = {
        "type": str(asked.type),
        "message": line(asked.message, MAX_MESSAGE),
        **({"requester": case.spec.requester} if case.spec.requester else {}),
        "run": case.name,
        "node": asked.node,
        "values": dict(asked.values),
        "binding": binding,
    }
    return {"apiVersion": API_VERSION, "kind": "ApprovalRequest", "metadata": metadata, "spec": spec}


def is_ours(case: Case, asked: Asked, request: ApprovalRequest) -> bool:
    """Whether a request asks exactly this, of this Run, in this round. Its copy of the policy may be of any time."""
    spec = request.spec
    return (
        request.metadata.is_part_of(case.uid)
        and (spec.type, spec.run, spec.node) == (asked.type, case.name, asked.node)
        and spec.requester == case.spec.requester
        and dict(spec.values) == dict(asked.values)
        and spec.message == line(asked.message, MAX_MESSAGE)
        and dict(spec.binding.form) == dict(asked.form)
        and (spec.binding.may_skip, dict(spec.binding.output)) == (asked.may_skip, dict(asked.output))
        and (spec.binding.corrects, spec.binding.corrects_uid) == (asked.replaces, asked.replaces_uid)
        and spec.binding.policy.name == asked.policy
        and spec.binding.digest == bind(case, asked, spec.binding.policy, spec.binding.expires_at)
        and (not holds(request) or asked.judged(case, spec.binding.policy) == spec.binding.rule)
    )


def _plain(copied: PolicyCopy) -> dict[str, Any]:
    return copied.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
