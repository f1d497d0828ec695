"""The examples of the language, as whole Runs: what happens, how they end, and what people read then."""

from typing import Any

from headgate.compiler.known import Instance
from support.pods import Scripts
from support.stories import example_world, policy
from support.world import World

MANAGERS = ["release-managers"]
NOTES = {"body": {"errorRate": 0.0, "ids": [1, 2, 3], "url": "u"}, "text": "## Acme", "status": 200, "ms": 5}


def scripted(fails: dict[str, str] | None = None, skips: tuple[str, ...] = (), output: Any = None) -> Scripts:
    fails = fails or {}
    return Scripts(
        fails=lambda one: fails.get(str(one)),
        when=lambda node: node not in skips,
        output=output or (lambda one: NOTES),
    )


def release(fails: dict[str, str] | None = None, **terms: Any) -> World:
    stages = [{"name": "managers", "groups": MANAGERS, "votes": 2}]
    asked = policy("release", stages=stages, exclude=["Requester"], timeout="72h", **terms)
    here = example_world("release-notes", policies=(asked,), scripts=scripted(fails))
    here.submit("notes-1", workflow="release-notes", inputs={"repo": "acme/shop"}, requester="ana@example.com")
    for _ in range(3):
        here.settle_all()
        here.run_legs()
    here.settle_all()
    return here


def phases(here: World, name: str) -> dict[str, str]:
    return {node: said["phase"] for node, said in here.status(name)["nodes"].items()}


def test_a_run_waits_for_people_without_a_leg_and_says_for_how_many_votes_until_when() -> None:
    here = release()
    status = here.status("notes-1")
    assert (status["phase"], status["progress"]) == ("Waiting", "2/5")
    assert status["message"] == "review: 0 of 2 votes of group release-managers, until 24 Nov 05:31 UTC"
    assert status["conditions"][0]["reason"] == "ApprovalNeeded"
    assert status["nodes"]["publish"] == {"phase": "Pending", "needs": "review"}
    assert here.legs == {}
    assert ("notes-1", "Waiting", "review: asks 2 of group release-managers, until 24 Nov 05:31 UTC") in here.events


def test_two_approvals_publish_what_was_shown_and_nobody_is_told_otherwise() -> None:
    here = release()
    here.vote("notes-1-review", "bea@example.com", "Approve", groups=MANAGERS)
    here.settle_all()
    assert here.status("notes-1")["message"] == "review: 1 of 2 votes of group release-managers, until 24 Nov 05:31 UTC"
    here.vote("notes-1-review", "bob@example.com", "Approve", groups=MANAGERS)
    status = here.finish("notes-1")
    assert status["phase"] == "Succeeded"
    assert status["outputs"] == {"url": "u"}
    assert phases(here, "notes-1")["tell"] == "Skipped"
    assert here.requests["notes-1-review"]["status"]["votes"] == "2/2"


def test_a_no_cancels_the_run_quotes_the_person_and_runs_what_reads_the_error() -> None:
    here = release()
    here.vote("notes-1-review", "bob@example.com", "Reject", reason="wrong version number", groups=MANAGERS)
    status = here.finish("notes-1")
    assert (status["phase"], status["progress"]) == ("Cancelled", "5/5")
    assert status["message"] == "review: rejected by bob@example.com: wrong version number"
    assert phases(here, "notes-1") == {
        "commits": "Succeeded",
        "draft": "Succeeded",
        "review": "Failed",
        "publish": "Omitted",
        "tell": "Succeeded",
    }


def test_whoever_asked_cannot_approve() -> None:
    here = release()
    here.vote("notes-1-review", "ana@example.com", "Approve", groups=MANAGERS)
    here.settle_all()
    assert here.requests["notes-1-review"]["status"]["votes"] == "0/2"
    told = here.requests["notes-1-review"]["status"]["waitingFor"]
    assert "(not ana@example.com); the vote of ana@example.com does not count" in told


def test_nobody_answers_and_the_deadline_says_no() -> None:
    here = release()
    status = here.finish("notes-1")
    assert status["phase"] == "Cancelled"
    assert status["message"] == "review: expired: nobody answered in time"


def test_corrected_values_are_asked_about_again_and_read_as_approved() -> None:
    here = release()
    here.vote("notes-1-review", "bea@example.com", "Approve", values={"notes": "## Better"}, groups=MANAGERS)
    here.settle_all()
    old = here.requests["notes-1-review"]["status"]
    new = here.requests[old["supersededBy"]]
    assert old["phase"] == "Superseded"
    assert new["spec"]["values"] == {"notes": "## Better"}
    assert new["status"]["votes"] == "1/2", "the corrector's vote counts, read in the request before"
    here.vote(old["supersededBy"], "bob@example.com", "Approve", groups=MANAGERS)
    here.settle_all()
    (leg,) = here.legs.values()
    assert leg.positions == [(Instance("publish"),)]
    data = str([t.get("inputs") for t in leg.manifest["spec"]["templates"]])
    assert "## Better" in data


def test_a_failure_omits_the_others_and_fails_the_run() -> None:
    here = release({"commits": "HttpStatus"})
    status = here.finish("notes-1")
    assert status["phase"] == "Failed"
    assert status["message"] == "commits: HttpStatus: commits failed"
    assert set(phases(here, "notes-1").values()) == {"Failed", "Omitted"}
    assert here.requests == {}


def watch(fails: dict[str, str], skips: tuple[str, ...] = ()) -> dict[str, str]:
    here = example_world(
        "watch-shop", scripts=scripted(fails, skips, lambda one: {**NOTES, "case": "critical", "id": "1"})
    )
    here.submit("watch-1", workflow="watch-shop")
    return {"run": here.finish("watch-1")["phase"], **phases(here, "watch-1")}


def test_a_shop_that_does_not_answer_is_no_failure_of_its_watcher() -> None:
    ended = watch({"probe": "Timeout"})
    assert ended["run"] == "Succeeded"
    assert (ended["level"], ended["page"], ended["note"], ended["down"]) == (
        "Skipped",
        "Skipped",
        "Skipped",
        "Succeeded",
    )


def test_a_page_that_fails_omits_the_note_and_a_page_that_is_skipped_does_not() -> None:
    assert watch({"page": "HttpStatus"})["note"] == "Omitted"
    assert watch({"page": "HttpStatus"})["run"] == "Failed"
    assert watch({}, ("page",))["note"] == "Succeeded"


def nightly(failing: int) -> World:
    fails = {f"fetch[{index}]": "HttpStatus" for index in range(failing)}
    answer = {**NOTES, "body": {"ids": list(range(40))}, "rows": 3}
    here = example_world("nightly-customers", scripts=scripted(fails, output=lambda one: answer))
    here.submit("nightly-1", workflow="nightly-customers", environment="prod")
    here.finish("nightly-1")
    return here


def test_as_many_items_may_fail_as_are_tolerated() -> None:
    here = nightly(2)
    status = here.status("nightly-1")
    assert status["phase"] == "Succeeded"
    assert status["nodes"]["fetch"]["items"] == {"total": 40, "succeeded": 38, "failed": 2}
    assert status["outputs"]["missing"] == [0, 1]


def test_one_more_fails_the_loop_and_the_run_and_finally_still_runs() -> None:
    here = nightly(3)
    status = here.status("nightly-1")
    assert status["phase"] == "Failed"
    failed = "3 of 40 items failed, 2 tolerated: 0, 1 and 2; item 0: HttpStatus: fetch[0] failed"
    assert status["message"] == f"fetch: {failed}"
    assert status["nodes"]["fetch"]["message"] == failed
    assert phases(here, "nightly-1")["heartbeat"] == "Succeeded"
    assert phases(here, "nightly-1")["store"] == "Omitted"


def test_a_retry_of_a_loop_runs_only_the_items_without_an_output() -> None:
    here = nightly(3)
    here.scripts.fails = lambda one: None
    here.declare("nightly-1", attempt=2)
    status = here.finish("nightly-1")
    assert (status["phase"], status["attempt"]) == ("Succeeded", 2)
    runs = {str(one): times for (_, one), times in here.executions.items() if one.node == "fetch" and not one.prepare}
    assert [runs[f"fetch[{index}]"] for index in (0, 2, 3, 39)] == [2, 2, 1, 1]
    assert here.executions[here.runs["nightly-1"]["metadata"]["uid"], Instance("changed")] == 1


def test_a_campaign_asks_starts_a_run_a_language_and_waits_a_day() -> None:
    here = example_world("campaign", scripts=scripted())
    here.submit("campaign-1", workflow="campaign", inputs={"product": "tea"}, requester="ana@example.com")
    here.settle_all()
    assert here.status("campaign-1")["conditions"][0]["reason"] == "AnswerNeeded"
    answer = {"audience": "gardeners", "languages": ["en", "de"]}
    here.vote("campaign-1-brief", "bea@example.com", "Answer", values=answer, groups=["marketing"])
    for _ in range(4):
        here.settle_all()
        here.run_legs()
    here.settle_all()
    children = {name: run["spec"] for name, run in here.runs.items() if name != "campaign-1"}
    assert {spec["inputs"]["language"] for spec in children.values()} == {"en", "de"}
    assert {spec["requester"] for spec in children.values()} == {"ana@example.com"}
    for name, request in list(here.requests.items()):
        if request["spec"]["node"] == "check":
            here.vote(name, "tom@example.com", "Approve", groups=["translators"])
    for _ in range(3):
        here.settle_all()
        here.run_legs()
    here.settle_all()
    assert here.status("campaign-1")["message"].startswith("embargo: until 22 Nov")
    assert here.status("campaign-1")["phase"] == "Waiting"
    status = here.finish("campaign-1")
    assert status["phase"] == "Succeeded"
    assert status["waitSeconds"] >= 86_400
    assert status["workSeconds"] < 60
