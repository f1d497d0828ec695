"""What a Run gives back: computed by a pod, or plain paths that are copied here. Asked when all has ended; what will be
read then, when a leg is made."""

from collections.abc import Mapping
from typing import Any

from headgate.compiler.document.depth import NESTED_DEEPER, is_deeper
from headgate.compiler.graph import OUTPUTS, Graph, Part
from headgate.compiler.known import Instance
from headgate.compiler.showing import WHOLE, read_in
from headgate.lifecycle.case import Case
from headgate.lifecycle.documents import TooLargeToReadError
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.outputs import lost_outputs, value_of
from headgate.lifecycle.rendering import run_document
from headgate.lifecycle.status.bounds import MAX_OUTPUTS
from headgate_lang import paths, template
from headgate_lang.documents import size
from headgate_lang.resolve import resolve
from headgate_lang.scope import Scope
from headgate_lang.values import ABSENT


class TooLargeOutputsError(Exception):
    """Outputs that no status can hold, or nobody reads from one."""


def outputs_of(case: Case, facts: Facts) -> dict[str, Any]:
    """Those without a value are left out. Raises NeedsReadError, TooLargeOutputsError."""
    if not case.pinned.workflow.outputs:
        return {}
    try:
        found = _computed(case, facts) if OUTPUTS in case.graph.by_name else _copied(case, facts)
    except TooLargeToReadError:
        raise TooLargeOutputsError("an output is in the artifact store, and too large for a status") from None
    if deep := [name for name, value in found.items() if is_deeper(value)]:
        raise TooLargeOutputsError(f"output `{deep[0]}` {NESTED_DEEPER}: give back a part, or a text")
    taken = size(found)
    if taken > MAX_OUTPUTS:
        most = f"{MAX_OUTPUTS // 1024} KiB"
        message = (
            f"the outputs have {taken // 1024} KiB, and a Run gives back {most} at most: give back a part, or a link"
        )
        raise TooLargeOutputsError(message)
    return found


def returned_nodes(graph: Graph, outputs: Mapping[str, Any]) -> frozenset[str]:
    """The nodes whose outputs are copied: what they give is read, though no node of the graph reads it."""
    return frozenset() if OUTPUTS in graph.by_name else _roots(outputs)


def leaving(graph: Graph, outputs: Mapping[str, Any]) -> Mapping[str, frozenset[Part]]:
    """What goes out of a part, by the nodes that it is read of; of the one that computes it, all."""
    if OUTPUTS in graph.by_name:
        return {OUTPUTS: frozenset({WHOLE})}
    return {name: read_in(dict(outputs), name) for name in _roots(outputs) & graph.by_name.keys()}


def _computed(case: Case, facts: Facts) -> dict[str, Any]:
    told = facts.told.get(Instance(OUTPUTS))
    if told is None or told.place is None:
        return {}
    found = case.library.value(told.place)
    return found if isinstance(found, dict) else {}


def _copied(case: Case, facts: Facts) -> dict[str, Any]:
    written = case.pinned.workflow.outputs
    documents: dict[str, Any] = {"inputs": case.status.inputs, "vars": case.vars, "run": run_document(case)}
    lost = lost_outputs(facts)
    for name in sorted(_roots(written) & case.graph.by_name.keys()):
        if name in lost:
            message = f"`{name}` gave more than is kept for what a Run gives back: give back a part, or a link"
            raise TooLargeOutputsError(message)
        if Instance(name) in facts.settled:
            value = value_of(case, facts, case.graph[name])
            if value is not None:
                documents[name] = value
    scope = Scope(documents)
    found = {}
    for name, value in written.items():
        resolved = resolve(value, scope)
        if not resolved.faults and resolved.value is not ABSENT and resolved.value is not None:
            found[name] = resolved.value
    return found


def _roots(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        sources = [expression.source for expression in template.parse(value).expressions]
        plain = [paths.parse(source) for source in sources]
        return frozenset(path.root for path in plain if path is not None)
    if isinstance(value, dict):
        return frozenset().union(*(_roots(member) for member in value.values()))
    return frozenset().union(*(_roots(item) for item in value)) if isinstance(value, list) else frozenset()
