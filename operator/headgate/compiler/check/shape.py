"""The graph as a whole: parts that have nothing to do with each other, and nodes that nobody needs (LANGUAGE §3.15).

Only asked when every reference leads somewhere: one that is misspelt would make each of these doubts, too.
"""

from collections.abc import Iterator

from headgate.compiler.check.approvals import has_effect
from headgate.compiler.check.subject import Subject
from headgate.compiler.graph import Graph, Node, Role
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Problem, Severity

_MOST_TOLD = 5


def check_parts(subject: Subject) -> Iterator[Problem]:
    parts = _parts(subject.graph) if subject.is_understood else []
    if len(parts) > 1:
        told = "; ".join(f"({_told(part)})" for part in parts[:_MOST_TOLD])
        more = f" and {len(parts) - _MOST_TOLD} more" if len(parts) > _MOST_TOLD else ""
        message = f"the graph is in {len(parts)} parts: {told}{more}"
        remedy = "if one part needs another, read something of it, or write `after`; if not, make it a workflow"
        yield Problem(SPEC / "nodes", ProblemReason.DISCONNECTED_GRAPH, message, remedy, Severity.WARNING)


def _parts(graph: Graph) -> list[list[str]]:
    """The names in each part, parts and names in topological order."""
    nodes = [node for node in graph if not node.final and node.role is not Role.RENDER]
    joined: dict[str, str] = {}
    """Name → another of its part, nearer to the one that stands for the part, which leads to itself."""
    for node in nodes:
        first = None
        for need in node.needs:
            other = _standing_for(joined, need)
            if first is None:
                first = other
            elif other != first:
                joined[other] = first
        joined[node.name] = first or node.name
    parts: dict[str, list[str]] = {}
    for node in nodes:
        parts.setdefault(_standing_for(joined, node.name), []).append(node.name)
    return list(parts.values())


def _standing_for(joined: dict[str, str], name: str) -> str:
    while (other := joined[name]) != name:
        joined[name] = name = joined[other]
    return name


def _told(part: list[str]) -> str:
    more = f" and {len(part) - _MOST_TOLD} more" if len(part) > _MOST_TOLD else ""
    return f"{', '.join(part[:_MOST_TOLD])}{more}"


def check_unused(subject: Subject) -> Iterator[Problem]:
    needed = {need for node in subject.graph for need in node.needs}
    needed.update(subject.survey.output_reads)
    for node in subject.graph if subject.is_understood else ():
        if node.name not in needed and _is_for_its_output(node):
            path = subject.survey.drafts[node.name].path
            message = f"nobody reads what `{node.name}` gives, and it does nothing else"
            remedy = f"read it, in a node or in `outputs`, or take `{node.name}` out"
            yield Problem(path, ProblemReason.UNUSED_OUTPUT, message, remedy, Severity.WARNING)


def _is_for_its_output(node: Node) -> bool:
    """Whether a node is of no use but for its output. What another workflow does, nobody knows from here."""
    return node.role is Role.WORK and node.type is not None and bool(node.type.output) and not has_effect(node)
