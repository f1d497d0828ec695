"""Who asked for a Run, acted on it or on a part of it, or answered for one of its failures: whom a policy may keep from
approving at its gates.
"""

from collections.abc import Iterable

from headgate.api.approvalrequest import ApprovalRequest, Question, Verdict
from headgate.api.run import MAX_ACTORS, Run, RunStatus
from headgate.lifecycle.case import Case


def involved_in(run: Run) -> frozenset[str]:
    """As the Run itself tells. What became of its requests and children since, the operator adds to its status."""
    spec, status = run.spec, run.status or RunStatus()
    return frozenset(user for user in (spec.requester, spec.declared_by, *spec.acted_by, *status.acted_by) if user)


def acted_on(case: Case) -> frozenset[str]:
    """Who acted on it, on its children, or answered for a failure of it: also if that child or request is gone."""
    children = (user for child in case.observed.children for user in _acted(child))
    answered = _answered(case.observed.requests, case.uid)
    return frozenset((*case.spec.acted_by, *case.status.acted_by, *children, *answered))


def involved(case: Case) -> frozenset[str]:
    """Who asked for the Run, and who acted on it."""
    asked = (user for user in (case.spec.requester, case.spec.declared_by) if user)
    return acted_on(case).union(asked)


def listed(actors: Iterable[str], first: Iterable[str] = (), most: int = MAX_ACTORS) -> tuple[str, ...]:
    """In an order that stays: `first` as they are, then the others."""
    known = tuple(dict.fromkeys(first))
    return (*known, *sorted(frozenset(actors).difference(known)))[:most]


def _acted(child: Run) -> Iterable[str]:
    status = child.status or RunStatus()
    return (user for user in (child.spec.declared_by, *child.spec.acted_by, *status.acted_by) if user)


def _answered(requests: Iterable[ApprovalRequest], run: str) -> Iterable[str]:
    for request in requests:
        if request.spec.type is Question.RECOVERY and request.metadata.is_part_of(run):
            yield from (user for user, vote in request.spec.votes.items() if vote.verdict is not Verdict.WITHDRAW)
