"""Attacks on votes: by whom nobody asked, for somebody else, under hostile names, by programs, too late."""

from integration.approvals import scene
from integration.approvals.attack import Attack, by_manager, json_patch, votes, writes
from integration.approvals.people import patch, vote
from integration.approvals.scene import ANA, BEA, LEA, MALLORY, MANAGERS, MIKE, NOBODY_ELSE, Manifest

ME, MINE, BEAS, LEAS = "/spec/votes/me", f"/spec/votes/{MALLORY}", f"/spec/votes/{BEA}", f"/spec/votes/{LEA}"
APPROVES = {"verdict": "Approve"}
STAMPED: Manifest = {"groups": list(MANAGERS), "uid": "7c1e"}
GITOPS = "a vote cannot come through Git: "
PROGRAM = "is a program, not a person"
STRANGER = f"{MALLORY} {NOBODY_ELSE}"
NOT_IN = "is not in group release-managers, which policy release asks"


def partly(**votes: object) -> object:
    """What server-side apply sends."""
    head = {"apiVersion": "headgate.dev/v1alpha1", "kind": "ApprovalRequest", "metadata": {"name": "open"}}
    return {**head, "spec": {"votes": votes}}


def only_own(who: str, whose: str) -> str:
    return f"you are {who}: only your own vote may change, not that of {whose}"


FORGED_APPROVERS = [
    by_manager(
        "a vote by the uid of a question that had this name before",
        "metadata.uid: Invalid value",
        patch({"metadata": {"uid": "5f0c2a9e-0000-0000-0000-0d7a2f6f1b11"}, "spec": {"votes": {"me": APPROVES}}}),
    ),
    votes("a stranger votes, and is told whom the policy asks", f"{MALLORY} {NOT_IN}", on="simple"),
    votes("a stranger votes where users are asked too", STRANGER),
    votes("a stranger votes under the own name", STRANGER, body=vote(by=MALLORY)),
    votes("a stranger stamps the own vote with a group", STRANGER, body=vote(by=MALLORY, **STAMPED)),
    votes("a stranger stamps `me` with a group", STRANGER, body=vote(**STAMPED)),
    votes(
        "a stranger votes by a JSON patch",
        STRANGER,
        body=json_patch(
            {
                "op": "add",
                "path": "/spec/votes",
                "value": {BEA: {**APPROVES, "reason": "checked", "groups": list(MANAGERS)}, "me": APPROVES},
            }
        ),
    ),
    votes("a stranger copies the vote of another", STRANGER, body=json_patch({"op": "copy", "from": BEAS, "path": ME})),
    votes(
        "a stranger copies it to the own name", STRANGER, body=json_patch({"op": "copy", "from": BEAS, "path": MINE})
    ),
    writes("a stranger applies with force", "apply --server-side --force-conflicts", partly(me=APPROVES), STRANGER),
    writes(
        "a stranger applies under another manager's name",
        "apply --server-side --force-conflicts --field-manager=headgate",
        partly(me=APPROVES),
        STRANGER,
    ),
    votes(
        "a group of another spelling is another group",
        f"{MALLORY} {NOT_IN}",
        on="simple",
        groups=("Release-Managers", "release-managers ", "release-manager"),
    ),
    votes("a user who is called like the group", f"release-managers {NOT_IN}", on="simple", who="release-managers"),
    votes("a user whose name looks like lea's", f"lеa@example.com {NOBODY_ELSE}", who="lеa@example.com"),
    votes("a user who is called like lea in capitals", f"LEA@example.com {NOBODY_ELSE}", who="LEA@example.com"),
    votes("who may approve another policy", f"{scene.WRONG_RIGHT} {NOBODY_ELSE}", who=scene.WRONG_RIGHT),
    votes("a stand-in whose time is over", f"{scene.FORMER_STAND_IN} {NOBODY_ELSE}", who=scene.FORMER_STAND_IN),
    votes("a stand-in of the requester", f"friend@example.com {NOBODY_ELSE}", who="friend@example.com"),
    votes("the policy was loosened since", STRANGER, groups=("system:authenticated",)),
    votes(
        "an admin of the cluster's objects who is no approver",
        f"{MALLORY} {NOT_IN}",
        on="simple",
        groups=("admins", "headgate-admins"),
    ),
]

OF_OTHERS = [
    by_manager("a vote for somebody who has not voted", only_own(MIKE, LEA), vote(by=LEA)),
    by_manager(
        "a vote for somebody, and one's own",
        only_own(MIKE, LEA),
        patch({"spec": {"votes": {"me": APPROVES, LEA: APPROVES}}}),
    ),
    by_manager("another's vote is replaced", only_own(MIKE, BEA), vote("Reject", by=BEA)),
    by_manager(
        "another's reason is rewritten",
        only_own(MIKE, BEA),
        patch({"spec": {"votes": {BEA: {"reason": "I was forced"}}}}),
    ),
    by_manager("another's vote is withdrawn", only_own(MIKE, BEA), vote("Withdraw", by=BEA)),
    by_manager("another's vote is removed", only_own(MIKE, BEA), patch({"spec": {"votes": {BEA: None}}})),
    by_manager(
        "another's vote is removed by a JSON patch", only_own(MIKE, BEA), json_patch({"op": "remove", "path": BEAS})
    ),
    by_manager("all votes are removed", only_own(MIKE, BEA), patch({"spec": {"votes": None}})),
    by_manager(
        "all votes are replaced by one's own",
        only_own(MIKE, BEA),
        json_patch({"op": "replace", "path": "/spec/votes", "value": {"me": APPROVES}}),
    ),
    by_manager(
        "another's vote is moved to oneself", only_own(MIKE, BEA), json_patch({"op": "move", "from": BEAS, "path": ME})
    ),
    by_manager(
        "another's vote is moved to a third",
        only_own(MIKE, f"{BEA}, {LEA}"),
        json_patch({"op": "move", "from": BEAS, "path": LEAS}),
    ),
    by_manager(
        "another's vote is copied to a third",
        only_own(MIKE, LEA),
        json_patch({"op": "copy", "from": BEAS, "path": LEAS}),
    ),
    by_manager(
        "another's groups are taken", only_own(MIKE, BEA), json_patch({"op": "remove", "path": f"{BEAS}/groups"})
    ),
    writes(
        "another's vote is taken over with force",
        "apply --server-side --force-conflicts",
        partly(**{BEA: {"verdict": "Reject"}}),
        only_own(MIKE, BEA),
        who=MIKE,
        groups=MANAGERS,
    ),
    votes(
        "one's own vote is deleted from the record",
        "a vote is not deleted: take it back with the verdict Withdraw",
        body=patch({"spec": {"votes": {BEA: None}}}),
        who=BEA,
        groups=MANAGERS,
    ),
]

HOSTILE_NAMES = [
    votes(
        "a user called `me`", "your user name is `me`, which everybody writes for themselves", who="me", groups=MANAGERS
    ),
    votes("a user called `me`, for another", "your user name is `me`", who="me", groups=MANAGERS, body=vote(by=LEA)),
    votes(
        "a user called like a path into bea's vote",
        only_own(f"{BEA}/verdict", BEA),
        who=f"{BEA}/verdict",
        groups=MANAGERS,
        body=vote("Reject", by=BEA),
    ),
    votes(
        "a user called like an escaped path",
        only_own("bea~1", BEA),
        who="bea~1",
        groups=MANAGERS,
        body=vote("Reject", by=BEA),
    ),
    votes("a user called like a service account that counts", f"{scene.ROBOT}/x {PROGRAM}", who=f"{scene.ROBOT}/x"),
    votes("a user called `-`, who is a stranger", f"- {NOBODY_ELSE}", who="-"),
    votes("a user called like a line of the message", f"x: approved {NOBODY_ELSE}", who="x: approved"),
]

EXCLUDED = [
    votes(
        "the requester approves",
        f"{ANA} asked for this Run, and policy release excludes the requester",
        who=ANA,
        groups=MANAGERS,
    ),
    votes("the requester approves by RBAC", f"{ANA} asked for this Run", who=ANA),
    votes("the requester approves as a director", f"{ANA} asked for this Run", who=ANA, groups=("directors",)),
    votes("the requester rejects", f"{ANA} asked for this Run", who=ANA, groups=MANAGERS, body=vote("Reject")),
    votes(
        "the requester takes the own name out while voting",
        "requester cannot be changed: only votes can",
        who=ANA,
        groups=MANAGERS,
        body=patch({"spec": {"requester": None, "votes": {"me": APPROVES}}}),
    ),
]

PROGRAMS = [
    votes(
        "a service account", f"system:serviceaccount:docs:default {PROGRAM}", who="system:serviceaccount:docs:default"
    ),
    votes("a service account in the group", PROGRAM, who="system:serviceaccount:docs:default", groups=MANAGERS),
    votes(
        "a service account that is named, but does not count as a person",
        f"{scene.OTHER_ROBOT} {PROGRAM}",
        who=scene.OTHER_ROBOT,
    ),
    votes(
        "Argo CD syncs a vote",
        f"{GITOPS}system:serviceaccount:argocd:argocd-application-controller",
        who="system:serviceaccount:argocd:argocd-application-controller",
    ),
    writes(
        "Argo CD syncs another's vote",
        "apply --server-side --force-conflicts",
        partly(**{LEA: APPROVES}),
        GITOPS,
        who="system:serviceaccount:argocd:argocd-application-controller",
    ),
    votes(
        "Flux syncs a vote",
        f"{GITOPS}system:serviceaccount:flux-system:kustomize-controller",
        who="system:serviceaccount:flux-system:kustomize-controller",
        body=vote(by=LEA),
    ),
    votes("Headgate itself", PROGRAM, who="{operator}"),
    votes("Headgate itself, for another", PROGRAM, who="{operator}", body=vote(by=LEA)),
    votes("a node", f"system:node:a {PROGRAM}", who="system:node:a", groups=("system:nodes", *MANAGERS)),
    votes("nobody at all", f"system:anonymous {PROGRAM}", who="system:anonymous", groups=("system:unauthenticated",)),
]

_BACKDATED = {
    "manager": "kubectl-patch",
    "operation": "Update",
    "apiVersion": "headgate.dev/v1alpha1",
    "time": "2019-01-01T00:00:00Z",
    "fieldsType": "FieldsV1",
    "fieldsV1": {"f:spec": {"f:votes": {"f:me": {"f:verdict": {}}}}},
}
_OVER = "the time to vote was over at 2020-01-01T00:00:00Z"

CLOSED = [
    by_manager(
        "a vote on what is decided",
        "this request is closed (Approved): no vote changes that",
        vote("Reject"),
        on="closed",
    ),
    votes(
        "a change of one's vote after the decision",
        "this request is closed (Approved)",
        on="closed",
        who=BEA,
        groups=MANAGERS,
        body=vote("Withdraw"),
    ),
    by_manager("a vote on what was superseded", "this request was superseded: vote on open", vote(), on="superseded"),
    by_manager("a vote after the time", _OVER, vote(), on="expired"),
    by_manager("a vote after the time under the own name", _OVER, vote(by=MIKE), on="expired"),
    by_manager(
        "a vote after the time, dated back",
        _OVER,
        patch({"metadata": {"managedFields": [_BACKDATED]}, "spec": {"votes": {"me": APPROVES}}}),
        on="expired",
    ),
    by_manager(
        "a vote after the time that takes the clock away",
        "leave metadata.managedFields as it is",
        patch({"metadata": {"managedFields": [{}]}, "spec": {"votes": {"me": APPROVES}}}),
        on="expired",
    ),
    by_manager(
        "the clock is taken away before the time",
        "leave metadata.managedFields as it is",
        patch({"metadata": {"managedFields": [{}]}}),
    ),
]

VERDICTS = [
    by_manager(
        "an answer where a yes is asked for", "Approval is answered by Approve, Reject, Withdraw", vote("Answer")
    ),
    by_manager("a skip where a yes is asked for", "Approval is answered by Approve, Reject, Withdraw", vote("Skip")),
    by_manager(
        "a yes where an answer is asked for", "Clarification is answered by Answer, Withdraw", vote(), on="question"
    ),
    by_manager(
        "a yes where a node has failed", "Recovery is answered by Retry, Skip, Stop, Withdraw", vote(), on="recovery"
    ),
    by_manager("a verdict that there is not", 'Unsupported value: "AutoApproved"', vote("AutoApproved")),
]

ON_VOTES: list[Attack] = [*FORGED_APPROVERS, *OF_OTHERS, *HOSTILE_NAMES, *EXCLUDED, *PROGRAMS, *CLOSED, *VERDICTS]
