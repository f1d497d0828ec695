"""Who looks at a question, and the vote that admission would make of theirs. `judging` and `foresight` build on it.

Whether a vote counts, and what comes of it, the operator's own code says. Only the stamp is foreseen here: that is the
work of `vote-stamp.yaml`, and an integration test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from headgate.api.approvalpolicy import Terms
from headgate.api.approvalrequest import ApprovalRequest, Verdict, Vote
from headgate.lifecycle import moments
from headgate.lifecycle.approvals.people import Electorate
from headgate.lifecycle.approvals.voting import Corrector, Outcome, decide_request


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the API server knows them."""

    user: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rights:
    """What RBAC says of a person and one question."""

    may_write: bool = True
    """They may patch requests in its namespace."""
    may_approve: bool = False
    """They have the verb `approve` on its policy."""


@dataclass(frozen=True)
class Matter:
    """One question, and all that is known about a person's vote on it."""

    request: ApprovalRequest
    person: Person
    rights: Rights
    now: datetime
    involved: frozenset[str] = frozenset()
    """Who asked for the Run, and who acted on it."""
    corrector: Corrector | None = None

    @cached_property
    def electorate(self) -> Electorate:
        requester = {self.request.spec.requester} if self.request.spec.requester else set()
        opened_at = moments.parse(self.request.metadata.creation_timestamp) or self.now
        return Electorate(self.request.spec.binding.policy, opened_at, self.involved | requester)

    @property
    def standing(self) -> Vote | None:
        """The person's vote as it stands."""
        said = self.request.spec.votes.get(self.person.user)
        if said is None and self.corrector is not None and self.corrector.user == self.person.user:
            said = self.corrector.vote
        return None if said is None or said.verdict is Verdict.WITHDRAW else said

    def stamp(self, verdict: Verdict, reason: str | None = None, values: Mapping[str, Any] | None = None) -> Vote:
        """The vote as admission would leave it."""
        policy, user = self.request.spec.binding.policy, self.person.user
        groups = tuple(group for group in self.person.groups if group in groups_of(policy))
        is_named = bool(groups) or any(user in stage.users for stage in policy.stages)
        by_right = True if self.rights.may_approve and not is_named else None
        return Vote(verdict=verdict, reason=reason, values=dict(values or {}), groups=groups, by_right=by_right)

    def foresee(self, vote: Vote | None = None) -> Outcome:
        """How the question stands, or how it would with this vote of theirs."""
        request = self.request
        if vote is not None:
            votes = {**request.spec.votes, self.person.user: vote}
            request = request.model_copy(update={"spec": request.spec.model_copy(update={"votes": votes})})
        return decide_request(request, self.now, involved=self.involved, corrector=self.corrector)


def groups_of(terms: Terms) -> frozenset[str]:
    """All groups that a policy names, those that it calls in later among them."""
    called_in = terms.escalate.groups if terms.escalate is not None else ()
    return frozenset([*(group for stage in terms.stages for group in stage.groups), *called_in])
