"""The story of a Run in one sentence, and its phase. The same sentence stands everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from headgate.api.run import NodePhase, NodeStatus, Phase, Usage
from headgate.compiler.graph import Graph, Role
from headgate.compiler.known import Instance
from headgate.compiler.plan import seen
from headgate.lifecycle import moments
from headgate.lifecycle.case import Case, Intent
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.outputs import error_of
from headgate.lifecycle.tidy import line, word
from headgate_lang.fate import Outcome
from headgate_lang.reasons import SAID_NO

ARGO_SILENT = "ArgoSilent"
"""Reason of the condition, and of the Event, when Argo has said nothing of a leg for too long."""
STOPPING = "Stopping"
"""Reason of the condition, while people's word or its deadline ends the Run."""


@dataclass(frozen=True, slots=True)
class Story:
    phase: Phase
    reason: str
    """Of the condition Succeeded."""
    message: str


def story_under_way(case: Case, facts: Facts, nodes: Mapping[str, NodeStatus], *, works: bool) -> Story:
    """`works`: a leg is there, or about to be."""
    open_gates = [(name, one) for name, one in (*facts.gates.items(), *facts.questions.items()) if one.end is None]
    running = [name for name, node in nodes.items() if node.phase is NodePhase.RUNNING]
    if case.intent is Intent.PAUSE and not running:
        by = f" by {case.spec.declared_by}" if case.spec.declared_by else ""
        return Story(Phase.WAITING, "Paused", f"paused{by}: nothing new starts")
    silence = next((view.silence for view in case.views if view.silence), "")
    if case.intent.is_stopping:
        return Story(Phase.RUNNING, STOPPING, line(_stopping(case, running, silence)))
    if silence:
        return Story(Phase.RUNNING, ARGO_SILENT, silence)
    if works or running:
        return Story(Phase.RUNNING, "Running", _running(case, running, nodes))
    if open_gates:
        name, first = min(open_gates, key=lambda one: (one[1].until is None, one[1].until or case.now, one[0]))
        more = f" (and {len(open_gates) - 1} more)" if len(open_gates) > 1 else ""
        return Story(Phase.WAITING, first.reason, f"{name}: {first.message}{more}")
    waiting = [name for name, node in nodes.items() if node.phase is NodePhase.WAITING]
    if waiting:
        return Story(Phase.WAITING, "ChildWaiting", _child(facts, waiting[0]))
    return Story(Phase.RUNNING, "Running", _running(case, running, nodes))


def _stopping(case: Case, running: list[str], silence: str) -> str:
    why = "its time is over" if case.intent is Intent.TIME_OUT else "stopping"
    ending = [view for view in case.views if view.given_up_at is not None and not view.has_ended]
    if ending:
        until = max(view.given_up_at for view in ending if view.given_up_at is not None)
        legs = ", ".join(str(view.number) for view in ending[:3])
        return f"{why}: waits for Argo to end leg {legs}, and at {moments.tell(until)} UTC no longer"
    if silence:
        return f"{why}: {silence}"
    return f"{why}: {_names(running)} may end first" if running else f"{why}"


def _running(case: Case, running: list[str], nodes: Mapping[str, NodeStatus]) -> str:
    if not running:
        held_up = (f"{name}: {node.message}" for name, node in nodes.items() if _is_held_up(node))
        return next(held_up, "its pods are about to start")
    items = nodes[running[0]].items
    if len(running) == 1 and items is not None and items.total:
        done = f"{running[0]}: {items.succeeded + items.failed} of {items.total} items"
        return f"{done}, {items.failed} failed" if items.failed else done
    return f"running {_names(running)}"


def _is_held_up(node: NodeStatus) -> bool:
    return node.phase is NodePhase.PENDING and node.message is not None


def _child(facts: Facts, node: str) -> str:
    for instance, child in facts.children.items():
        if instance.node == node and child.end is None and child.run is not None and child.run.status is not None:
            return line(f"{instance}: {child.run.status.message or 'waits'}")
    return f"{node}: waits"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"


def story_ended(case: Case, facts: Facts, phase: str, work_seconds: float, usage: Usage | None) -> Story:
    by = f" by {case.spec.declared_by}" if case.spec.declared_by else ""
    if phase == Phase.TIMED_OUT:
        return Story(Phase.TIMED_OUT, "Timeout", f"worked for {round(work_seconds)}s, which is all the time it has")
    if case.intent is Intent.STOP:
        return Story(Phase.CANCELLED, "Stopped", f"stopped{by}")
    if case.intent is Intent.TERMINATE:
        return Story(Phase.CANCELLED, "Terminated", f"terminated{by}")
    if phase == Phase.SUCCEEDED:
        return Story(Phase.SUCCEEDED, "Succeeded", _worked(work_seconds, usage))
    name, reason, message = _first_failure(case, facts, said_no=phase == Phase.CANCELLED)
    return Story(Phase(phase), word(reason, "Failed"), line(f"{name}: {message or reason}"))


def _worked(work_seconds: float, usage: Usage | None) -> str:
    tokens = ((usage.prompt_tokens or 0) + (usage.output_tokens or 0)) if usage else 0
    return f"{round(work_seconds)}s of work{f', {tokens:,} tokens' if tokens else ''}"


def _first_failure(case: Case, facts: Facts, *, said_no: bool) -> tuple[str, str, str]:
    for node in case.graph:
        settled = facts.settled.get(Instance(node.name))
        if node.role is Role.RENDER or settled is None or seen(node, settled.outcome) is not Outcome.FAILED:
            continue
        if said_no or settled.reason not in SAID_NO:
            error = error_of(case, facts, node)
            reason, message = (error.reason, error.message) if error else (settled.reason, "")
            told = message if not message or settled.reason in SAID_NO or node.loop else f"{reason}: {message}"
            return node.name, reason, told
    return "the Run", "Failed", ""


def progress_of(graph: Graph, facts: Facts) -> str:
    nodes = [node for node in graph if node.role is not Role.RENDER]
    asked = {name for name, one in facts.questions.items() if one.end is None}
    ended = sum(Instance(node.name) in facts.settled and node.name not in asked for node in nodes)
    return f"{ended}/{len(nodes)}"
