"""Runs again (LANGUAGE §3.11): each way is the same plan with another `Known`, and none of them settles a gate.

Called by whoever carries out `attempt`, `from` and the answers to a Recovery request. Whatever comes after something
that runs again is unsettled too, decisions included.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from headgate.compiler.build.reading import Place, Reader
from headgate.compiler.graph import Graph, Node, Role
from headgate.compiler.known import Instance, Known, Settled
from headgate.compiler.passing import may_be_given
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason
from headgate_lang.schema.keywords import is_special


def retry(graph: Graph, known: Known) -> Known:
    """`attempt`: what failed or was omitted runs again in this Run. Of a loop, only the items without an output."""
    return _unsettle(graph, known, resumed=_to_run(graph, known))


def retry_node(graph: Graph, known: Known, name: str) -> Known:
    """The answer Retry to a Recovery request."""
    return _unsettle(graph, known, resumed=frozenset({name}))


def let_stand(known: Known, name: str) -> Known:
    """The answer Stop to a Recovery request: the failure is final."""
    return _with(known, name, replace(known.settled[Instance(name)], answered=True))


def skip_node(known: Known, name: str, *, has_output: bool) -> Known:
    """The answer Skip to a Recovery request, with an output that a person gives or without one."""
    return _with(known, name, _given(has_output=has_output))


def given_in_place(node: Node) -> Mapping[str, Any] | None:
    """The form of an output that a person gives in place of a node's. None: only its run tells."""
    fields = node.type.output if node.type is not None and node.loop is None else {}
    return fields if fields and not any(is_special(name) for name in fields) else None


def take_over(
    graph: Graph,
    old: Known,
    *,
    restart: frozenset[str] = frozenset(),
    skip: Mapping[str, bool] | None = None,
    changed_inputs: frozenset[str] = frozenset(),
) -> Known:
    """`from`: what a new Run takes over from an old one. Gates ask again, those in its other workflows too, so nothing
    after a gate is taken over either.

    `skip` says for each node that a person skips whether an output is given for it.
    """
    skip = skip or {}
    gates = frozenset(node.name for node in graph if node.gates)
    refused = [name for name, has_output in skip.items() if not may_be_given(graph, name, has_output=has_output)]
    if refused:
        raise ValueError(f"a gate cannot be skipped: {', '.join(sorted(refused))}")
    reading = frozenset(node.name for node in graph if node.inputs & changed_inputs)
    afresh = restart | gates | reading | frozenset(skip)
    kept = _unsettle(graph, replace(old, claimed={}), resumed=_to_run(graph, old), afresh=afresh)
    for name, has_output in skip.items():
        kept = skip_node(kept, name, has_output=has_output)
    return kept


def reads_of_run(value: Any, fields: frozenset[str]) -> bool:
    """Whether expressions in a value read one of these fields of `run`, or it is computed which."""
    places: list[Place] = []
    Reader().collect(value, (), places)
    paths = (path for place in places for read in place.reading.expressions for path in read.paths)
    return any(root == "run" and (not keys or keys[0] is None or keys[0] in fields) for root, keys in paths)


def _to_run(graph: Graph, known: Known) -> frozenset[str]:
    """What ended badly, and what has not ended, as in a Run that was stopped: it runs, and all that comes last does so
    after it once more."""
    badly = Outcome.FAILED | Outcome.OMITTED
    ends = ((node.name, known.settled.get(Instance(node.name))) for node in graph)
    return frozenset(name for name, end in ends if end is None or end.outcome & badly)


def _unsettle(graph: Graph, known: Known, *, resumed: frozenset[str], afresh: frozenset[str] = frozenset()) -> Known:
    """Forget `afresh` and all that comes after either set; of `resumed`, keep what prepared it and its good items."""
    lost = afresh | graph.after(resumed | afresh)
    if lost | resumed:
        lost |= frozenset(node.name for node in graph if node.role is Role.RENDER)
    if any(not graph[name].final for name in lost | resumed):
        lost |= frozenset(node.name for node in graph if node.final)

    def stands(instance: Instance, end: Settled) -> bool:
        if instance.node in lost:
            return False
        is_part = instance.prepare or instance.index is not None
        return instance.node not in resumed or (is_part and end.outcome is Outcome.SUCCEEDED)

    return replace(known, settled={instance: end for instance, end in known.settled.items() if stands(instance, end)})


def _given(*, has_output: bool) -> Settled:
    outcome = Outcome.SUCCEEDED if has_output else Outcome.SKIPPED
    return Settled(outcome, Reason.SKIPPED_BY_PERSON)


def _with(known: Known, name: str, end: Settled) -> Known:
    return replace(known, settled={**known.settled, Instance(name): end})
