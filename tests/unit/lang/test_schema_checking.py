"""Whether a value has a schema, and every way in which it has not."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_lang.schema import Kind, check, check_fields, check_schema, check_written_fields, with_defaults
from headgate_lang.schema.checking import MAX_VIOLATIONS
from support.trying import times


def told(value: Any, schema: dict[str, Any]) -> list[str]:
    return [str(violation) for violation in check(value, schema)]


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("a", {"type": "string"}),
        (1, {"type": "integer"}),
        (1.0, {"type": "integer"}),
        (1, {"type": "number"}),
        (2**80, {"type": "integer"}),
        (True, {"type": "boolean"}),
        (["a"], {"type": "array", "items": {"type": "string"}}),
        ({"a": 1, "b": 2}, {"type": "object", "properties": {"a": {}}}),
        ({"a": None}, {"type": "object", "properties": {"a": {"type": "string"}}}),
        ("x", {"type": ["integer", "string"]}),
        ("x", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("anything", {}),
        (1.0, {"enum": [1]}),
        ("abc", {"pattern": "b"}),
        ("30s", {"format": "duration"}),
        ("2026-11-21T05:30:58.5+01:00", {"format": "date-time"}),
        ("2026-02-28", {"format": "date"}),
        ("whatever", {"format": "email"}),
    ],
)
def test_a_value_that_has_its_schema_is_accepted(value: Any, schema: dict[str, Any]) -> None:
    assert told(value, schema) == []


@pytest.mark.parametrize(
    ("value", "schema", "says"),
    [
        ("5", {"type": "integer"}, "is a string, must be an integer: write 5 without quotes"),
        ("true", {"type": "boolean"}, "is a string, must be a boolean: write true without quotes"),
        (5, {"type": "string"}, 'is an integer, must be a string: write "5" in quotes'),
        (True, {"type": "integer"}, "is a boolean, must be an integer: write an integer"),
        (2.5, {"type": "integer"}, "is a number, must be an integer: write an integer"),
        ("a", {"type": "array"}, 'is a string, must be a list: write a list: ["a"]'),
        ([], {"type": ["string", "object"]}, "is a list, must be a string or an object: write a string or an object"),
        (None, {"type": "string"}, "is null, must be a string: write a string"),
        ("GET ", {"enum": ["GET", "PUT"]}, 'is "GET ", must be one of "GET", "PUT": did you mean `GET`?'),
        (True, {"enum": [1, 2]}, "is true, must be one of 1, 2: write one of these"),
        (7, {"const": 8}, "is 7, must be 8: write one of these"),
        (0, {"minimum": 1}, "is 0, must be at least 1: write a number at least 1"),
        (1.5, {"exclusiveMaximum": 1.5}, "is 1.5, must be less than 1.5: write a number less than 1.5"),
        ("", {"minLength": 1}, "is empty, and must not be: write more"),
        ("abc", {"maxLength": 2}, "has 3 characters, must have at most 2: write less"),
        ("abc", {"pattern": "^b"}, "must match the pattern ^b: compare it with the pattern, sign by sign"),
        ("a day", {"format": "duration"}, "is no duration: write it like 30s, 5m, 72h or 3d"),
        ("2026-02-30", {"format": "date"}, "is no date: write it like 2026-11-21"),
        ("2026-11-21 05:30", {"format": "date-time"}, "is no date-time: write it like 2026-11-21T05:30:58Z"),
        ([], {"minItems": 1}, "has 0 items, must have at least 1: add 1"),
        ([1, 2], {"maxItems": 1}, "has 2 items, must have at most 1: take 1 out"),
        ([1, {"a": 1}, {"a": 1.0}], {"uniqueItems": True}, "[2] is the same as item 1: name each only once"),
        ({"a": 1}, {"maxProperties": 0}, "has 1 field, must have at most 0: take 1 out"),
        ({}, {"properties": {"a": {"type": "string"}}, "required": ["a"]}, "lacks `a`: write `a:` and a string"),
        ({"a": None}, {"required": ["a"]}, "lacks `a`: write `a:` and a value"),
        (
            {"mthod": 1},
            {"properties": {"method": {}}, "additionalProperties": False},
            "mthod is not known here: did you mean `method`?",
        ),
        ({"z": 1}, {"additionalProperties": False}, "z is not known here: it takes no fields"),
        (
            {"z": "a"},
            {"additionalProperties": {"type": "integer"}},
            "z is a string, must be an integer: write an integer",
        ),
        ([{"a": ["b"]}], {"items": {"properties": {"a": {"items": {"type": "boolean"}}}}}, "[0].a[0] is a string, "),
    ],
)
def test_a_violation_says_what_is_and_what_must_be_and_what_to_do(
    value: Any, schema: dict[str, Any], says: str
) -> None:
    (violation,) = told(value, schema)
    assert violation == says or (says.endswith(", ") and violation.startswith(says))


def test_every_violation_is_told_at_once() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "integer", "maximum": 5}}},
        "required": ["a", "c"],
    }
    assert told({"a": 1, "b": [9, "x", 3]}, schema) == [
        "lacks `c`: write `c:` and a value",
        'a is an integer, must be a string: write "1" in quotes',
        "b[0] is 9, must be at most 5: write a number at most 5",
        "b[1] is a string, must be an integer: write an integer",
    ]


def test_of_several_shapes_the_nearest_one_is_told() -> None:
    shapes = [{"type": "integer"}, {"type": "object", "properties": {"a": {"type": "object", "required": ["b"]}}}]
    assert told({"a": {}}, {"anyOf": shapes}) == ["a lacks `b`: write `b:` and a value"]


def test_it_is_bounded() -> None:
    assert len(check([1] * 10_000, {"items": {"type": "string"}})) == MAX_VIOLATIONS
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]
    schema: dict[str, Any] = {}
    for _ in range(200):
        schema = {"items": {"anyOf": [schema]}}
    assert "nested deeper than 100" in told(deep, schema)[0]
    for _ in range(5_000):
        deep = [deep]
    assert "nested too deep" in told(deep, {"enum": [1], "uniqueItems": True})[0]


@pytest.mark.parametrize(
    ("value", "pattern"), [("a" * 50_000 + "!", "^(a+)+$"), ("a" * 5_000, "(a?){500}a{500}b"), ("\0\ud800", "^b")]
)
def test_a_pattern_is_matched_in_linear_time(value: str, pattern: str) -> None:
    assert len(told(value, {"pattern": pattern})) == 1


FORM: dict[str, dict[str, Any]] = {
    "url": {"type": "string"},
    "method": {"type": "string", "default": "GET"},
    "count": {"type": "integer", "optional": True},
}


def test_a_field_is_required_unless_it_has_a_default_or_is_optional() -> None:
    assert [(str(one), one.kind) for one in check_fields({"urll": "x", "count": "3"}, FORM)] == [
        ("lacks `url`: write `url:` and a string", Kind.MISSING),
        ("urll is not known here: did you mean `url`?", Kind.UNKNOWN),
        ("count is a string, must be an integer: write 3 without quotes", Kind.TYPE),
    ]
    assert check_fields({"url": "x"}, FORM) == ()


def test_a_form_can_take_fields_that_it_does_not_name() -> None:
    assert check_fields({"any": 1}, {"x-other": {"type": "integer"}}) == ()
    assert [str(one) for one in check_fields({"any": "a"}, {"x-other": {"type": "integer"}})] == [
        "any is a string, must be an integer: write an integer"
    ]


def test_what_is_absent_has_its_default_and_null_is_absent() -> None:
    assert with_defaults({"url": "x", "method": None}, FORM) == {"url": "x", "method": "GET"}
    assert with_defaults({"url": "x", "method": "PUT", "count": 0}, FORM) == {"url": "x", "method": "PUT", "count": 0}


def test_what_is_computed_is_not_known_yet_but_what_must_come_out_is() -> None:
    form: dict[str, dict[str, Any]] = {
        "cases": {"type": "array", "minItems": 1, "items": {"properties": {"when": {"type": "boolean"}}}},
        "method": {"type": "string", "enum": ["GET"]},
        "n": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
        "bad": {"type": "integer"},
    }
    written = check_written_fields({"cases": [{"when": "${a.x}"}], "method": "${m}", "n": "${n} ", "bad": "x"}, form)
    assert [(one.path, one.text) for one in written.computed] == [
        (("cases", 0, "when"), "${a.x}"),
        (("method",), "${m}"),
        (("n",), "${n} "),
    ]
    assert written.computed[0].schema == {"type": "boolean"}
    assert [str(one) for one in written.violations] == ["bad is a string, must be an integer: write an integer"]


def test_lists_with_computed_items_may_turn_out_different() -> None:
    form: dict[str, dict[str, Any]] = {"l": {"type": "array", "uniqueItems": True}, "e": {"enum": [["a"], ["b"]]}}
    assert check_written_fields({"l": ["${a}", "${a}"], "e": ["${a}"]}, form).violations == ()


scalars = st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0]) | st.sampled_from(["", "a", "ab"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
types = st.sampled_from(["string", "integer", "number", "boolean", "array", "object"])
simple = st.fixed_dictionaries(
    {},
    optional={
        "type": types | st.lists(types, min_size=1, max_size=2, unique=True),
        "enum": st.lists(values, min_size=1, max_size=3),
        "minimum": st.integers(-2, 2),
        "exclusiveMaximum": st.integers(-2, 2),
        "minLength": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
        "uniqueItems": st.booleans(),
        "minProperties": st.integers(0, 2),
        "pattern": st.sampled_from(["a", "^a*$", "b$"]),
    },
)
schemas = st.recursive(
    simple,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "items": inner,
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
            "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
            "additionalProperties": st.booleans() | inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
        },
    ),
    max_leaves=6,
)


@given(values, schemas)
@times(2)
def test_it_agrees_with_the_reference_implementation(value: Any, schema: dict[str, Any]) -> None:
    assert (check(value, schema) == ()) == jsonschema.Draft202012Validator(schema).is_valid(value)


def test_a_schema_is_sane_where_it_was_written_for_the_test() -> None:
    assert check_schema({"type": "object", "properties": FORM}) == ()
