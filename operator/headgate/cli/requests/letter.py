"""A request as a letter: what is asked, by whom, what it is about, whose votes are missing. LANGUAGE §4.7 draws it."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest, MaySkip, Notice, NoticePhase, Question, RuleVerdict
from headgate.cli.printing.paint import Paint, safe
from headgate.cli.runs import amounts
from headgate.lifecycle.notices.condition import given_up, how_to_resend, missed_so_far, told_so_far

_LONGEST = 4_000
"""Of one value, in characters: what is longer is in the object."""


def as_letter(request: ApprovalRequest, now: datetime, paint: Paint, program: str, home: str = "") -> str:
    """`home`: the namespace in which commands look that name none."""
    return "\n".join([*question(request, paint), "", *_end(request, now, program, home)]) + "\n"


def question(request: ApprovalRequest, paint: Paint, *, key: str = "") -> Iterator[str]:
    """What is asked, and what has been said so far. `key`: what to press to correct something."""
    spec = request.spec
    asked_by = f"asked by {spec.requester}, " if spec.requester else ""
    first, *more = safe(spec.message).rstrip("\n").split("\n")
    yield f"{paint.bold(first)}          {safe(_in_line(f'{asked_by}{spec.node} of {spec.run}'))}"
    yield from (f"{paint.blue('│')} {line}" for line in more)
    for name, value in spec.values.items():
        yield ""
        may_correct = f" (you may correct this{key})" if name in spec.binding.form else ""
        yield f"  {paint.bold(safe(_in_line(name)))}{may_correct}"
        yield from (f"  {paint.blue('│')} {safe(line)}" for line in shown(value).split("\n"))
    missing = {name: schema for name, schema in spec.binding.form.items() if name not in spec.values}
    if missing and spec.type is not Question.RECOVERY:
        yield ""
        yield "  To be answered:"
        yield from (f"    {safe(name)}: {safe(asked(schema))}" for name, schema in missing.items())
    if spec.votes:
        yield ""
        yield from (f"  {safe(_voted(user, vote.verdict, vote.reason))}" for user, vote in spec.votes.items())


def _end(request: ApprovalRequest, now: datetime, program: str, home: str) -> Iterator[str]:
    if request.is_open:
        yield from _open(request, now)
        yield ""
        yield from (f"  {line}" for line in how_to_answer(request, program, home))
    else:
        yield safe(_in_line(_decided(request)))
    yield from (safe(_in_line(line)) for line in _untold(request))


def _untold(request: ApprovalRequest) -> Iterator[str]:
    """Why people are asked though there is a rule; who could not be told."""
    rule = request.spec.binding.rule
    if rule is not None and rule.verdict is RuleVerdict.UNKNOWN:
        yield f"The policy's rule does not count here: {rule.message}"
    dead = {key: one for key, one in _notices(request).items() if one.phase is NoticePhase.DEAD}
    if dead:
        yield f"Not told: {given_up(dead)}."
        yield f"To try again: {how_to_resend(request)}"
    if missed := missed_so_far(_notices(request)):
        yield f"Not told yet: {told_so_far(missed)}; it is tried again."


def _notices(request: ApprovalRequest) -> Mapping[str, Notice]:
    return request.status.notices if request.status else {}


def _open(request: ApprovalRequest, now: datetime) -> Iterator[str]:
    status, binding = request.status, request.spec.binding
    if status and status.waiting_for:
        yield safe(_in_line(f"It needs {status.waiting_for}."))
    if binding.expires_at:
        left = (amounts.moment(binding.expires_at) - now).total_seconds()
        until = status.until if status and status.until else binding.expires_at
        yield f"Until {until} ({amounts.long(max(0.0, left))}), then: {binding.policy.on_timeout}."


def _decided(request: ApprovalRequest) -> str:
    status = request.status
    assert status is not None
    told = next((one.message for one in status.conditions if one.type == "Decided"), "")
    instead = f" Vote on {status.superseded_by}." if status.superseded_by else ""
    return f"It is closed: {status.phase}{f', {told}' if told else ''}.{instead}"


def how_to_answer(request: ApprovalRequest, program: str, home: str = "") -> list[str]:
    """The commands that answer a question."""
    name, namespace = request.metadata.name, request.metadata.namespace
    at = f"{name} -n {namespace}" if namespace != home else f"{name}"
    match request.spec.type:
        case Question.APPROVAL:
            return [f"{program} approve {at}", f'{program} reject {at} -m "why not"']
        case Question.CLARIFICATION:
            fields = " ".join(f"-v {field}=…" for field in request.spec.binding.form)
            return [f"{program} answer {at} {fields}".rstrip()]
        case Question.RECOVERY:
            verbs = ("retry", *(("skip",) if request.spec.binding.may_skip is not MaySkip.NEVER else ()), "stop")
            return [f"{program} answer {at} --{verb}" for verb in verbs]


def _voted(user: str, verdict: str, reason: str | None) -> str:
    return f"{user}: {verdict}{f', {_in_line(reason)}' if reason else ''}"


def _in_line(text: object) -> str:
    """Nobody's words begin a line of the letter."""
    return " ".join(str(text).split())


def asked(schema: Mapping[str, Any]) -> str:
    """What a field takes: `string, one of dry, warm`."""
    kind = schema.get("type", "anything")
    choices = f", one of {', '.join(map(str, schema['enum']))}" if "enum" in schema else ""
    default = f", {json.dumps(schema['default'], ensure_ascii=False)} unless said" if "default" in schema else ""
    about = f" ({_in_line(schema['description'])})" if "description" in schema else ""
    return f"{kind}{choices}{default}{about}"


def shown(value: Any) -> str:
    """A value as text, cut where it is endless."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    text = text.rstrip("\n")
    return (
        text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters: see kubectl get apr -o yaml)"
    )
