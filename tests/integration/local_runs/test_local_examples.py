"""The documented examples, run whole on this machine: what LANGUAGE says of them (§3.1, §3.5) is what becomes of them.

Services are stood in for by nodes of this repository; everything else is as a person would run it.
"""

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from support.cli import Ran, headgate
from support.examples import DOCS

SERVICES = ("http", "llm", "slack", "pagerduty", "postgres")
SECRETS = """
credentials:
  blog: {type: bearer, values: {token: t}}
  slack: {type: bearer, values: {token: t}}
  oncall: {type: apiKey, values: {key: t}}
  newsletter: {type: bearer, values: {token: t}}
  prod: {type: database, values: {password: t}}
"""
_ENDED = re.compile(r"^(\w+) (Succeeded|Failed|Skipped|Omitted)\b", re.MULTILINE)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """Of the types that the parameters take."""
    file = tmp_path / "secrets.yaml"
    file.write_text(SECRETS)
    return file


def run(runtime: Path, secrets: Path, name: str, *arguments: str) -> tuple[Ran, dict[str, str]]:
    """What it printed, and how each node ended."""
    services = [word for one in SERVICES for word in ("--command", f"{one}={runtime} support.example_nodes")]
    given = ("--secrets", str(secrets), "--model", "small=http://127.0.0.1:1/v1", "--skip-waits", *services)
    files = str(DOCS / "examples" / f"{name}.yaml")
    ran = headgate("run", "--local", files, "--runtime", str(runtime), "-o", "-", *given, *arguments)
    return ran, dict(_ENDED.findall(ran.err))


def ended(**phases: str) -> dict[str, str]:
    """Node → how it ends, by the first letter."""
    words = {"S": "Succeeded", "F": "Failed", "–": "Skipped", "O": "Omitted"}
    return {node: words[letter] for node, letter in phases.items()}


NOTES = ("-i", "repo=acme/shop")
CASES = [
    ("release-notes", (*NOTES, "--answer", "review=approve"), 0, "commits=S draft=S review=S publish=S tell=–"),
    ("release-notes", (*NOTES, "--answer", "review=reject"), 3, "commits=S draft=S review=F publish=O tell=S"),
    ("release-notes", ("-i", "repo=broken"), 1, "commits=F draft=O review=O publish=O tell=O"),
    ("watch-shop", ("-i", "url=https://a.example/fine"), 0, "probe=S level=S page=– note=– down=–"),
    ("watch-shop", ("-i", "url=https://a.example/warning"), 0, "probe=S level=S page=– note=S down=–"),
    ("watch-shop", ("-i", "url=https://a.example/unpageable"), 1, "probe=S level=S page=F note=O down=–"),
    ("watch-shop", ("-i", "url=https://a.example/broken"), 0, "probe=F level=– page=– note=– down=S"),
    ("nightly-customers", ("--environment", "prod"), 0, "changed=S fetch=S store=S complain=S heartbeat=S"),
    ("expense", ("-i", "purpose=x", "-i", "amount=49.5"), 0, "review=– book=S"),
    ("expense", ("-i", "amount=60", "--answer", "review=reject"), 3, "review=F book=O"),
    ("order", ("-i", "id=7"), 3, "reserve=S paid=F ship=O release=S"),
]


@pytest.mark.parametrize(("name", "arguments", "code", "ends"), CASES, ids=[f"{one[0]}-{one[3]}" for one in CASES])
def test_an_example_ends_as_the_language_says(
    runtime: Path, secrets: Path, name: str, arguments: tuple[str, ...], code: int, ends: str
) -> None:
    ran, found = run(runtime, secrets, name, *arguments)
    assert (ran.code, found) == (code, ended(**dict(one.split("=") for one in ends.split()))), ran.err


def test_the_outputs_of_an_example_are_those_of_its_nodes(runtime: Path, secrets: Path) -> None:
    ran, _ = run(runtime, secrets, "nightly-customers", "--environment", "prod")
    assert outputs(ran) == {"stored": 19, "missing": ["c3"]}
    answers = ("--answer", 'brief={"audience": "all", "languages": ["de", "fr"]}', "--answer", "check=approve")
    ran, found = run(runtime, secrets, "campaign", "-i", "product=tea", *answers)
    assert found["send"] == "Succeeded", ran.err
    assert "1d waiting" in ran.err


def test_the_page_about_local_runs_has_a_command_that_works_as_it_stands(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (DOCS / "local.md").read_text(encoding="utf-8").partition("The example `campaign`, whole")[2]
    command, secrets, program = re.findall(r"```\w*\n(.*?)```", page, re.DOTALL)[:3]
    (tmp_path / "secrets.yaml").write_text(secrets)
    (tmp_path / "stand-in.py").write_text(program)
    (tmp_path / "campaign.yaml").write_text((DOCS / "examples/campaign.yaml").read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command.replace("\\\n", " "))
    environment = {"PATH": f"{runtime.parent}{os.pathsep}{os.environ['PATH']}"}
    ran = headgate(*words[1:], environment=environment)
    assert (ran.code, dict(_ENDED.findall(ran.out))["send"]) == (0, "Succeeded"), ran.err
    refused = headgate(*words[1:], "--answer", "campaign-local-texts-1/check=reject:no verb", environment=environment)
    assert (refused.code, "rejected by" in refused.err) == (1, True), refused.err
    assert "None" not in ran.out + refused.out


def outputs(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)
