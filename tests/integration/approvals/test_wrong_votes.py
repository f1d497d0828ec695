"""Votes that are no attack and could not count: each is refused at the door, in words for whoever slipped."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.approvals import scene
from integration.approvals.conftest import Stage
from integration.approvals.people import patch, vote
from integration.approvals.scene import LEA, Manifest


@pytest.mark.parametrize(
    "shape", ["Approve", ["Approve"], 7, {"me": "Approve"}, {"me": ["Approve"]}, {"me": 7}], ids=str
)
def test_a_vote_of_another_shape_is_refused_in_the_words_of_the_kind(
    shape: object, stage: Stage, fresh: Callable[..., str]
) -> None:
    name = fresh()
    said = stage.ask(LEA, "patch", name, *patch({"spec": {"votes": shape}}))
    assert not said.accepted
    assert "in body must be of type object" in said.said
    assert "vote-stamp" not in said.said


@pytest.mark.parametrize(
    ("asked", "verdict", "values", "told"),
    [
        ({}, "Approve", {"note": "x"}, "note cannot be said here: values has notes"),
        ({"form": {}}, "Approve", {"notes": "x"}, "notes cannot be said here: vote without values"),
        ({"type": "Clarification"}, "Answer", {}, "an answer must also say notes: write it under values"),
        ({"type": "Clarification"}, "Answer", {"nots": "x"}, "nots cannot be said here: values has notes"),
        ({"type": "Recovery"}, "Retry", {"url": "x"}, "url cannot be said here"),
        ({}, "Approve", {"notes": "x"}, ""),
        ({"type": "Clarification", "form": {"a": {"optional": True}, "b": {"default": 1}}}, "Answer", {}, ""),
        ({"type": "Recovery"}, "Skip", {"whatever": 1}, ""),
        ({"form": {}}, "Reject", {"notes": "x"}, ""),
        ({"form": {}}, "Withdraw", {"notes": "x"}, ""),
    ],
)
def test_whoever_says_what_nobody_asked_or_not_all_of_it_is_told_so(
    asked: Manifest, verdict: str, values: Manifest, told: str, stage: Stage, fresh: Callable[..., str]
) -> None:
    """Such a vote would not count, and its voter would wait for nothing."""
    binding = scene.request("any")["spec"]["binding"]
    form = asked.get("form", binding["form"])
    name = fresh(type=asked.get("type", "Approval"), binding={**binding, "form": form})
    answer = stage.ask(LEA, "patch", name, *vote(verdict, values=values))
    assert answer.accepted is not bool(told), answer.said
    assert told in answer.said


TOO_MUCH = "the values of a vote have 65536 characters at most, and these have "
DEEP = '{"a":[' * 200 + '"' + "y" * 70_000 + '"' + "]}" * 200


@pytest.mark.parametrize(
    "notes",
    [
        json.dumps("y" * 1_000_000),
        json.dumps(["ä" * 100] * 1_000),
        json.dumps({f"k{number}": {"deeper": [number, 0.5, None, True]} for number in range(3_000)}),
        DEEP,
    ],
    ids=["one text", "many texts", "many fields", "deep down"],
)
@pytest.mark.parametrize("verdict", ["Approve", "Withdraw"])
def test_a_vote_leaves_room_for_the_others(
    notes: str, verdict: str, stage: Stage, fresh: Callable[..., str], tmp_path: Path
) -> None:
    body = tmp_path / "patch.json"
    body.write_text(f'{{"spec": {{"votes": {{"me": {{"verdict": "{verdict}", "values": {{"notes": {notes}}}}}}}}}}}')
    answer = stage.ask(LEA, "patch", fresh(), "--type=merge", f"--patch-file={body}")
    assert not answer.accepted
    assert TOO_MUCH in answer.said


def test_whoever_says_no_without_values_always_finds_room(
    stage: Stage, fresh: Callable[..., str], tmp_path: Path
) -> None:
    body = tmp_path / "patch.json"
    body.write_text(json.dumps({"spec": {"votes": {"me": {"verdict": "Approve", "values": {"notes": "😀" * 60_000}}}}}))
    name = fresh()
    voters = [LEA, scene.MIKE, scene.BEA]
    said = [
        stage.ask(who, "patch", name, "--type=merge", f"--patch-file={body}", groups=scene.MANAGERS) for who in voters
    ]
    assert [one.accepted for one in said] == [True, True, False], said[-1].said
    assert "with yours they have 180" in said[-1].said
    no = stage.ask(scene.BEA, "patch", name, *vote("Reject", reason="n" * 1_000), groups=scene.MANAGERS)
    assert no.accepted, no.said
