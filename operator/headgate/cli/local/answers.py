"""Answers that were given beforehand, as `--answer NODE=WORD[:MORE]`, and what is a vote on which question. Pure."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest, Question, Verdict
from headgate.cli.command import WrongUseError
from headgate_lang.schema import check_fields

Vote = dict[str, Any]

_WORDS: Mapping[Question, Mapping[str, Verdict]] = {
    Question.APPROVAL: {"approve": Verdict.APPROVE, "reject": Verdict.REJECT},
    Question.CLARIFICATION: {"answer": Verdict.ANSWER},
    Question.RECOVERY: {"retry": Verdict.RETRY, "skip": Verdict.SKIP, "stop": Verdict.STOP},
}
_WITH_REASON = (Verdict.REJECT, Verdict.STOP)


class BadAnswerError(Exception):
    """Why this is no answer to that question, in a sentence."""


class Answers:
    """By node, or by `RUN/NODE`. Of several for one node, each is used once; the last one, ever again."""

    def __init__(self, prog: str, given: Sequence[str]) -> None:
        self._by_node: dict[str, list[str]] = {}
        for one in given:
            node, separator, text = one.partition("=")
            if not separator or not node or not text:
                raise WrongUseError(f"{prog}: an answer is given as --answer NODE=approve, not as {one}")
            self._by_node.setdefault(node, []).append(text)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Node and text."""
        return ((key.rpartition("/")[2], text) for key, texts in self._by_node.items() for text in texts)

    def take(self, request: ApprovalRequest) -> Vote | None:
        """None: nobody has said anything about it. Raises BadAnswerError."""
        spec = request.spec
        found = self._by_node.get(f"{spec.run}/{spec.node}") or self._by_node.get(spec.node)
        if found is None:
            return None
        return read_answer(found.pop(0) if len(found) > 1 else found[0], request)


def check_answer(node: str, text: str, kinds: Collection[Question]) -> None:
    """As far as it can be told before anything is asked. `kinds`: what a node of this name may ask. Raises
    BadAnswerError."""
    word, more = _parted(text)
    ways = " or ".join(_ways(node, kind, ()) for kind in sorted(kinds))
    verdict = next((_WORDS[kind][word] for kind in kinds if word in _WORDS[kind]), None)
    if verdict is None:
        raise BadAnswerError(f"{word} is no answer: say {ways}")
    if verdict not in _WITH_REASON:
        _object(more, ways)


def read_answer(text: str, request: ApprovalRequest) -> Vote:
    """`approve`, `approve:{"notes": "…"}`, `reject:why`, `{"audience": "…"}`, `retry`, `skip:{"value": 1}`, `stop`."""
    words = _WORDS[request.spec.type]
    word, more = _parted(text)
    if word not in words:
        raise BadAnswerError(f"{word} answers no {request.spec.type}: say {how_to_answer(request)}")
    verdict = words[word]
    if verdict in _WITH_REASON:
        return build_vote(request, verdict, reason=more.strip())
    return build_vote(request, verdict, values=_object(more, how_to_answer(request)))


def _parted(text: str) -> tuple[str, str]:
    word, _, more = ("answer", "", text) if text.lstrip().startswith("{") else text.partition(":")
    return word, more


def build_vote(
    request: ApprovalRequest, verdict: Verdict, *, values: Mapping[str, Any] | None = None, reason: str = ""
) -> Vote:
    """Raises BadAnswerError: on a cluster, a vote with other values would not count."""
    form, given = request.spec.binding.form, dict(values or {})
    asked = form if verdict is Verdict.ANSWER else {name: one for name, one in form.items() if name in given}
    if verdict is not Verdict.SKIP and (faults := check_fields(given, asked)):
        raise BadAnswerError("; ".join(str(fault) for fault in faults))
    vote: Vote = {"verdict": str(verdict)}
    if reason:
        vote["reason"] = reason
    if given:
        vote["values"] = given
    return vote


def _object(text: str, ways: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        values = json.loads(text)
    except ValueError as error:
        raise BadAnswerError(f"{text} is no JSON ({error}): say {ways}") from None
    if not isinstance(values, dict):
        raise BadAnswerError(f"{text} is no JSON object: say {ways}")
    return values


def how_to_answer(request: ApprovalRequest) -> str:
    """How it can be answered, on a command line."""
    return _ways(request.spec.node, request.spec.type, request.spec.binding.form)


def _ways(node: str, kind: Question, fields: Collection[str]) -> str:
    match kind:
        case Question.APPROVAL:
            return f"--answer {node}=approve or --answer '{node}=reject:why not'"
        case Question.CLARIFICATION:
            values = ", ".join(f'"{name}": …' for name in fields) or '"field": …'
            return f"--answer '{node}={{{values}}}'"
        case Question.RECOVERY:
            return f"--answer {node}=retry, {node}=skip or {node}=stop"
