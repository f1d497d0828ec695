"""`headgate audit` on a file that was exported, and what it says to a call that makes no sense."""

from pathlib import Path

import pytest

from headgate.audit.chain import START, extend, head_of
from headgate.audit.entry import Action, Fact
from headgate.audit.export import as_json
from support.cli import headgate

ENTRIES = extend(
    START,
    [
        Fact(Action.VOTED, f"vote/{number}", "ApprovalRequest", f"r{number}", f"u{number}", "docs", who=who)
        for number, who in enumerate(("ana@example.com", "bea@example.com", "\x1b[31mred"))
    ],
    "2026-11-25T12:00:00.000Z",
)
HEAD = str(head_of(ENTRIES[-1]))


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    path = tmp_path / "log.json"
    path.write_text("".join(as_json(ENTRIES)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--action", "Votes"], "there is no action Votes: did you mean `Voted`?"),
        (["--since", "soon"], "'soon' is no time"),
        (["verify", "--head", "12"], "'12' is no head"),
        (["verify", "-f", "/nowhere/log.json"], "/nowhere/log.json cannot be read"),
        (["validate"], "invalid choice: 'validate'"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(words: list[str], told: str) -> None:
    ran = headgate("audit", *words)
    assert ran.code != 0
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_a_file_is_verified_without_a_cluster(exported: Path) -> None:
    ran = headgate("audit", "verify", "-f", str(exported), "--head", HEAD)
    assert (ran.code, ran.out) == (0, "unbroken from entry 1 to 3, and as it was at 1 head\n")
    without = headgate("audit", "verify", "-f", str(exported))
    assert "only a head tells that you have kept" in without.out
    assert headgate("audit", "head", "-f", str(exported)).out == f"{HEAD}\n"


def test_a_file_that_was_cut_is_told_by_the_head_alone(exported: Path) -> None:
    exported.write_text("".join(as_json(ENTRIES[:2])), encoding="utf-8")
    assert headgate("audit", "verify", "-f", str(exported)).code == 0
    ran = headgate("audit", "verify", "-f", str(exported), "--head", HEAD)
    assert ran.code == 1
    assert "it ends with entry 2, and there was an entry 3 [CutAtEnd]" in ran.out


def test_what_is_listed_commands_no_terminal(exported: Path) -> None:
    ran = headgate("audit", "-f", str(exported), "--since", "2026-11-25", "-n", "docs")
    assert len(ran.out.splitlines()) == 4
    assert "\x1b" not in ran.out
    assert headgate("audit", "-f", str(exported), "--who", "ana*").out.count("Voted") == 1
    assert headgate("audit", "-f", str(exported), "--run", "none").err == "nothing is recorded of this\n"
