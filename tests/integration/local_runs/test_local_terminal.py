"""A local Run asks at the terminal, as a person meets it: a real terminal, real processes."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.terminal import Typed

HEAD = "apiVersion: headgate.dev/v1alpha1\nkind: Workflow\nmetadata: {name: example}\nspec:\n"
GATED = f"""{HEAD}
  nodes:
  - name: draft
    use: set
    with: {{text: "a first draft"}}
  - name: review
    use: approval
    with: {{policy: release, message: Publish it?, edit: {{notes: "${{draft.text}}"}}}}
  - name: published
    use: set
    with: {{text: "${{review.values.notes}}"}}
  outputs: {{text: "${{published.?text.orValue('nothing')}}", by: "${{review.?by.orValue([])}}"}}
---
apiVersion: headgate.dev/v1alpha1
kind: ApprovalPolicy
metadata: {{name: release}}
spec: {{stages: [{{name: managers, groups: [release-managers], votes: 2}}], exclude: [Requester]}}
"""
BRIEF = f"""{HEAD}
  nodes:
  - name: brief
    use: clarify
    with:
      policy: marketing
      question: For whom?
      answer:
        audience: {{type: string, minLength: 3}}
        many: {{type: integer, default: 7}}
  outputs: {{audience: "${{brief.values.audience}}", many: "${{brief.values.many}}"}}
"""
ASKS = f"""{HEAD}
  nodes:
  - name: parsed
    use: json
    onError: Ask
    with: {{text: "nonsense"}}
  outputs: {{value: "${{parsed.?value.orValue('none')}}"}}
"""
SLOW = f"""{HEAD}
  nodes:
  - name: slow
    use: code
    with: {{source: "import time\\ntime.sleep(50)\\nreturn {{'a': 1}}", returns: {{a: {{type: integer}}}}}}
  - name: after
    use: set
    with: {{a: "${{slow.a}}"}}
  outputs: {{a: "${{after.?a.orValue(0)}}"}}
"""


class Terminals:
    def __init__(self, folder: Path, runtime: Path) -> None:
        self._folder = folder
        self._runtime = runtime
        self.started: list[Typed] = []

    def run(self, text: str, *arguments: str, **environment: str) -> Typed:
        file = self._folder / "example.yaml"
        file.write_text(text)
        program = [sys.executable, "-c", "import sys; from headgate.cli.main import main; sys.exit(main())"]
        command = [*program, "run", "--local", str(file), "--runtime", str(self._runtime)]
        told = {**{name: os.environ[name] for name in ("PATH", "HOME")}, "TERM": "dumb", **environment}
        typed = Typed([*command, *arguments], {"TMPDIR": str(self._folder), **told})
        self.started.append(typed)
        return typed

    @property
    def left(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.is_dir()]


@pytest.fixture
def terminals(tmp_path: Path, runtime: Path) -> Iterator[Terminals]:
    found = Terminals(tmp_path, runtime)
    yield found
    for typed in found.started:
        if typed.process.poll() is None:
            typed.process.kill()
            typed.process.wait(10)


def test_a_yes_goes_on_and_says_for_whom_it_stands(terminals: Terminals) -> None:
    at = terminals.run(GATED)
    at.expect("Publish it?")
    at.expect("│ a first draft")
    at.expect("On a cluster, policy release asks 2 of release-managers.")
    at.expect("Approve? [y/N/e] ")
    at.type("y")
    at.expect('"text": "a first draft"')
    assert at.end() == 0


def test_a_no_cancels_the_run_with_its_reason(terminals: Terminals) -> None:
    at = terminals.run(GATED)
    at.expect("Approve?")
    at.type("")
    at.expect("Why not?")
    at.type("wrong version")
    at.expect("wrong version")
    at.expect("published")
    at.expect("omitted: review failed")
    assert at.end() == 3


def test_a_correction_is_what_later_nodes_read(terminals: Terminals) -> None:
    at = terminals.run(GATED, EDITOR="sed -i s/first/second/")
    at.expect("Approve?")
    at.type("e")
    at.expect('"text": "a second draft"')
    assert at.end() == 0


def test_without_an_editor_each_field_is_asked_for(terminals: Terminals) -> None:
    at = terminals.run(GATED)
    at.expect("Approve?")
    at.type("e")
    at.expect("notes (string, Enter: as it is): ")
    at.type("typed by hand")
    at.expect('"text": "typed by hand"')
    assert at.end() == 0


def test_an_answer_is_asked_for_until_it_fits(terminals: Terminals) -> None:
    at = terminals.run(BRIEF)
    at.expect("For whom?")
    at.expect("Policy marketing is not among the files: you decide alone.")
    at.expect("audience (string): ")
    at.type("me")
    at.expect("audience (string): ")
    at.type("everybody")
    at.expect("many (integer, Enter: 7): ")
    at.type("x")
    at.expect("many (integer, Enter: 7): ")
    at.type("")
    at.expect('"audience": "everybody",\n  "many": 7')
    assert at.end() == 0


@pytest.mark.parametrize(
    ("typed", "value", "code"),
    [
        (["t"], "none", 1),
        (["s", ""], "none", 0),
        (["s", '{"value": 3}'], "3", 0),
        (["x", "e", '{"a": 1}'], '"value": {\n    "a": 1', 0),
    ],
)
def test_a_failure_is_stopped_skipped_or_tried_again(
    terminals: Terminals, typed: list[str], value: str, code: int
) -> None:
    at = terminals.run(ASKS)
    for line in typed:
        at.expect("? [r/s/T" if line in "tsxe" and line else ": " if line.startswith('{"a') else ") ")
        at.type(line)
    at.expect(value)
    assert at.end() == code


def test_ctrl_c_ends_the_nodes_and_says_so(terminals: Terminals) -> None:
    at = terminals.run(SLOW)
    at.expect("● slow")
    at.expect("● slow")  # drawn anew: its process runs
    at.interrupt()
    at.expect("interrupted: 1 node process asked to end")
    at.expect("Cancelled")
    assert at.end() == 130
    assert terminals.left == []


def test_a_closed_terminal_is_told_and_leaves_nothing(terminals: Terminals) -> None:
    at = terminals.run(GATED)
    at.expect("Approve?")
    at.type("\x04")
    assert at.end() in (2, 3)
    assert terminals.left == []
