"""What a person at a terminal is asked about one question, until there is a vote that counts. `engine` asks by it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest, Question, Verdict
from headgate.cli.local.answers import BadAnswerError, Vote, build_vote
from headgate.cli.local.terminal import Talk
from headgate.cli.printing.paint import Paint, safe
from headgate.cli.requests.letter import question
from headgate_lang.schema import check_fields

_NO = ("n", "no", "")


class Conversation:
    """`note`: what is said of a question beside itself, such as whose votes are stood in for."""

    def __init__(self, talk: Talk, paint: Paint, note: Callable[[ApprovalRequest], str]) -> None:
        self._talk = talk
        self._paint = paint
        self._note = note

    async def answer(self, request: ApprovalRequest) -> Vote:
        self._talk.say("\n" + "\n".join(question(request, self._paint)) + "\n\n")
        if note := self._note(request):
            self._talk.say(f"{safe(note)}\n")
        ask = {
            Question.APPROVAL: self._approval,
            Question.CLARIFICATION: self._clarification,
            Question.RECOVERY: self._recovery,
        }[request.spec.type]
        while True:
            try:
                vote = await ask(request)
            except BadAnswerError as error:
                self._talk.say(f"{safe(str(error))}\n")
                continue
            if vote is not None:
                return vote

    async def _approval(self, request: ApprovalRequest) -> Vote | None:
        can_edit = bool(request.spec.binding.form)
        said = await self._choose(f"Approve? [y/N{'/e' if can_edit else ''}] ")
        if said in ("y", "yes"):
            return build_vote(request, Verdict.APPROVE)
        if said in ("e", "edit") and can_edit:
            values = await self._correct(request)
            changed = {name: value for name, value in values.items() if request.spec.values.get(name) != value}
            return build_vote(request, Verdict.APPROVE, values=changed) if changed else None
        if said in _NO:
            return build_vote(
                request, Verdict.REJECT, reason=await self._talk.ask("Why not? (Enter: without a reason) ")
            )
        return None

    async def _clarification(self, request: ApprovalRequest) -> Vote:
        form = request.spec.binding.form
        values = {}
        for name, schema in form.items():
            values.update(await self._field(name, schema))
        return build_vote(request, Verdict.ANSWER, values=values)

    async def _recovery(self, request: ApprovalRequest) -> Vote | None:
        match await self._choose("Retry, skip or stop? [r/s/T, e: retry with other parameters] "):
            case "r" | "retry":
                return build_vote(request, Verdict.RETRY)
            case "e" | "edit":
                return build_vote(request, Verdict.RETRY, values=await self._correct(request))
            case "s" | "skip":
                text = await self._talk.ask("With which output? (a JSON object; Enter: none, it counts as skipped) ")
                return build_vote(request, Verdict.SKIP, values=_read_object(text) if text.strip() else {})
            case "t" | "stop" | "":
                return build_vote(request, Verdict.STOP)
        return None

    async def _choose(self, prompt: str) -> str:
        return (await self._talk.ask(prompt)).strip().lower()

    async def _correct(self, request: ApprovalRequest) -> Mapping[str, Any]:
        """In an editor where there is one, otherwise field by field."""
        form = request.spec.binding.form
        shown = {name: request.spec.values[name] for name in form if name in request.spec.values}
        try:
            edited = await self._talk.edit(shown)
        except ValueError as error:
            raise BadAnswerError(f"what the editor left cannot be read: {error}") from None
        if edited is not None:
            return edited
        values: dict[str, Any] = {}
        for name in shown or form:
            values.update(await self._field(name, form[name], kept=name in shown))
        return {**shown, **values}

    async def _field(self, name: str, schema: Mapping[str, Any], *, kept: bool = False) -> dict[str, Any]:
        """The field, unless it may be left out and is. Asked again until it fits."""
        while True:
            text = await self._talk.ask(f"{safe(name)} ({_kind(schema)}{', Enter: as it is' if kept else ''}): ")
            if not text and (kept or "default" in schema or schema.get("optional")):
                return {}
            value = text if schema.get("type") == "string" else _read(text)
            faults = check_fields({name: value}, {name: schema})
            if not faults:
                return {name: value}
            self._talk.say(f"{safe('; '.join(str(fault) for fault in faults))}\n")


def _kind(schema: Mapping[str, Any]) -> str:
    said = str(schema.get("type", "JSON"))
    if "enum" in schema:
        said = f"{said}, one of {', '.join(map(str, schema['enum']))}"
    if "default" in schema:
        said = f"{said}, Enter: {json.dumps(schema['default'], ensure_ascii=False)}"
    return safe(f"{said}, Enter: none" if schema.get("optional") else said)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _read_object(text: str) -> dict[str, Any]:
    value = _read(text)
    if not isinstance(value, dict):
        raise BadAnswerError("that is no JSON object")
    return value
