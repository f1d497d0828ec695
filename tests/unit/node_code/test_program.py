"""What a person is told about code that is not what it has to be."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.program import execute, find_flaws

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def told(code: str, **inputs: Any) -> list[str]:
    return str(json.loads(execute(code, inputs))["error"]).splitlines()


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code takes the place of `__main__`, which in a child is nobody's."""
    import sys

    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@given(JSON)
def test_json_comes_back_as_it_went_in(value: Any) -> None:
    assert json.loads(execute("def main(value): return value", {"value": value})) == {"result": value}


def test_code_without_main_is_told_how_to_write_it() -> None:
    assert told("1 + 1", a=1, b=2) == [
        "there is no function `main`: write `def main(a, b):` and return the result from it"
    ]


def test_a_main_with_other_parameters_is_told_the_inputs() -> None:
    (line,) = told("def main(price): pass", prices=[1])
    assert line.startswith("main() got an unexpected keyword argument 'prices'")
    assert line.endswith("`main` gets each input by its name, and they are: prices")


def test_a_type_error_inside_main_is_the_codes_own() -> None:
    assert told("def main():\n    return 1 + 'a'") == [
        "TypeError: unsupported operand type(s) for +: 'int' and 'str'",
        "  line 2, in main: return 1 + 'a'",
    ]


def test_a_slip_of_syntax_is_told_with_its_line() -> None:
    assert told("def main():\n    return (1") == ["SyntaxError: '(' was never closed (line 2)"]


def test_a_missing_package_is_told_what_there_is() -> None:
    error, line, remedy = told("def main():\n    import no_such_package")
    assert error == "ModuleNotFoundError: No module named 'no_such_package'"
    assert line == "  line 2, in main: import no_such_package"
    assert remedy.startswith("there is Python's standard library, and nothing else")


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("return args['a'] + 1", 2),
        ('text = """a\n  b"""\nreturn text', "a\n  b"),
        ("def twice(n):\n    return again(n)\ndef again(n):\n    return 2 * n\nreturn twice(args['a'])", 2),
        ("import math\nreturn [math.floor(n) for n in (1.5, args['a'])]", [1, 1]),
        ("# nothing", None),
        ("", None),
    ],
)
def test_a_body_is_what_stands_inside_main(code: str, result: Any) -> None:
    assert json.loads(execute(code, {"args": {"a": 1}}, form="body")) == {"result": result}


def test_a_body_keeps_its_own_lines_in_what_is_told() -> None:
    found = json.loads(execute("a = 1\nreturn a / args['none']", {"args": {"none": 0}}, form="body"))
    assert found["error"].splitlines() == [
        "ZeroDivisionError: division by zero",
        "  line 2, in main: return a / args['none']",
    ]
    found = json.loads(execute("return (1", {"args": {}}, form="body"))
    assert found == {"error": "SyntaxError: '(' was never closed (line 1)"}


def test_leaving_by_exit_is_an_error() -> None:
    assert told("import sys\ndef main(): sys.exit(3)")[0] == "SystemExit: 3"


def test_an_exception_without_a_text_that_can_be_had_is_told_by_its_name() -> None:
    code = "class Odd(Exception):\n    def __str__(self): raise ValueError\ndef main(): raise Odd"
    assert told(code)[0] == "Odd"


@pytest.mark.parametrize(
    ("value", "flaw"),
    [
        ({"a": [1, {2}]}, "result.a[1] is a set, which JSON does not have: return texts, numbers, lists and dicts"),
        ({"a": {1: 2}}, "result.a has the key 1: JSON's keys are texts, so write `str(key)`"),
        ([float("nan")], "result[0] is nan, which JSON does not have: return null or a text instead"),
        (b"x", "result is a bytes, which JSON does not have: return texts, numbers, lists and dicts"),
    ],
)
def test_a_result_that_is_no_json_is_told_where(value: object, flaw: str) -> None:
    assert list(find_flaws(value, "result")) == [flaw]
