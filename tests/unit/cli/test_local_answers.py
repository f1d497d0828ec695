"""What people say to a local Run, on the command line or when asked, and the votes that it becomes."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import pytest

from headgate.api.approvalrequest import ApprovalRequest, Question
from headgate.cli.command import WrongUseError
from headgate.cli.local.answers import Answers, BadAnswerError, check_answer, read_answer
from headgate.cli.local.conversation import Conversation
from headgate.cli.local.people import Nobody, NobodyThereError, Prepared
from headgate.cli.printing.paint import Paint

TEXT = {"type": "string", "minLength": 3}
FORMS: dict[str, Mapping[str, Any]] = {
    "Approval": {"notes": TEXT},
    "Clarification": {"audience": TEXT, "many": {"type": "integer", "default": 7}, "why": {**TEXT, "optional": True}},
    "Recovery": {"url": TEXT},
}


def request(kind: str = "Approval", run: str = "r", form: Mapping[str, Any] | None = None) -> ApprovalRequest:
    terms = {"stages": [{"name": "you", "users": ["ana"]}], "name": "release", "hash": "sha256:4d0be1a7c3f2"}
    binding = {"digest": "sha256:91c2f0a6d1b34e0c", "revision": "9b1de77c02aa", "policy": terms}
    spec = {
        "type": kind,
        "message": "Is it fine?",
        "run": run,
        "node": "review",
        "values": {} if kind == "Clarification" else {"notes": "as it was"},
        "binding": {**binding, "form": dict(FORMS[kind] if form is None else form)},
    }
    head = {"apiVersion": "headgate.dev/v1alpha1", "kind": "ApprovalRequest", "metadata": {"name": f"{run}-review"}}
    return ApprovalRequest.model_validate({**head, "spec": spec})


@pytest.mark.parametrize(
    ("kind", "text", "vote"),
    [
        ("Approval", "approve", {"verdict": "Approve"}),
        ("Approval", 'approve:{"notes": "better"}', {"verdict": "Approve", "values": {"notes": "better"}}),
        ("Approval", "reject", {"verdict": "Reject"}),
        ("Approval", "reject: wrong: version", {"verdict": "Reject", "reason": "wrong: version"}),
        ("Clarification", '{"audience": "all"}', {"verdict": "Answer", "values": {"audience": "all"}}),
        ("Clarification", 'answer:{"audience": "all"}', {"verdict": "Answer", "values": {"audience": "all"}}),
        ("Recovery", "retry", {"verdict": "Retry"}),
        ("Recovery", 'skip:{"any": 1}', {"verdict": "Skip", "values": {"any": 1}}),
        ("Recovery", "stop", {"verdict": "Stop"}),
    ],
)
def test_an_answer_is_a_vote(kind: str, text: str, vote: dict[str, Any]) -> None:
    assert read_answer(text, request(kind)) == vote


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("Approval", "yes", "say --answer review=approve or --answer 'review=reject:why not'"),
        ("Approval", 'approve:{"notes": "no"}', "notes"),
        ("Approval", "approve:[1]", "no JSON object"),
        ("Clarification", "{audience}", "is no JSON"),
        ("Clarification", "{}", "audience"),
        ("Recovery", "approve", "review=retry, review=skip or review=stop"),
    ],
)
def test_what_would_not_count_on_a_cluster_is_refused_with_the_way_to_say_it(kind: str, text: str, told: str) -> None:
    with pytest.raises(BadAnswerError, match=told):
        read_answer(text, request(kind))


@pytest.mark.parametrize(
    ("text", "kinds", "told"),
    [
        ("approve", [Question.APPROVAL], ""),
        ('approve:{"notes": 1}', [Question.APPROVAL], ""),
        ("reject: {why}", [Question.APPROVAL], ""),
        ('{"any": 1}', [Question.CLARIFICATION], ""),
        ("retry", [Question.APPROVAL, Question.RECOVERY], ""),
        ("yes", [Question.APPROVAL], "yes is no answer: say --answer review=approve"),
        ("approve", [Question.CLARIFICATION], """say --answer 'review={"field": …}'"""),
        ("skip:{x}", [Question.RECOVERY], "{x} is no JSON"),
    ],
)
def test_whether_it_can_be_an_answer_is_known_before_anything_is_asked(
    text: str, kinds: list[Question], told: str
) -> None:
    if not told:
        check_answer("review", text, kinds)
        return
    with pytest.raises(BadAnswerError, match=re.escape(told)):
        check_answer("review", text, kinds)


def test_several_answers_for_a_node_are_used_in_turn_and_the_last_one_stays() -> None:
    answers = Answers("headgate", ["review=retry", "review=stop", "other/review=skip"])
    said = [answers.take(request("Recovery")) for _ in range(3)]
    assert [vote and vote["verdict"] for vote in said] == ["Retry", "Stop", "Stop"]
    assert answers.take(request("Recovery", run="other")) == {"verdict": "Skip"}
    assert Answers("headgate", []).take(request()) is None


@pytest.mark.parametrize("text", ["review", "=approve", "review="])
def test_an_answer_names_its_node(text: str) -> None:
    with pytest.raises(WrongUseError, match="NODE=approve"):
        Answers("headgate", [text])


def test_where_nobody_is_there_the_way_to_answer_is_told() -> None:
    people = Prepared(Answers("headgate", []), Nobody())
    with pytest.raises(NobodyThereError, match="review of r asks people, and this is no terminal: say --answer"):
        asyncio.run(people.answer(request()))


class Script:
    """A terminal at which lines are typed one after the other."""

    def __init__(self, lines: list[str], edited: Mapping[str, Any] | None = None) -> None:
        self.lines = lines
        self.edited = edited
        self.shown = ""

    def say(self, text: str) -> None:
        self.shown += text

    async def ask(self, prompt: str) -> str:
        self.shown += f"{prompt}\n"
        return self.lines.pop(0)

    async def edit(self, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return self.edited


def converse(one: ApprovalRequest, *lines: str, edited: Mapping[str, Any] | None = None) -> tuple[Any, str]:
    script = Script(list(lines), edited)
    vote = asyncio.run(Conversation(script, Paint(), lambda _: "You decide alone.").answer(one))
    assert script.lines == [], "all that was typed was asked for"
    return vote, script.shown


@pytest.mark.parametrize(
    ("kind", "lines", "vote"),
    [
        ("Approval", ["y"], {"verdict": "Approve"}),
        ("Approval", ["what?", "Y"], {"verdict": "Approve"}),
        ("Approval", ["", ""], {"verdict": "Reject"}),
        ("Approval", ["n", "too early"], {"verdict": "Reject", "reason": "too early"}),
        ("Approval", ["e", "no", "better"], {"verdict": "Approve", "values": {"notes": "better"}}),
        ("Approval", ["e", "", "y"], {"verdict": "Approve"}),
        ("Clarification", ["me", "all", "x", "3", ""], {"verdict": "Answer", "values": {"audience": "all", "many": 3}}),
        ("Recovery", ["r"], {"verdict": "Retry"}),
        ("Recovery", ["s", "3", "s", '{"a": 1}'], {"verdict": "Skip", "values": {"a": 1}}),
        ("Recovery", [""], {"verdict": "Stop"}),
    ],
)
def test_a_conversation_goes_on_until_there_is_a_vote_that_counts(
    kind: str, lines: list[str], vote: dict[str, Any]
) -> None:
    said, shown = converse(request(kind), *lines)
    assert said == vote
    assert "Is it fine?" in shown
    assert "You decide alone." in shown


def test_what_an_editor_left_is_the_correction() -> None:
    said, _ = converse(request(), "e", edited={"notes": "by hand"})
    assert said == {"verdict": "Approve", "values": {"notes": "by hand"}}


def test_nothing_to_correct_is_not_offered() -> None:
    _, shown = converse(request(form={}), "e", "y")
    assert "[y/N] " in shown
