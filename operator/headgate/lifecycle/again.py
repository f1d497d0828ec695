"""Runs again within the Run: `attempt`, and the answer Retry to a Recovery request. Only the marks move."""

from headgate.api.run import MAX_ANSWERED, NodePhase, NodeStatus, RunStatus, State
from headgate.compiler.graph import Graph, Role
from headgate.compiler.known import Instance, Known
from headgate.compiler.rerun import retry, retry_node
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.marks import Mark, Move, marks_of, moved, next_mark
from headgate_lang.fate import Outcome


def asks_again(state: str, wanted: int | None, begun: int | None) -> bool:
    """Whether a Run is about to run again: people want a later attempt than the one that its status tells of."""
    return (wanted or 1) > (begun or 1) and state == State.RUNNING


def next_attempt(status: RunStatus, graph: Graph, facts: Facts, attempt: int) -> RunStatus:
    """The status on which the new attempt stands: what failed or was omitted is forgotten, and all that came after."""
    bad = Outcome.FAILED | Outcome.OMITTED
    badly = frozenset(one.node for one, end in facts.settled.items() if end.outcome & bad and one == Instance(one.node))
    resumed = badly - graph.after(badly)
    number, nodes = _move(status, graph, facts, retry(graph, Known(facts.settled)), resumed)
    kept = ("revision", "inputs", "started_at", "legs", "usage", "work_seconds", "wait_seconds", "acted_by")
    said = {name: getattr(status, name) for name in kept}
    return RunStatus(**said, attempt=attempt, attempt_from=number, nodes=nodes)


def run_nodes_again(status: RunStatus, graph: Graph, facts: Facts, names: frozenset[str]) -> RunStatus:
    known = Known(facts.settled)
    for name in sorted(names):
        known = retry_node(graph, known, name)
    _, nodes = _move(status, graph, facts, known, names)
    for name in names & facts.questions.keys():
        nodes[name] = _answered(nodes[name], facts.questions[name].request_uid)
    return status.model_copy(update={"nodes": nodes})


def _answered(node: NodeStatus, uid: str | None) -> NodeStatus:
    answered = (*node.answered, *((uid,) if uid is not None else ()))
    return node.model_copy(update={"answered": answered[-MAX_ANSWERED:]})


def _move(
    status: RunStatus, graph: Graph, facts: Facts, known: Known, resumed: frozenset[str]
) -> tuple[int, dict[str, NodeStatus]]:
    before = marks_of(status)
    number = next_mark((leg.number for leg in status.legs), before)
    begun = {*facts.settled, *_asking_after(graph, facts, known, resumed)}
    after = moved(graph, before, Move(begun, known.settled, resumed, number))
    nodes = dict(status.nodes)
    for name, mark in after.items():
        if mark != before.get(name) and name in graph.by_name and graph[name].role is not Role.RENDER:
            nodes[name] = _forgotten(graph, name, nodes.get(name), mark)
    return number, nodes


def _asking_after(graph: Graph, facts: Facts, known: Known, resumed: frozenset[str]) -> frozenset[Instance]:
    """The gates that are open and come after what runs again: they ask anew, as those that are decided do."""
    again = resumed.union(one.node for one in facts.settled.keys() - known.settled.keys())
    return frozenset(Instance(name) for name in graph.after(again) & facts.gates.keys())


def _forgotten(graph: Graph, name: str, old: NodeStatus | None, mark: Mark) -> NodeStatus:
    fresh = NodeStatus(
        phase=NodePhase.PENDING,
        since=mark.since or None,
        retried=mark.retried or None,
        answered=old.answered if old is not None else (),
    )
    if graph[name].role is not Role.CHILD or not mark.retried or mark.retried < mark.since:
        return fresh
    attempts = ((old.attempts if old else None) or 1) + 1
    return fresh.model_copy(update={"attempts": attempts})
