"""Gates (LANGUAGE §3.4, §3.6): what makes no sense on them, and where they cannot stand."""

from collections.abc import Iterator

from headgate.api.nodetype import Gate
from headgate.api.workflow import OnError
from headgate.compiler.build.survey import Draft
from headgate.compiler.catalogue import Missing
from headgate.compiler.check.subject import Subject
from headgate.compiler.graph import Role
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Path, Problem, Severity

RECOVERY = "recovery"
"""The policy under which people are asked about a failure."""


def check_gates(subject: Subject) -> Iterator[Problem]:
    for draft in subject.using(lambda use: use.role is Role.GATE):
        yield from _fields(draft)
        yield from _standing(draft)
        if draft.use.type and draft.use.type.gate is Gate.TIMER:
            yield from _timer(draft)
    yield from _recovery(subject)


def _fields(draft: Draft) -> Iterator[Problem]:
    node = draft.node
    asks_people = draft.use.type is not None and draft.use.type.gate in (Gate.APPROVAL, Gate.CLARIFICATION)
    how_long = "write `timeout` in the ApprovalPolicy" if asks_people else "say in `with` how long: `for` or `within`"
    refused = {
        "timeout": (node.timeout, "a gate has no timeout of its own", how_long),
        "retry": (node.retry, "a gate is asked once", "take it out"),
        "onError": (
            node.on_error is OnError.ASK,
            "people have answered: nobody is asked whether that was an error",
            "write `onError: Continue` if a no may pass, or take it out",
        ),
        "pod": (node.pod, "a gate waits without a pod", "take it out"),
    }
    for field, (given, message, remedy) in refused.items():
        if given:
            yield Problem(draft.at(field), ProblemReason.NOT_FOR_GATES, message, remedy, on_key=True)


def _standing(draft: Draft) -> Iterator[Problem]:
    if draft.final:
        message, remedy = "`finally` waits for nobody", "move it into `nodes`, or into a workflow of its own"
        yield Problem(draft.at("use"), ProblemReason.GATE_IN_FINALLY, message, remedy)
    if draft.node.for_each:
        message = f"`{draft.use.name}` in `forEach` would ask once for each item"
        remedy = (
            "show the whole list in one gate (`edit: {items: …}` lets people correct it), or put the gate into a "
            "workflow and write `use: workflow/NAME`: each item is then a Run with a gate of its own"
        )
        yield Problem(draft.at("forEach"), ProblemReason.GATE_IN_LOOP, message, remedy, on_key=True)


def _timer(draft: Draft) -> Iterator[Problem]:
    given = sorted({"for", "until"} & draft.node.with_.keys())
    if not given:
        message, remedy = "`wait` does not know how long", "write `for: 24h`, or `until:` and a time"
        yield Problem(draft.at("with"), ProblemReason.MISSING_PARAMETER, message, remedy)
    elif len(given) > 1:
        message, remedy = "`for` and `until` say different things", "take one of them out"
        yield Problem(draft.at("with"), ProblemReason.INVALID_VALUE, message, remedy)


def _recovery(subject: Subject) -> Iterator[Problem]:
    """`onError: Ask` needs a policy that says whom to ask."""
    asking = [draft.at("onError") for draft in subject.drafts if draft.node.on_error is OnError.ASK]
    if subject.spec.defaults and subject.spec.defaults.on_error is OnError.ASK:
        asking.append(SPEC / "defaults" / "onError")
    if asking and isinstance(subject.catalogue.policy(RECOVERY), Missing):
        yield from map(_nobody_to_ask, asking)


def _nobody_to_ask(path: Path) -> Problem:
    message = "there is no policy `recovery` that says whom to ask, so a failure is as with `Fail`"
    remedy = "apply an ApprovalPolicy `recovery`, or write `onError: Fail`"
    return Problem(path, ProblemReason.NO_RECOVERY_POLICY, message, remedy, Severity.WARNING)
