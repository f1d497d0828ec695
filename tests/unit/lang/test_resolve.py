"""Values with `${…}` in them: one pass, every error, nothing converted silently (LANGUAGE §3.7)."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_lang.resolve import condition, resolve
from headgate_lang.scope import Scope
from headgate_lang.values import ABSENT, ExpressionError

SCOPE = Scope(
    {
        "inputs": {"name": "Ana", "n": 3, "tags": ["x", "y"], "nothing": None},
        "draft": {"text": "hello", "json": {"k": [1, None]}},
        "failed": {"error": {"reason": "Timeout", "message": "too late", "attempts": 2}},
    }
)


def value_of(value: Any) -> Any:
    resolved = resolve(value, SCOPE)
    assert resolved.faults == ()
    return resolved.value


def faults_of(value: Any) -> list[str]:
    return [str(fault) for fault in resolve(value, SCOPE).faults]


def test_values_at_any_depth_are_computed_and_keys_are_not() -> None:
    written = {"to": "${inputs.name}", "deep": [{"n": "${inputs.n}"}, 5, True], "${inputs.n}": 1}
    assert value_of(written) == {"to": "Ana", "deep": [{"n": 3}, 5, True], "${inputs.n}": 1}


def test_one_expression_keeps_its_type_and_among_words_it_is_text() -> None:
    assert value_of("${inputs.n}") == 3
    assert value_of("${inputs.tags}\n") == ["x", "y"]
    assert value_of("n = ${inputs.n}, ${inputs.tags}, $${n}") == 'n = 3, ["x","y"], ${n}'
    assert value_of("${draft.json}") == {"k": [1, None]}


def test_what_is_absent_is_left_out() -> None:
    assert value_of({"a": "${draft.?none}", "b": 1}) == {"b": 1}
    assert value_of(["${draft.?none}", "${skipped.?text}", 1]) == [1]
    assert resolve("${draft.?none}", SCOPE).value is ABSENT


def test_the_error_of_a_node_can_be_read() -> None:
    assert value_of("${failed.error.message} after ${failed.error.attempts}") == "too late after 2"


INTEGER, CONVERT = "an integer", "write `string(x)`"
OR_VALUE = "write `.?` before the last name and `.orValue('')` after it"


def test_every_error_is_told_with_its_path_and_its_expression() -> None:
    written = {"a": "${draft.txt}", "b": [1, "x ${inputs.n + 'y'} ${draft.?none}"], "c": "${inputs.name}", "d": "${"}
    assert faults_of(written) == [
        "a: `${draft.txt}`: `draft` has no `txt`: did you mean `text`?",
        f"b[1]: `${{inputs.n + 'y'}}`: `+` cannot join {INTEGER} and a string (`inputs.n` is {INTEGER}): {CONVERT}",
        f"b[1]: `${{draft.?none}}`: it is absent, which is no text: {OR_VALUE}",
        "d: `${${}`: `${` has no `}`: write `}` at its end, or `$${` for the text",
    ]
    assert resolve(written, SCOPE).value is ABSENT


def test_null_is_no_text() -> None:
    assert value_of("${inputs.nothing}") is None
    assert "it is null" in faults_of("a ${inputs.nothing}")[0]


looks_computed = st.lists(st.sampled_from(["${inputs.n}", "$${", "{{x}}", "${", "$(x)", "a", "'"])).map("".join)


@given(looks_computed)
def test_what_comes_out_is_never_read_for_expressions_again(text: str) -> None:
    scope = Scope({"a": {"text": text}})
    assert resolve("${a.text}", scope).value == text
    assert resolve("<${a.text}>", scope).value == f"<{text}>"
    assert resolve("${a.text + ''}", scope).value == text
    assert resolve({"k": ["${[a.text]}"]}, scope).value == {"k": [[text]]}


def test_a_condition_is_a_boolean() -> None:
    assert condition("${inputs.n == 3}", SCOPE) is True
    assert condition(False, SCOPE) is False


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("${inputs.n}", "`when` is an integer, and must be a boolean"),
        ("${draft.?none}", "`when` is absent, and must be a boolean"),
        ("${inputs.n} == 3", "`when` is a string, and must be a boolean"),
        ("${nobody.x == 1}", "`nobody` has nothing to read here"),
    ],
)
def test_a_condition_is_nothing_else(written: str, says: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(says)):
        condition(written, SCOPE)
