"""What Argo CD shows of our objects: the health scripts of the guide for platform teams, run by a real Lua."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

GUIDE = Path(__file__).parents[2] / "operator/docs/guides/argocd-cm.yaml"
SCRIPTS = yaml.safe_load(GUIDE.read_text())["data"]
LUA = shutil.which("lua5.1")

if LUA is None:
    pytest.skip("there is no Lua: apt-get install lua5.1", allow_module_level=True)


def lua(value: Any) -> str:
    """A JSON value in Lua's words. Null is absent, as Argo CD has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{json.dumps(key)}] = {lua(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ", ".join(map(lua, value)) + "}"
    return "nil" if value is None else json.dumps(value)


def health(kind: str, **parts: Any) -> tuple[str, str]:
    script = SCRIPTS[f"resource.customizations.health.headgate.dev_{kind}"]
    thing = lua({"kind": kind, **parts})
    program = f"obj = {thing}\nlocal hs = (function()\n{script}\nend)()\nprint(hs.status)\nprint(hs.message)"
    assert LUA is not None
    done = subprocess.run([LUA, "-"], input=program, capture_output=True, text=True, check=True)
    status, _, message = done.stdout.strip().partition("\n")
    return status, message


@pytest.mark.parametrize(
    ("phase", "shown"),
    [
        ("Pending", "Progressing"),
        ("Running", "Progressing"),
        ("Waiting", "Suspended"),
        ("Succeeded", "Healthy"),
        ("Failed", "Degraded"),
        ("Cancelled", "Degraded"),
        ("TimedOut", "Degraded"),
        ("SomethingNew", "Unknown"),
    ],
)
def test_a_run_is_shown_by_its_phase(phase: str, shown: str) -> None:
    told = health("Run", spec={"attempt": 1}, status={"phase": phase, "attempt": 1, "message": "review: 1 of 2 votes"})
    assert told == (shown, f"{phase}: review: 1 of 2 votes")


def test_a_run_of_which_nothing_is_known_is_on_its_way() -> None:
    assert health("Run", spec={}) == ("Progressing", "it has not begun")
    assert health("Run", spec={}, status={}) == ("Progressing", "it has not begun")


def test_a_run_that_is_tried_again_is_not_what_it_was() -> None:
    told = health("Run", spec={"attempt": 2}, status={"phase": "Failed", "attempt": 1})
    assert told == ("Progressing", "attempt 2 is to begin")


def test_a_run_that_somebody_paused_waits_for_them() -> None:
    spec = {"attempt": 1, "state": "Paused", "declaredBy": "bea@example.com"}
    assert health("Run", spec=spec, status={"phase": "Running"}) == ("Suspended", "paused by bea@example.com")
    assert health("Run", spec=spec, status={"phase": "Succeeded"})[0] == "Healthy"


def test_a_question_waits_until_it_is_decided() -> None:
    waits = {"phase": "Open", "waitingFor": "1 more of group release-managers", "until": "24 Nov 05:31Z"}
    told = health("ApprovalRequest", spec={}, status=waits)
    assert told == ("Suspended", "needs 1 more of group release-managers, until 24 Nov 05:31Z")
    assert health("ApprovalRequest", spec={}, status={"phase": "Open"}) == ("Suspended", "needs votes")
    assert health("ApprovalRequest", spec={})[0] == "Progressing"
    for end in ("Approved", "Rejected", "Expired", "Superseded"):
        assert health("ApprovalRequest", spec={}, status={"phase": end}) == ("Healthy", end)


CHECKED = {"Workflow": "Valid", "ApprovalPolicy": "Valid", "NodeType": "Valid", "Credential": "Ready", "Model": "Ready"}


@pytest.mark.parametrize(("kind", "type_"), CHECKED.items())
@pytest.mark.parametrize(("status", "shown"), [("True", "Healthy"), ("False", "Degraded"), ("Unknown", "Progressing")])
def test_what_is_checked_is_as_good_as_its_condition(kind: str, type_: str, status: str, shown: str) -> None:
    told = {"type": type_, "status": status, "message": "3 problems", "observedGeneration": 2}
    conditions = [{"type": "Other", "status": "False"}, told]
    found = health(kind, metadata={"generation": 2}, spec={}, status={"conditions": conditions})
    assert found == (shown, "3 problems")


def test_what_has_changed_is_not_judged_by_what_it_was() -> None:
    told = {"type": "Valid", "status": "False", "message": "3 problems", "observedGeneration": 1}
    found = health("Workflow", metadata={"generation": 2}, spec={}, status={"conditions": [told]})
    assert found == ("Progressing", "it is being checked")


def test_a_workflow_that_waits_for_what_a_later_wave_brings_holds_no_wave_up() -> None:
    conditions = [{"type": "Valid", "status": "True"}, {"type": "Ready", "status": "False"}]
    assert health("Workflow", metadata={"generation": 1}, spec={}, status={"conditions": conditions})[0] == "Healthy"
