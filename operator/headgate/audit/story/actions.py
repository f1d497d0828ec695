"""What Headgate is about to do, and on what it rests: told before it is done. Asked by the recorder.

A leg or a child Run that comes after a gate uses its decision; a leg whose nodes name a credential uses that.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest
from headgate.audit.entry import Action, Actor, Fact, Scalar
from headgate.audit.story.requests import decision_used, facts_of_request, is_decided
from headgate.audit.story.runs import HEADGATE, facts_of_run, leg_started
from headgate.lifecycle.actions import CreateChild, CreateLeg

Object = Mapping[str, Any]


def facts_of_leg(
    run: Object, leg: CreateLeg, requests: Iterable[ApprovalRequest], credentials: Mapping[str, str]
) -> Iterator[Fact]:
    """`requests`: those of the Run. `credentials`: name → uid, of the namespace."""
    rests_on = _of(requests, leg.rests_on)
    yield from _told_before(run, rests_on)
    detail: dict[str, Scalar] = {"nodes": list(leg.nodes)}
    if rests_on:
        detail["decisions"] = [request.metadata.name or "" for request in rests_on]
    yield leg_started(run, leg.number, leg.name, **detail)
    yield from (decision_used(request, leg.name, "leg") for request in rests_on)
    for node, names in sorted(leg.credentials.items()):
        yield from (_credential_used(run, leg, node, name, credentials) for name in names)


def facts_of_child(run: Object, child: CreateChild, requests: Iterable[ApprovalRequest]) -> Iterator[Fact]:
    rests_on = _of(requests, child.rests_on)
    if rests_on:
        yield from _told_before(run, rests_on)
        yield from (decision_used(request, child.name, "child") for request in rests_on)


def facts_of_past(run: Object, requests: Iterable[ApprovalRequest]) -> Iterator[Fact]:
    """All that there is to tell of a Run that goes: nobody can tell it afterwards."""
    yield from facts_of_run(run)
    yield from (fact for request in requests for fact in facts_of_request(request))


def _of(requests: Iterable[ApprovalRequest], names: Iterable[str]) -> list[ApprovalRequest]:
    wanted = set(names)
    return [request for request in requests if request.metadata.name in wanted and is_decided(request)]


def _told_before(run: Object, rests_on: Iterable[ApprovalRequest]) -> Iterator[Fact]:
    yield from facts_of_run(run)
    yield from (fact for request in rests_on for fact in facts_of_request(request))


def _credential_used(run: Object, leg: CreateLeg, node: str, name: str, credentials: Mapping[str, str]) -> Fact:
    metadata = run["metadata"]
    return Fact(
        Action.CREDENTIAL_USED,
        f"used/{leg.name}/{node}/{name}",
        "Credential",
        name,
        credentials.get(name, ""),
        metadata.get("namespace", ""),
        who=HEADGATE,
        actor=Actor.HEADGATE,
        run=metadata["name"],
        detail={"leg": leg.name, "node": node},
    )
