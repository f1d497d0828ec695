"""The status of ApprovalPolicies and NodeTypes: whether they make sense, and that it is written once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from headgate.compiler.catalogue import builtin
from headgate.handlers.soundness import build_status
from headgate.names import API_VERSION

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
STAGES = [{"name": "managers", "groups": ["release-managers"]}]


def policy(**spec: Any) -> dict[str, Any]:
    metadata = {"name": "release", "namespace": "docs", "generation": 2}
    return {
        "apiVersion": API_VERSION,
        "kind": "ApprovalPolicy",
        "metadata": metadata,
        "spec": {"stages": STAGES, "exclude": ["Requester"], **spec},
    }


def valid(thing: dict[str, Any]) -> tuple[str, str, str]:
    (condition,) = build_status(thing, "people can pass it", NOW)["conditions"]
    assert (condition["type"], condition["observedGeneration"]) == ("Valid", thing["metadata"].get("generation", 1))
    return condition["status"], condition["reason"], condition["message"]


def test_a_policy_that_somebody_can_pass_is_valid_whatever_is_doubtful_in_it() -> None:
    assert valid(policy()) == ("True", "Checked", "people can pass it")
    assert valid(policy(remind=["4h"])) == ("True", "Checked", "people can pass it, 1 warning")


@pytest.mark.parametrize(
    ("spec", "reason", "says"),
    [
        (
            {"stages": [{"name": "owners", "users": ["ana"], "votes": 2}]},
            "NotEnoughVoters",
            "spec.stages[owners].votes: stage `owners` asks 2 votes of 1 user: write `votes: 1`",
        ),
        ({"autoApprove": "${values.amount <}"}, "ExpressionSyntax", "spec.autoApprove: "),
        ({"timeout": "0s", "autoApprove": "${vars.x}"}, "InvalidValue", " (and 1 more)"),
        ({"stages": [{"name": "owners"}]}, "NobodyMayVote", "spec.stages[owners]: nobody could vote"),
        ({"votes": 2}, "UnknownField", "spec.votes: "),
    ],
)
def test_one_that_nobody_can_pass_is_not_and_its_first_problem_says_why(spec: Any, reason: str, says: str) -> None:
    status, found, message = valid(policy(**spec))
    assert (status, found) == ("False", reason)
    assert says in message


def test_a_node_type_is_judged_as_lint_judges_it() -> None:
    good = next(type_ for type_ in builtin() if type_.metadata.name == "set.v1").model_dump(
        mode="json", by_alias=True, exclude_unset=True
    )
    assert valid(good)[:2] == ("True", "Checked")
    bad = {**good, "spec": {**good["spec"], "traits": ["Instant", "Internet"]}}
    status, reason, message = valid(bad)
    assert (status, reason) == ("False", "ConflictingTraits")
    assert "an Instant node does no I/O" in message


def test_the_same_verdict_gives_the_same_status_whenever_it_is_asked_and_another_one_says_when() -> None:
    first = build_status(policy(), "people can pass it", NOW)
    later = NOW + timedelta(days=1)
    assert build_status({**policy(), "status": first}, "people can pass it", later) == first
    (turned,) = build_status({**policy(timeout="0s"), "status": first}, "people can pass it", later)["conditions"]
    assert turned["lastTransitionTime"] == "2026-11-26T12:00:00Z"
