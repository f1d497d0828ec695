"""Policies that approve by themselves (`autoApprove`): whether what they go by is there, at each gate that they serve.

What is wrong with such a policy at every gate, `headgate.compiler.policy` tells where the policy stands.
"""

from collections.abc import Collection, Iterable, Iterator

from headgate.api.nodetype import Gate
from headgate.compiler.build.survey import Draft
from headgate.compiler.catalogue import Found
from headgate.compiler.check.dependence import dependence, parameter
from headgate.compiler.check.environments import under_each
from headgate.compiler.check.subject import Subject
from headgate.compiler.policy import references_of
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem, Severity
from headgate_lang.near import did_you_mean

_VALUES = "values"


def check_policies(subject: Subject) -> Iterator[Problem]:
    drafts = list(subject.using(lambda use: use.type is not None and use.type.gate is Gate.APPROVAL))
    return under_each(subject, lambda environment: _under(subject, environment, drafts)) if drafts else iter(())


def _under(subject: Subject, environment: str | None, drafts: Iterable[Draft]) -> Iterator[Problem]:
    for draft in drafts:
        for mention in draft.mentions:
            for name in mention.names(subject.constants[environment]) if mention.kind == "ApprovalPolicy" else ():
                answer = subject.catalogue.policy(name)
                if isinstance(answer, Found) and answer.value.auto_approve:
                    yield from _unread(subject, draft, mention.parameter, name, answer.value.auto_approve)


def _unread(subject: Subject, draft: Draft, parameter_: str, policy: str, expression: str) -> Iterator[Problem]:
    """What the policy's expression reads, as if it were there, and is not."""
    shown = _shown(draft)
    for reference in references_of(expression):
        step = reference.steps[0] if reference.steps else None
        if step is None or step.tested or reference.is_optional or not isinstance(step.key, str):
            continue
        path, name = draft.at("with", parameter_), step.key
        if reference.root == "inputs" and name not in subject.spec.inputs:
            message = f"`{policy}` approves by itself by `inputs.{name}`, and the workflow has no such input"
            remedy = did_you_mean(name, subject.spec.inputs) or f"declare the input `{name}`, or take another policy"
            yield Problem(path, ProblemReason.UNKNOWN_INPUT, message, remedy, Severity.WARNING)
        elif reference.root == _VALUES and shown is not None and name not in shown:
            message = f"`{policy}` approves by itself by `values.{name}`, which `{draft.name}` does not show"
            remedy = did_you_mean(name, shown) or f"write `edit: {{{name}: …}}`, or take another policy"
            yield Problem(path, ProblemReason.UNKNOWN_FIELD, message, remedy, Severity.WARNING)


def _shown(draft: Draft) -> Collection[str] | None:
    """The names of a gate's `values`; None where nobody knows."""
    own = dependence(draft.use.output.get(_VALUES))
    if own is None:
        return None
    written = parameter(draft.node.with_, own.keys)
    if written is None:
        return ()
    return written if isinstance(written, dict) else None
