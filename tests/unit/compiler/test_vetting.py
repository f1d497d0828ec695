"""What is judged by itself: every problem of it is told, at its place, with something to do about it."""

from pathlib import Path

import pytest

from headgate.api.approvalpolicy import ApprovalPolicySpec
from headgate.api.nodetype import NodeType
from headgate.compiler.alone import check_alone
from headgate.compiler.catalogue import builtin
from headgate.compiler.parse import parse
from headgate.compiler.policy import check_policy
from headgate.compiler.vet import check_node_type
from headgate.errors import Problem
from support.malformed import Case, assert_told, read_cases

CASES = list(read_cases(Path(__file__).with_name("vetting")))


def problems_of(case: Case) -> list[Problem]:
    parsed = parse(case.document)
    assert parsed.model is not None, f"nothing could be saved: {[str(problem) for problem in parsed.problems]}"
    return [*parsed.problems, *check_alone(parsed.model)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}: {case.it}")
def test_every_problem_is_told_where_it_is(case: Case) -> None:
    assert_told(case, problems_of(case))


@pytest.mark.parametrize("type_", builtin(), ids=lambda type_: str(type_.metadata.name))
def test_the_built_in_types_have_none(type_: NodeType) -> None:
    assert [str(problem) for problem in check_node_type(type_.spec)] == []


def test_a_problem_of_an_expression_stands_at_its_very_word() -> None:
    text = "${values.amount < vars.limit}"
    given = {"stages": [{"name": "s", "users": ["ana"]}], "exclude": [], "autoApprove": text}
    spec = ApprovalPolicySpec.model_validate(given)
    (problem,) = check_policy(spec)
    assert problem.span is not None
    assert text[problem.span.start : problem.span.end] == "vars"
