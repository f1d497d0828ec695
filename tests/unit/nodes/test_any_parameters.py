"""Whatever its schema allows, a node answers or fails with a reason of its own, and gives what it says it gives."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate_lang.schema import check_fields
from headgate_node import NodeDefinition, NodeError
from headgate_node.generating.schemas import build_form
from headgate_node.lookup import find_node
from headgate_node.testing import run_node

INSTANT = (
    *("aggregate", "array", "calculator", "convert", "date", "dedupe", "log", "math", "merge", "object"),
    *("random", "sort", "split", "text", "uuid"),
)
"""The nodes of values that run in the pod's own process: what escapes them is our fault."""

FIELDS = st.sampled_from(["a", "b", "a.b", "x[0]", "content-type", "", "é", "a..b"])
WORDS = st.sampled_from(
    ["1", "-1.5", "1,000", "UTC", "2026-11-21", "a(b", "%d", "%Y", "\\1", "km", "5 km", "max(a)", "a + 1", "(", "\n"]
)
TEXTS = FIELDS | WORDS | st.text(max_size=6)
NUMBERS = (
    st.sampled_from([0, -0.0, 1e308, -1e308, 5e-324, 2**53 + 1, 10**30, 10**400])
    | st.integers(-5, 5)
    | st.floats(-9, 9)
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def of_schema(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a schema, of the odd kind by preference."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([of_schema(part) for part in schema["anyOf"]])
    if isinstance(schema.get("type"), list):
        return st.one_of([of_schema({**schema, "type": one}) for one in schema["type"]])
    match schema.get("type"):
        case "boolean":
            return st.booleans()
        case "integer":
            low, high = schema.get("minimum", -(10**6)), schema.get("maximum", 10**6)
            return st.integers(max(low, -5), min(high, 5)) | st.sampled_from([max(low, -1000), min(high, 1000)])
        case "number":
            low, high = schema.get("minimum", -1.7e308), schema.get("maximum", 1.7e308)
            return NUMBERS.filter(lambda number: low <= number <= high).map(float)
        case "string":
            least, most = schema.get("minLength", 0), schema.get("maxLength", 100)
            return TEXTS.filter(lambda text: least <= len(text) <= most)
        case "array":
            return st.lists(of_schema(schema.get("items", {})), min_size=schema.get("minItems", 0), max_size=5)
        case "object" if "properties" in schema:
            return of_form(schema["properties"], schema.get("required", ()))
        case "object":
            inner = schema.get("additionalProperties")
            members = of_schema(inner) if isinstance(inner, Mapping) else VALUES
            return st.dictionaries(TEXTS, members, min_size=schema.get("minProperties", 0), max_size=4)
    return VALUES


def of_form(fields: Mapping[str, Any], required: Any) -> st.SearchStrategy[dict[str, Any]]:
    needed = {name: of_schema(schema) for name, schema in fields.items() if name in required}
    others = {name: of_schema(schema) for name, schema in fields.items() if name not in required}
    return st.fixed_dictionaries(needed, optional=others)


def parameters(node: NodeDefinition[Any]) -> st.SearchStrategy[dict[str, Any]]:
    form = build_form(node.params)
    required = [name for name, schema in form.items() if not schema.get("optional") and "default" not in schema]
    return of_form(form, required)


@pytest.mark.parametrize("name", INSTANT)
def test_a_node_answers_or_says_why_not(name: str) -> None:
    node = find_node("headgate_core", name)
    output = build_form(node.output)

    @settings(suppress_health_check=list(HealthCheck))
    @given(parameters(node))
    def answers(with_: dict[str, Any]) -> None:
        try:
            found = asyncio.run(run_node(node, with_))
        except NodeError as error:
            assert error.reason not in ("NodeCrashed", "InvalidOutput", "Timeout"), error.message  # noqa: PT017
        else:
            assert check_fields(found, output) == ()

    answers()
