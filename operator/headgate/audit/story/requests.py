"""What an ApprovalRequest tells: what was asked, who said what and when, how it ended. Asked by the recorder.

Each vote, and each change of one, is a line of the request's history before it counts; who cast it was stamped by
admission. Corrected values and answers are told as digests, reasons in full.
"""

import re
from collections.abc import Iterator
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest, Decision, Vote
from headgate.audit.entry import Action, Actor, Fact, Scalar
from headgate.audit.story.runs import HEADGATE
from headgate.lifecycle.approvals.history import OPERATOR, Noted, in_order, tell

REQUEST = "ApprovalRequest"


def facts_of_request(request: ApprovalRequest) -> Iterator[Fact]:
    yield _asked(request)
    status = request.status
    if status is None:
        return
    yield from (_voted(request, line) for line in in_order(status.history) if line.who != OPERATOR)
    if status.phase not in (None, Decision.OPEN):
        yield _decided(request)


def _asked(request: ApprovalRequest) -> Fact:
    spec = request.spec
    binding, policy = spec.binding, spec.binding.policy
    detail: dict[str, Scalar] = {
        "type": str(spec.type),
        "node": spec.node,
        "policy": policy.name,
        "policyHash": policy.hash,
        "digest": binding.digest,
        "revision": binding.revision,
        "requester": spec.requester or "",
        "expiresAt": binding.expires_at or "",
    }
    if binding.corrects:
        detail["corrects"] = binding.corrects
    at = request.metadata.creation_timestamp or ""
    return about_request(request, Action.ASKED, "asked", who=HEADGATE, at=at, detail=detail)


def _voted(request: ApprovalRequest, line: Noted) -> Fact:
    """What was stamped beside a vote is known as long as it stands; of one that was changed since, its line is."""
    detail: dict[str, Scalar] = {"said": line.told}
    documents: dict[str, Any] = {}
    vote = request.spec.votes.get(line.who)
    if vote is not None and tell(vote, request.spec.binding.digest) == line.told:
        detail |= _stamps(vote)
        documents = {"values": dict(vote.values)} if vote.values else {}
    return about_request(
        request,
        Action.VOTED,
        f"vote/{line.key}",
        who=line.who,
        actor=Actor.USER,
        at=line.key.partition(" ")[0],
        outcome=re.split("[,:]", line.told, maxsplit=1)[0],
        detail=detail,
        documents=documents,
    )


def _stamps(vote: Vote) -> dict[str, Scalar]:
    stamps: dict[str, Scalar] = {}
    if vote.uid:
        stamps["userUid"] = vote.uid
    if vote.groups:
        stamps["groups"] = list(vote.groups)
    if vote.by_right:
        stamps["byRight"] = True
    return stamps


def _decided(request: ApprovalRequest) -> Fact:
    status = request.status
    assert status is not None
    ours = [line.told for line in in_order(status.history) if line.who == OPERATOR]
    detail: dict[str, Scalar] = {"votes": status.votes or "", "digest": request.spec.binding.digest}
    if ours:
        detail["said"] = ours[-1]
    if status.superseded_by:
        detail["supersededBy"] = status.superseded_by
    return about_request(
        request,
        Action.DECIDED,
        "decided",
        who=HEADGATE,
        at=status.decided_at or "",
        outcome=str(status.phase),
        detail=detail,
    )


def decision_used(request: ApprovalRequest, by: str, what: str) -> Fact:
    """`what`, called `by`, goes on because of how this request ended."""
    status = request.status
    assert status is not None
    detail: dict[str, Scalar] = {what: by, "digest": request.spec.binding.digest}
    key = f"used/{what}/{by}"
    return about_request(request, Action.DECISION_USED, key, who=HEADGATE, outcome=str(status.phase), detail=detail)


def request_deleted(request: ApprovalRequest) -> Fact:
    return about_request(request, Action.REQUEST_DELETED, "deleted")


def about_request(
    request: ApprovalRequest, action: Action, key: str, *, who: str = "", actor: Actor | None = None, **more: Any
) -> Fact:
    metadata = request.metadata
    known = Actor.HEADGATE if who else Actor.UNKNOWN
    return Fact(
        action,
        key,
        REQUEST,
        metadata.name or "",
        metadata.uid or "",
        metadata.namespace or "",
        who=who,
        actor=actor or known,
        run=request.spec.run,
        **more,
    )


def is_decided(request: ApprovalRequest) -> bool:
    """Whether something can rest on it: a request that was superseded decides nothing."""
    phase = request.status.phase if request.status else None
    return phase not in (None, Decision.OPEN, Decision.SUPERSEDED)
