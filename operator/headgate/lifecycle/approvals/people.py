"""Who may answer a question: users, groups, those who were called in later, those who stand in for others. And who not.

Nobody can list who is in a group, or who may `approve` a policy by RBAC: that a voter is in one, or may, admission has
stamped on the vote. Such a right is one on the whole policy, and counts in every stage.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from headgate.api.approvalpolicy import Exclude, Stage, Terms, Unattributed
from headgate.api.approvalrequest import Vote
from headgate.lifecycle import moments
from headgate_lang import durations

_MACHINES = "system:"


def is_person(user: str, terms: Terms) -> bool:
    return not user.startswith(_MACHINES) or user in terms.service_accounts


@dataclass(frozen=True, slots=True)
class Electorate:
    """Who may vote on one question, at any moment of it."""

    terms: Terms
    opened_at: datetime
    involved: frozenset[str]
    """Who asked for the Run, and who acted on it."""

    @property
    def excluded(self) -> frozenset[str]:
        return self.involved if Exclude.REQUESTER in self.terms.exclude else frozenset()

    @property
    def is_unattributed(self) -> bool:
        """No person is known to have asked, and the policy wants to keep apart who asks and who answers."""
        if Exclude.REQUESTER not in self.terms.exclude or self.terms.unattributed is Unattributed.ALLOW:
            return False
        return not any(is_person(user, self.terms) for user in self.involved)

    @property
    def escalates_at(self) -> datetime | None:
        """At a whole second, as the moment of a decision is one: what was decided is to be read back the same."""
        if self.terms.escalate is None:
            return None
        return moments.shift(self.opened_at, math.ceil(durations.parse(self.terms.escalate.after)))

    def groups(self, stage: Stage, moment: datetime) -> tuple[str, ...]:
        called_in = self.escalates_at is not None and moment >= self.escalates_at
        more = self.terms.escalate.groups if self.terms.escalate is not None and called_in else ()
        return (*stage.groups, *more)

    def principals(self, stage: Stage, user: str, vote: Vote, cast_at: datetime, now: datetime) -> Iterator[str]:
        """For whom a vote counts in a stage: for the voter, or for those in whose place the voter stood then."""
        if user in self.excluded or not is_person(user, self.terms):
            return
        if vote.by_right or user in stage.users or not set(vote.groups).isdisjoint(self.groups(stage, now)):
            yield user
        for delegation in self.terms.delegation:
            until = moments.parse(delegation.until)
            stood_in = delegation.to == user and until is not None and cast_at < until
            if stood_in and delegation.from_ in stage.users and delegation.from_ not in self.excluded:
                yield delegation.from_

    def may_vote(self, user: str, vote: Vote, cast_at: datetime, now: datetime) -> bool:
        return any(any(self.principals(stage, user, vote, cast_at, now)) for stage in self.terms.stages)
