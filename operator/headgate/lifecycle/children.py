"""Child Runs: of nodes that are workflows, and of loops over them. Started, told what to do, and read when they end.

A child is found by its name, which follows from the Run, the node, the item and the round. It keeps to a revision that
was fixed when the root started, and is asked for by whoever asked for the root.
"""

import hashlib
from collections.abc import Iterator

from headgate.api.run import MAX_DECLARERS, Phase, Run, State
from headgate.compiler import loop as loops
from headgate.compiler.graph import Node, Role, Way
from headgate.compiler.known import Instance, Settled
from headgate.compiler.passing import around
from headgate.compiler.run import check_inputs
from headgate.lifecycle.acting import acted_on, listed
from headgate.lifecycle.actions import Action, CreateChild, DeclareChildState, PinRevision
from headgate.lifecycle.case import Case, Intent
from headgate.lifecycle.facts import Child, End, Facts
from headgate.lifecycle.pinned import REVISION, WORKFLOW
from headgate.lifecycle.rendering import CannotRenderError, parameters_of
from headgate.lifecycle.resting import requests_before
from headgate.lifecycle.tidy import line
from headgate.names import API_VERSION, GROUP, MAX_RUN_NAME, child_name, label_of
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason
from headgate_lang.report import Error

NODE = f"{GROUP}/node"
PARENT = f"{GROUP}/parent"
GATED = f"{GROUP}/gated"
"""The label that says how all of a Run stands to gates of the one that it is a part of: `After.Before`."""
FINAL = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED, Phase.TIMED_OUT})

_STATES = {
    Intent.GO: State.RUNNING,
    Intent.PAUSE: State.PAUSED,
    Intent.STOP: State.STOPPED,
    Intent.TIME_OUT: State.STOPPED,
    Intent.TERMINATE: State.TERMINATED,
}
_URGENCY = (State.RUNNING, State.PAUSED, State.STOPPED, State.TERMINATED)


def stands_in(run: Run) -> frozenset[Way]:
    """How all of it stands to gates around it. Of a word that nobody knows, the way that allows least."""
    words = run.metadata.labels.get(GATED, "").split(".")
    known = {way.value: way for way in Way}
    return frozenset(known.get(word, Way.DECIDES) for word in words if word)


def is_part(run: Run) -> bool:
    """Whether another Run owns it."""
    return any(owner.kind == "Run" and owner.controller for owner in run.metadata.owner_references)


def has_ended(run: Run) -> bool:
    """Whether it has, in the attempt that is asked for. One that is to stop begins no other."""
    status = run.status
    if status is None or status.phase not in FINAL:
        return False
    return (status.attempt or 1) >= run.spec.attempt or run.spec.state in (State.STOPPED, State.TERMINATED)


def name_of(case: Case, instance: Instance) -> str:
    since = case.mark(instance.node).since
    return name_under(case.name, instance, since, is_ambiguous=instance.node in case.graph.ambiguous)


def name_under(run: str, instance: Instance, since: int, *, is_ambiguous: bool) -> str:
    """`since`: the number from which on it counts, of a part that runs again."""
    index = () if instance.index is None else (str(instance.index),)
    again = (f"r{since}",) if since else ()
    mark = (_mark_of(instance.node),) if (index or again) and is_ambiguous else ()
    return child_name(run, instance.node, *index, *again, *mark, limit=MAX_RUN_NAME)


def _mark_of(node: str) -> str:
    """Where `sub`, its item 0 and a node `sub_0` would come to one name."""
    return hashlib.sha256(node.encode()).hexdigest()[:5]


def view_children(case: Case, facts: Facts) -> Iterator[tuple[Instance, Child]]:
    """Those that are there."""
    there = {run.metadata.name: run for run in case.observed.children}
    if not there:
        return
    for node in case.graph:
        if node.role is Role.CHILD:
            for instance in _instances(node, facts):
                run = there.get(name_of(case, instance))
                if run is not None:
                    yield instance, _view(case, node, run)


def _instances(node: Node, facts: Facts) -> Iterator[Instance]:
    if node.loop is None:
        yield Instance(node.name)
        return
    prepared = facts.settled.get(Instance(node.name, prepare=True))
    if prepared is not None or isinstance(node.loop.items, list):
        length = loops.length_of(node.loop, prepared) if prepared is None or prepared.length is not None else 0
        yield from (Instance(node.name, index) for index in range(length))


def start_child(case: Case, facts: Facts, instance: Instance) -> Child | None:
    """None: not now, since the Run is paused."""
    if case.intent is Intent.PAUSE:
        return None
    name = name_of(case, instance)
    node = case.graph[instance.node]
    try:
        inputs = parameters_of(case, facts, instance)
    except CannotRenderError as error:
        return Child(name, end=_failed(Reason.EXPRESSION_ERROR, str(error)))
    pinned = case.pinned.of_child(node.use.removeprefix("workflow/"))
    if problems := check_inputs(pinned.name, inputs, pinned.workflow):
        return Child(name, end=_failed(Reason.INVALID_PARAMETERS, line(f"{pinned.name}: {problems[0]}")))
    environment = case.spec.environment if pinned.workflow.environments else None
    attempt = _attempt_of(case, node)
    ways = around(case.graph, node.name) - {Way.HOLDS}
    gated = {GATED: ".".join(sorted(way.value for way in ways))} if ways else {}
    metadata = {
        "name": name,
        "namespace": case.run.metadata.namespace,
        "labels": {
            WORKFLOW: label_of(pinned.name),
            REVISION: pinned.revision,
            PARENT: case.name,
            NODE: node.name,
            **gated,
        },
        "ownerReferences": [
            {"apiVersion": API_VERSION, "kind": "Run", "name": case.name, "uid": case.uid, "controller": True}
        ],
    }
    spec = {
        "workflow": pinned.name,
        "inputs": inputs,
        **({"environment": environment} if environment else {}),
        **({"attempt": attempt} if attempt > 1 else {}),
        **({"requester": case.spec.requester} if case.spec.requester else {}),
        **({"actedBy": list(acted)} if (acted := listed(acted_on(case), most=MAX_DECLARERS)) else {}),
    }
    manifest = {"apiVersion": API_VERSION, "kind": "Run", "metadata": metadata, "spec": spec}
    pin = PinRevision(pinned.object_name, pinned.labels, pinned.content())
    create = CreateChild(name, manifest, requests_before(case, facts, (node.name,)))
    return Child(name, actions=(pin, create))


def _view(case: Case, node: Node, run: Run) -> Child:
    name = run.metadata.name or ""
    if not run.metadata.is_part_of(case.uid) or run.metadata.labels.get(NODE) != node.name:
        message = f"a Run {name} is there already, and does not belong to this one: delete it, and retry"
        return Child(name, run, _failed("NameTaken", message))
    if not has_ended(run):
        return Child(name, run, actions=tuple(_hand_down(case, node, run)))
    status = run.status
    assert status is not None
    if status.phase is Phase.SUCCEEDED:
        return Child(name, run, End(Settled(Outcome.SUCCEEDED), dict(status.outputs)))
    wanted = _attempt_of(case, node)
    if run.spec.attempt < wanted and not case.intent.is_stopping:
        return Child(name, run, actions=(_declare(case, run, State.RUNNING, wanted),))
    reason = next((one.reason for one in status.conditions if one.type == "Succeeded"), str(status.phase))
    return Child(name, run, _failed(reason, f"{name}: {status.message or status.phase}"))


def _attempt_of(case: Case, node: Node) -> int:
    """The attempt that its parts are in. One that starts later starts in it: else its first no would be tried again."""
    before = case.status.nodes.get(node.name)
    return (before.attempts if before else None) or 1


def _failed(reason: str, message: str) -> End:
    return End(Settled(Outcome.FAILED, reason), error=Error(reason, message))


def _hand_down(case: Case, node: Node, run: Run) -> Iterator[Action]:
    """What people want of the whole is wanted of its parts, and whoever acted on it has acted on them. A child that
    somebody paused alone stays paused."""
    wanted, state = _wanted(case, node), run.spec.state
    was_paused = any(one.type == "Paused" and one.status == "True" for one in case.status.conditions)
    resumes = wanted is State.RUNNING and state is State.PAUSED and was_paused
    if resumes or _URGENCY.index(wanted) > _URGENCY.index(state):
        yield _declare(case, run, wanted)
    elif _actors(case, run) != run.spec.acted_by:
        yield _declare(case, run, state)


def _wanted(case: Case, node: Node) -> State:
    """What stands under `finally` is run to its end also by a Run that stops."""
    return State.RUNNING if node.final and case.intent in (Intent.STOP, Intent.TIME_OUT) else _STATES[case.intent]


def _actors(case: Case, child: Run) -> tuple[str, ...]:
    return listed(acted_on(case), child.spec.acted_by, MAX_DECLARERS)


def _declare(case: Case, run: Run, state: State, attempt: int | None = None) -> DeclareChildState:
    metadata = run.metadata
    version = metadata.resource_version or ""
    return DeclareChildState(metadata.name or "", metadata.uid or "", version, state, _actors(case, run), attempt)
