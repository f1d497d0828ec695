"""Workflows for tests, written as YAML: the `spec` alone."""

from typing import Any

import yaml

from headgate.api.workflow import Workflow, WorkflowSpec
from headgate.compiler.parse import parse


def document_of(spec: dict[str, Any], name: str = "example") -> dict[str, Any]:
    return {"apiVersion": "headgate.dev/v1alpha1", "kind": "Workflow", "metadata": {"name": name}, "spec": spec}


def spec_of(text: str) -> WorkflowSpec:
    """A spec whose form is right; whatever else is wrong with it is for the test."""
    parsed = parse(document_of(yaml.safe_load(text)))
    assert not parsed.problems, [str(problem) for problem in parsed.problems]
    assert isinstance(parsed.model, Workflow)
    return parsed.model.spec
