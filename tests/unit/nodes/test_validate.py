"""`validate`: what it tells, and schemas that would never end or reach out. The official suite: tests/integration."""

from typing import Any

import pytest

from headgate_core.confined import pool
from support.node_calls import fail, give


def test_the_value_comes_out_as_it_went_in() -> None:
    value = {"b": [1.0, None, 10**30], "a": "é"}
    assert give("validate", value=value, schema={"type": "object"}) == {"value": value}


def test_all_problems_are_told_at_once_with_their_places() -> None:
    schema = {"properties": {"a": {"type": "integer"}, "b": {"minLength": 3}}, "required": ["c"]}
    error = fail("validate", value={"a": "x", "b": "yz"}, schema=schema)
    assert error.reason == "Invalid"
    assert all(part in error.message for part in ("$.a: 'x' is not of type 'integer'", "$.b: 'yz'", "$: 'c' is a req"))


def test_of_a_choice_it_is_told_why_each_branch_fails() -> None:
    error = fail("validate", value=True, schema={"anyOf": [{"type": "string"}, {"type": "integer"}]})
    assert error.message == "it has not the schema: $: True is not of type 'string', and True is not of type 'integer'"


@pytest.mark.parametrize(
    ("format_", "bad"), [("email", "x"), ("date", "2026-13-01"), ("ipv4", "1.2.3"), ("uuid", "1"), ("date", "x")]
)
def test_formats_are_checked_unless_that_is_switched_off(format_: str, bad: str) -> None:
    assert fail("validate", value=bad, schema={"format": format_}).reason == "Invalid"
    assert give("validate", value=bad, schema={"format": format_}, formats=False) == {"value": bad}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "intger"}, "'intger' is not one of"),
        ({"$ref": "https://example.com/x"}, "refers to 'https://example.com/x', which is not in it"),
        ({"$ref": "file:///etc/passwd"}, "refers to 'file:///etc/passwd'"),
        ({"$schema": "https://example.com/draft-99"}, "there is no draft"),
        ({"pattern": "("}, "'(' is not a 'regex'"),
    ],
)
def test_a_schema_that_is_none_is_told_as_such(schema: Any, said: str) -> None:
    error = fail("validate", value="x", schema=schema)
    assert error.reason == "InvalidSchema"
    assert said in error.message


def test_other_schemas_are_found_by_their_uri() -> None:
    given = {"schema": {"$ref": "urn:age"}, "schemas": {"urn:age": {"type": "integer"}}}
    assert give("validate", {"value": 7, **given}) == {"value": 7}
    assert fail("validate", {"value": "7", **given}).reason == "Invalid"


def test_a_schema_that_refers_to_itself_without_end_is_told() -> None:
    assert fail("validate", value=1, schema={"$ref": "#"}).reason == "TooDeep"


def doubling(depth: int) -> dict[str, Any]:
    """A schema that asks the same question twice at each step: 2 to the power of its depth in all."""
    steps = {f"a{step}": {"allOf": [{"$ref": f"#/$defs/a{step + 1}"}] * 2} for step in range(depth)}
    return {"$defs": {**steps, f"a{depth}": {"type": "integer"}}, "$ref": "#/$defs/a0"}


@pytest.mark.parametrize(
    ("value", "schema"), [("a" * 40 + "!", {"pattern": "^(a|a)*$"}), (1, doubling(40))], ids=["pattern", "doubling"]
)
def test_what_would_take_for_ever_is_ended(value: Any, schema: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    give("validate", value=1, schema={})  # the child is there: its start does not count
    monkeypatch.setattr(pool, "MOST_SECONDS", 0.08)
    assert fail("validate", value=value, schema=schema).reason == "TooSlow"
