"""The models: strict, closed, immutable, and what they read they write again."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from headgate.api.common import Resource
from headgate.api.crd import build_schema
from headgate.api.kinds import KINDS
from headgate.api.workflow import Node, Workflow
from headgate.compiler.parse import parse
from headgate.compiler.revision import content_hash
from support.objects import objects
from support.structural import as_json_schema, prune, with_defaults

EXAMPLES = Path(__file__).parent / "examples"


schema_of = cache(build_schema)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def read_examples() -> list[Any]:
    return [
        pytest.param(document, id=f"{path.stem}-{document['metadata']['name']}")
        for path in sorted(EXAMPLES.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
    ]


def scalars(core_schema: Any) -> Iterator[dict[str, Any]]:
    """Every number and boolean that pydantic would read, anywhere in a kind."""
    if isinstance(core_schema, dict):
        if core_schema.get("type") in ("int", "float", "bool"):
            yield core_schema
        core_schema = [part for name, part in core_schema.items() if name != "metadata"]
    if isinstance(core_schema, list | tuple):
        for part in core_schema:
            yield from scalars(part)


def read(document: dict[str, Any]) -> Resource:
    parsed = parse(document)
    assert parsed.problems == ()
    assert parsed.model is not None
    return parsed.model


@pytest.mark.parametrize("document", read_examples())
def test_every_example_of_the_contract_is_read_without_a_problem_and_written_again(document: dict[str, Any]) -> None:
    assert read(document).model_dump(mode="json", exclude_unset=True) == document


@each_kind
def test_no_number_or_boolean_is_read_out_of_a_text(kind: type[Resource]) -> None:
    assert [found for found in scalars(kind.__pydantic_core_schema__) if not found.get("strict")] == []


@pytest.mark.parametrize("value", ["3", 3.5, True])
def test_three_is_a_number_and_nothing_else_is(value: object) -> None:
    with pytest.raises(ValidationError):
        Node.model_validate({"name": "a", "use": "http", "retry": {"limit": value}})


def test_a_model_is_immutable() -> None:
    node = Node(name="a", use="http")
    with pytest.raises(ValidationError):
        node.name = "b"  # type: ignore[misc]


@settings(max_examples=6)
@given(st.data())
@each_kind
def test_a_random_object_survives_our_models_and_the_api_server(kind: type[Resource], data: st.DataObject) -> None:
    document, schema = data.draw(objects(kind)), schema_of(kind)
    model = read(document)
    assert model.model_dump(mode="json", exclude_unset=True) == document

    without_metadata = {key: value for key, value in document.items() if key != "metadata"}
    Draft202012Validator(as_json_schema(schema)).validate(document)
    assert prune(schema, without_metadata) == without_metadata

    defaulted = read(with_defaults(schema, document))
    assert defaulted == model
    assert content_hash(defaulted.spec) == content_hash(model.spec)


def test_a_python_name_is_not_a_second_spelling_of_a_field() -> None:
    document = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "x"},
        "spec": {"nodes": [{"name": "a", "use": "http", "on_error": "Fail"}]},
    }
    (problem,) = parse(document).problems
    assert str(problem) == (
        "spec.nodes[a].on_error: there is no field `on_error` here: did you mean `onError`? [UnknownField]"
    )


def test_in_python_fields_have_python_names() -> None:
    workflow = Workflow(
        api_version="headgate.dev/v1alpha1",
        kind="Workflow",
        metadata={"name": "x"},
        spec={"nodes": [{"name": "a", "use": "set", "with": {"b": 1}}], "finally": []},
    )
    assert workflow.spec.nodes[0].with_ == {"b": 1}
    assert workflow.spec.finally_ == ()
