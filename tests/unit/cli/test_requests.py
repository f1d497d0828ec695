"""Questions to people at a terminal: the list, the letter, the vote, and what is said when it makes no sense."""

from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.api.approvalrequest import ApprovalRequest
from headgate.cli.printing.paint import Paint
from headgate.cli.requests.letter import as_letter
from support.fake_api import FakeApi, answer
from unit.cli.conftest import Command

NOW = datetime(2026, 11, 21, 5, 50, 14, tzinfo=UTC)
REQUESTS = "headgate.dev/approvalrequests"


def document(type_: str = "Approval", phase: str = "Open", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ApprovalRequest",
        "metadata": {"name": "notes-1-review", "namespace": "docs"},
        "spec": {
            "type": type_,
            "message": "Publish the notes?",
            "requester": "ana@example.com",
            "run": "notes-1",
            "node": "review",
            "values": {"notes": "## Shop 4.2\n\nPay by invoice.\n"},
            "binding": {
                "digest": "sha256:91c2f0a6d1b3",
                "revision": "9b1de77c02aa",
                "form": {"notes": {"type": "string"}},
                "expiresAt": "2026-11-24T05:31:14Z",
                "policy": {
                    "name": "release",
                    "hash": "sha256:4d0be1a7c3f2",
                    "stages": [{"name": "managers", "groups": ["managers"], "votes": 2}],
                },
            },
            "votes": {"bea@example.com": {"verdict": "Approve", "reason": "checked"}},
            **spec,
        },
        "status": {
            "phase": phase,
            "votes": "1/2",
            "until": "24 Nov 05:31Z",
            "waitingFor": "1 more of group managers (not ana@example.com)",
        },
    }


def letter(thing: dict[str, Any]) -> str:
    return as_letter(ApprovalRequest.model_validate(thing), NOW, Paint(), "headgate")


def test_an_open_question_is_a_letter_that_says_how_to_answer() -> None:
    assert letter(document()) == (
        "Publish the notes?          asked by ana@example.com, review of notes-1\n"
        "\n"
        "  notes (you may correct this)\n"
        "  │ ## Shop 4.2\n"
        "  │ \n"
        "  │ Pay by invoice.\n"
        "\n"
        "  bea@example.com: Approve, checked\n"
        "\n"
        "It needs 1 more of group managers (not ana@example.com).\n"
        "Until 24 Nov 05:31Z (2 days 23 hours), then: Reject.\n"
        "\n"
        "  headgate approve notes-1-review\n"
        '  headgate reject notes-1-review -m "why not"\n'
    )


def test_a_question_says_what_is_to_be_answered() -> None:
    form = {"audience": {"type": "string", "description": "whom"}, "tone": {"type": "string", "enum": ["dry", "warm"]}}
    binding = {**document()["spec"]["binding"], "form": form}
    told = letter(document("Clarification", values={}, binding=binding, votes={}))
    assert "  To be answered:\n    audience: string (whom)\n    tone: string, one of dry, warm\n" in told
    assert told.endswith("  headgate answer notes-1-review audience=… tone=…\n")


def test_a_closed_question_says_how_it_ended() -> None:
    assert letter(document(phase="Rejected")).endswith("\nIt is closed: Rejected.\n")


def test_nothing_in_a_question_commands_the_terminal() -> None:
    assert "\x1b" not in letter(document(message="\x1b[2J", values={"\x1b[1m": "\x1b]0;x\x07"}))


def vote_of(api: FakeApi) -> dict[str, Any]:
    vote: dict[str, Any] = api.things[(REQUESTS, "docs", "notes-1-review")]["spec"]["votes"]["me"]
    return vote


@pytest.mark.parametrize(
    ("type_", "arguments", "vote"),
    [
        ("Approval", ["approve", "-m", "fine"], {"verdict": "Approve", "reason": "fine"}),
        ("Approval", ["approve", "notes=Better."], {"verdict": "Approve", "values": {"notes": "Better."}}),
        ("Approval", ["reject", "-m", "no"], {"verdict": "Reject", "reason": "no"}),
        ("Clarification", ["answer", "notes=3"], {"verdict": "Answer", "values": {"notes": "3"}}),
        ("Recovery", ["answer", "--retry"], {"verdict": "Retry"}),
        ("Recovery", ["answer", "--stop", "-m", "enough"], {"verdict": "Stop", "reason": "enough"}),
    ],
)
def test_a_vote_is_written_under_me(
    api: FakeApi, command: Command, type_: str, arguments: list[str], vote: dict[str, Any]
) -> None:
    api.put(REQUESTS, document(type_, votes={}))
    verb, *rest = arguments
    ran = command(verb, "notes-1-review", *rest)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"notes-1-review: {vote['verdict']}, digest 91c2f0a6\n"
    assert vote_of(api) == vote


def test_a_vote_that_does_not_fit_the_question_names_those_that_do(api: FakeApi, command: Command) -> None:
    api.put(REQUESTS, document("Recovery"))
    assert command("approve", "notes-1-review").err == (
        "headgate approve: notes-1-review asks for Recovery: headgate answer notes-1-review --retry or "
        "headgate answer notes-1-review --skip or headgate answer notes-1-review --stop\n"
    )
    api.put(REQUESTS, document(phase="Approved"))
    assert command("reject", "notes-1-review").err == "headgate reject: notes-1-review is closed (Approved)\n"
    assert api.writes == []


def test_a_refusal_is_the_policys_own_sentence(api: FakeApi, command: Command) -> None:
    api.put(REQUESTS, document())
    asked = "ana asked for this Run, and policy release excludes the requester"
    message = f"it is forbidden: ValidatingAdmissionPolicy 'votes' with binding 'votes' denied request: {asked}"
    api.faults += [_let_through, answer(403, "Forbidden", message=message)]
    assert command("approve", "notes-1-review").err == (f"headgate approve: you may not do this: {asked}\n")


async def _let_through(_: object) -> None:
    """The first request is answered as it should be."""


def test_open_questions_are_listed_and_decided_ones_on_demand(api: FakeApi, command: Command) -> None:
    assert command("approvals").err == "nobody is asked anything in namespace docs\n"
    api.put(REQUESTS, document())
    closed = document(phase="Approved")
    closed["metadata"]["name"] = "notes-0-review"
    api.put(REQUESTS, closed)
    assert [line.split()[0] for line in command("approvals").out.splitlines()] == ["NAME", "notes-1-review"]
    everywhere = command("approvals", "-A", "--all").out.splitlines()
    assert [line.split()[:2] for line in everywhere] == [
        ["NAMESPACE", "NAME"],
        ["docs", "notes-0-review"],
        ["docs", "notes-1-review"],
    ]
    assert command("approvals", "show", "notes-1-review").out.startswith("Publish the notes?")
    assert command("approvals", "show").err.endswith("headgate approvals show NAME\n")
