"""Reads requests, and votes on them as people do with kubectl: a merge patch of `spec.votes.me`."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from headgate.api.approvalrequest import ApprovalRequest, Decision, Verdict
from headgate.cli.cluster.reading import fetch
from headgate.cli.cluster.session import Session, StoppedError
from headgate.kube.kinds import APPROVAL_REQUEST, Object


async def fetch_request(session: Session, name: str) -> ApprovalRequest:
    return as_request(await fetch(session, APPROVAL_REQUEST, name))


def as_request(thing: Object) -> ApprovalRequest:
    try:
        return ApprovalRequest.model_validate(thing)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise StoppedError(f"the request is not as this version knows it: {where}: {first['msg']}") from None


def is_open(request: ApprovalRequest) -> bool:
    return request.status is None or request.status.phase in (None, Decision.OPEN)


async def vote(
    session: Session, name: str, verdict: Verdict, reason: str | None, values: Mapping[str, Any] | None = None
) -> None:
    """Who votes, the API server knows; whether they may, its policies say."""
    said: dict[str, Any] = {"verdict": str(verdict)}
    if reason:
        said["reason"] = reason
    if values:
        said["values"] = dict(values)
    change = {"spec": {"votes": {"me": said}}}
    await session.client.patch(APPROVAL_REQUEST, name, session.namespace, change)
