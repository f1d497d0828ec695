"""Values in text (LANGUAGE §3.7)."""

from typing import Any

import pytest

from headgate_lang.text import text_of
from headgate_lang.values import ABSENT, ExpressionError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        ("", ""),
        (7, "7"),
        (2**80, str(2**80)),
        (1.0, "1"),
        (0.1, "0.1"),
        (1e22, "1e+22"),
        (-0.5, "-0.5"),
        (True, "true"),
        (False, "false"),
        ([], "[]"),
        ({}, "{}"),
        ([1, 2.0, 'a"b', True, None], '[1,2,"a\\"b",true,null]'),
        ({"b": {"d": 1, "c": 2.5}, "a": "é"}, '{"a":"é","b":{"c":2.5,"d":1}}'),
    ],
)
def test_a_value_in_text_has_one_form(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_what_is_nested_too_deep_is_an_error_like_any_other() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(ExpressionError, match="nested too deep"):
        text_of(deep)


@pytest.mark.parametrize("nothing", [None, ABSENT])
def test_nothing_is_an_error_and_never_empty_text(nothing: Any) -> None:
    with pytest.raises(ExpressionError, match=r"orValue\(''\)"):
        text_of(nothing)
