"""`headgate audit` on a file that was exported, and what it says to a call that makes no sense."""

from pathlib import Path

import pytest

from headgate.audit.chain import START, extend, head_of
from headgate.audit.entry import Action, Fact
from headgate.audit.export import as_csv, as_json
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
        (["verify", "--who", "ana"], "verify reads the whole log, and takes no search"),
        (["head", "-n", "docs"], "head reads the whole log, and takes no search"),
        (["verify", "--part"], "--part is said of a file: verify --part -f FILE"),
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


def test_no_log_is_not_a_log_in_which_nothing_was_found(exported: Path, tmp_path: Path) -> None:
    nothing = headgate("audit", "--who", "dan", "-f", str(exported))
    assert (nothing.code, nothing.err) == (0, "nothing is recorded of this\n")
    (tmp_path / "empty.json").write_text("")
    ran = headgate("audit", "-o", "csv", "-f", str(tmp_path / "empty.json"))
    assert (ran.code, ran.out) == (1, "")
    assert "empty.json is empty: no entry is in it" in ran.err


def test_a_file_that_was_cut_is_told_by_the_head_alone(exported: Path) -> None:
    exported.write_text("".join(as_json(ENTRIES[:2])), encoding="utf-8")
    assert headgate("audit", "verify", "-f", str(exported)).code == 0
    ran = headgate("audit", "verify", "-f", str(exported), "--head", HEAD)
    assert ran.code == 1
    assert "it ends with entry 2, and there was an entry 3 [CutAtEnd]" in ran.out


@pytest.mark.parametrize("verb", ["verify", "head", "report"])
def test_where_nothing_can_be_said_the_exit_code_is_neither_good_nor_bad(verb: str, tmp_path: Path) -> None:
    empty, foreign = tmp_path / "empty.json", tmp_path / "ana.csv"
    empty.write_text("[]\n")
    foreign.write_text("".join(as_csv(ENTRIES)))
    for file, told in ((empty, "no entry is in it"), (foreign, "holds no audit log: give what"), ("/none", "No such")):
        ran = headgate("audit", verb, "-f", str(file))
        assert ran.code == 2
        assert told in ran.out + ran.err
    ran = headgate("audit", verb, "--kubeconfig", str(tmp_path / "none"))
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_a_log_that_is_gone_though_a_head_was_kept_is_a_broken_one(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text("[]\n")
    ran = headgate("audit", "verify", "-f", str(tmp_path / "log.json"), "--head", HEAD)
    assert (ran.code, "it is empty [CutAtEnd]" in ran.out) == (1, True)


def test_what_a_search_found_is_verified_as_a_part_and_says_that_it_is_one(exported: Path) -> None:
    found = headgate("audit", "-f", str(exported), "--object", "r0", "-o", "json")
    assert "1 of 3 entries: a part of the log, and verified as one" in found.err
    lines = [*as_json([ENTRIES[0], ENTRIES[2]])]
    exported.write_text("".join(lines), encoding="utf-8")
    whole = headgate("audit", "verify", "-f", str(exported), "--head", HEAD)
    assert (whole.code, "entry 2 is missing" in whole.out, "say --part" in whole.err) == (1, True, True)
    part = headgate(
        "audit", "verify", "--part", "-f", str(exported), "--head", HEAD, "--head", str(head_of(ENTRIES[1]))
    )
    assert part.code == 0
    assert "2 of entries 1 to 3, each as it was written, 1 of them as its head says; of what is left out" in part.out
    assert "entry 2 is not in this part" in part.err


def test_a_part_that_was_changed_or_turned_round_is_told(exported: Path) -> None:
    for lines, flaw in (
        ("".join(as_json([ENTRIES[0], ENTRIES[2]])).replace("bea@", "eve@").replace("ana@", "eve@"), "[Changed]"),
        ("".join(as_json([ENTRIES[2], ENTRIES[0]])), "[OutOfOrder]"),
    ):
        exported.write_text(lines, encoding="utf-8")
        ran = headgate("audit", "verify", "--part", "-f", str(exported))
        assert (ran.code, flaw in ran.out) == (1, True)


def test_what_is_listed_commands_no_terminal(exported: Path) -> None:
    ran = headgate("audit", "-f", str(exported), "--since", "2026-11-25", "-n", "docs")
    assert len(ran.out.splitlines()) == 4
    assert "\x1b" not in ran.out
    assert headgate("audit", "-f", str(exported), "--who", "ana*").out.count("Voted") == 1
    assert headgate("audit", "-f", str(exported), "--run", "none").err == "nothing is recorded of this\n"
