"""Whether an ApprovalPolicy makes sense: somebody can pass it, its times come, and `autoApprove` is an expression.

Asked by `alone`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from headgate.api.approvalpolicy import ApprovalPolicySpec, OnTimeout, Stage
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.types import RUN, TypeScope, check, misfit
from headgate.errors import SPEC, Item, Path, Problem, Severity, Span
from headgate_lang import cel, durations, paths, template
from headgate_lang.addresses import METADATA, is_in
from headgate_lang.endpoint import BadEndpoint, read_endpoint
from headgate_lang.flaw import Flaw
from headgate_lang.near import did_you_mean
from headgate_lang.paths import Reference
from headgate_lang.schema.keywords import Schema
from headgate_lang.template import Expression

ROOTS = ("values", "inputs", "run")
"""What `autoApprove` reads. `values` is what a gate shows for correction; it exists nowhere else."""

_MACHINES = "system:"
"""How names begin that are no person's."""
_AT = SPEC / "autoApprove"
_SCOPE = TypeScope({"run": RUN})
_BOOLEAN: Schema = {"type": "boolean"}
_INSTEAD = {
    "vars": "a policy serves many workflows and knows no constants of theirs: write the value",
    "item": "a gate never stands in a loop: read `values`",
    "index": "a gate never stands in a loop: read `values`",
}


def check_policy(spec: ApprovalPolicySpec) -> tuple[Problem, ...]:
    """Every problem of a policy."""
    return (*_stages(spec), *_duties(spec), *_times(spec), *_auto_approve(spec.auto_approve), *_notify(spec))


def references_of(auto_approve: str) -> tuple[Reference, ...]:
    """What an expression of a policy reads; nothing, where it is none."""
    return tuple(
        reference
        for expression in template.parse(auto_approve).expressions
        for reference in _references(expression.source)
    )


def _stages(spec: ApprovalPolicySpec) -> Iterator[Problem]:
    """A stage that names groups may have any number of voters; one that names users alone has those who are people."""
    for index, stage in enumerate(spec.stages):
        programs = {user for user in stage.users if user.startswith(_MACHINES)}.difference(spec.service_accounts)
        voters = len(set(stage.users) - programs)
        if stage.groups or stage.votes <= voters or spec.escalate is not None:
            continue
        path = _stage(index, stage)
        if programs:
            message = f"`{min(programs)}` is a program, and stage `{stage.name}` names too few people without it"
            remedy = "list it under `serviceAccounts`, or name people"
            yield Problem(path / "users", ProblemReason.NOT_ENOUGH_VOTERS, message, remedy)
        else:
            message = f"stage `{stage.name}` asks {stage.votes} votes of {voters} {'user' if voters == 1 else 'users'}"
            remedy = f"write `votes: {voters}`, or name more users, or a group"
            yield Problem(path / "votes", ProblemReason.NOT_ENOUGH_VOTERS, message, remedy)


def _duties(spec: ApprovalPolicySpec) -> Iterator[Problem]:
    """An empty `exclude` says that it is meant: people who are asked for what they know, or to go on after a failure,
    may well be those who asked for the Run."""
    if "exclude" not in spec.model_fields_set:
        message = "whoever asks for a Run may approve it as well, if a stage names them"
        remedy = "write `exclude: [Requester]`, or `exclude: []` if that is meant"
        yield Problem(SPEC / "exclude", ProblemReason.REQUESTER_MAY_APPROVE, message, remedy, Severity.WARNING)


def _stage(index: int, stage: Stage) -> Path:
    return SPEC / "stages" / Item(index, stage.name)


def _times(spec: ApprovalPolicySpec) -> Iterator[Problem]:
    """What is to happen at a time that never comes."""
    end = durations.parse(spec.timeout) if spec.timeout else None
    if end == 0:
        message, remedy = "nobody can answer in no time", "write how long people have: `72h`, or leave it out"
        yield Problem(SPEC / "timeout", ProblemReason.INVALID_VALUE, message, remedy)
        return
    if end is None and spec.on_timeout is not OnTimeout.REJECT:
        message, remedy = "without `timeout` there is no end at which this could happen", "write `timeout: 72h`"
        yield _never(SPEC / "onTimeout", message, remedy)
    for index, before in enumerate(spec.remind):
        path = SPEC / "remind" / Item(index)
        if end is None:
            message = "people are reminded before the end, and without `timeout` there is none"
            yield _never(path, message, "write `timeout: 72h`, or take it out")
        elif durations.parse(before) >= end:
            message = f"{before} before the end, the question is not yet asked: people have {spec.timeout}"
            yield _never(path, message, "write a shorter time")
    if spec.escalate and end is not None and durations.parse(spec.escalate.after) >= end:
        message = f"after {spec.escalate.after} it is over: people have {spec.timeout}"
        yield _never(SPEC / "escalate" / "after", message, "write a shorter time")


def _never(path: Path, message: str, remedy: str) -> Problem:
    return Problem(path, ProblemReason.NEVER_HAPPENS, message, remedy, Severity.WARNING)


def _auto_approve(text: str | None) -> Iterator[Problem]:
    if text is None:
        return
    parsed = template.parse(text)
    yield from (_problem(flaw, 0) for flaw in parsed.flaws)
    if parsed.flaws:
        return
    whole = parsed.whole
    if whole is None:
        remedy = f"write `${{{text}}}`" if _is_expression(text) else "write one `${…}` that is true or false"
        yield Problem(_AT, ProblemReason.TYPE_MISMATCH, "this is a text, and must be one expression", remedy)
    for expression in (whole,) if whole else parsed.expressions:
        yield from _expression(expression, is_whole=whole is not None)


def _is_expression(text: str) -> bool:
    try:
        cel.references(text)
    except cel.InvalidExpressionError:
        return False
    return "$" not in text


def _expression(expression: Expression, *, is_whole: bool) -> Iterator[Problem]:
    source = expression.source
    strangers = [reference for reference in _references(source) if reference.root not in ROOTS]
    for reference in strangers:
        message = f"a policy reads `values`, `inputs` and `run`, and not `{reference.root}`"
        remedy = _INSTEAD.get(reference.root) or did_you_mean(reference.root, ROOTS) or _shown_by_gate(reference)
        stranger = Flaw(ProblemReason.UNKNOWN_NAME, message, remedy, reference.start, reference.root_end)
        yield _problem(stranger, expression.start)
    typed = check(source, _SCOPE)
    yield from (_problem(flaw, expression.start) for flaw in typed.flaws)
    if not is_whole or strangers or typed.flaws:
        return
    absent = None
    if typed.type.optional:
        message = "it may be absent, and something must be given"
        absent = Flaw(ProblemReason.MAY_BE_ABSENT, message, "write `.orValue(false)` after it")
    for flaw in (absent, misfit(typed.type, _BOOLEAN)):
        if flaw is not None:
            yield _problem(replace(flaw, start=0, end=len(source)), expression.start)


def _references(source: str) -> Iterable[Reference]:
    plain = paths.parse(source)
    if plain is not None:
        return (plain,)
    try:
        return cel.references(source)
    except cel.InvalidExpressionError:
        return ()


def _shown_by_gate(reference: Reference) -> str:
    name = reference.steps[-1].key if reference.steps and isinstance(reference.steps[-1].key, str) else reference.root
    return f"let the gate show it (`edit: {{{name}: …}}`), and read `values.{name}`"


def _problem(flaw: Flaw, start: int) -> Problem:
    span = Span(start + flaw.start, start + flaw.end)
    return Problem(_AT, flaw.reason, flaw.message, flaw.remedy, span=span)


def _notify(spec: ApprovalPolicySpec) -> Iterator[Problem]:
    """Where the operator would not send. Whether the Secret is there, shows when it does."""
    for index, one in enumerate(spec.notify):
        path = SPEC / "notify" / Item(index, one.name) / "url"
        place = read_endpoint(one.url)
        if isinstance(place, BadEndpoint):
            yield Problem(path, ProblemReason.INVALID_VALUE, place.message, place.remedy)
        elif place.address is not None and is_in(place.address, METADATA):
            message = f"`{one.url}` is an address of a cloud's metadata service, or of the local link"
            yield Problem(path, ProblemReason.INVALID_VALUE, message, "write the name of a host")
