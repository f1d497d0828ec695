"""Requests and votes in a line, for tests of what is decided about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest
from headgate.lifecycle.approvals.people import Electorate
from headgate.lifecycle.approvals.telling import status_of
from headgate.lifecycle.approvals.voting import decide_request
from headgate.lifecycle.moments import spell

OPENED = datetime(2026, 11, 21, 5, 31, 14, tzinfo=UTC)
SOON = OPENED + timedelta(minutes=10)
LATE = datetime(2026, 11, 24, 5, 31, 14, tzinfo=UTC)
MANAGERS = ["release-managers"]
STAGE = {"name": "managers", "groups": MANAGERS, "votes": 2}


def request(
    votes: dict[str, dict[str, Any]] | None = None, type_: str = "Approval", history: Any = None, **terms: Any
) -> ApprovalRequest:
    requester = terms.pop("requester", "ana@example.com")
    more: dict[str, Any] = {name: terms.pop(name) for name in ("rule", "corrects") if name in terms}
    binding: dict[str, Any] = {
        "digest": "sha256:" + "9" * 64,
        "revision": "9b1de77c02aa",
        "form": terms.pop("form", {"notes": {"type": "string"}}),
        "expiresAt": terms.pop("expires", "2026-11-24T05:31:14Z"),
        "policy": {"name": "release", "hash": "sha256:" + "4" * 64, "stages": [STAGE], **terms},
        **more,
    }
    document = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ApprovalRequest",
        "metadata": {"name": "notes-1-review", "uid": "u", "creationTimestamp": spell(OPENED), "generation": 1},
        "spec": {
            "type": type_,
            "message": "Publish?",
            "requester": requester,
            "run": "notes-1",
            "node": "review",
            "values": {"notes": "as drafted"},
            "binding": binding,
            "votes": votes or {},
        },
        "status": {"phase": "Open", "history": history or {}},
    }
    return ApprovalRequest.model_validate(document)


def decided(
    votes: dict[str, dict[str, Any]], now: datetime = SOON, involved: frozenset[str] = frozenset(), **terms: Any
) -> ApprovalRequest:
    """With the status that the operator writes once it has decided, if it has."""
    one = request(votes, **terms)
    outcome = decide_request(one, now, involved=involved)
    who = Electorate(one.spec.binding.policy, OPENED, involved | {one.spec.requester or ""})
    return one.model_copy(update={"status": status_of(one, outcome, who, now)})


def vote(verdict: str = "Approve", groups: Any = MANAGERS, **more: Any) -> dict[str, Any]:
    return {"verdict": verdict, "groups": list(groups), **more}
