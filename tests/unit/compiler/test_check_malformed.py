"""The table of malformed workflows: every problem of each is told, at its place, with something to do about it."""

from pathlib import Path

import pytest

from headgate.api.workflow import Workflow
from headgate.compiler.check import check
from headgate.compiler.parse import parse
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem
from support.catalogues import catalogue
from support.figures import record
from support.malformed import Case, assert_told, read_cases

CASES = list(read_cases(Path(__file__).with_name("malformed")))


def problems_of(case: Case) -> list[Problem]:
    parsed = parse(case.document)
    if not isinstance(parsed.model, Workflow):
        return list(parsed.problems)
    checked = check(parsed.model.spec, catalogue(*case.lacks), name="malformed")
    return [*parsed.problems, *checked.problems]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}: {case.it}")
def test_every_problem_is_told_where_it_is(case: Case) -> None:
    assert_told(case, problems_of(case))


def test_every_reason_occurs_in_a_table() -> None:
    tables = [*CASES, *read_cases(Path(__file__).with_name("vetting"))]
    expected = {line.rpartition(" ")[2] for case in tables for line in [*case.errors, *(case.warnings or [])]}
    assert {str(reason) for reason in ProblemReason} - expected == set()


def test_there_are_two_hundred_of_them() -> None:
    assert len({(case.family, case.it) for case in CASES}) == len(CASES), "two cases have the same words"
    record("malformed_workflows", len(CASES), ">= 200", "workflows")
    assert len(CASES) >= 200
