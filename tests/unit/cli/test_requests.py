"""Questions to people as they read them: the letter, whether they may answer and who can, what their vote would do."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.api.approvalrequest import ApprovalRequest, Verdict
from headgate.api.run import Run
from headgate.cli.printing.paint import Paint
from headgate.cli.requests.ballot import Ballot, faults, obstacle, result, story
from headgate.cli.requests.changes import as_diff
from headgate.cli.requests.form import UnreadableError, as_page, read_page
from headgate.cli.requests.judging import May, judge
from headgate.cli.requests.letter import as_letter
from headgate.cli.requests.news import news
from headgate.cli.requests.people import Matter, Person, Rights
from headgate.cli.requests.table import as_table
from headgate.cli.requests.why import why
from headgate.lifecycle.approvals.voting import Corrector
from headgate_lang.fate import Outcome
from unit.cli.test_run_tree import graph_of

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


def ballot(one: ApprovalRequest, verdict: Verdict = Verdict.APPROVE, who: str = "bob", **more: Any) -> Ballot:
    return Ballot(matter(one, who, "managers", **more.pop("known", {})), verdict, **more)


def told(*args: Any, **more: Any) -> str:
    return " ".join(story(ballot(*args, **more)))


def test_a_vote_is_told_what_it_would_do() -> None:
    assert told(request()) == "Your vote is the second of 2."
    assert told(request(votes={})) == "Your vote is the first of 2."
    assert told(request(votes={}, policy={"stages": [{**MANAGERS, "votes": 1}]})) == "Your vote decides it."
    assert told(request(), Verdict.REJECT) == "One no ends it."
    assert told(request(), who="bea@example.com") == "It takes the place of your vote, Approve."
    full = request(policy={"stages": [{**MANAGERS, "votes": 1}, LEGAL]})
    assert told(full) == (
        "Your vote does not add to the 1 of 2 that count. Who can, stage by stage:\n  legal  lea or away: 1 more vote"
    )
    assert told(request(), values={"notes": "Better."}).startswith("It is asked again with your values, under a new")
    said = {"bea@example.com": {"verdict": "Answer", "values": {"notes": "a"}, "groups": ["managers"]}}
    answers = request("Clarification", votes=said)
    assert told(answers, Verdict.ANSWER, values={"notes": "a"}) == "Your vote is the second of 2."
    assert told(answers, Verdict.ANSWER, values={"notes": "b"}) == "2 must say the same, and another answer has 1 vote."
    early = {"stages": [{**MANAGERS, "groups": ["others"]}], "escalate": {"after": "48h", "groups": ["managers"]}}
    assert told(request(policy=early)) == "Your vote is taken, and waits until you are called in."


def test_the_vote_of_whoever_corrected_counts_where_it_is_asked_again() -> None:
    corrector = Corrector("bea@example.com", request().spec.votes["bea@example.com"])
    assert told(request(votes={}), known={"corrector": corrector}) == "Your vote is the second of 2."
    assert matter(request(votes={}), "bea@example.com", corrector=corrector).standing is corrector.vote


def test_what_cannot_be_cast_is_told_before() -> None:
    def why_not(*args: Any, **more: Any) -> str | None:
        return obstacle(ballot(*args, **more), "headgate", "docs")

    assert why_not(request()) is None
    assert why_not(request(), Verdict.WITHDRAW) == "you are bob, and have not voted"
    acted = frozenset({"bea@example.com"})
    assert why_not(request(policy=EXCLUDE), Verdict.WITHDRAW, "bea@example.com", known={"involved": acted}) is None
    assert "closed" in (why_not(request(phase="Approved"), Verdict.WITHDRAW, "bea@example.com") or "")
    assert why_not(request("Recovery"), Verdict.ANSWER) == (
        "it asks for Recovery: headgate answer notes-1-review --retry or "
        "headgate answer notes-1-review --skip or headgate answer notes-1-review --stop"
    )
    assert obstacle(ballot(request("Recovery"), Verdict.ANSWER), "headgate", "docs", may_choose=True) is None
    assert faults(ballot(request(), values={"notes": 7})) == [
        'notes is an integer, must be a string: write "7" in quotes'
    ]
    assert faults(ballot(request(), values={"note": "x"})) == ["note cannot be changed here: did you mean `notes`?"]


def test_what_came_of_a_vote_is_the_operators_word() -> None:
    cast = ballot(request())
    assert result(cast, request()) == (
        "Approve, digest 91c2f0a6: 1/2 votes. It needs 1 more of group managers (not ana@example.com)."
    )
    assert result(cast, request(phase="Approved")) == "Approved, digest 91c2f0a6."
    assert result(cast, request(phase="Rejected")) == "Rejected, digest 91c2f0a6."
    document_ = {**document(phase="Superseded")}
    document_["status"]["supersededBy"] = "notes-1-review-4f0c2a"
    superseded = ApprovalRequest.model_validate(document_)
    assert result(cast, superseded) == "Corrected, and asked again as notes-1-review-4f0c2a."


def test_a_correction_is_a_diff() -> None:
    before = {"notes": "a\nb\nc\nd\ne\nf\n", "count": 1, "same": "x"}
    lines = as_diff(before, {"notes": "a\nb\nc\nd\nE\nf\n", "count": 2, "same": "x"}, Paint())
    assert "|".join(lines) == "|  notes|  ⋮|    c|    d|  - e|  + E|    f||  count|  - 1|  + 2"
    assert "\x1b[1;32m  + E\x1b[0m" in as_diff(before, {"notes": "a\nb\nc\nd\nE\nf\n"}, Paint(enabled=True))


LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t #:-|>\"'")
TRAPS = [
    "yes",
    "0x1",
    "1e3",
    "2026-01-01",
    "null",
    "~",
    "---",
    "- a",
    " a",
    "a ",
    "\n",
    "a\n\n",
    "\n a",
    "a \nb",
    " \na",
]
TEXTS = st.text(LETTERS) | st.sampled_from(TRAPS)


@given(st.dictionaries(st.sampled_from(["notes", "other", "yes", "a-b"]), TEXTS | st.lists(TEXTS, max_size=2)))
def test_a_page_that_nobody_changed_says_what_it_said(values: dict[str, Any]) -> None:
    assert read_page(as_page(request(), values)) == values


def test_a_page_shows_what_may_be_said_and_keeps_its_lines() -> None:
    form = {"tone": {"type": "string", "enum": ["dry", "warm"], "default": "dry"}, "notes": {"type": "string"}}
    binding = {**document()["spec"]["binding"], "form": form}
    assert as_page(request(binding=binding), {"notes": "## Shop\n\nPay.\n"}) == (
        "# Publish the notes?\n"
        "# Save and leave to go on: you are asked once more. An empty page: nothing is changed.\n"
        "\n"
        '# string, one of dry, warm, "dry" unless said\n'
        "# tone: dry\n"
        "\n"
        "# string\n"
        "notes: |\n"
        "  ## Shop\n"
        "\n"
        "  Pay.\n"
    )


def test_a_page_that_cannot_be_read_says_where() -> None:
    assert read_page("# nothing\n") == {}
    with pytest.raises(UnreadableError, match="a page holds one map"):
        read_page("- 1\n")
    with pytest.raises(UnreadableError, match="the page:1:"):
        read_page("notes: [\n")


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


def course(status: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The Run of LANGUAGE §4.7, and the graph that it keeps to."""
    nodes = {"commits": {"phase": "Succeeded"}, "draft": {"phase": "Succeeded"}, "review": {"phase": "Waiting"}}
    run = Run.model_validate(
        {
            "apiVersion": "headgate.dev/v1alpha1",
            "kind": "Run",
            "metadata": {"name": "notes-1", "namespace": "docs"},
            "spec": {"workflow": "release-notes"},
            "status": {"phase": "Waiting", "nodes": {**nodes, **(status or {})}},
        }
    )
    graph = graph_of("release-notes")
    nodes_ = tuple(replace(node, **changes.get(node.name, {})) for node in graph)
    return {"run": run, "graph": replace(graph, nodes=nodes_)}


def test_what_starts_then_is_told_with_its_target_and_its_credential() -> None:
    assert [*story(ballot(request(), **course()))] == [
        "Your vote is the second of 2. Then at once:",
        "  publish  POST https://blog.example/posts with credential blog",
    ]
    assert [*story(ballot(request(), Verdict.REJECT, **course()))] == [
        "One no ends it. Then at once:",
        "  tell  slack channel docs with credential slack",
    ]
    assert told(request(votes={}), **course()).startswith("Your vote is the first of 2. Once it is decided so: ")
    assert result(ballot(request(), **course()), request(phase="Approved")).endswith(". publish starts.")


def test_no_expression_is_taken_for_a_target() -> None:
    computed = course(publish={"params": {"url": "https://${inputs.repo}.example/", "method": "PUT"}})
    assert [*story(ballot(request(), **computed))][1] == "  publish  http method PUT with credential blog"


def test_what_waits_for_more_says_for_what() -> None:
    more = {"needs": {"review": Outcome.SUCCEEDED, "draft": Outcome.SUCCEEDED}, "when": "${draft.text != ''}"}
    told = [*story(ballot(request(), **course({"draft": {"phase": "Running"}}, publish=more)))]
    assert told[1].endswith("with credential blog, when draft.text != '', once draft has ended")
    skipped = [*story(ballot(request(), **course({"draft": {"phase": "Skipped"}}, publish=more)))]
    assert skipped == ["Your vote is the second of 2. No other node waits for that."]


def test_a_failure_that_people_retry_runs_again() -> None:
    assert told(request("Recovery", node="draft"), Verdict.RETRY, **course()).endswith("draft runs again.")
