"""Attacks on requests: what is asked, by whose rules, whose it is, how it stands, that it exists at all."""

from typing import Any

from integration.approvals.attack import Attack, by_manager, votes, writes
from integration.approvals.people import patch
from integration.approvals.scene import ANA, BEA, MALLORY, MANAGERS, MIKE, POLICY, request

APPROVES = {"verdict": "Approve"}
FROZEN = "cannot be changed: only votes can"
OWN = "labels, owner references, finalizers and annotations of headgate.dev are not yours: only votes can change"
STAGES = POLICY["stages"]
GUARD = "headgate.dev/guard"


def voting(**spec: object) -> tuple[str, ...]:
    """One's own vote, and something else in passing."""
    return patch({"spec": {"votes": {"me": APPROVES}, **spec}})


def policy(**terms: object) -> tuple[str, ...]:
    return voting(binding={"policy": terms})


def decided(name: str) -> dict[str, Any]:
    """A copy of what was approved, under another name."""
    voted = {BEA: {**APPROVES, "groups": list(MANAGERS)}, MIKE: {**APPROVES, "groups": list(MANAGERS)}}
    return {**request(name, votes=voted), "status": {"phase": "Approved", "votes": "2/2"}}


_FEWER = [{**STAGES[0], "votes": 1}, STAGES[1]]
_MINE = [{**STAGES[0], "users": [MALLORY]}, STAGES[1]]

FROZEN_FIELDS = [
    by_manager("the quorum is lowered in passing", FROZEN, policy(stages=_FEWER)),
    by_manager("a stage is taken away", FROZEN, policy(stages=STAGES[:1])),
    by_manager("an approver is appended", FROZEN, policy(stages=_MINE)),
    votes("a stranger appends the own name and votes", FROZEN, body=policy(stages=_MINE)),
    by_manager("silence becomes a yes", FROZEN, policy(onTimeout="Approve")),
    by_manager("the exclusion is lifted", FROZEN, policy(exclude=[])),
    by_manager(
        "a service account becomes a person", FROZEN, policy(serviceAccounts=["system:serviceaccount:docs:default"])
    ),
    by_manager("another policy's name", FROZEN, policy(name="other")),
    by_manager("another policy's hash", FROZEN, policy(hash="sha256:000000000000")),
    by_manager("the time is prolonged", FROZEN, voting(binding={"expiresAt": "2040-01-01T00:00:00Z"})),
    by_manager("the time is taken away", FROZEN, voting(binding={"expiresAt": None})),
    by_manager("another digest", FROZEN, voting(binding={"digest": "sha256:000000000000"})),
    by_manager("another revision", FROZEN, voting(binding={"revision": "000000000000"})),
    by_manager("another form", FROZEN, voting(binding={"form": {"notes": None, "other": {"type": "string"}}})),
    by_manager("it corrects another request", FROZEN, voting(binding={"corrects": "closed"})),
    by_manager("what is shown is rewritten", FROZEN, voting(values={"notes": "All is free."})),
    by_manager(
        "what is shown is exchanged for something else",
        "spec.values cannot be changed: only votes can",
        voting(values={"notes": None, "other": "All is free."}),
    ),
    by_manager("another question", FROZEN, voting(message="Have a nice day?")),
    by_manager("another kind of question", FROZEN, voting(type="Recovery")),
    by_manager("a request for another requester", FROZEN, voting(requester="nobody@example.com")),
    by_manager("another Run", FROZEN, voting(run="other")),
    by_manager("another node", FROZEN, voting(node="other")),
]

_OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "5f0c2a9e-0000-0000-0000-0d7a2f6f1b11"}

METADATA = [
    by_manager("labels of another Run", OWN, patch({"metadata": {"labels": {"headgate.dev/run": "other"}}})),
    by_manager(
        "labels are taken away", OWN, patch({"metadata": {"labels": None}, "spec": {"votes": {"me": APPROVES}}})
    ),
    by_manager(
        "an owner that is gone, so that it is collected", OWN, patch({"metadata": {"ownerReferences": [_OWNER]}})
    ),
    by_manager("it was asked under other policies", OWN, patch({"metadata": {"annotations": {GUARD: "sha256:0"}}})),
    by_manager("which policies it was asked under is taken away", OWN, patch({"metadata": {"annotations": None}})),
    by_manager("a finalizer that keeps it for ever", OWN, patch({"metadata": {"finalizers": ["example.com/keep"]}})),
]

STATUS = [
    Attack(
        "the decision is written",
        ("patch", "apr/open", "--subresource=status", *patch({"status": {"phase": "Approved"}})),
        f"{MALLORY} cannot write the status of approvalrequests: Headgate alone does",
    ),
    Attack(
        "the decision is written by an approver",
        ("patch", "apr/open", "--subresource=status", *patch({"status": {"phase": "Approved"}})),
        f"{MIKE} cannot write the status",
        MIKE,
        MANAGERS,
    ),
    Attack(
        "a decision is taken back",
        ("patch", "apr/closed", "--subresource=status", *patch({"status": {"phase": "Open"}})),
        f"{MALLORY} cannot write the status",
    ),
    Attack(
        "history is rewritten",
        (
            "patch",
            "apr/open",
            "--subresource=status",
            *patch([{"op": "add", "path": "/status/history", "value": {"t": "x"}}], kind="json"),
        ),
        f"{MALLORY} cannot write the status",
    ),
    writes(
        "the decision is applied with force",
        "apply --server-side --force-conflicts --subresource=status",
        {
            "apiVersion": "headgate.dev/v1alpha1",
            "kind": "ApprovalRequest",
            "metadata": {"name": "open"},
            "status": {"phase": "Approved"},
        },
        f"{MALLORY} cannot write the status",
    ),
    writes(
        "the whole status is replaced",
        "replace --subresource=status",
        {**request("open"), "status": {"phase": "Approved"}},
        f"{MALLORY} cannot write the status",
    ),
    votes(
        "the decision is written beside the spec, where the API server drops it",
        "(no change)",
        body=patch({"status": {"phase": "Approved"}}),
    ),
]

_CREATE = f"{MALLORY} cannot create a request: Headgate asks, when a Run comes to a gate"

EXISTENCE = [
    writes("a request that is filled in already", "create", decided("filled"), _CREATE),
    writes("a request under the name that Headgate will use", "create", request("release-notes-7k2xp-check"), _CREATE),
    writes("a request that is applied", "apply --server-side", request("applied"), _CREATE),
    writes("a decision is copied to another gate", "create", decided("release-notes-7k2xp-publish"), _CREATE),
    writes("a request by the requester", "create", request("own"), f"{ANA} cannot create a request", who=ANA),
    writes(
        "a request with votes by Headgate's own account",
        "create",
        decided("by-headgate"),
        "a request begins without votes",
        who="{operator}",
    ),
    writes(
        "a whole request is replaced by one with more votes",
        "replace",
        {**request("open"), "spec": {**request("open")["spec"], "votes": decided("open")["spec"]["votes"]}},
        "only your own vote may change",
        groups=MANAGERS,
    ),
    Attack(
        "a request is deleted",
        ("delete", "apr/open"),
        f"{MALLORY} cannot delete a request: it goes with its Run, release-notes-7k2xp",
    ),
    Attack(
        "a request is deleted by an approver",
        ("delete", "apr/open", "--cascade=orphan"),
        f"{MIKE} cannot delete a request",
        MIKE,
        MANAGERS,
    ),
    Attack("all requests are deleted", ("delete", "apr", "--all"), f"{MALLORY} cannot delete a request"),
    writes(
        "a request is deleted and made anew", "replace --force", request("open"), f"{MALLORY} cannot delete a request"
    ),
]

ON_REQUESTS: list[Attack] = [*FROZEN_FIELDS, *METADATA, *STATUS, *EXISTENCE]
