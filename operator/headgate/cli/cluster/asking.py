"""Reads requests, and votes on them as people do with kubectl: a merge patch of `spec.votes.me`."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.run import Run
from headgate.cli.cluster.people import may
from headgate.cli.cluster.reading import as_thing, events, fetch, fetch_graph, fetch_run
from headgate.cli.cluster.session import Session, StoppedError
from headgate.cli.requests.ballot import Ballot
from headgate.compiler.graph import Graph
from headgate.kube.errors import ForbiddenError, KubeError
from headgate.kube.kinds import APPROVAL_REQUEST, Key, key_of
from headgate.lifecycle.approvals.history import tell

Requests = dict[Key, ApprovalRequest]
_NOTED_WITHIN = 5
"""Seconds; the operator takes a fraction of one."""


async def fetch_request(session: Session, name: str) -> ApprovalRequest:
    """Raises StoppedError, and says in which namespace there is one of this name, if in another."""
    thing = await session.client.find(APPROVAL_REQUEST, name, session.namespace)
    if thing is not None:
        return as_thing(ApprovalRequest, thing)
    try:
        everywhere = (await session.client.list_page(APPROVAL_REQUEST, fields=f"metadata.name={name}")).items
    except ForbiddenError:
        everywhere = []
    if there := [one["metadata"]["namespace"] for one in everywhere]:
        raise StoppedError(
            f"there is no request {name} in namespace {session.namespace}: add -n {' or -n '.join(there)}"
        )
    return as_thing(ApprovalRequest, await fetch(session, APPROVAL_REQUEST, name))


async def choose_scope(session: Session, namespace: str | None) -> str | None:
    """Where to look for requests. None: in all namespaces, unless somebody may not."""
    if namespace is not None or await may(session, "list", APPROVAL_REQUEST, ""):
        return namespace
    session.streams.err.write(
        f"you may not list the requests of all namespaces: these are those of {session.namespace}; -n names another\n"
    )
    return session.namespace


async def fetch_requests(session: Session, namespace: str | None, labels: str) -> tuple[Requests, str]:
    """With the version that a watch goes on from."""
    found: Requests = {}
    start = ""
    while True:
        page = await session.client.list_page(APPROVAL_REQUEST, namespace, labels=labels, start=start)
        found |= {key_of(thing): as_thing(ApprovalRequest, thing) for thing in page.items}
        start = page.next
        if not start:
            return found, page.version


async def follow_requests(session: Session, namespace: str | None, labels: str) -> AsyncIterator[Requests]:
    """All requests as they are, and again whenever one changes. Without end."""
    while True:
        found, version = await fetch_requests(session, namespace, labels)
        yield found
        async for type_, thing in events(session, APPROVAL_REQUEST, namespace, version, labelSelector=labels):
            found = {key: one for key, one in found.items() if key != key_of(thing)}
            if type_ != "DELETED":
                found[key_of(thing)] = as_thing(ApprovalRequest, thing)
            yield found


async def fetch_course(session: Session, request: ApprovalRequest) -> tuple[Run | None, Graph | None]:
    """The Run that waits and the graph that it keeps to; neither, where that cannot be read."""
    there = replace(session, namespace=request.metadata.namespace or "")
    try:
        run = await fetch_run(there, request.spec.run)
        return run, await fetch_graph(there, run)
    except (KubeError, StoppedError):
        return None, None


async def cast(session: Session, ballot: Ballot) -> ApprovalRequest:
    """Who votes, the API server knows; whether they may, its policies say. What it stored is given back.

    With the uid of what was shown: nobody votes on another request that has taken its name.
    """
    said: dict[str, Any] = {"verdict": str(ballot.verdict)}
    if ballot.reason:
        said["reason"] = ballot.reason
    if ballot.values:
        said["values"] = dict(ballot.values)
    metadata = ballot.request.metadata
    change = {"metadata": {"uid": metadata.uid}, "spec": {"votes": {"me": said}}}
    stored = await session.client.patch(APPROVAL_REQUEST, metadata.name or "", metadata.namespace, change)
    return as_thing(ApprovalRequest, stored)


async def wait_noted(session: Session, stored: ApprovalRequest, user: str) -> ApprovalRequest | None:
    """The request once the operator has taken note of a vote; None: it has not, for a while."""
    metadata, vote = stored.metadata, stored.spec.votes.get(user)
    told = tell(vote, stored.spec.binding.digest) if vote is not None else None

    def is_noted(request: ApprovalRequest) -> bool:
        history = request.status.history if request.status else {}
        return not request.is_open or any(
            who.partition(" ")[2] == user and said == told for who, said in history.items()
        )

    if is_noted(stored):
        return stored
    selector, version = f"metadata.name={metadata.name}", metadata.resource_version or ""
    where = session, APPROVAL_REQUEST, metadata.namespace, version
    try:
        async for _, thing in events(*where, seconds=_NOTED_WITHIN, fieldSelector=selector):
            request = as_thing(ApprovalRequest, thing)
            if is_noted(request):
                return request
    except (KubeError, TimeoutError):
        pass  # the vote is stored all the same
    return None
