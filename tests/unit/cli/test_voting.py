"""Votes from the command line: what is written, what is asked before, what is said when it makes no sense."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest

from headgate.api.approvalrequest import ApprovalRequest, Verdict
from headgate.cli.command import Streams
from headgate.cli.requests.ballot import Ballot
from headgate.cli.requests.people import Matter, Person, Rights
from headgate.cli.voting import terminal
from headgate.cli.voting.bulk import confirm_all
from headgate.cli.voting.single import confirm
from headgate.cli.voting.terminal import Terminal
from support.fake_api import FakeApi, answer
from unit.cli.conftest import Command, begin, sign_in
from unit.cli.test_ballots import course
from unit.cli.test_requests import NOW, document

REQUESTS = "headgate.dev/approvalrequests"


def put(api: FakeApi, *args: Any, name: str = "notes-1-review", namespace: str = "docs", **spec: Any) -> None:
    thing = document(*args, **spec)
    thing["metadata"] |= {
        "name": name,
        "namespace": namespace,
        "labels": {"team": "docs", "headgate.dev/run": name[:7]},
    }
    thing["spec"]["binding"]["expiresAt"] = "2096-11-24T05:31:14Z"
    api.put(REQUESTS, thing)


def vote_of(api: FakeApi, name: str = "notes-1-review") -> dict[str, Any] | None:
    vote: dict[str, Any] | None = api.things[(REQUESTS, "docs", name)]["spec"]["votes"].get("me")
    return vote


def patches(api: FakeApi) -> list[str]:
    return [call for call in api.writes if call.startswith("PATCH")]


@pytest.mark.parametrize(
    ("type_", "arguments", "vote"),
    [
        ("Approval", ["approve", "-m", "fine"], {"verdict": "Approve", "reason": "fine"}),
        ("Approval", ["approve", "-v", "notes=Better."], {"verdict": "Approve", "values": {"notes": "Better."}}),
        ("Approval", ["approve", "--edit", "-f", "-"], {"verdict": "Approve", "values": {"notes": "From a file."}}),
        ("Approval", ["reject", "-m", "no"], {"verdict": "Reject", "reason": "no"}),
        ("Clarification", ["answer", "-v", "notes=3"], {"verdict": "Answer", "values": {"notes": "3"}}),
        ("Clarification", ["answer", "-f", "-"], {"verdict": "Answer", "values": {"notes": "From a file."}}),
        ("Recovery", ["answer", "--retry"], {"verdict": "Retry"}),
        ("Recovery", ["answer", "--skip", "-v", "rows=3"], {"verdict": "Skip", "values": {"rows": 3}}),
        ("Recovery", ["answer", "--stop", "-m", "enough"], {"verdict": "Stop", "reason": "enough"}),
    ],
)
def test_a_vote_is_written_under_me(
    api: FakeApi, command: Command, type_: str, arguments: list[str], vote: dict[str, Any]
) -> None:
    sign_in(api, "bob", "managers")
    put(api, type_, votes={})
    verb, *rest = arguments
    ran = command(verb, "notes-1-review", "--yes", *rest, stdin="notes: From a file.\n")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"notes-1-review: {vote['verdict']}, digest 91c2f0a6\n"
    assert vote_of(api) == vote


def test_a_vote_is_taken_back_without_a_question(api: FakeApi, command: Command) -> None:
    sign_in(api, "bea@example.com", "managers")
    put(api)
    assert command("withdraw", "notes-1-review").out == "notes-1-review: Withdraw, digest 91c2f0a6\n"
    assert vote_of(api) == {"verdict": "Withdraw"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["approve", "a"], "headgate approve: this is no terminal: say --yes to vote without being asked\n"),
        (
            ["approve", "a", "--edit", "--yes"],
            "headgate approve: --edit asks you at a terminal: without one, give the values with -f\n",
        ),
        (["approve", "--yes"], "headgate approve: name requests, or choose them with -l\n"),
        (["approve", "a", "-l", "b", "--yes"], "headgate approve: name requests, or choose them with -l\n"),
        (["answer", "a", "notes=3"], "headgate answer: values are given as -v notes=3\n"),
        (["approve", "a", "b", "--edit", "-y"], "headgate approve: --edit is for one request\n"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_before_anything_is_asked(
    api: FakeApi, command: Command, arguments: list[str], told: str
) -> None:
    ran = command(*arguments)
    assert (ran.code, ran.err) == (2, told)
    assert api.calls == []


def test_a_vote_that_cannot_be_is_not_written(api: FakeApi, command: Command) -> None:
    def said(*arguments: str) -> str:
        ran = command(arguments[0], "notes-1-review", "--yes", *arguments[1:])
        assert ran.code == 1
        return ran.err

    sign_in(api, "bob", "managers")
    put(api, "Recovery")
    assert said("approve").startswith("headgate approve: notes-1-review: it asks for Recovery: headgate answer notes-1")
    put(api, "Approved", "Approved", type="Approval")
    assert said("reject").endswith("you are bob, and this request is closed (Approved)\n")
    put(api)
    assert said("approve", "-v", "note=x").endswith("note cannot be changed here: did you mean `notes`?\n")
    sign_in(api, "mallory")
    assert said("approve").endswith("you are mallory, and not in group managers, which policy release asks\n")
    assert patches(api) == []


def test_a_refusal_is_the_policys_own_sentence(api: FakeApi, command: Command) -> None:
    sign_in(api, "bob", "managers")
    put(api)
    sentence = "bob is not in group managers, which policy release asks"
    message = f"it is forbidden: ValidatingAdmissionPolicy 'votes' with binding 'votes' denied request: {sentence}"
    api.faults += [_let_through] * 6 + [answer(403, "Forbidden", message=message)]
    ran = command("approve", "notes-1-review", "--yes")
    assert (ran.code, ran.err) == (1, f"headgate approve: notes-1-review: you may not do this: {sentence}\n")


async def _let_through(_: object) -> None:
    """What is asked before the vote is answered as it should be."""


def test_of_several_votes_each_stands_for_itself(api: FakeApi, command: Command) -> None:
    sign_in(api, "bob", "managers")
    for name in ("notes-1-review", "notes-2-review", "notes-4-review"):
        put(api, name=name)
    put(api, name="notes-3-review", policy={"stages": [{"name": "legal", "users": ["lea"]}]})
    put(api, name="notes-5-review", phase="Approved")

    signed_in = api.standing
    assert signed_in is not None

    async def refuse(request: Any) -> Any:
        refused = request.method == "PATCH" and "notes-2" in request.path
        return await answer(409, "Conflict")(request) if refused else await signed_in(request)

    api.standing = refuse
    ran = command("approve", "-l", "team=docs", "--yes")
    assert ran.code == 1
    assert ran.out == "notes-1-review: Approve, digest 91c2f0a6\nnotes-4-review: Approve, digest 91c2f0a6\n"
    assert [line.split(": ")[1:3] for line in ran.err.splitlines()] == [
        ["notes-3-review", "you are bob, and not lea"],
        ["notes-2-review", "somebody changed it in the same moment"],
    ]
    assert command("approve", "-l", "team=other", "--yes").err == "headgate approve: no open request has team=other\n"


def test_a_request_of_another_namespace_is_pointed_to(api: FakeApi, command: Command) -> None:
    sign_in(api, "bob", "managers")
    put(api, namespace="web")
    assert command("approvals", "why", "notes-1-review").err.endswith("in namespace docs: add -n web\n")
    told = "see kubectl get approvalrequests.headgate.dev -n docs\n"
    assert command("approvals", "show", "notes-1-revew").err.endswith(told)
    ran = command("approvals", "why", "notes-1-review", "-n", "web")
    assert (ran.code, ran.out.splitlines()[0]) == (
        0,
        "Yes. You are bob, and in group managers, which policy release asks.",
    )


def listed(out: str) -> list[str]:
    return [line.split()[1] for line in out.splitlines()[1:]]


def test_approvals_lists_what_waits_for_me_and_everything_on_demand(api: FakeApi, command: Command) -> None:
    sign_in(api, "bob", "managers")
    assert command("approvals").err == "nothing waits for bob\n"
    put(api)
    put(api, namespace="web", name="notes-2-review")
    put(api, name="notes-3-voted", votes={"bob": {"verdict": "Approve", "groups": ["managers"]}})
    put(api, name="notes-4-other", policy={"stages": [{"name": "legal", "users": ["lea"]}]})
    put(api, name="notes-5-closed", phase="Approved")
    assert listed(command("approvals").out) == ["notes-1-review", "notes-2-review"]
    assert listed(command("approvals", "--run", "notes-2").out) == ["notes-2-review"]
    assert [line.split()[0] for line in command("approvals", "-n", "web").out.splitlines()] == [
        "NAME",
        "notes-2-review",
    ]
    assert len(listed(command("approvals", "--all").out)) == 4
    assert command("approvals", "--all", "-l", "team=x").err == "nothing waits for anybody\n"
    assert len(listed(command("approvals", "--decided").out)) == 5
    sign_in(api, "lea", allowed=("patch",))
    ran = command("approvals")
    assert [line.split()[0] for line in ran.out.splitlines()] == ["NAME", "notes-4-other"]
    assert ran.err.startswith("you may not list the requests of all namespaces: these are those of docs;")
    assert command("approvals", "show").code == 2


def test_approvals_watch_tells_each_change_in_a_line(
    api: FakeApi, loop: asyncio.AbstractEventLoop, command: Command
) -> None:
    sign_in(api, "bob", "managers")
    put(api)
    end = begin(api, command, "approvals", "watch")
    loop.call_soon_threadsafe(lambda: put(api, name="notes-2-review"))
    loop.call_soon_threadsafe(lambda: put(api, phase="Approved"))
    refused = {"code": 403, "metadata": {"name": "x"}}
    loop.call_soon_threadsafe(lambda: api.events.append((api.version + 1, REQUESTS, "ERROR", refused)))
    loop.call_soon_threadsafe(lambda: put(api, name="notes-3-review", phase="Approved"))
    ran = end()
    assert ran.out.splitlines() == [
        "docs/notes-1-review asks: Publish the notes? (1/2 votes, until 24 Nov 05:31Z)",
        "docs/notes-2-review asks: Publish the notes? (1/2 votes, until 24 Nov 05:31Z)",
        "docs/notes-1-review Approved",
    ]


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


class Keys(io.BytesIO):
    def isatty(self) -> bool:
        return True


def at_terminal(typed: str, decide: Callable[[Terminal], Any]) -> tuple[Any, list[str]]:
    """What was decided, and the prompts and words of the screen, line by line."""
    screen = Screen()
    decided = decide(Terminal(Streams(Keys(typed.encode()), screen, screen, {"NO_COLOR": "1"})))
    return decided, screen.getvalue().splitlines()


def ballot(verdict: Verdict = Verdict.APPROVE, *args: Any, **spec: Any) -> Ballot:
    thing = ApprovalRequest.model_validate(document(*args, **spec))
    matter = Matter(thing, Person("bob", ("managers",)), Rights(), NOW)
    return Ballot(matter, verdict, **course())


def test_the_letter_of_the_language_is_what_a_terminal_shows() -> None:
    decided, lines = at_terminal("y\n", lambda there: confirm(there, ballot(), edit=False))
    assert decided == ballot()
    assert lines == [
        "Publish the notes?          asked by ana@example.com, review of notes-1",
        "",
        "  notes (you may correct this: e)",
        "  │ ## Shop 4.2",
        "  │ ",
        "  │ Pay by invoice.",
        "",
        "  bea@example.com: Approve, checked",
        "",
        "Your vote is the second of 2. Then at once:",
        "  publish  POST https://blog.example/posts with credential blog",
        "",
        "Approve as bob? [y/N/e/r] ",
    ]


@pytest.mark.parametrize("typed", ["", "\n", "n\n", "yeah\n", "Y E S\n"])
def test_whatever_is_no_yes_casts_nothing(typed: str) -> None:
    assert at_terminal(typed, lambda there: confirm(there, ballot(), edit=False))[0] is None


def test_r_rejects_with_a_reason_or_goes_back() -> None:
    decided, lines = at_terminal("r\n\nr\nwrong version\n", lambda there: confirm(there, ballot(), edit=False))
    assert (decided.verdict, decided.reason) == (Verdict.REJECT, "wrong version")
    assert sum("Approve as bob?" in line for line in lines) == 2


def test_a_reject_asks_for_its_reason() -> None:
    decided, _ = at_terminal("y\nno\n", lambda there: confirm(there, ballot(Verdict.REJECT), edit=False))
    assert (decided.verdict, decided.reason) == (Verdict.REJECT, "no")


def test_e_corrects_in_the_editor_shows_the_difference_and_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = iter(["notes: [\n", "notes: 7\n", "notes: Better.\n"])
    monkeypatch.setattr(terminal.Terminal, "edit", lambda _, page: next(pages))
    decided, lines = at_terminal("e\ny\ny\ne\ny\n", lambda there: confirm(there, ballot(), edit=False))
    assert decided.values == {"notes": "Better."}
    assert "Edit it again? [Y/n] " in " ".join(lines)
    assert '  notes is an integer, must be a string: write "7" in quotes' in lines
    assert "It cannot be cast so: e edits the values." in " ".join(lines)
    assert lines[lines.index("  + Better.") :][:3] == [
        "  + Better.",
        "",
        "It is asked again with your values, under a new name, and your vote goes with it. Once it is decided so:",
    ]


def test_what_to_do_about_a_failure_is_asked() -> None:
    recovery = ballot(Verdict.ANSWER, "Recovery", node="draft")
    decided, lines = at_terminal("retry\ny\n", lambda there: confirm(there, recovery, edit=False))
    assert decided.verdict is Verdict.RETRY
    assert "Run it again as bob? [y/N/e] " in lines[-1]
    assert at_terminal("\n", lambda there: confirm(there, recovery, edit=False))[0] is None


def test_several_are_one_list_and_one_question() -> None:
    several = [ballot(), ballot(votes={})]
    decided, lines = at_terminal("y\n", lambda there: confirm_all(there, several))
    assert decided
    assert lines == [
        "  NAMESPACE   NAME             QUESTION             WHAT YOUR VOTE DOES",
        "  docs        notes-1-review   Publish the notes?   Your vote is the second of 2.",
        "  docs        notes-1-review   Publish the notes?   Your vote is the first of 2.",
        "Approve all 2 as bob? [y/N] ",
    ]
    assert not at_terminal("\n", lambda there: confirm_all(there, several))[0]
