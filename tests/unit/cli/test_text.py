"""How a finding looks: the line as it stands in the file, and carets under exactly what is meant."""

import io

import pytest

from headgate.cli.printing.paint import Paint, paint_for, safe
from headgate.cli.printing.report import Report
from headgate.cli.printing.snippet import MAX_WIDTH, snippet
from headgate.cli.printing.text import as_text
from headgate.cli.reading.finding import Finding, in_order
from headgate.cli.reading.source import Place, Source
from headgate.errors import Path, Problem, Severity


def found(
    text: str, mark: str, *, severity: Severity = Severity.ERROR, remedy: str = "", name: str = "f.yaml"
) -> Finding:
    source = Source(name, text)
    problem = Problem(Path(("a",)), "Reason", "this is wrong", remedy, severity)
    return Finding(problem, source, Place(text.index(mark), text.index(mark) + len(mark)))


def report(*findings: Finding) -> Report:
    return Report(findings, list(dict.fromkeys(finding.source.name for finding in findings)) or ["f.yaml"])


def test_a_finding_shows_place_line_carets_and_remedy() -> None:
    text = "a: 1\n" * 9 + "b: this one\n"
    assert as_text(report(found(text, "this", remedy="write that")), Paint()) == (
        "error[Reason]: this is wrong\n"
        "  --> f.yaml:10:4\n"
        "   |\n"
        "10 | b: this one\n"
        "   |    ^^^^ write that\n"
        "\n"
        "1 error in f.yaml\n"
    )


def test_the_gutter_is_as_wide_as_the_number_of_the_line() -> None:
    assert "\n --> f.yaml:1:1\n  |\n1 | a: 1\n  | ^\n" in as_text(report(found("a: 1", "a")), Paint())


def test_nothing_found_is_said_too() -> None:
    assert as_text(report(), Paint()) == "no problems in f.yaml\n"


def test_the_summary_counts_files_where_there_are_several() -> None:
    findings = [found("a: 1", "a", name=f"{name}.yaml", severity=Severity.WARNING) for name in "ab"]
    assert as_text(report(*findings), Paint()).endswith("\n2 warnings in 2 files\n")


def test_errors_stand_before_warnings_each_from_top_to_bottom_file_by_file() -> None:
    text = "a: 1\nb: 2\nc: 3\n"
    one = [found(text, "a", severity=Severity.WARNING), found(text, "c"), found(text, "b")]
    two = found(text, "a", name="g.yaml")
    assert in_order([one[0], two, one[1], one[2]]) == [one[2], one[1], one[0], two]


@pytest.mark.parametrize(
    ("line", "mark", "carets"),
    [
        ("a: 日本 x", "x", "        ^"),
        ("a: 日本 x", "日本", "   ^^^^"),
        ("a: e\u0301 x", "x", "     ^"),
        ("a:\tx", "x", "      ^"),
        ("a: 😀!", "!", "     ^"),
    ],
)
def test_carets_stand_right_where_characters_are_wider_or_narrower_than_one_column(
    line: str, mark: str, carets: str
) -> None:
    source = Source("f.yaml", line)
    start = line.index(mark)
    assert snippet(source, Place(start, start + len(mark)))[2] == carets


def test_what_goes_over_several_lines_is_marked_in_its_first() -> None:
    assert snippet(Source("f.yaml", "a: one\n  two"), Place(3, 12)) == (1, "a: one", "   ^^^")


def test_of_a_long_line_only_the_surroundings_are_shown() -> None:
    line = "x" * 500 + "MARK" + "y" * 500
    _, shown, carets = snippet(Source("f.yaml", line), Place(500, 504))
    assert shown == "…" + "x" * 60 + "MARK" + "y" * 60 + "…"
    assert carets == " " * 61 + "^^^^"
    assert len(shown) <= MAX_WIDTH


def test_a_file_cannot_command_the_terminal() -> None:
    hostile = "a: \x1b[31m \u202e\x07\x9b"
    printed = as_text(report(found(hostile, "a", remedy=hostile, name="\x1b]0;f")), Paint())
    assert not set(printed) & set("\x1b\u202e\x07\x9b")
    assert safe("tab\there") == "tab    here"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_a_terminal_that_nobody_told_otherwise() -> None:
    assert paint_for(Terminal(), {}) == Paint(True)
    assert paint_for(io.StringIO(), {}) == Paint(False)
    assert paint_for(Terminal(), {"NO_COLOR": "1"}) == Paint(False)
    assert paint_for(Terminal(), {"TERM": "dumb"}) == Paint(False)


def test_colours_change_nothing_but_colours() -> None:
    one = report(found("a: 1\n", "1", remedy="write 2", severity=Severity.WARNING))
    painted = as_text(one, Paint(True))
    assert "\x1b[1;33mwarning[Reason]\x1b[0m" in painted
    plain = "".join(part.partition("m")[2] for part in ("\x1b[m" + painted).split("\x1b[")[1:])
    assert plain == as_text(one, Paint())
