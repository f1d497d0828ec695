"""Whole Runs in tests: a World with a workflow that is written as YAML, or is one of the documented examples."""

from collections.abc import Iterable
from typing import Any

import yaml

from headgate.api.approvalpolicy import ApprovalPolicy
from headgate.api.common import Resource
from headgate.api.nodetype import NodeType
from headgate.api.workflow import Workflow
from headgate.compiler.catalogue import builtin
from headgate.compiler.parse import parse
from support.catalogues import CATALOGUE, read_objects
from support.examples import DOCS
from support.graphs import CODE, CORE
from support.pods import Scripts
from support.workflows import document_of
from support.world import SETTINGS, World

_TYPES = {"calc": ("Instant", "Idempotent"), "call": ("Light", "Internet"), "safe": ("Idempotent",), "heavy": ()}


def types() -> list[Resource]:
    """`calc` shares pods, `call` shares them with its like, `safe` may run again, `heavy` may not."""
    return [_type(name, traits) for name, traits in _TYPES.items()] + [_type("code", ("UserCode",), CODE)]


def _type(name: str, traits: tuple[str, ...], image: str = CORE) -> Resource:
    spec = {
        "description": "Made for a test.",
        "image": image,
        "command": ["node"],
        "params": {"value": {"optional": True}},
        "output": {"value": {}},
        "traits": list(traits),
    }
    return NodeType.model_validate({**_HEAD, "kind": "NodeType", "metadata": {"name": f"{name}.v1"}, "spec": spec})


_HEAD = {"apiVersion": "headgate.dev/v1alpha1"}


def workflow(text: str, name: str = "example") -> Resource:
    parsed = parse(document_of(yaml.safe_load(text), name))
    assert parsed.model is not None, [str(problem) for problem in parsed.problems]
    assert not parsed.problems, [str(problem) for problem in parsed.problems]
    return parsed.model


def policy(name: str = "release", **spec: Any) -> Resource:
    stages = [{"name": "managers", "groups": ["release-managers"]}]
    document = {**_HEAD, "kind": "ApprovalPolicy", "metadata": {"name": name}, "spec": {"stages": stages, **spec}}
    return ApprovalPolicy.model_validate(document)


def world(*objects: Resource, scripts: Scripts | None = None, settings: Any = SETTINGS) -> World:
    here = World([*builtin(), *types(), *objects], scripts, settings)
    here.on_errors = on_errors_of(objects)
    return here


def on_errors_of(objects: Iterable[Resource]) -> dict[str, str]:
    """Node → its `onError`, of all workflows together: names are different enough in tests."""
    workflows = [one for one in objects if isinstance(one, Workflow)]
    return {node.name: str(node.on_error) for one in workflows for node in one.spec.nodes if node.on_error}


def example_world(*names: str, scripts: Scripts | None = None, policies: tuple[Resource, ...] = ()) -> World:
    """The documented examples of these names, with all that they look up."""
    replaced = {one.metadata.name for one in policies}
    others = [one for one in read_objects(CATALOGUE) if one.metadata.name not in replaced]
    found = [one for name in names for one in read_objects(DOCS / "examples" / f"{name}.yaml")]
    mine = {(one.kind, one.metadata.name) for one in found}
    others = [one for one in others if (one.kind, one.metadata.name) not in mine]
    here = World([*builtin(), *others, *policies, *found], scripts)
    here.on_errors = on_errors_of(found)
    return here
