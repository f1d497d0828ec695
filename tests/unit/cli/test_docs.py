"""What the documentation says of the command line is what the command line does."""

from pathlib import Path

import pytest

from headgate.cli.reading.reasons import FileReason
from headgate.compiler.reasons import ProblemReason

DOCS = Path(__file__).parents[3] / "operator" / "docs"


@pytest.mark.parametrize("reason", FileReason)
def test_every_reason_that_only_a_file_can_have_is_documented(reason: FileReason) -> None:
    assert f"\n| `{reason}` | " in (DOCS / "lint.md").read_text(encoding="utf-8")


def test_no_reason_is_documented_that_there_is_not() -> None:
    table = (DOCS / "lint.md").read_text(encoding="utf-8").partition("## Problems of files")[2]
    documented = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(documented) == sorted(FileReason)


def test_every_reason_of_an_object_is_documented_by_its_meaning_and_no_other() -> None:
    page = (DOCS / "problems.md").read_text(encoding="utf-8")
    documented = [line for line in page.splitlines() if line.startswith("| `")]
    assert documented == [f"| `{reason}` | {reason.meaning} |" for reason in ProblemReason]
