"""The command line of approvals under the real admission policies: people vote with `headgate`, as they are."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster.settings import Settings
from integration.approvals import scene
from integration.approvals.conftest import Stage
from integration.approvals.people import patch, vote
from integration.approvals.scene import ANA, BEA, LEA, MALLORY, MANAGERS, MIKE
from support.command_line import Shell

PEOPLE: dict[str, tuple[str, ...]] = {
    BEA: MANAGERS,
    MIKE: MANAGERS,
    ANA: MANAGERS,
    LEA: (),
    MALLORY: ("staff",),
    scene.RIGHT: (),
    scene.WRONG_RIGHT: (),
    scene.STAND_IN: (),
    scene.FORMER_STAND_IN: (),
    "friend@example.com": (),
    "dora@example.com": ("directors",),
    scene.ROBOT: (),
    scene.OTHER_ROBOT: (),
    "me": MANAGERS,
    "ü/~ ☃": MANAGERS,
}
LEGAL = {**scene.SIMPLE, "stages": [{"name": "legal", "users": [LEA]}]}
REQUESTS = ("open", "simple", "closed", "superseded", "expired", "question", "recovery")


@pytest.fixture
def shell(stage: Stage, cluster_settings: Settings) -> Shell:
    return Shell(cluster_settings, stage.namespace, PEOPLE)


@pytest.fixture
def asked(stage: Stage) -> Iterator[Callable[..., str]]:
    """Makes requests that no attack knows of, with a label of their own, and takes them away."""
    mark, made = uuid.uuid4().hex[:8], list[str]()

    def make(*, label: str = "", **spec: Any) -> str:
        made.append(f"cli-{mark}-{len(made)}")
        request = scene.request(made[-1], **spec)
        request["metadata"]["labels"]["team"] = label or mark
        answer = stage.ask(stage.operator, "create", "-f", "-", stdin=request)
        assert answer.accepted, answer.said
        return made[-1]

    yield make
    for name in made:
        stage.ask(stage.operator, "delete", f"apr/{name}", "--ignore-not-found", "--wait=false")
    stage.known = stage.look()


def stored(stage: Stage, name: str) -> dict[str, Any]:
    votes: dict[str, Any] = stage.get(f"apr/{name}")["spec"].get("votes", {})
    return votes


VOTES = {"question": vote("Answer", values={"notes": "All of it."}), "recovery": vote("Retry")}


@pytest.mark.parametrize("who", PEOPLE)
def test_why_says_what_admission_will_say(who: str, stage: Stage, shell: Shell) -> None:
    """Yes, or not yet, if and only if the API server would take the vote."""
    for name in REQUESTS if who in (BEA, ANA, MALLORY) else REQUESTS[:2]:
        said = shell.run(who, "approvals", "why", name)
        tried = VOTES.get(name, vote())
        answer = stage.ask(who, "patch", f"apr/{name}", *tried, "--dry-run=server", groups=PEOPLE[who])
        assert said.err == ""
        assert answer.accepted == (not said.out.startswith("No.")), f"{name}: {said.out}\n{answer.said}"
        assert said.code == (0 if said.out.startswith("Yes.") else 1)


def test_a_vote_is_cast_changed_and_taken_back(stage: Stage, shell: Shell, asked: Callable[..., str]) -> None:
    name = asked()
    ran = shell.run(BEA, "approve", name, "--yes", "-m", "checked")
    assert (ran.code, ran.out, ran.err) == (0, f"{name}: Approve, digest 91c2f0a6\n", "")
    assert stored(stage, name) == {BEA: {"verdict": "Approve", "reason": "checked", "groups": [*MANAGERS]}}
    assert shell.run(MIKE, "reject", name, "--yes", "-m", "wrong version").code == 0
    assert shell.run(BEA, "withdraw", name).code == 0
    assert {who: one["verdict"] for who, one in stored(stage, name).items()} == {BEA: "Withdraw", MIKE: "Reject"}
    assert shell.run(ANA, "approve", name, "--yes").err == (
        f"headgate approve: {name}: you are {ANA}, you asked for this Run, and policy release excludes the requester\n"
    )


def test_a_question_is_answered_from_a_file(stage: Stage, shell: Shell, asked: Callable[..., str]) -> None:
    form = {"audience": {"type": "string"}, "languages": {"type": "array", "items": {"type": "string"}}}
    binding = {**scene.request("x")["spec"]["binding"], "form": form}
    name = asked(type="Clarification", binding=binding, values={})
    assert "lacks `audience`: write `audience:` and a string" in shell.run(BEA, "answer", name, "--yes").err
    ran = shell.run(BEA, "answer", name, "--yes", "-f", "-", "-v", 'languages=["en"]', stdin="audience: all\n")
    assert (ran.code, ran.err) == (0, "")
    assert stored(stage, name)[BEA]["values"] == {"audience": "all", "languages": ["en"]}


def test_mine_are_listed_and_those_that_i_have_answered_are_not(shell: Shell, asked: Callable[..., str]) -> None:
    label = uuid.uuid4().hex[:8]
    both, legal = (
        asked(label=label),
        asked(label=label, policy={**scene.SIMPLE, "stages": [{"name": "l", "users": [LEA]}]}),
    )

    def mine(who: str, *more: str) -> set[str]:
        lines = shell.run(who, "approvals", "-l", f"team={label}", *more).out.splitlines()
        return {line.split()[0] for line in lines[1:]}

    assert mine(MIKE) == {both}
    assert mine(LEA) == {both, legal}
    assert mine(ANA) == mine(MALLORY) == set()
    assert mine(MALLORY, "--all") == {both, legal}
    assert shell.run(MIKE, "approve", both, "--yes").code == 0
    assert mine(MIKE) == set()


def test_of_many_votes_each_is_judged_by_itself(stage: Stage, shell: Shell, asked: Callable[..., str]) -> None:
    label = uuid.uuid4().hex[:8]
    first, second = asked(label=label), asked(label=label)
    legal = asked(label=label, policy=LEGAL)
    ran = shell.run(MIKE, "approve", "-l", f"team={label}", "--yes")
    assert ran.code == 1
    assert {line.partition(":")[0] for line in ran.out.splitlines()} == {first, second}
    assert ran.err == (f"headgate approve: {legal}: you are {MIKE}, and not {LEA}: policy release asks nobody else\n")
    assert stored(stage, legal) == {}
    assert shell.run(LEA, "approve", "-l", f"team={label}", "--yes").code == 0


def test_nobody_votes_on_another_request_that_took_the_name(stage: Stage, asked: Callable[..., str]) -> None:
    name = asked()
    body = {"metadata": {"uid": str(uuid.uuid4())}, "spec": {"votes": {"me": {"verdict": "Approve"}}}}
    answer = stage.ask(MIKE, "patch", f"apr/{name}", *patch(body), groups=MANAGERS)
    assert not answer.accepted
    assert "metadata.uid" in answer.said
    assert stored(stage, name) == {}


def test_at_a_terminal_one_reads_corrects_in_the_editor_and_is_told_what_came_of_it(
    stage: Stage, shell: Shell, asked: Callable[..., str], tmp_path: Path
) -> None:
    name = asked(policy=scene.SIMPLE)
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/invoice/card/' \"$1\"\n")
    editor.chmod(0o755)

    with shell.sit_down(BEA, "approve", name, EDITOR=str(editor)) as there:
        letter = there.read_until("[y/N/e/r]")
        assert letter.startswith(f"Publish the release notes of acme/shop?          asked by {ANA}, review of ")
        assert "  notes (you may correct this: e)\n  │ You can now pay by invoice.\n" in letter
        assert "Your vote is the first of 2." in letter
        there.type("e\n")
        there.read_until("under a new name")
        there.read_until("  - You can now pay by invoice.\n  + You can now pay by card.\n")
        assert "\x1b[1;32m  + You can now pay by card.\x1b[0m" in there.seen
        there.type("y\n")
        stage.kubectl.wait("apr", name, "-n", stage.namespace, until=lambda it: BEA in it["spec"].get("votes", {}))
        status = {"phase": "Superseded", "supersededBy": f"{name}-4f0c2a"}
        stage.ask(stage.operator, "patch", f"apr/{name}", *patch({"status": status}), "--subresource=status")
        there.read_until(f"Corrected, and asked again as {name}-4f0c2a.")
        assert there.end() == 0
    assert stored(stage, name)[BEA]["values"] == {"notes": "You can now pay by card."}


def test_ctrl_c_at_the_question_casts_nothing(stage: Stage, shell: Shell, asked: Callable[..., str]) -> None:
    name = asked()
    with shell.sit_down(BEA, "approve", name) as there:
        there.read_until("[y/N/e/r]")
        there.interrupt()
        assert there.end() == 130
    assert stored(stage, name) == {}


def test_watch_tells_what_begins_and_ceases_to_wait_for_me(
    stage: Stage, shell: Shell, asked: Callable[..., str]
) -> None:
    label = uuid.uuid4().hex[:8]
    with shell.sit_down(MIKE, "approvals", "watch", "-l", f"team={label}") as there:
        there.read_until(f"nothing waits for {MIKE}")
        name = asked(label=label)
        there.read_until(name)
        assert shell.run(MIKE, "approve", name, "--yes").code == 0
        there.read_until("\x1b[2F\x1b[Jnothing waits for")
        there.interrupt()
        assert there.end() == 130
