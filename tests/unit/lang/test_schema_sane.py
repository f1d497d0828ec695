"""Whether a schema is one: a slip never passes as an annotation that nobody reads."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_lang.schema import Kind, check, check_fields, check_form, check_schema
from support.trying import times


def told(schema: Any) -> list[str]:
    violations = check_schema(schema)
    assert all(one.kind is Kind.SCHEMA and one.remedy for one in violations)
    return [str(one) for one in violations]


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "string", "maxLength": 5, "pattern": "^a", "default": "a", "x-ref": "Model", "examples": ["a"]},
        {"type": "integer", "minimum": 0, "maximum": 5},
        {"type": ["string", "integer"], "enum": ["a", 1]},
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {}}]},
        {
            "type": "object",
            "properties": {"a": {"const": 1}},
            "required": ["a"],
            "additionalProperties": {"type": "string"},
        },
        {"type": "object", "additionalProperties": False, "minProperties": 1},
        {"description": "any value", "title": "Any", "optional": True, "deprecated": True, "format": "email"},
    ],
)
def test_what_the_examples_use_is_sane(schema: dict[str, Any]) -> None:
    assert told(schema) == []


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"type": "text"}, "type `text` is no type: write `string`"),
        ({"type": "strin"}, "type `strin` is no type: did you mean `string`?"),
        ({"type": "zebra"}, "type `zebra` is no type: write one of string, integer"),
        ({"type": "null"}, "type `null` is no type: leave it out"),
        ({"type": ["string", "nothing"]}, "type `nothing` is no type"),
        ({"type": []}, "type `[]` is no type"),
        ({"maxLenght": 5}, "maxLenght there is no keyword `maxLenght`: did you mean `maxLength`?"),
        ({"zebra": 5}, "zebra there is no keyword `zebra`: leave it out, or call it `x-…`"),
        ({"$ref": "#/x"}, "$ref `$ref` is left out of Headgate's schemas: write what it refers to in its place"),
        ({"oneOf": []}, "oneOf `oneOf` is left out of Headgate's schemas: write `anyOf`"),
        ("string", "must be a JSON Schema: write `{type: string}`"),
        ("int", "must be a JSON Schema: write `{type: integer}`"),
        (5, "must be a JSON Schema: write `{type: string}`"),
        ({"items": "string"}, "items must be a JSON Schema: write `{type: string}`"),
        ({"properties": []}, "properties must be a map: name → JSON Schema"),
        ({"properties": {"a": {"type": "x"}}}, "properties.a.type `x` is no type"),
        ({"anyOf": {}}, "anyOf must be a list of JSON Schemas"),
        ({"required": True}, "required must be a list of names, and stands in schemas of objects: leave it out"),
        (
            {"properties": {"ab": {}}, "required": ["abc"]},
            "required names `abc`, which is no property: did you mean `ab`?",
        ),
        ({"minLength": -1}, "minLength must be a whole number, 0 or more"),
        ({"maxItems": "3"}, "maxItems must be a whole number, 0 or more"),
        ({"minimum": "3"}, "minimum must be a number"),
        ({"minimum": True}, "minimum must be a number"),
        ({"enum": []}, "enum must be a list of 1 to 500 values"),
        ({"optional": "yes"}, "optional must be true or false"),
        ({"pattern": "("}, "pattern is no pattern of RE2: missing ): ("),
        ({"pattern": "(?=a)"}, "pattern is no pattern of RE2: invalid perl operator: (?="),
        ({"pattern": "a" * 1001}, "pattern is no pattern of RE2: it is longer than 1000"),
        ({"pattern": 5}, "pattern must be a text"),
        ({"minimum": 5, "maximum": 3}, "minimum is 5, more than `maximum`, which is 3: swap the two"),
        ({"type": "integer", "maxLength": 3}, "maxLength says nothing of an integer"),
        ({"type": "integer", "default": "five"}, "default is a string, must be an integer"),
        ({"type": "array", "items": {"maximum": 3}, "default": [4]}, "default[0] is 4, must be at most 3"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_to_write(schema: Any, says: str) -> None:
    (violation,) = told(schema)
    assert violation.startswith(says)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert len(told({"type": "strin", "maxLenght": 1, "items": {"type": "x"}, "pattern": "("})) == 4


def test_a_form_is_a_map_of_schemas_and_may_say_something_about_itself() -> None:
    assert check_form({"a": {"type": "string"}, "x-type-of": "with", "x-other": {}}) == ()
    assert [str(one) for one in check_form({"a": "text", "x-other": 5})] == [
        "a must be a JSON Schema: write `{type: string}`",
        "x-other must be a JSON Schema: write `{type: string}`",
    ]
    assert [str(one) for one in check_form([])] == ["must be a map: name → JSON Schema: write `name: {type: string}`"]
    assert [str(one) for one in check_form({"a": {"default": 1, "optional": True}})] == [
        "a.optional is said of a field with a default, which is always there: leave it out"
    ]


def test_it_is_bounded() -> None:
    deep: dict[str, Any] = {}
    for _ in range(2000):
        deep = {"items": deep}
    assert "nested deeper than 16" in told(deep)[0]
    assert len(told({"properties": {f"p{number}": 5 for number in range(1000)}})) == 100


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from("type items properties required enum anyOf pattern minimum maxLength default x".split()),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(anything)
@times(2)
def test_whatever_is_written_for_a_schema_has_an_answer(schema: Any) -> None:
    for violation in (*check_schema(schema), *check_form(schema)):
        assert violation.message
        assert violation.remedy


@given(anything, anything)
@times(2)
def test_checking_against_what_is_no_sane_schema_has_an_answer(value: Any, schema: Any) -> None:
    assert isinstance(check(value, schema if isinstance(schema, dict) else {"items": schema}), tuple)
    assert isinstance(check_fields(value, schema if isinstance(schema, dict) else {}), tuple)
