"""What nodes use: whether it is there, and whether it is going away."""

from collections.abc import Iterator
from dataclasses import replace

from headgate.compiler.build.survey import Draft
from headgate.compiler.catalogue import Missing
from headgate.compiler.check.subject import Subject
from headgate.compiler.graph import Role
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem, Severity


def check_uses(subject: Subject) -> Iterator[Problem]:
    for draft in subject.using(lambda use: isinstance(use.answer, Missing)):
        yield replace(_missing(draft), severity=subject.missing)
    for draft in subject.using(lambda use: use.deprecated):
        message = f"`{draft.use.pinned}` is going away: {draft.use.deprecated}"
        remedy = f"take a newer version of `{draft.use.name}`, or another type"
        yield Problem(draft.at("use"), ProblemReason.DEPRECATED, message, remedy, Severity.WARNING)


def _missing(draft: Draft) -> Problem:
    name = draft.use.name
    answer = draft.use.answer if isinstance(draft.use.answer, Missing) else Missing()
    near = f"did you mean `{answer.near}`?" if answer.near else ""
    if draft.use.role is Role.CHILD:
        message, remedy = f"there is no workflow `{name}` here", near or f"apply the Workflow `{name}`"
        return Problem(draft.at("use"), ProblemReason.MISSING_WORKFLOW, message, remedy)
    message = f"there is no node type `{draft.node.use}`"
    if answer.versions:
        known = [f"`{name}@{version}`" for version in answer.versions]
        remedy = f"there {'are' if known[1:] else 'is'} {', '.join(known)}; `{name}` alone takes the newest"
        return Problem(draft.at("use"), ProblemReason.MISSING_NODE_TYPE, message, remedy)
    remedy = near or f"install a NodeType of this name, or write what it does as `workflow/{name}`"
    return Problem(draft.at("use"), ProblemReason.MISSING_NODE_TYPE, message, remedy)
