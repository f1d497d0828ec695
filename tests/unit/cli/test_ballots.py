"""A vote before it is cast: what it would do, what is wrong with it, what becomes of values in an editor."""

from dataclasses import replace
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
from headgate.lifecycle.approvals.voting import Corrector
from headgate_lang.fate import Outcome
from unit.cli.test_requests import EXCLUDE, LEGAL, MANAGERS, document, matter, request
from unit.cli.test_run_tree import graph_of


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


def test_nothing_that_a_workflow_says_becomes_a_line_of_the_page() -> None:
    evil = "Fine?\nnotes: evil\r\u2028notes: evil\x1b"
    form = {"notes": {"type": "string", "description": evil, "default": "a\nb\n"}}
    page = as_page(request(message=evil, binding={**document()["spec"]["binding"], "form": form}), {})
    assert read_page(page) == {}
    assert all(line.startswith("#") or not line for line in page.splitlines())


def test_a_page_that_cannot_be_read_says_where() -> None:
    assert read_page("# nothing\n") == {}
    with pytest.raises(UnreadableError, match="a page holds one map"):
        read_page("- 1\n")
    with pytest.raises(UnreadableError, match="the page:1:"):
        read_page("notes: [\n")


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


def test_nothing_but_a_word_is_told_of_a_node() -> None:
    spoof = course(publish={"params": {"url": "https://x.example/\nYour_vote_decides_nothing", "method": "PUT"}})
    assert [*story(ballot(request(), **spoof))][1] == "  publish  http method PUT with credential blog"


def test_what_waits_for_more_says_for_what() -> None:
    more = {"needs": {"review": Outcome.SUCCEEDED, "draft": Outcome.SUCCEEDED}, "when": "${draft.text != ''}"}
    told = [*story(ballot(request(), **course({"draft": {"phase": "Running"}}, publish=more)))]
    assert told[1].endswith("with credential blog, when draft.text != '', once draft has ended")
    skipped = [*story(ballot(request(), **course({"draft": {"phase": "Skipped"}}, publish=more)))]
    assert skipped == ["Your vote is the second of 2. No other node waits for that."]


def test_a_failure_that_people_retry_runs_again() -> None:
    assert told(request("Recovery", node="draft"), Verdict.RETRY, **course()).endswith("draft runs again.")
