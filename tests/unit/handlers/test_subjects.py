"""What a log line about an action names: whoever looks for a leg, a node's instance or a request finds it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.api.run import State
from headgate.compiler.emit.identity import LEG
from headgate.handlers.subjects import is_told, subject_of
from headgate.lifecycle import actions
from headgate.lifecycle.children import NODE

RUN = {"status": {"legs": [{"number": 1, "argo": "r-1"}, {"number": 2, "argo": "r-2"}]}}
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("action", "about"),
    [
        (actions.CreateLeg("r-2", 2, {}, ("a", "b[0-2]")), {"leg": 2, "instance": "a, b[0-2]"}),
        (actions.KeepOutputs("s", {LEG: "2"}, {}), {"leg": 2}),
        (actions.DeleteLeg("r-2", "u"), {"leg": 2}),
        (actions.ShutDownLeg("r-1", "u", NOW), {"leg": 1}),
        (actions.SuspendLeg("nobody's", "u"), {"leg": "nobody's"}),
        (actions.CreateRequest("r-ask", {"spec": {"node": "ask"}}), {"request": "r-ask", "instance": "ask"}),
        (actions.UpdateRequestStatus("r-ask", "u", "1", {}), {"request": "r-ask"}),
        (actions.CreateChild("r-c", {"metadata": {"labels": {NODE: "c"}}}), {"child": "r-c", "instance": "c"}),
        (actions.DeclareChildState("r-c", "u", "1", State.PAUSED, ()), {"child": "r-c"}),
        (actions.DeleteRun("r", "u"), {}),
    ],
)
def test_an_action_names_what_it_is_about(action: actions.Action, about: dict[str, Any]) -> None:
    assert subject_of(RUN, action) == about


def test_of_thousands_of_instances_some_are_named_and_the_rest_counted() -> None:
    told = subject_of(RUN, actions.CreateLeg("r-1", 1, {}, tuple(f"n{number}" for number in range(1000))))["instance"]
    assert told.startswith("n0, n1, ")
    assert told.endswith("n19 and 980 more")


def test_what_is_written_again_and_again_is_told_to_those_who_debug() -> None:
    assert is_told(actions.DeleteLeg("r-2", "u"))
    assert not is_told(actions.WriteStatus("1", {}))
