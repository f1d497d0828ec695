"""What expressions yield, and what is wrong with them, by the schemas of what they read (LANGUAGE §3.7, §6)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.compiler import types
from headgate.compiler.types import Type, TypeScope, check
from headgate.compiler.types.renaming import rename
from headgate_lang import cel
from support.trying import times

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}
CHUNK = {
    "type": "object",
    "properties": {
        "rank": WHOLE,
        "text": TEXT,
        "score": NUMBER,
        "about": {"type": "object", "additionalProperties": {}},
    },
}
SCOPE = TypeScope(
    {
        "inputs": types.form(
            {
                "repo": TEXT,
                "price": NUMBER,
                "n": WHOLE,
                "note": {"type": "string", "optional": True},
                "tags": {"type": "array", "items": TEXT},
            }
        ),
        "found": types.node({"chunks": {"type": "array", "items": CHUNK}}),
        "draft": types.node({"text": TEXT, "json": {"optional": True}, "usage": types.of_value({"tokens": 1})}),
        "probe": types.node({"status": WHOLE, "body": {}, "headers": {"type": "object", "additionalProperties": TEXT}}),
        "fetch": types.loop({"body": {}, "ms": WHOLE}, item=TEXT),
        "odd": types.node({"content-type": TEXT, "x": WHOLE, "in": TEXT}),
        "alike": types.node({"fooBar": TEXT, "foo_bar": TEXT}),
        "mixed": types.node({"either": {"type": ["string", "integer"]}, "any": {"anyOf": [TEXT, WHOLE]}}),
        "run": types.RUN,
    }
)


def told(source: str, scope: TypeScope = SCOPE) -> list[str]:
    """Every flaw as it is read, with the part of the expression that it is about."""
    flaws = check(source, scope).flaws
    assert all(flaw.remedy for flaw in flaws)
    return [f"{flaw.reason} at {source[flaw.start : flaw.end]}: {flaw}" for flaw in flaws]


def type_of(source: str) -> Type:
    assert told(source) == []
    return check(source, SCOPE).type


@pytest.mark.parametrize(
    ("source", "schema"),
    [
        ("inputs.repo", TEXT),
        ("draft.usage.tokens", WHOLE),
        ("found.chunks[0].score", NUMBER),
        ("probe.headers['x-id']", TEXT),
        ("probe.body.whatever[0].there", {}),
        ("found.chunks.map(c, '[' + string(c.rank) + '] ' + c.text).join('\\n')", TEXT),
        ("found.chunks.map(c, c.rank)", {"type": "array", "items": WHOLE}),
        ("size(found.chunks) > 0", {"type": "boolean"}),
        ("draft.?text.orValue('none')", TEXT),
        ("fetch.failed[0].error.message", TEXT),
        ("fetch.failed.map(f, f.item)", {"type": "array", "items": TEXT}),
        ("draft.error.attempts + 1", WHOLE),
        ("probe.body.rate > 0.05 || probe.status > 500", {"type": "boolean"}),
        ("{'a': inputs.n}", {"type": "object", "additionalProperties": WHOLE}),
        ("timestamp(run.startedAt)", {"type": "string", "format": "date-time"}),
        ("[found.chunks[0]]", {"type": "array", "items": CHUNK}),
        ("has(draft.json) ? 1 : 2", WHOLE),
        ("odd['content-type'] + '!'", TEXT),
        ("alike.fooBar + alike.foo_bar", TEXT),
        ("mixed.either", {"type": ["string", "integer"]}),
        ("mixed.any.x", {}),
        ("nobody.x.y + 1", WHOLE),
    ],
)
def test_the_type_of_an_expression_is_found(source: str, schema: dict[str, Any]) -> None:
    found = type_of(source).schema
    assert {key: value for key, value in found.items() if key in schema} == schema


@pytest.mark.parametrize(
    "source", ["draft.?text", "inputs.?note", "draft.?error.message", "found.?chunks[?0].?text", "draft.?json.?a.b"]
)
def test_an_optional_is_known_as_one(source: str) -> None:
    assert type_of(source).optional


@pytest.mark.parametrize(
    ("source", "what"), [("b'x'", "bytes"), ("duration('1h')", "a duration"), ("type(1)", "a type")]
)
def test_what_no_json_can_carry_is_known_as_such(source: str, what: str) -> None:
    assert type_of(source).no_value == what


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("draft.txt", "UnknownField at txt: `draft` has no field `txt`: it has text, json, usage"),
        ("draft.?txt", "UnknownField at txt: `draft` has no field `txt`: it has text, json, usage"),
        ("draft.txt + 'x'", "UnknownField at txt: `draft` has no field `txt`: it has text, json, usage"),
        ("has(draft.txt)", "UnknownField at txt: `draft` has no field `txt`: it has text, json, usage"),
        (
            "found.chunks.map(c, c.txet)",
            "UnknownField at txet: there is no field `txet`: it has rank, text, score, about",
        ),
        ("draft.error.mesage", "UnknownField at mesage: `draft.error` has no field `mesage`: it has reason, message, "),
        ("fetch.body", "UnknownField at body: `fetch` has no field `body`: it has outputs, failed"),
        ("inputs.tags.x", "UnknownField at x: `inputs.tags` is a list, and has no field `x`: write `inputs.tags[0]`"),
        (
            "inputs.repo.x",
            "UnknownField at x: `inputs.repo` is a string, and has no field `x`: read `inputs.repo` alone",
        ),
        ("inputs.repo[0]", "UnknownField at [0]: `inputs.repo` is a string, and has no item 0"),
        (
            "inputs.note",
            "MayBeAbsent at note: `inputs.note` is optional, and may be absent: write `inputs.?note`, in a ",
        ),
        ("inputs.note + '!'", "MayBeAbsent at note: `inputs.note` is optional"),
        ("run.environment", "MayBeAbsent at environment: `run.environment` is optional"),
        (
            "probe.status + '!'",
            "TypeMismatch at +: `+` cannot join an integer and a string: write `string(probe.status)`",
        ),
        (
            "'!' + probe.status",
            "TypeMismatch at +: `+` cannot join a string and an integer: write `string(probe.status)`",
        ),
        ("inputs.price * 2", "TypeMismatch at *: `*` does not take a number and an integer: write `double(x)` for the"),
        (
            "inputs.n / 2.0",
            "TypeMismatch at /: `/` does not take an integer and a number: write `double(inputs.n)` for ",
        ),
        ("inputs.repo > 3", "TypeMismatch at >: `>` cannot compare a string with an integer: write `int(inputs.repo)`"),
        ("inputs.n == 'x'", "TypeMismatch at ==: `==` cannot compare an integer with a string"),
        (
            "probe.status ? 1 : 2",
            "TypeMismatch at ?: a condition needs a boolean, not an integer: there is no truthiness",
        ),
        ("inputs.repo && true", "TypeMismatch at &&: `&&` needs a boolean, not a string: there is no truthiness"),
        (
            "draft.?text + 'x'",
            "TypeMismatch at +: `+` cannot join an optional and a string: write `.orValue(…)` after ",
        ),
        (
            "draft.text.orValue('')",
            "TypeMismatch at orValue: `orValue` wants an optional before it: write `.?` before the last",
        ),
        (
            "draft.?text.orValue(3)",
            "TypeMismatch at orValue: `orValue` does not take an optional and an integer: give a value ",
        ),
        ("inputs.tags + [1]", "TypeMismatch at +: `+` cannot join a list of strings and a list of integers"),
        ("inputs.repo.toUpper()", "UnknownFunction at toUpper: there is no function `toUpper`: write `.upperAscii()`"),
        ("now()", "UnknownFunction at now: there is no function `now`: there is no clock"),
        (
            "inputs.repo.containz('x')",
            "UnknownFunction at containz: there is no function `containz`: did you mean `contains`?",
        ),
        (
            "inputs.tags.map(x)",
            "UnknownFunction at map: there is no function `map`: it takes a name and what to do with ",
        ),
        ("inputs.n.map(x, x)", "TypeMismatch at .: a macro goes through a list or a map, not an integer: read a list"),
        ("inputs.repo +", "ExpressionSyntax at +: the expression ends too early"),
        ("inputs.repo == null", "NullLiteral at null: there is no `null`"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_to_write(source: str, says: str) -> None:
    first, *others = told(source)
    assert first.startswith(says)
    assert [other for other in others if "undeclared" not in other] == [] or source == "inputs.tags.map(x)"


def test_everything_that_is_wrong_is_told_in_the_order_of_the_text() -> None:
    assert [line.partition(":")[0] for line in told('"é😀" + draft.txt + probe.status + found.chunks[0].rnk')] == [
        "UnknownField at txt",
        "TypeMismatch at +",
        "UnknownField at rnk",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "inputs.n > inputs.price",
        "inputs.price == 1",
        "1 in found.chunks.map(c, c.score)",
        "inputs.n == 1 ? inputs.price : 0",
        "found.?chunks[0].score.orValue(0)",
        "size(draft.usage)",
        "'tokens' in draft.usage",
        "draft.usage['tok' + 'ens'] == 1",
        "draft.usage.map(key, key)",
        "draft.usage == {'tokens': 1}",
        "probe.headers.map(name, name)",
        "mixed.either + 1",
        "probe.body" + ".a" * 29,
        "[probe.body" + ".a" * 28 + "]",
        "(" * 28 + "run.name" + ")" * 28 + " + 'x'",
    ],
)
def test_what_evaluation_does_not_mind_is_no_problem(source: str) -> None:
    assert told(source) == []


def test_the_type_is_known_also_where_the_checker_had_to_be_overruled() -> None:
    assert type_of("inputs.n > inputs.price").schema == {"type": "boolean"}
    assert type_of("size(draft.usage)").schema == WHOLE


def test_expressions_that_differ_in_names_only_share_an_answer() -> None:
    left, right = (rename(source, cel.references(source)) for source in ("a.x + bb.y", "bb.x + ccc.y"))
    assert left.source == right.source
    assert (left.roots, right.roots) == (("a", "bb"), ("bb", "ccc"))


def test_a_variable_of_a_macro_hides_a_root() -> None:
    assert told("found.chunks.map(draft, draft.text)") == []
    assert told("found.chunks.map(draft, draft.usage)")[0].startswith("UnknownField at usage")


@given(
    st.text("aé😀 \n", max_size=5), st.lists(st.sampled_from(["draft.text", "run.name", "'é'"]), min_size=1, max_size=4)
)
def test_offsets_lead_back_to_the_original(blank: str, parts: list[str]) -> None:
    source = f"'{blank.replace(chr(10), ' ')}' +\n" + " + ".join(parts) + " + draft.txt"
    flaw = check(source, SCOPE).flaws[-1]
    assert source[flaw.start : flaw.end] == "txt"
    renamed = rename(source, cel.references(source))
    assert renamed.original(len(renamed.source)) == len(source)
    assert source[renamed.original(renamed.source.rindex("txt")) :] == "txt"


def test_the_type_of_a_value_is_that_of_its_expressions() -> None:
    written = {
        "text": "${draft.text}!",
        "n": "${inputs.n}",
        "list": ["${run.name}", "x"],
        "may": "${draft.?text}",
        "k": 1.5,
    }
    schema = types.type_of(written, SCOPE)
    scope = TypeScope({"given": types.node(schema["properties"])})
    assert check("given.text + given.list[0]", scope).type.schema == TEXT
    assert check("given.n + 1", scope).type.schema == WHOLE
    assert check("given.k", scope).type.schema == NUMBER
    assert [flaw.reason for flaw in check("given.may", scope).flaws] == ["MayBeAbsent"]
    assert [flaw.reason for flaw in check("given.other", scope).flaws] == ["UnknownField"]


def test_in_finally_more_is_known_of_the_run() -> None:
    scope = TypeScope({"run": types.RUN_IN_FINALLY})
    assert told("run.phase == 'Failed' && size(run.failed) > 0", scope) == []
    assert told("run.phase")[0].startswith("UnknownField at phase")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["string", "integer", "object", "array", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from("type items properties additionalProperties anyOf x in x-y".split()), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(anything)
@times(1.5)
def test_whatever_stands_for_a_schema_has_an_answer(schema: Any) -> None:
    root = schema if isinstance(schema, dict) else {"properties": schema, "type": "object"}
    scope = TypeScope({"a": root, "b": types.node({"x": root})})
    for source in ("a.x", "a.x[0].y + 1", "b.x.map(k, k)", "b.?x", "size(a)"):
        check(source, scope)
    types.misfit(Type(root), TEXT)
    types.misfit(Type(TEXT), root)
    types.misfit(Type(root), root)
