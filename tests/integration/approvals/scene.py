"""The scene of the attacks: a Run that waits, requests that are open and closed, a leg and what is kept of it.

`conftest` puts it on the API server as the operator would. `loosened` is the policy as it stands there now: somebody
has opened it to everybody since the questions were asked.
"""

from typing import Any

from headgate.names import API_VERSION

Manifest = dict[str, Any]

ANA, BEA, LEA, MIKE = "ana@example.com", "bea@example.com", "lea@example.com", "mike@example.com"
"""Asked for the Run; has voted; is named as a user; may vote and has not."""
MALLORY = "mallory@example.com"
MANAGERS = ("release-managers",)
RIGHT = "rita@example.com"
"""May `approve` the policy by RBAC."""
WRONG_RIGHT = "other-rita@example.com"
"""May `approve` another policy."""
ROBOT, OTHER_ROBOT = "system:serviceaccount:ci:robot", "system:serviceaccount:ci:other"
"""Counts as a person; is named as an approver without counting as one."""
AWAY, STAND_IN, FORMER_STAND_IN = "away@example.com", "stand-in@example.com", "former@example.com"

LEG = "release-notes-7k2xp-5f0c2a9e-1"
RUN_LABEL = {"headgate.dev/run-uid": "5f0c2a9e-4c1f-4c57-9a35-0d7a2f6f1b11"}
POLICY: Manifest = {
    "name": "release",
    "hash": "sha256:4d0be1a7c3f2",
    "stages": [
        {"name": "managers", "groups": [*MANAGERS], "votes": 2},
        {"name": "legal", "users": [LEA, AWAY, ROBOT, OTHER_ROBOT]},
    ],
    "exclude": ["Requester"],
    "serviceAccounts": [ROBOT],
    "delegation": [
        {"from": AWAY, "to": STAND_IN, "until": "2036-01-01T00:00:00Z"},
        {"from": AWAY, "to": FORMER_STAND_IN, "until": "2020-01-01T00:00:00Z"},
        {"from": ANA, "to": "friend@example.com", "until": "2036-01-01T00:00:00Z"},
    ],
    "escalate": {"after": "48h", "groups": ["directors"]},
}
SIMPLE: Manifest = {**{key: POLICY[key] for key in ("name", "hash", "exclude")}, "stages": POLICY["stages"][:1]}

ASKED = f"{LEA}, {AWAY}, {ROBOT}, {OTHER_ROBOT}, nor in group release-managers or directors"
NOBODY_ELSE = f"is not {ASKED}: policy release asks nobody else"


def request(name: str, *, policy: Manifest = POLICY, expires: str = "2036-01-01T00:00:00Z", **spec: Any) -> Manifest:
    return {
        "apiVersion": API_VERSION,
        "kind": "ApprovalRequest",
        "metadata": {
            "name": name,
            "labels": {"headgate.dev/run": "release-notes-7k2xp"},
            "annotations": {"headgate.dev/guard": "sha256:5f0c2a9e4c1f"},
        },
        "spec": {
            "type": "Approval",
            "message": "Publish the release notes of acme/shop?",
            "requester": ANA,
            "run": "release-notes-7k2xp",
            "node": "review",
            "values": {"notes": "You can now pay by invoice."},
            "binding": {
                "digest": "sha256:91c2f0a6d1b34e0c",
                "revision": "9b1de77c02aa",
                "form": {"notes": {"type": "string"}},
                "expiresAt": expires,
                "policy": policy,
            },
            **spec,
        },
    }


def run(name: str, **spec: Any) -> Manifest:
    return {
        "apiVersion": API_VERSION,
        "kind": "Run",
        "metadata": {"name": name},
        "spec": {"workflow": "release-notes", "inputs": {"repo": "acme/shop"}, **spec},
    }


def leg(name: str) -> Manifest:
    """A leg that stands still, as one does that somebody would like to resume."""
    template = {"name": "leg", "suspend": {}}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": name, "labels": RUN_LABEL},
        "spec": {"entrypoint": "leg", "templates": [template]},
    }


def result(name: str, workflow: str, value: str = "forged") -> Manifest:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "WorkflowTaskResult",
        "metadata": {"name": name, "labels": {"workflows.argoproj.io/workflow": workflow}},
        "outputs": {"parameters": [{"name": "o0", "value": value}]},
    }


def task_set(name: str) -> Manifest:
    """What Argo believes about the nodes of the Workflow that it is called like."""
    nodes = {f"{name}-1111111": {"phase": "Succeeded", "outputs": {"parameters": [{"name": "o0", "value": "forged"}]}}}
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "WorkflowTaskSet", "metadata": {"name": name}}
    return {**head, "spec": {"tasks": {}}, "status": {"nodes": nodes}}


def kept(name: str, **more: Any) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": RUN_LABEL},
        "stringData": {"draft": "true"},
        **more,
    }


REVISION = "release-notes-9b1de77c02aa"


def revision(name: str) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": name, "labels": {"headgate.dev/revision": "9b1de77c02aa"}},
        "revision": 1,
        "data": {"nodes": []},
    }


def node_type(name: str, **spec: Any) -> Manifest:
    described = {"description": "d", "image": f"headgate/core@sha256:{'1' * 64}", "params": {"a": {"type": "string"}}}
    head = {"apiVersion": API_VERSION, "kind": "NodeType", "metadata": {"name": name}}
    return {**head, "spec": {**described, **spec}}


def build_scene() -> list[Manifest]:
    """What the operator has made. Votes and statuses come after."""
    return [
        request("open"),
        request("simple", policy=SIMPLE),
        request("closed"),
        request("superseded"),
        request("expired", expires="2020-01-01T00:00:00Z"),
        request("question", type="Clarification"),
        request("recovery", type="Recovery"),
        run("release-notes-7k2xp", requester=ANA),
        leg(LEG),
        kept("release-notes-7k2xp-5f0c2a9e-1"),
        revision(REVISION),
    ]


def loosened(namespace: str) -> Manifest:
    """The policy in Git, since the questions were asked: everybody may vote, and one of them is enough."""
    return {
        "apiVersion": API_VERSION,
        "kind": "ApprovalPolicy",
        "metadata": {"name": "release", "namespace": namespace},
        "spec": {"stages": [{"name": "anybody", "groups": ["system:authenticated"], "users": [MALLORY]}]},
    }


VOTED = ("open", "closed", "superseded")
"""Where bea has voted."""

TOLD = result(f"{LEG}-1111111", LEG, "the truth")
"""What a pod has told, in the hand of Argo's controller."""
TASKS = task_set("release-notes-7k2xp-5f0c2a9e-3")
"""Nobody but Argo could make it."""

STATUSES: dict[str, Manifest] = {
    "approvalrequest/open": {"phase": "Open"},
    "approvalrequest/closed": {"phase": "Approved"},
    "approvalrequest/superseded": {"phase": "Superseded", "supersededBy": "open"},
    "run/release-notes-7k2xp": {"phase": "Waiting"},
}
