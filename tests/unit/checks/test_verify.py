"""`python -m checks`: a line for each check, all of them run, and the exit code tells whether the tree may stay."""

import sys

import pytest

from checks.__main__ import CHECKS, main, run, tell
from checks.commands import run_tool
from checks.tree import Tree
from checks.verdict import Absent, Check, Finding, Verdict

ANY = Check("style", lambda _: [])


@pytest.mark.parametrize(
    ("verdict", "passes", "line"),
    [
        ([], True, "ok      style (1.5 s)\n"),
        (Absent("there is no chart yet"), True, "--      style: there is no chart yet\n"),
        (
            [Finding("a.py:3", "is wrong", "mend it")],
            False,
            "FAILED  style (1.5 s)\n        a.py:3: is wrong: mend it\n",
        ),
    ],
)
def test_a_check_is_told_in_a_line(
    verdict: Verdict, passes: bool, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tell(ANY, verdict, 1.5) is passes
    assert capsys.readouterr().out == line


def test_a_check_that_is_not_there_is_told_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stile"]) == 2
    assert "no check is called stile; there are style, types" in capsys.readouterr().out


def break_off(tree: Tree) -> Verdict:
    raise ValueError(f"{tree.root} is no project")


def test_a_check_that_breaks_off_has_failed_and_says_where(tree: Tree) -> None:
    _, verdict, _ = run(Check("locks", break_off), tree)
    assert isinstance(verdict, list)
    assert "ValueError" in verdict[0].printed


def test_every_check_has_a_name_of_its_own() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_a_tool_that_is_content_finds_nothing(tree: Tree) -> None:
    assert run_tool([sys.executable, "-c", "print('fine')"], tree, "mend it") == []


def test_a_tool_that_is_not_content_is_quoted(tree: Tree) -> None:
    (finding,) = run_tool([sys.executable, "-c", "print('a.py:3: no'); exit(1)"], tree, "mend it")
    assert str(finding).splitlines()[1:] == ["    a.py:3: no"]
    assert finding.remedy == "mend it"
