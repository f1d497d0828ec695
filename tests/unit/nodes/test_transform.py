"""`transform`: jq as Debian's jq has it, JMESPath by its own rules, and programs that would never end."""

import json
import subprocess
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_core.confined import pool
from support.node_calls import fail, give

DATA = {
    "items": [
        {"name": "pen", "price": 2, "tags": ["blue", "cheap"]},
        {"name": "ink", "price": 12.5, "tags": []},
        {"name": "ünï", "price": None, "tags": ["x"]},
    ],
    "owner": {"name": "Ana", "since": "2026-11-21T05:30:58Z"},
    "text": "one two  three",
}
PROGRAMS = [
    ".owner.name",
    "[.items[].name]",
    "[.items[] | select(.price != null and .price > 5) | .name]",
    ".items | map({(.name): .price}) | add",
    "[.items[].tags[]] | unique",
    ".items | group_by(.price == null) | map(length)",
    ".items | sort_by(.name) | [.[].name]",
    '[paths(type == "number")]',
    "to_entries | map(.key)",
    '.text | split(" ")',
    '.text | [match("[a-z]+"; "g").string]',
    '.text | gsub("o"; "0")',
    "[limit(3; range(10))]",
    "reduce .items[] as $item (0; . + ($item.price // 0))",
    "[foreach range(4) as $n (0; . + $n)]",
    ".owner.since | fromdateiso8601",
    "def f(x): x * 2; f(21)",
    '[.items[] | .price // "none"]',
    ".owner | with_entries(.value |= length)",
    "del(.items) | keys",
    '[.items[] | "\\(.name): \\(.tags | length)"]',
    "@json",
    "[.. | strings] | length",
    '[splits("a")]? // "no text"',
    "{a: 1} * {b: {c: 2}}",
    "[.items[] | try error(.name) catch .]",
    "(.items | length) as $n | $n - 1",
    ".items[1:] | length",
    '"a,b" | @csv "\\([., 1])"',
    "[range(0; 10; 3)] | index(6)",
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_jq_gives_what_debians_jq_gives(program: str) -> None:
    assert give("transform", data=DATA, jq=program) == {"value": debian_jq()[PROGRAMS.index(program)]}


@cache
def debian_jq() -> Any:
    """What Debian's jq answers to each program, asked all at once."""
    command = ["jq", f"[{', '.join(f'({program})' for program in PROGRAMS)}]"]
    printed = subprocess.run(command, input=json.dumps(DATA), capture_output=True, text=True, check=True).stdout
    return json.loads(printed)


documents = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.text('aé"\\\n\x00𝄞') | st.floats(-1e6, 1e6, width=32),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab.é", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(documents)
def test_what_a_program_only_passes_on_arrives_unchanged(document: Any) -> None:
    assert give("transform", data=[document], jq=".[0]") == {"value": document}
    assert give("transform", data=[document], jmespath="[0]") == {"value": document}


JMESPATHS = [
    ("items[].name", ["pen", "ink", "ünï"]),
    ("items[?price > `5`].name", ["ink"]),
    ("length(items)", 3),
    ("items[*].{n: name, t: length(tags)} | [1]", {"n": "ink", "t": 0}),
    ("sort_by(items, &name)[0].name", "ink"),
    ("owner.missing || 'nobody'", "nobody"),
    ("keys(owner)", ["name", "since"]),
    ("items[].tags[]", ["blue", "cheap", "x"]),
    ("max_by(items[?price], &price).name", "ink"),
    ("join(', ', items[].name)", "pen, ink, ünï"),
]


@pytest.mark.parametrize(("program", "value"), JMESPATHS)
def test_jmespath(program: str, value: Any) -> None:
    assert give("transform", data=DATA, jmespath=program) == {"value": value}


def test_values_from_elsewhere_are_variables_and_never_part_of_the_program() -> None:
    hostile = '"; $ENV | error("'
    given_ = {"data": 1, "jq": '{("x"): $name, n: ($n + 1)}', "variables": {"name": hostile, "n": 2}}
    assert give("transform", given_) == {"value": {"x": hostile, "n": 3}}


@pytest.mark.parametrize(
    ("given_", "reason", "said"),
    [
        ({"jq": ".["}, "InvalidProgram", "unexpected end of file at <top-level>, line 1"),
        ({"jq": "nope(1)"}, "InvalidProgram", "nope/1 is not defined"),
        ({"jq": ".a.b"}, "ProgramFailed", 'Cannot index number with string ("b")'),
        ({"jq": "error({a: 1})"}, "ProgramFailed", '{"a": 1}'),
        ({"jq": "empty"}, "NotOneValue", "no value"),
        ({"jq": "1, 2"}, "NotOneValue", "more than one value"),
        ({"jq": "repeat(1)"}, "NotOneValue", "more than one value"),
        ({"jq": ".nothing"}, "NoValue", "say what stands for it"),
        ({"jq": "halt"}, "NotOneValue", "no value"),
        ({"jq": "input"}, "ProgramFailed", "no further input"),
        ({"jmespath": "a["}, "InvalidProgram", "Incomplete expression"),
        ({"jmespath": "length(a)"}, "ProgramFailed", "invalid type for value: 1"),
        ({"jmespath": "nope(a)"}, "ProgramFailed", "nope"),
        ({"jmespath": "nothing"}, "NoValue", "say what stands for it"),
        ({"jmespath": "(" * 900 + "a" + ")" * 900}, "TooDeep", "nested too deep"),
        ({}, "InvalidParameters", "give one of `jmespath` and `jq`"),
        ({"jq": ".", "jmespath": "@"}, "InvalidParameters", "give one of `jmespath` and `jq`"),
        ({"jmespath": "@", "variables": {"a": 1}}, "InvalidParameters", "JMESPath has no variables"),
    ],
)
def test_what_is_wrong_is_said(given_: dict[str, Any], reason: str, said: str) -> None:
    error = fail("transform", {"data": {"a": 1}, **given_})
    assert (error.reason, said in error.message) == (reason, True), error.message


def test_jq_refuses_integers_that_it_would_change_and_says_where_they_are() -> None:
    error = fail("transform", data={"ids": [1, 2**53 + 1]}, jq=".ids[0]")
    assert (error.reason, "data.ids[1] is 9007199254740993" in error.message) == ("InexactNumber", True)
    assert give("transform", data={"ids": [2**53 + 1]}, jmespath="ids[0]") == {"value": 2**53 + 1}


def test_a_large_double_does_not_become_an_integer_of_300_digits() -> None:
    assert repr(give("transform", data=[1e300], jq=".[0]")["value"]) == "1e+300"


@pytest.mark.parametrize(
    "program",
    [
        {"jq": "def f: f; f"},
        {"jq": 'last(range(1e12) | "aaaa" | test("(a*)*b"))'},
        {"jmespath": "|".join(["[@,@]"] * 40) + "|to_string(@)"},
    ],
    ids=["recursion", "pattern", "doubling"],
)
def test_a_program_without_end_is_ended(program: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    give("transform", data=1, jq=".")  # the children are there: their start does not count
    give("transform", data=1, jmespath="@")
    monkeypatch.setattr(pool, "MOST_SECONDS", 0.08)
    assert fail("transform", {"data": [1], **program}).reason == "TooSlow"
