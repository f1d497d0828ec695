"""Which gates a node stands for: the one that it is, or those in the workflow that it uses, however deep."""

from collections.abc import Mapping

from headgate.api.nodetype import Gate
from headgate.api.workflow import WorkflowSpec
from headgate.compiler.build.uses import Use, resolve
from headgate.compiler.catalogue import Catalogue

NO_GATES: frozenset[Gate] = frozenset()


def gates_of(uses: Mapping[str, Use], catalogue: Catalogue) -> Mapping[str, frozenset[Gate]]:
    """Of what nodes use, by how it is written: what is a gate or holds one."""
    found = ((text, _gates(use, catalogue)) for text, use in uses.items())
    return {text: gates for text, gates in found if gates}


def _gates(use: Use, catalogue: Catalogue) -> frozenset[Gate]:
    if use.workflow is None:
        return frozenset({use.type.gate}) if use.type is not None and use.type.gate is not None else NO_GATES
    found: set[Gate] = set()
    seen, waiting = {use.name}, [use.workflow]
    while waiting:
        for text in _texts(waiting.pop()):
            inner = resolve(text, catalogue)
            if inner.type is not None and inner.type.gate is not None:
                found.add(inner.type.gate)
            elif inner.workflow is not None and inner.name not in seen:
                seen.add(inner.name)
                waiting.append(inner.workflow)
    return frozenset(found)


def _texts(workflow: WorkflowSpec) -> frozenset[str]:
    return frozenset(node.use for node in (*workflow.nodes, *workflow.finally_))
