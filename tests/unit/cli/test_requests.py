"""Questions to people as they read them: the letter, whether they may answer and who can, what their vote would do."""

from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.api.approvalrequest import ApprovalRequest
from headgate.cli.printing.paint import Paint
from headgate.cli.requests.judging import May, judge
from headgate.cli.requests.letter import as_letter
from headgate.cli.requests.news import news
from headgate.cli.requests.people import Matter, Person, Rights
from headgate.cli.requests.table import as_table
from headgate.cli.requests.why import why

NOW = datetime(2026, 11, 21, 5, 50, 14, tzinfo=UTC)
MANAGERS = {"name": "managers", "groups": ["managers"], "votes": 2}
LEGAL = {"name": "legal", "users": ["lea", "away"]}
EXCLUDE = {"exclude": ["Requester"]}


def document(
    type_: str = "Approval", phase: str = "Open", policy: dict[str, Any] | None = None, **spec: Any
) -> dict[str, Any]:
    return {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ApprovalRequest",
        "metadata": {
            "name": "notes-1-review",
            "namespace": "docs",
            "creationTimestamp": "2026-11-21T05:31:14Z",
            "resourceVersion": "1",
        },
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
                "policy": {"name": "release", "hash": "sha256:4d0be1a7c3f2", "stages": [MANAGERS], **(policy or {})},
            },
            "votes": {"bea@example.com": {"verdict": "Approve", "reason": "checked", "groups": ["managers"]}},
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
    return as_letter(ApprovalRequest.model_validate(thing), NOW, Paint(), "headgate", "docs")


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
    assert told.endswith("  headgate answer notes-1-review -v audience=… -v tone=…\n")


def test_a_closed_question_says_how_it_ended() -> None:
    assert letter(document(phase="Rejected")).endswith("\nIt is closed: Rejected.\n")


def test_nothing_in_a_question_commands_the_terminal() -> None:
    assert "\x1b" not in letter(document(message="\x1b[2J", values={"\x1b[1m": "\x1b]0;x\x07"}))


def test_nobodys_words_begin_a_line_of_the_letter() -> None:
    votes = {"bea@example.com": {"verdict": "Approve", "reason": "fine\n\nYour vote decides nothing."}}
    assert "  bea@example.com: Approve, fine Your vote decides nothing.\n" in letter(document(votes=votes))


def request(*args: Any, **spec: Any) -> ApprovalRequest:
    return ApprovalRequest.model_validate(document(*args, **spec))


def matter(one: ApprovalRequest, user: str, *groups: str, **more: Any) -> Matter:
    rights = Rights(more.pop("may_write", True), more.pop("may_approve", False))
    return Matter(one, Person(user, groups), rights, more.pop("now", NOW), **more)


def test_why_says_no_to_the_requester_and_who_can() -> None:
    found = matter(request(policy=EXCLUDE), "ana@example.com", "managers")
    assert why(found, "headgate", "docs") == (
        "No. You are ana@example.com, you asked for this Run, and policy release excludes the requester.\n"
        "Who can: members of group managers other than you. 1 more vote is needed.\n"
    )


def test_why_says_yes_and_how_to_answer() -> None:
    found = matter(request(policy=EXCLUDE), "bob", "staff", "managers")
    assert why(found, "headgate", "other") == (
        "Yes. You are bob, and in group managers, which policy release asks.\n"
        "Who can: members of group managers other than ana@example.com. 1 more vote is needed.\n"
        "\n"
        "  headgate approve notes-1-review -n docs\n"
        '  headgate reject notes-1-review -n docs -m "why not"\n'
    )


def test_why_says_of_a_vote_that_does_not_count_what_is_wrong_with_it() -> None:
    cast = {"bob": {"verdict": "Approve", "groups": ["managers"], "values": {"other": 1}}}
    told = why(matter(request(votes=cast), "bob", "managers"), "headgate", "docs")
    assert "You have voted Approve, which does not count: other is not known here" in told


def test_who_can_is_told_stage_by_stage_with_those_who_stand_in() -> None:
    away = {"from": "away", "to": "dee", "until": "2036-01-01T00:00:00Z"}
    asked = request(policy={"stages": [MANAGERS, LEGAL], "delegation": [away]})
    assert why(matter(asked, "dee"), "headgate", "docs").splitlines()[:4] == [
        "Yes. You are dee, and stand in for away, whom policy release asks.",
        "Who can, stage by stage:",
        "  managers  members of group managers: 1 more vote",
        "  legal     lea or away or you in their place: 1 more vote",
    ]


ESCALATE = {"escalate": {"after": "48h", "groups": ["directors"]}}
ROBOT = "system:serviceaccount:ci:robot"


@pytest.mark.parametrize(
    ("asked", "who", "may", "told"),
    [
        (request(), ("bob", "managers"), May.YES, ", and in group managers, which policy release asks"),
        (request(policy={"stages": [LEGAL]}), ("lea",), May.YES, ", and policy release asks you"),
        (request(), ("mallory",), May.NO, ", and not in group managers, which policy release asks"),
        (
            request(policy={"stages": [MANAGERS, LEGAL], **ESCALATE}),
            ("mallory", "x"),
            May.NO,
            ", and not lea or away, nor in group managers or directors: policy release asks nobody else",
        ),
        (
            request(policy=ESCALATE),
            ("dora", "directors"),
            May.LATER,
            ", and in group directors, which policy release calls in at 23 Nov 05:31 UTC: a vote before then waits",
        ),
        (request(phase="Approved"), ("bob", "managers"), May.NO, ", and this request is closed (Approved)"),
        (
            request(policy={"stages": [{**LEGAL, "users": [ROBOT]}]}),
            (ROBOT,),
            May.NO,
            ", a program and no person, which policy release does not list under serviceAccounts",
        ),
        (
            request(policy={"stages": [{**LEGAL, "users": [ROBOT]}], "serviceAccounts": [ROBOT]}),
            (ROBOT,),
            May.YES,
            ", and policy release asks you",
        ),
        (
            request(policy=EXCLUDE, requester="system:cron"),
            ("bob", "managers"),
            May.NO,
            ", and no person is known to have asked for this Run, which policy release refuses",
        ),
        (
            request(),
            ("me", "managers"),
            May.NO,
            ", which everybody writes for themselves: a user of that name cannot vote",
        ),
    ],
)
def test_who_may_vote_and_why(asked: ApprovalRequest, who: tuple[str, ...], may: May, told: str) -> None:
    found = judge(matter(asked, *who))
    assert (found.may, found.why) == (may, told)


def test_what_is_known_beside_the_request_decides_too() -> None:
    def said(**more: Any) -> str:
        return judge(matter(request(policy=EXCLUDE), "bob", *more.pop("groups", ["managers"]), **more)).why

    assert said(involved=frozenset({"bob"})).endswith("you acted on this Run, and policy release excludes whoever did")
    assert said(may_write=False).endswith("but RBAC lets you write no vote in namespace docs")
    assert said(groups=[], may_approve=True).endswith("lets you `approve` policy release, which counts in every stage")
    assert said(now=datetime(2026, 11, 24, 6, tzinfo=UTC)).endswith("the time to vote was over at 24 Nov 05:31 UTC")


def test_a_list_begins_with_what_ends_first_and_says_what_is_asked_or_whom_it_waits_for() -> None:
    late = request(binding={**document()["spec"]["binding"], "expiresAt": None}, message="Really " * 20)
    mine = as_table([late, request()], mine=True, with_namespace=True).splitlines()
    assert [line.split()[:3] for line in mine] == [
        ["NAMESPACE", "NAME", "TYPE"],
        ["docs", "notes-1-review", "Approval"],
        ["docs", "notes-1-review", "Approval"],
    ]
    assert mine[1].endswith("Publish the notes?")
    assert mine[2].endswith("Really Really…")
    assert as_table([request()], mine=False, with_namespace=False).splitlines()[1].endswith("(not ana@example.com)")


def test_news_of_a_list_is_a_line_a_change() -> None:
    key = ("docs", "notes-1-review")
    one = {key: request()}
    told = document()
    told["status"]["votes"] = "2/3"
    voted = {key: ApprovalRequest.model_validate(told)}
    assert [*news({}, one, one)] == ["docs/notes-1-review asks: Publish the notes? (1/2 votes, until 24 Nov 05:31Z)"]
    assert [*news(one, one, one)] == []
    assert [*news(one, voted, voted)] == ["docs/notes-1-review 2/3 votes"]
    assert [*news(one, {}, voted)] == ["docs/notes-1-review waits for others (2/3 votes)"]
    assert [*news(one, {}, {key: request(phase="Approved")})] == ["docs/notes-1-review Approved"]
    assert [*news(one, {}, {})] == ["docs/notes-1-review is gone with its Run"]
