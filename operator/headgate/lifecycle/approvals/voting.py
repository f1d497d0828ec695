"""`decide_request(request, now, …) → Outcome`: how a question stands. Pure; asked whenever anything about it changes.

One Reject ends it. A quorum must agree on the same: on what was shown, or on the same answer. What is decided is noted
in the request before anything is built on it, and from then on read back from there.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from headgate.api.approvalpolicy import OnTimeout
from headgate.api.approvalrequest import (
    NEVER_SKIPPED,
    NOTHING_GIVEN,
    SOMETHING_GIVEN,
    VERDICTS,
    ApprovalRequest,
    Decision,
    MaySkip,
    Question,
    Verdict,
    Vote,
)
from headgate.compiler.document.depth import MAX_NESTING, is_deeper
from headgate.lifecycle import moments
from headgate.lifecycle.approvals.counting import Count, count
from headgate.lifecycle.approvals.history import OPERATOR, Seen, add, has_said, note, short
from headgate.lifecycle.approvals.people import Electorate
from headgate.lifecycle.approvals.ruling import holds
from headgate.lifecycle.tidy import line
from headgate_lang import documents
from headgate_lang.schema import Kind, Violation, check_fields, check_given, with_defaults

_ENDS = {
    Verdict.APPROVE: Decision.APPROVED,
    Verdict.ANSWER: Decision.ANSWERED,
    Verdict.RETRY: Decision.RETRY,
    Verdict.SKIP: Decision.SKIP,
    Verdict.STOP: Decision.STOP,
}
_NOES = (Verdict.REJECT, Verdict.STOP)
"""Whose values nobody reads: a no counts whatever is said with it."""
MAX_VALUES = 256 * 1024
_TOO_LARGE = Violation((), Kind.VALUE, f"the values are larger than {MAX_VALUES // 1024} KiB")
_TOO_DEEP = Violation((), Kind.VALUE, f"the values are nested deeper than {MAX_NESTING}")
_TOO_OFTEN = "it was changed too often: of this voter, only a no counts now"
_RULE_SHOWN = 600
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it stands at one moment."""

    phase: Decision
    count: Count
    history: Mapping[str, str]
    by: tuple[str, ...] = ()
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    """As they were approved, answered or given."""
    decided_at: datetime | None = None
    wake_at: datetime | None = None
    message: str = ""
    """Why it ended, if no vote says so."""
    unheard: Mapping[str, str] = field(default_factory=dict)
    """Whose vote does not count, and why."""

    @property
    def is_open(self) -> bool:
        return self.phase is Decision.OPEN


@dataclass(frozen=True, slots=True)
class Corrector:
    """Who corrected the values that a request shows, by a vote on the request before it."""

    user: str
    vote: Vote


def corrector_of(before: ApprovalRequest, after: ApprovalRequest) -> Corrector | None:
    """Who corrected what a request showed, so that `after` took its place; None for any other end."""
    outcome = read_decided(before)
    if outcome is None or outcome.phase is not Decision.SUPERSEDED or not outcome.by:
        return None
    if dict(outcome.values) != dict(after.spec.values):
        return None
    return Corrector(outcome.by[0], before.spec.votes[outcome.by[0]])


def read_decided(request: ApprovalRequest, corrector: Corrector | None = None) -> Outcome | None:
    """What was decided, once the votes bear it out, as they were noted then: whoever acts on the Run afterwards, or
    votes, changes nothing. A yes that they do not bear out is a no. None: it is open."""
    status = request.status
    if request.is_open or status is None or status.phase is None:
        return None
    decided_at = moments.parse(status.decided_at)
    excluded = frozenset(status.excluded)
    found = decide_request(request, decided_at or _NEVER, involved=excluded, corrector=corrector)
    if decided_at is not None and found.phase is status.phase:
        return found
    phase, message = status.phase, ""
    if phase not in (Decision.EXPIRED, Decision.CANCELLED, Decision.SUPERSEDED):
        phase, message = Decision.CANCELLED, f"its status says {status.phase}, and its votes do not bear that out"
    return Outcome(phase, found.count, status.history, decided_at=decided_at, message=message)


def misfits(request: ApprovalRequest, vote: Vote) -> tuple[Violation, ...]:
    """How the values of a vote miss what may be said there: with any of these it does not count."""
    form, may_skip = request.spec.binding.form, request.spec.binding.may_skip
    if vote.verdict is Verdict.SKIP and may_skip is MaySkip.NEVER:
        return (Violation((), Kind.VALUE, NEVER_SKIPPED),)
    if vote.verdict is Verdict.SKIP and may_skip is MaySkip.WITH_OUTPUT and not vote.values:
        return (Violation((), Kind.VALUE, SOMETHING_GIVEN),)
    if vote.verdict not in _NOES and is_deeper(vote.values):
        return (_TOO_DEEP,)
    if request.spec.type is Question.CLARIFICATION:
        found = check_fields(vote.values, form)
    elif not vote.values or vote.verdict in _NOES:
        return ()
    elif vote.verdict is Verdict.SKIP:
        if may_skip is MaySkip.WITHOUT_OUTPUT:
            return (Violation((), Kind.VALUE, NOTHING_GIVEN),)
        output = request.spec.binding.output
        found = check_given(vote.values, output) if output else ()
    else:
        found = check_given(vote.values, form)
    return found if found or _is_small(vote.values) else (_TOO_LARGE,)


def decide_request(
    request: ApprovalRequest,
    now: datetime,
    *,
    involved: frozenset[str] = frozenset(),
    corrector: Corrector | None = None,
) -> Outcome:
    ballot = _Ballot(request, now, involved, corrector)
    if ballot.electorate.is_unattributed:
        return ballot.end(Decision.CANCELLED, message=tell_unattributed(ballot.electorate, request))
    return ballot.decide()


def tell_unattributed(electorate: Electorate, request: ApprovalRequest) -> str:
    message = f"no person is known to have asked, and policy {request.spec.binding.policy.name} refuses that"
    if electorate.involved:
        return message
    return f"{message}: the Run was created while no admission policy stamped who asked; create another"


class _Ballot:
    def __init__(
        self, request: ApprovalRequest, now: datetime, involved: frozenset[str], corrector: Corrector | None
    ) -> None:
        binding = request.spec.binding
        self.request, self.now = request, now
        self.opened_at = moments.parse(request.metadata.creation_timestamp) or now
        self.expires_at = moments.parse(binding.expires_at)
        requester = {request.spec.requester} if request.spec.requester else set()
        self.electorate = Electorate(binding.policy, self.opened_at, involved | requester)
        self.history, self.seen = note(request, now)
        if corrector is not None and not has_said(request, corrector.user):
            self.seen[corrector.user] = Seen(corrector.vote.model_copy(update={"values": {}}), self.opened_at)
        self.needed = [stage.votes for stage in binding.policy.stages]
        self.unheard: Mapping[str, str] = {}

    @property
    def is_over(self) -> bool:
        return self.expires_at is not None and self.now >= self.expires_at

    def decide(self) -> Outcome:
        faults = {user: self._fault(user, seen) for user, seen in self.seen.items()}
        unnoted = self.request.spec.votes.keys() - self.seen.keys() if self.request.is_open else ()
        self.unheard = {user: why for user, why in faults.items() if why} | dict.fromkeys(unnoted, _TOO_OFTEN)
        votes = {user: seen for user, seen in self.seen.items() if faults[user] is None}
        rejected = sorted((seen.at, user) for user, seen in votes.items() if seen.vote.verdict is Verdict.REJECT)
        if rejected:
            user = rejected[0][1]
            return self.end(Decision.REJECTED, by=(user,), reason=votes[user].vote.reason or "")
        corrected = self._corrected(votes)
        if corrected is not None:
            return corrected
        if holds(self.request):
            return self._ruled()
        best = Count((0,) * len(self.needed), tuple(self.needed))
        for voters in self._agreements(votes):
            counted = self._count(voters, votes.keys())
            if counted.is_passed:
                return self._passed(voters, counted)
            best = max(best, counted, key=lambda one: sum(one.filled))
        return self._expired(best) if self.is_over else self._open(best)

    def _fault(self, user: str, seen: Seen) -> str | None:
        """Why it does not count; empty if it was taken back. It must be a vote on this question, by somebody who may,
        in time, with values that fit. A no is in time as long as nothing is decided: perhaps nobody was there."""
        vote = seen.vote
        if vote.verdict is Verdict.WITHDRAW:
            return ""
        if vote.verdict not in VERDICTS[self.request.spec.type]:
            return f"{vote.verdict} is no answer to this"
        if self.expires_at is not None and seen.at >= self.expires_at and vote.verdict is not Verdict.REJECT:
            return "it came after the end"
        if not self.electorate.may_vote(user, vote, seen.at, self.now):
            is_excluded = user in self.electorate.excluded
            return "who asked for the Run, or acted on it, is excluded" if is_excluded else "the policy asks others"
        return next((str(one) for one in misfits(self.request, vote)), None)

    def _corrected(self, votes: Mapping[str, Seen]) -> Outcome | None:
        """Whoever corrects what is shown approves something else: that has to be asked anew."""
        if self.request.spec.type is not Question.APPROVAL:
            return None
        shown = self.request.spec.values
        for _, user in sorted((seen.at, user) for user, seen in votes.items()):
            given = votes[user].vote.values
            if any(shown.get(name) != value for name, value in given.items()):
                return self.end(Decision.SUPERSEDED, by=(user,), values={**shown, **given})
        return None

    def _agreements(self, votes: Mapping[str, Seen]) -> Iterator[dict[str, Seen]]:
        """Those who say the same, by when the first of them said it."""
        groups: dict[str, dict[str, Seen]] = {}
        for _, user in sorted((seen.at, user) for user, seen in votes.items()):
            groups.setdefault(self._said(votes[user].vote), {})[user] = votes[user]
        yield from groups.values()

    def _said(self, vote: Vote) -> str:
        return documents.digest([str(vote.verdict), dict(vote.values) if self._matters(vote) else {}])

    def _matters(self, vote: Vote) -> bool:
        return vote.verdict in (Verdict.ANSWER, Verdict.SKIP, Verdict.RETRY)

    def _count(self, voters: Mapping[str, Seen], present: Container[str]) -> Count:
        """`present`: who has voted, and needs nobody to stand in."""
        votes: dict[str, set[str]] = {}
        stages: dict[str, set[int]] = {}
        for number, stage in enumerate(self.electorate.terms.stages):
            for user, seen in voters.items():
                for principal in self.electorate.principals(stage, user, seen.vote, seen.at, self.now):
                    if principal == user or principal not in present:
                        votes.setdefault(user, set()).add(principal)
                        stages.setdefault(principal, set()).add(number)
        return count(self.needed, votes, stages)

    def _passed(self, voters: Mapping[str, Seen], counted: Count) -> Outcome:
        order = sorted((seen.at, user) for user, seen in voters.items())
        last = voters[order[-1][1]].vote
        values = dict(self.request.spec.values)
        if self.request.spec.type is Question.CLARIFICATION:
            values = with_defaults(last.values, self.request.spec.binding.form)
        elif self._matters(last):
            values = dict(last.values)
        by = tuple(user for _, user in order)
        return self.end(_ENDS[last.verdict], by=by, reason=last.reason or "", values=values, counted=counted)

    def _ruled(self) -> Outcome:
        """The policy's rule held when it was asked: whoever wrote the policy has answered for people."""
        policy = self.request.spec.binding.policy
        rule = line(policy.auto_approve or "", _RULE_SHOWN)
        why = f"its rule {rule} holds (policy hash {short(policy.hash)})"
        by, values = (f"policy/{policy.name}",), dict(self.request.spec.values)
        return self.end(Decision.AUTO_APPROVED, by=by, reason=why, values=values, message=why)

    def _expired(self, best: Count) -> Outcome:
        approves = self.electorate.terms.on_timeout is OnTimeout.APPROVE
        if approves and self.request.spec.binding.corrects is not None:
            message = "nobody answered in time, and silence does not approve what somebody corrected"
            return self.end(Decision.EXPIRED, counted=best, message=message)
        if approves and self.request.spec.type is Question.APPROVAL:
            values = dict(self.request.spec.values)
            return self.end(Decision.AUTO_APPROVED, values=values, counted=best, message="the time was over")
        return self.end(Decision.EXPIRED, counted=best, message="nobody answered in time")

    def _open(self, best: Count) -> Outcome:
        moments_ = [self.expires_at, self.electorate.escalates_at]
        wakes = [moment for moment in moments_ if moment is not None and moment > self.now]
        return Outcome(Decision.OPEN, best, self.history, wake_at=min(wakes, default=None), unheard=self.unheard)

    def end(
        self,
        phase: Decision,
        *,
        by: tuple[str, ...] = (),
        reason: str = "",
        values: Mapping[str, Any] | None = None,
        counted: Count | None = None,
        message: str = "",
    ) -> Outcome:
        history = dict(self.history)
        who = f" by {', '.join(by)}" if by else ""
        add(history, self.now, OPERATOR, f"{phase}{who}{f': {message}' if message else ''}")
        none = Count((0,) * len(self.needed), tuple(self.needed))
        return Outcome(phase, counted or none, history, by, reason, values or {}, self.now, None, message)


def _is_small(values: Mapping[str, Any]) -> bool:
    try:
        return documents.size(values) <= MAX_VALUES
    except documents.DocumentError:
        return False
