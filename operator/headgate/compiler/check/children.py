"""Other workflows as nodes (LANGUAGE §3.10): no circles among them, and the same environments all the way down."""

from collections.abc import Iterator

from headgate.api.workflow import WorkflowSpec
from headgate.compiler.build.survey import Draft
from headgate.compiler.catalogue import Catalogue, Found
from headgate.compiler.check.subject import Subject
from headgate.compiler.graph import Role
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem

_PREFIX = "workflow/"


def check_children(subject: Subject) -> Iterator[Problem]:
    used: dict[str, list[Draft]] = {}
    for draft in subject.using(lambda use: use.role is Role.CHILD):
        used.setdefault(draft.use.name, []).append(draft)
        if draft.node.pod is not None:
            message = "a workflow has no pod of its own, its nodes have"
            remedy = f"write `pod` in the nodes of `{draft.use.name}`"
            yield Problem(draft.at("pod"), ProblemReason.NOT_FOR_WORKFLOWS, message, remedy, on_key=True)
    for name, drafts in used.items():
        below, circle = _explore(subject, name)
        for draft in drafts:
            if circle:
                message = f"a workflow would run inside itself: {' → '.join(circle)}"
                remedy = "let a node of one of them do the work, or repeat it by a loop over a list"
                yield Problem(draft.at("use"), ProblemReason.RECURSIVE_WORKFLOW, message, remedy)
            yield from _environments(subject, draft, below)


def _explore(subject: Subject, name: str) -> tuple[dict[str, WorkflowSpec], list[str]]:
    """What runs when a workflow does, itself included; and the way round, if there is a circle."""
    found: dict[str, WorkflowSpec] = {}
    way: list[str] = [] if subject.name is None else [subject.name]
    open_: list[Iterator[str]] = [iter([name])]
    while open_:
        child = next(open_[-1], None)
        if child is None:
            open_.pop()
            if open_:
                way.pop()
        elif child in way:
            return found, [*way[way.index(child) :], child]
        elif child not in found:
            spec = _spec_of(subject.catalogue, child)
            if spec is not None:
                found[child] = spec
                way.append(child)
                open_.append(iter(_children(spec)))
    return found, []


def _spec_of(catalogue: Catalogue, name: str) -> WorkflowSpec | None:
    answer = catalogue.workflow(name)
    return answer.value if isinstance(answer, Found) else None


def _children(spec: WorkflowSpec) -> list[str]:
    uses = dict.fromkeys(node.use for node in (*spec.nodes, *spec.finally_))
    return [use.removeprefix(_PREFIX) for use in uses if use.startswith(_PREFIX)]


def _environments(subject: Subject, draft: Draft, below: dict[str, WorkflowSpec]) -> Iterator[Problem]:
    """A Run of a child has its parent's environment; one that has none at all takes any."""
    for environment in subject.spec.environments:
        for name, spec in below.items():
            if spec.environments and environment not in spec.environments:
                message = f"workflow `{name}` has no environment `{environment}`"
                remedy = f"add it there; it has {', '.join(spec.environments)}"
                yield Problem(draft.at("use"), ProblemReason.UNKNOWN_ENVIRONMENT, message, remedy)
