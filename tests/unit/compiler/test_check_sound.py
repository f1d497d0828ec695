"""Workflows that are sound: nothing is told of them, not even a warning."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from headgate.api.workflow import Workflow
from headgate.compiler.check import check
from headgate.compiler.parse import parse
from support.catalogues import catalogue
from support.workflows import document_of

SOUND: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("sound.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", SOUND, ids=lambda case: str(case["it"]))
def test_nothing_is_told_of(case: dict[str, Any]) -> None:
    spec = {key: value for key, value in case.items() if key != "it"}
    parsed = parse(document_of(spec))
    assert isinstance(parsed.model, Workflow)
    checked = check(parsed.model.spec, catalogue(), name="example")
    assert [str(problem) for problem in (*parsed.problems, *checked.problems)] == []
