"""Whether what an expression yields can be what a place takes: certain mismatches are told, unknowns pass."""

from typing import Any

import pytest

from headgate.compiler.types import UNKNOWN, Type, misfit, text_misfit

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def told(given: dict[str, Any], wanted: dict[str, Any]) -> str | None:
    flaw = misfit(Type(given), wanted)
    if flaw is None:
        return None
    assert flaw.reason == "TypeMismatch"
    assert flaw.remedy
    return str(flaw)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, TEXT),
        (TEXT, {}),
        (TEXT, TEXT),
        (WHOLE, {"type": "number"}),
        ({"type": "number"}, WHOLE),
        (TEXT, {"type": ["integer", "string"]}),
        ({"type": ["integer", "string"]}, TEXT),
        (TEXT, {"anyOf": [WHOLE, TEXT]}),
        ({"anyOf": [WHOLE, TEXT]}, {"type": "boolean"}),
        ({"type": "array"}, {"type": "array", "items": TEXT}),
        ({"type": "object"}, {"type": "object", "required": ["a"]}),
        (TEXT, {"enum": ["a"]}),
        ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}),
        (
            {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
            {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["a"], "additionalProperties": False},
        ),
    ],
)
def test_what_may_fit_passes(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert told(given, wanted) is None


@pytest.mark.parametrize(
    ("given", "wanted", "says"),
    [
        (WHOLE, TEXT, "it is an integer, must be a string: write `string(x)`"),
        (TEXT, WHOLE, "it is a string, must be an integer: write `int(x)`"),
        (WHOLE, {"type": "boolean"}, "it is an integer, must be a boolean: read something that is a boolean"),
        (
            {"type": "array", "items": TEXT},
            TEXT,
            "it is a list, must be a string: write `x.map(i, string(i)).join(', ')`",
        ),
        (TEXT, {"anyOf": [WHOLE, {"type": "boolean"}]}, "it is a string, must be an integer"),
        (
            {"type": "array", "items": WHOLE},
            {"type": "array", "items": TEXT},
            "`it[…]` is an integer, must be a string",
        ),
        ({"enum": ["a"]}, {"enum": ["b"]}, "it is one of a, must be one of b: translate it"),
        (
            {"type": "object", "properties": {"a": WHOLE}, "additionalProperties": False},
            {"type": "object", "properties": {"a": TEXT}},
            "`it.a` is an integer, must be a string",
        ),
        (
            {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
            {"type": "object", "required": ["b"]},
            "it has no `b`, which must be there: it has a",
        ),
        (
            {"type": "object", "properties": {"z": TEXT}, "additionalProperties": False},
            {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
            "it has `z`, which is not taken",
        ),
    ],
)
def test_what_certainly_does_not_fit_is_told(given: dict[str, Any], wanted: dict[str, Any], says: str) -> None:
    said = told(given, wanted)
    assert said is not None
    assert said.startswith(says)


def test_what_no_json_can_carry_fits_nowhere() -> None:
    flaw = misfit(Type({}, no_value="bytes"), {})
    assert str(flaw) == "it is bytes, which no JSON can carry: write `base64.encode(x)` or `string(x)`"


def test_an_optional_is_no_text() -> None:
    flaw = text_misfit(Type(TEXT, optional=True))
    assert flaw is not None
    assert (flaw.reason, flaw.remedy) == ("MayBeAbsent", "write `.orValue('')` after it")
    assert text_misfit(Type({"type": "array"})) is None
    assert text_misfit(UNKNOWN) is None
    assert text_misfit(Type({}, no_value="a duration")) is not None
