"""By which policy a question is asked, and for how long: as it is now. Of what was corrected, as it was copied when the
first question was asked: no correction brings a looser policy to bear.
"""

from dataclasses import dataclass
from datetime import datetime

from headgate.api.approvalpolicy import ApprovalPolicySpec, Terms
from headgate.api.approvalrequest import ApprovalRequest, PolicyCopy
from headgate.compiler.catalogue import Found
from headgate.compiler.revision import content_hash
from headgate.lifecycle import moments
from headgate.lifecycle.approvals.question import Asked
from headgate.lifecycle.case import Case
from headgate_lang import durations

_CLOCKS_DIFFER = 3600.0
"""Seconds, between two machines on which operators lead one after the other."""


@dataclass(frozen=True, slots=True)
class Under:
    policy: PolicyCopy
    seconds: float | None
    """How long people have."""

    def expires_at(self, now: datetime) -> datetime | None:
        return None if self.seconds is None else moments.shift(now, self.seconds)

    def is_of(self, request: ApprovalRequest, now: datetime) -> bool:
        """Whether a request goes by this, and ends no later than if it were asked now."""
        ends_at, may_end = moments.parse(request.spec.binding.expires_at), self.expires_at(now)
        if ends_at is None or may_end is None:
            is_in_time = request.spec.binding.expires_at is None and may_end is None
        else:
            is_in_time = ends_at <= moments.shift(may_end, _CLOCKS_DIFFER)
        return is_in_time and request.spec.binding.policy == self.policy


def under(case: Case, asked: Asked) -> Under | None:
    """None: there is no such policy."""
    if asked.corrects is not None:
        binding, opened = asked.corrects.spec.binding, moments.parse(asked.corrects.metadata.creation_timestamp)
        ends_at = moments.parse(binding.expires_at)
        seconds = (ends_at - opened).total_seconds() if ends_at is not None and opened is not None else None
        return Under(binding.policy, seconds)
    answer = case.observed.catalogue.policy(asked.policy)
    return _as_now(asked.policy, answer.value) if isinstance(answer, Found) else None


def _as_now(name: str, policy: ApprovalPolicySpec) -> Under:
    terms = {field: getattr(policy, field) for field in Terms.model_fields}
    copied = PolicyCopy(**terms, name=name, hash=content_hash(policy))
    return Under(copied, durations.parse(policy.timeout) if policy.timeout is not None else None)
