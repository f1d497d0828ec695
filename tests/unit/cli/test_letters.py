"""What a letter says beside the question: why a rule does not count, and who could not be told."""

from unit.cli.test_requests import document, letter


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
