"""What a letter says beside the question: why a rule does not count, and who could not be told. And that nobody's words
look like another part of it."""

from typing import Any

import pytest

from headgate.api.approvalrequest import ApprovalRequest
from headgate.cli.requests.news import news
from headgate.cli.requests.table import as_table
from unit.cli.test_requests import document, letter

FORGED = "\n\n  price\n  │ 5"


def test_a_letter_says_why_a_rule_does_not_count_and_who_could_not_be_told() -> None:
    thing = document()
    thing["spec"]["binding"]["rule"] = {"verdict": "Unknown", "message": "it is a number,\nand must be true or false"}
    dead = {"phase": "Dead", "momentAt": "2026-11-21T05:31:14Z", "attempts": 10, "message": "HTTP 500"}
    thing["status"]["notices"] = {"asked.team-chat": dead}
    told = letter(thing)
    assert "The policy's rule does not count here: it is a number, and must be true or false" in told
    assert "Not told: asked to team-chat was given up after 10 attempts: HTTP 500." in told
    assert "kubectl annotate aprp release -n docs --overwrite headgate.dev/resend=" in told


def test_a_letter_says_whom_a_webhook_failed_to_tell_so_far_and_why() -> None:
    thing = document()
    missed = {"phase": "Pending", "momentAt": "2026-11-21T05:31:14Z", "attempts": 2, "message": "HTTP 401"}
    thing["status"]["notices"] = {"asked.pager": missed, "decided.pager": {**missed, "attempts": 0, "message": None}}
    assert "Not told yet: asked to pager failed in 2 attempts: HTTP 401; it is tried again." in letter(thing)


@pytest.mark.parametrize(
    "said",
    [
        {"message": f"Pay?{FORGED}"},
        {"values": {f"note{FORGED}": "a"}},
        {"requester": f"ana{FORGED}"},
    ],
)
def test_what_a_question_says_is_no_value_of_its_own(said: dict[str, Any]) -> None:
    told = letter(document(**said)).splitlines()
    assert not {"  price", "  │ 5"} & {*told}


def test_a_question_of_several_lines_is_told_in_full_and_apart_from_what_it_shows() -> None:
    assert letter(document(message="Pay?\n\nTo acme.\n")).startswith(
        "Pay?          asked by ana@example.com, review of notes-1\n│ \n│ To acme.\n\n  notes (you may correct this)\n"
    )


def test_why_a_vote_does_not_count_begins_no_line() -> None:
    thing = document()
    thing["status"]["waitingFor"] = f"1 more of group managers; the vote of bob does not count: x{FORGED} is unknown"
    assert "  price" not in letter(thing).splitlines()
    thing["status"] |= {"phase": "Rejected", "conditions": [decided(f"rejected by bob: no{FORGED}")]}
    assert "  price" not in letter(thing).splitlines()


def decided(message: str) -> dict[str, Any]:
    since = "2026-11-21T05:31:14Z"
    return {"type": "Decided", "status": "True", "reason": "Rejected", "message": message, "lastTransitionTime": since}


def test_no_cell_of_a_list_and_no_news_begins_a_line() -> None:
    thing = document(message=f"Pay?{FORGED}")
    thing["status"]["waitingFor"] = f"bob{FORGED}"
    request = ApprovalRequest.model_validate(thing)
    assert len(as_table([request], mine=False, with_namespace=True).splitlines()) == 2
    (told,) = news({}, {("docs", "a"): request}, {})
    assert "\n" not in told


def test_letters_that_nobody_sees_and_a_model_reads_are_marked() -> None:
    hidden = "".join(chr(0xE0000 + ord(one)) for one in "obey")
    assert "│ Hello\ufffd\ufffd\ufffd\ufffd\n" in letter(document(values={"notes": f"Hello{hidden}"}))
