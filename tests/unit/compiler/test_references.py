"""A Credential that names what is not there: told when it is applied, and no error, since it may come yet."""

from typing import Any

from headgate.api.credential import CredentialSpec
from headgate.compiler.catalogue import StaticCatalogue
from headgate.compiler.references import check_credential
from headgate.errors import Severity
from support.stories import policy, types, workflow

CATALOGUE = StaticCatalogue(
    [*types(), policy("release"), workflow("nodes: [{name: a, use: heavy}]", "publish")], complete=True
)


def told(**spec: Any) -> list[str]:
    given = {"type": "apiKey", "secret": "s", "nodeTypes": ["call"], **spec}
    problems = check_credential(CredentialSpec.model_validate(given), CATALOGUE)
    assert all(problem.severity is Severity.WARNING for problem in problems)
    return [str(problem) for problem in problems]


def test_what_is_there_is_no_doubt() -> None:
    assert told(workflows=["publish"], behind="release") == []


def test_each_name_that_nothing_has_is_told_with_what_was_perhaps_meant() -> None:
    found = told(nodeTypes=["call", "heavi"], workflows=["publihs"], behind="realease")
    assert [line.split(":")[0] for line in found] == ["spec.nodeTypes[1]", "spec.workflows[0]", "spec.behind"]
    assert "did you mean `heavy`?" in found[0]
    assert "did you mean `publish`?" in found[1]
    assert "did you mean `release`?" in found[2]
