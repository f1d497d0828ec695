"""Attacks on what lies around a gate: the Run, its legs in Argo, what came out of them, the policies themselves."""

from typing import Any

from integration.approvals import scene
from integration.approvals.attack import Attack, json_patch, writes
from integration.approvals.people import patch
from integration.approvals.scene import ANA, LEG, MALLORY, kept, leg, result, run, task_set

RUN = "hrun/release-notes-7k2xp"
OWN_LABELS = "labels of headgate.dev are Headgate's own: leave them out"
FROZEN = "cannot be changed: create another Run"
PARENT = {
    "apiVersion": "headgate.dev/v1alpha1",
    "kind": "Run",
    "name": "release-notes-7k2xp",
    "uid": "5f0c2a9e-4c1f-4c57-9a35-0d7a2f6f1b11",
    "controller": True,
}


def changes(name: str, told: str, body: tuple[str, ...], *, what: str = RUN, who: str = MALLORY) -> Attack:
    return Attack(name, ("patch", what, *body), told, who)


def child(name: str, **parent: object) -> dict[str, Any]:
    return {**run(name), "metadata": {"name": name, "ownerReferences": [{**PARENT, **parent}]}}


RUNS = [
    writes(
        "a Run in another's name",
        "create",
        run("forged", requester=ANA),
        f"you are {MALLORY} and cannot ask in the name of {ANA}: leave spec.requester out",
    ),
    writes(
        "a Run in nobody's name",
        "create",
        run("forged", requester="system:cron"),
        f"you are {MALLORY} and cannot ask in the name of system:cron",
    ),
    writes(
        "a Run that another is said to have declared",
        "create",
        run("forged", declaredBy=ANA),
        "leave spec.declaredBy out: it is filled in",
    ),
    writes(
        "a Run on which others are said to have acted",
        "create",
        run("forged", actedBy=[ANA]),
        "leave spec.actedBy out: it is filled in",
    ),
    writes(
        "a Run that belongs to another",
        "create",
        child("release-notes-7k2xp-texts-0"),
        "Headgate alone makes Runs that belong to another Run",
    ),
    writes(
        "a Run that belongs to another, called a Run of a group that nobody knows",
        "create",
        child("release-notes-7k2xp-texts-0", apiVersion="evil.example/v1"),
        "Headgate alone makes Runs that belong to another Run",
    ),
    writes(
        "a Run that belongs to another among other owners",
        "create",
        child("release-notes-7k2xp-texts-0", controller=False),
        "Headgate alone makes Runs that belong to another Run",
    ),
    changes(
        "a Run comes to belong to another",
        "Headgate alone makes Runs that belong to another Run",
        patch({"metadata": {"ownerReferences": [PARENT]}}),
    ),
    writes(
        "a Run that chooses the revision that it holds to",
        "create",
        {**run("forged"), "metadata": {"name": "forged", "labels": {"headgate.dev/revision": "9b1de77c02aa"}}},
        OWN_LABELS,
    ),
    changes(
        "a Run chooses another revision", OWN_LABELS, patch({"metadata": {"labels": {"headgate.dev/revision": "0"}}})
    ),
    changes("another requester", FROZEN, patch({"spec": {"requester": MALLORY}})),
    changes("no requester", FROZEN, patch({"spec": {"requester": None}})),
    changes("another workflow", FROZEN, patch({"spec": {"workflow": "other"}})),
    changes("other inputs", FROZEN, patch({"spec": {"inputs": {"repo": "acme/evil"}}})),
    changes(
        "inputs exchanged for others",
        f"spec.inputs {FROZEN}",
        patch({"spec": {"inputs": {"repo": None, "evil": "acme/evil"}}}),
    ),
    changes(
        "it takes over from another Run, and skips the gate",
        FROZEN,
        patch({"spec": {"from": {"run": "other", "skip": {"review": {"output": {"values": {}}}}}}}),
    ),
    changes(
        "another is said to have declared it",
        "spec.declaredBy is filled in when `state` or `attempt` change",
        patch({"spec": {"declaredBy": ANA}}),
    ),
    changes(
        "others are said to have acted on it",
        "spec.actedBy is filled in when `state` or `attempt` change",
        patch({"spec": {"actedBy": [ANA]}}),
    ),
    changes(
        "another is said to have paused it",
        "spec.actedBy is filled in when `state` or `attempt` change",
        patch({"spec": {"state": "Paused", "actedBy": [ANA]}}),
    ),
    changes(
        "its status is forged",
        f"{MALLORY} cannot write the status of runs: Headgate alone does",
        (
            *patch({"status": {"phase": "Succeeded", "nodes": {"review": {"phase": "Succeeded"}}}}),
            "--subresource=status",
        ),
    ),
    changes(
        "its status is forged by the requester",
        f"{ANA} cannot write the status of runs",
        (*patch({"status": {"nodes": {"review": {"phase": "Skipped"}}}}), "--subresource=status"),
        who=ANA,
    ),
]

WORKFLOW = f"workflows.argoproj.io/{LEG}"
PART = f"{MALLORY} cannot touch a Workflow that is part of a Run: see `kubectl get hrun`"
_SUCCEEDED = {"status": {"phase": "Succeeded", "nodes": {LEG: {"phase": "Succeeded"}}}}

ARGO = [
    changes("a leg is resumed", PART, patch(_SUCCEEDED), what=WORKFLOW),
    changes(
        "a leg is resumed by Argo's server",
        "cannot touch a Workflow that is part of a Run",
        patch(_SUCCEEDED),
        what=WORKFLOW,
        who="system:serviceaccount:argo:argo-server",
    ),
    changes("a leg is suspended", PART, patch({"spec": {"suspend": True}}), what=WORKFLOW),
    changes("a leg is shut down", PART, patch({"spec": {"shutdown": "Terminate"}}), what=WORKFLOW),
    changes(
        "a leg gets another template",
        PART,
        json_patch(
            {"op": "replace", "path": "/spec/templates/0", "value": {"name": "leg", "container": {"image": "evil"}}}
        ),
        what=WORKFLOW,
    ),
    changes(
        "a leg loses its label", PART, patch({"metadata": {"labels": {"headgate.dev/run-uid": None}}}), what=WORKFLOW
    ),
    changes(
        "a leg gets another Run's label by Argo's hand",
        "labels of headgate.dev are Headgate's own",
        patch({"metadata": {"labels": {"headgate.dev/leg": "2"}}}),
        what=WORKFLOW,
        who="system:serviceaccount:argo:argo",
    ),
    Attack("a leg is deleted", ("delete", WORKFLOW), PART),
    writes("a leg is made", "create", leg("release-notes-7k2xp-5f0c2a9e-2"), PART),
    writes(
        "a leg is made by Argo, from a CronWorkflow of anybody's",
        "create",
        leg("release-notes-7k2xp-5f0c2a9e-2"),
        "Headgate alone makes Workflows with its labels",
        who="system:serviceaccount:argo:argo",
    ),
    writes(
        "a leg is made by an executor",
        "create",
        leg("release-notes-7k2xp-5f0c2a9e-2"),
        "cannot touch a Workflow that is part of a Run",
        who="system:serviceaccount:{namespace}:workflow",
    ),
]

RESULT = "cannot write the result of a node of a Run: its own pod does"
_EXECUTOR = "system:serviceaccount:{namespace}:workflow"
_POD = "authentication.kubernetes.io/pod-name="
_FORGED = result(f"{LEG}-1234567", LEG)

RESULTS = [
    writes("the result of a node is written", "create", _FORGED, f"{MALLORY} {RESULT}"),
    writes(
        "the result of a node is applied with force",
        "apply --server-side --force-conflicts",
        _FORGED,
        f"{MALLORY} {RESULT}",
    ),
    writes("the result of a node by an executor outside a pod", "create", _FORGED, RESULT, who=_EXECUTOR),
    writes(
        "the result of a node by the pod of another node",
        "create",
        _FORGED,
        f"in pod {LEG}-n1-7654321 {RESULT}",
        who=_EXECUTOR,
        extra=(f"{_POD}{LEG}-n1-7654321",),
    ),
    writes(
        "the result of a node by a pod of a Run that is called after its leg",
        "create",
        _FORGED,
        f"in pod {LEG}-y-91c2f0a6-1-n0-1234567 {RESULT}",
        who=_EXECUTOR,
        extra=(f"{_POD}{LEG}-y-91c2f0a6-1-n0-1234567",),
    ),
    writes(
        "the result of a node by a pod of another Workflow",
        "create",
        _FORGED,
        f"in pod mine-1234567 {RESULT}",
        who=_EXECUTOR,
        extra=(f"{_POD}mine-1234567",),
    ),
    writes(
        "the result of a node by a pod of another namespace",
        "create",
        _FORGED,
        f"system:serviceaccount:evil:workflow {RESULT}",
        who="system:serviceaccount:evil:workflow",
        extra=(f"{_POD}{LEG}-n1-1234567",),
    ),
    writes(
        "the result of a node by a person who claims to be a pod",
        "create",
        _FORGED,
        f"{MALLORY} {RESULT}",
        extra=(f"{_POD}{LEG}-n1-1234567",),
    ),
]

_TOLD = f"workflowtaskresult/{scene.TOLD['metadata']['name']}"
_MOVED = {"metadata": {"labels": {"workflows.argoproj.io/workflow": "mine"}}}

TOLD = [
    changes("what a pod told is rewritten", RESULT, patch({"outputs": {"parameters": []}}), what=_TOLD),
    changes("what a pod told loses its Workflow", RESULT, patch({"metadata": {"labels": None}}), what=_TOLD),
    changes("what a pod told is moved to another Workflow", RESULT, patch(_MOVED), what=_TOLD),
    Attack(
        "what a pod told is moved by a pod of that other Workflow",
        ("patch", _TOLD, *patch(_MOVED)),
        RESULT,
        _EXECUTOR,
        extra=(f"{_POD}mine-1111111",),
    ),
    Attack("what a pod told is deleted", ("delete", _TOLD), RESULT),
    Attack(
        "what a pod told is deleted by an executor",
        ("delete", _TOLD),
        RESULT,
        _EXECUTOR,
        extra=(f"{_POD}{LEG}-n0-1111111",),
    ),
]

_TASKS = f"workflowtaskset/{scene.TASKS['metadata']['name']}"
_SAYS = {"status": task_set(scene.TASKS["metadata"]["name"])["status"]}

TASK_SETS = [
    writes("a task set tells what a node gave", "create", task_set(LEG), f"{MALLORY} {RESULT}"),
    writes(
        "a task set tells what a node gave, by an executor in its pod",
        "create",
        {**task_set(LEG), "metadata": {"name": LEG, "labels": {"workflows.argoproj.io/workflow": LEG}}},
        f"in pod {LEG} {RESULT}",
        who=_EXECUTOR,
        extra=(f"{_POD}{LEG}",),
    ),
    changes(
        "a task set is made to tell what a node gave", RESULT, (*patch(_SAYS), "--subresource=status"), what=_TASKS
    ),
    changes("a task set is given tasks", RESULT, patch({"spec": {"tasks": {"a": {"name": "a"}}}}), what=_TASKS),
]

KEPT = "cannot touch what Headgate keeps for a Run: it goes with the Run"
SECRET = f"secret/{LEG}"
HELD = "cannot touch a revision that Runs hold to: the operator removes it when none does"
REVISION = f"controllerrevision/{scene.REVISION}"

RECORDS = [
    changes("what a node gave back is rewritten", KEPT, patch({"stringData": {"draft": "forged"}}), what=SECRET),
    changes("what a node gave back loses its label", KEPT, patch({"metadata": {"labels": None}}), what=SECRET),
    Attack("what a node gave back is deleted", ("delete", SECRET), KEPT),
    writes("what a node gave back is replaced", "replace --force", kept(LEG), KEPT),
    writes("outputs of a leg are made beforehand", "create", kept("release-notes-7k2xp-5f0c2a9e-2"), KEPT),
    writes("a revision is made beforehand", "create", scene.revision("release-notes-000000000000"), HELD),
    writes("a revision is replaced", "replace --force", scene.revision(scene.REVISION), HELD),
    changes("a revision loses its label", HELD, patch({"metadata": {"labels": None}}), what=REVISION),
    Attack("a revision is deleted", ("delete", REVISION), HELD),
]

_WALL = "validatingadmissionpolicy"

POLICIES = [
    Attack("the policy is deleted", ("delete", _WALL, "{release}-votes"), f'User "{MALLORY}" cannot delete resource'),
    Attack(
        "the binding is deleted",
        ("delete", f"{_WALL}binding", "{release}-votes"),
        f'User "{MALLORY}" cannot delete resource',
    ),
    writes(
        "the policy is emptied",
        "apply --server-side --force-conflicts --validate=false",
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": "headgate-votes"},
            "spec": {"validations": []},
        },
        f'User "{MALLORY}" cannot patch resource',
    ),
    Attack(
        "the policy that stamps is deleted",
        ("delete", "mutatingadmissionpolicy", "{release}-vote-stamp"),
        f'User "{MALLORY}" cannot delete resource',
    ),
    Attack(
        "the policy is removed by Headgate's own account",
        ("delete", _WALL, "{release}-votes"),
        "cannot delete resource",
        "{operator}",
    ),
]

ON_RUNS: list[Attack] = [*RUNS, *ARGO, *RESULTS, *TOLD, *TASK_SETS, *RECORDS, *POLICIES]
