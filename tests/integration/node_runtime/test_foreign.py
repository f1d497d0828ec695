"""A node in another language: a script of thirty lines that knows operator/docs/protocol.md and nothing of ours."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from headgate_lang import task
from headgate_lang.fate import Outcome
from headgate_lang.report import End, Error, Phase
from headgate_lang.task import Follower, Source
from support.bundles import REPOSITORY, Pods, Ran, from_end, member, task_of

SCRIPT = REPOSITORY / "tests/support/foreign/mood.sh"
NEEDS = {"a": Outcome.SUCCEEDED}

pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="the script asks jq, which is not installed")


def run(pods: Pods, text: Any, files: Mapping[str, Any] | None = None, **more: Any) -> Ran:
    todo = task_of(member("mood", with_={"text": text}, needs=more.pop("needs", {})), tells=("mood",), **more)
    ran = Ran(pods.root(files), todo)
    told = {"HEADGATE_TASK": task.encode(todo), "HEADGATE_ROOT": str(ran.root)}
    subprocess.run(["bash", str(SCRIPT)], env={**os.environ, **told}, check=True, timeout=30)
    return ran


def test_it_runs_on_a_literal_and_tells_all_that_is_asked_of_it(pods: Pods) -> None:
    ran = run(pods, "I love it", go={"go-n1": (Follower("b", {"mood": Outcome.SUCCEEDED}),)})
    assert ran.output("mood") == {"mood": "good"}
    assert ran.entry("mood").phase is Phase.SUCCEEDED
    assert ran.ends["mood"] == End(Outcome.SUCCEEDED)
    assert ran.out("go-n1") == "true"


def test_it_reads_inputs_and_what_other_nodes_left(pods: Pods) -> None:
    assert run(pods, "${inputs.review}", inputs={"review": "bad, bad"}).output("mood") == {"mood": "bad"}
    sources = {"a": Source(ends=("/in/n0-ends",), documents=("/in/n0-o0",))}
    files = {"/in/n0-ends": {"a": {"outcome": ["Succeeded"]}}, "/in/n0-o0": {"deep": {"text": "It came."}}}
    ran = run(pods, "${a.deep.text}", files, needs=NEEDS, sources=sources)
    assert ran.output("mood") == {"mood": "neutral"}


def test_what_is_wrong_is_a_failure_with_a_reason(pods: Pods) -> None:
    ran = run(pods, "${inputs.review}")
    assert (ran.entry("mood").phase, ran.entry("mood").reason) == (Phase.FAILED, "InvalidParameters")
    assert ran.ends["mood"].error == Error("InvalidParameters", "text: is not there, or is no text")


@pytest.mark.parametrize(
    ("outcome", "phase"),
    [(Outcome.SKIPPED, Phase.SKIPPED), (Outcome.FORGIVEN, Phase.SKIPPED), (Outcome.FAILED, Phase.OMITTED)],
)
def test_its_fate_is_that_of_any_node(pods: Pods, outcome: Outcome, phase: Phase) -> None:
    ran = run(pods, "x", needs=NEEDS, sources={"a": from_end(End(outcome))})
    assert ran.entry("mood").phase is phase
    assert ran.ends["mood"].outcome.name == phase.name


def test_without_an_answer_from_another_pod_it_leaves_nothing(pods: Pods) -> None:
    ran = run(pods, "x", {"/in/e": "null"}, needs=NEEDS, sources={"a": Source(ends=("/in/e",))})
    assert not ran.has("report")


def test_the_page_shows_the_very_script() -> None:
    assert SCRIPT.read_text() in (REPOSITORY / "operator/docs/protocol.md").read_text()
