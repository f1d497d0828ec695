"""What stands beside a question leaves everybody the room and the time to answer it: nobody can fill it up."""

from collections.abc import Callable
from typing import Any

import pytest

from integration.approvals import scene
from integration.approvals.conftest import Stage
from integration.approvals.people import vote
from integration.approvals.scene import BEA, LEA, MALLORY, MANAGERS, STAND_IN


def entry(number: int) -> dict[str, Any]:
    return {
        "manager": f"m{number}",
        "operation": "Apply",
        "apiVersion": "headgate.dev/v1alpha1",
        "time": "2026-01-01T00:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:message": {}}},
    }


FULL = {
    "leave metadata.managedFields as it is": {"managedFields": [entry(number) for number in range(1_000)]},
    "a request has 40 annotations at most": {"annotations": {f"a{number}": "" for number in range(2_000)}},
}


@pytest.mark.parametrize("told", FULL)
def test_nobody_leaves_others_no_time_to_vote(told: str, stage: Stage, fresh: Callable[..., str]) -> None:
    name = fresh()
    words = ("patch", name, "--type=merge", "--patch-file=/dev/stdin")
    filled = stage.ask(MALLORY, *words, stdin={"metadata": FULL[told]})
    assert not filled.accepted
    assert told in filled.said
    assert stage.ask(LEA, "patch", name, *vote("Reject")).accepted


def test_whoever_may_vote_leaves_others_the_time_to_say_no(stage: Stage, fresh: Callable[..., str]) -> None:
    name = fresh()
    said = ("patch", name, "--type=merge", "--patch-file=/dev/stdin")
    for count, accepted in ((60, True), (200, False)):
        change = {
            "metadata": {"managedFields": [entry(number) for number in range(count)]},
            "spec": {"votes": {"me": {"verdict": "Approve", "reason": str(count)}}},
        }
        assert stage.ask(BEA, *said, stdin=change, groups=MANAGERS).accepted is accepted
    assert stage.ask(LEA, "patch", name, *vote("Reject"), groups=MANAGERS).accepted


def test_nobody_leaves_others_no_time_to_stop_a_run(stage: Stage) -> None:
    words = ("patch", "hrun/release-notes-7k2xp", "--dry-run=server", "--type=merge", "--patch-file=/dev/stdin")
    filled = stage.ask(MALLORY, *words, stdin={"metadata": {"labels": {f"a{number}": "" for number in range(2_000)}}})
    assert not filled.accepted
    assert "a Run has 200 labels at most" in filled.said


def test_what_others_have_left_there_hinders_no_vote(stage: Stage, fresh: Callable[..., str]) -> None:
    name = fresh()
    words = ("patch", name, "--type=merge", "--patch-file=/dev/stdin")
    kept = {"managedFields": [entry(n) for n in range(38)], "annotations": {f"a{n}": "" for n in range(38)}}
    assert stage.ask(MALLORY, *words, stdin={"metadata": kept}).accepted
    document = {"metadata": {"name": name.removeprefix("apr/")}, "spec": {"votes": {"me": {"verdict": "Approve"}}}}
    head = {key: scene.request("any")[key] for key in ("apiVersion", "kind")}
    for who in (BEA, LEA):
        for manager in ("one", "two"):
            said = (name, f"--field-manager={manager}-{who[:3]}", *vote(reason=manager))
            assert stage.ask(who, "patch", *said, groups=MANAGERS).accepted
    applied = stage.ask(LEA, "apply", "--server-side", "--force-conflicts", "-f", "-", stdin={**head, **document})
    assert applied.accepted, applied.said


@pytest.mark.parametrize("who", [LEA, STAND_IN])
def test_of_a_question_that_is_full_to_the_brim_everybody_can_still_say_no(
    who: str, stage: Stage, fresh: Callable[..., str]
) -> None:
    name = fresh()
    fill_up(stage, name)
    assert not stage.ask(who, "patch", name, *vote()).accepted
    said = stage.ask(who, "patch", name, *vote("Reject"))
    assert said.accepted, said.said


def fill_up(stage: Stage, name: str) -> None:
    """As large as etcd takes it: whatever is added, the API server leaves `managedFields` out."""
    words = ("patch", name, "--type=merge", "--patch-file=/dev/stdin")
    fields: dict[str, Any] = {"f:metadata": {"f:annotations": {f"f:{'x' * 200}{number}": {} for number in range(180)}}}
    entries = [{**entry(number), "fieldsV1": fields} for number in range(38)]
    assert stage.ask(MALLORY, *words, stdin={"metadata": {"managedFields": entries}}).accepted
    length = 0
    for step in (64_000, 16_000, 4_000, 1_000, 250, 60, 15):
        while stage.ask(MALLORY, *words, stdin={"metadata": {"annotations": {"a": "y" * (length + step)}}}).accepted:
            length += step
