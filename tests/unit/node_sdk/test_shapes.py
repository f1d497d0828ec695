"""Parameters and outputs: strict, without null, named in camelCase outside."""

import asyncio
from typing import Annotated, Any

import pytest
from pydantic import Field

from headgate_node import Context, Example, Json, NodeDefinition, NodeError, Output, Params, Trait, node
from headgate_node.testing import run_node


class Inner(Params):
    max_size: int = 3


class AllParams(Params):
    json_: Json | None = None
    max_tokens: Annotated[int, Field(ge=1)] = 5
    ratio: float = 1.0
    inner: Inner | None = None
    names: list[str] = []  # noqa: RUF012 - pydantic copies it


class AllOutput(Output):
    max_tokens: int
    json_: Json | None = None
    ratio: float


@node(traits=(Trait.INSTANT,), examples=(Example(output={}), Example(fails="Never")))
async def everything(params: AllParams, ctx: Context) -> AllOutput:
    return AllOutput(max_tokens=params.max_tokens, json_=params.json_, ratio=params.ratio)


def run(given: Any) -> Any:
    return asyncio.run(run_node(everything, given))


def test_names_are_camel_case_in_documents_and_lose_the_underscore_at_their_end() -> None:
    assert run({"maxTokens": 7, "json": {"a": None}}) == {"maxTokens": 7, "json": {"a": None}, "ratio": 1.0}


def test_null_is_as_absent_at_any_depth_that_the_node_names() -> None:
    assert run({"maxTokens": None, "inner": {"maxSize": None}, "json": None}) == {"maxTokens": 5, "ratio": 1.0}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"maxTokens": "7"}, "maxTokens: input should be a valid integer"),
        ({"maxTokens": 7.0}, "maxTokens: input should be a valid integer"),
        ({"maxTokens": True}, "maxTokens: input should be a valid integer"),
        ({"max_tokens": 7}, "max_tokens: is not known here: leave it out"),
        ({"inner": {"maxSize": "x"}}, "inner.maxSize: input should be a valid integer"),
        ({"names": [1]}, "names[0]: input should be a valid string"),
        ({"maxTokens": 0, "ratio": "x"}, "maxTokens: input should be greater than or equal to 1; ratio: "),
    ],
)
def test_nothing_is_converted_and_all_that_is_wrong_is_told(given: Any, said: str) -> None:
    with pytest.raises(NodeError) as raised:
        run(given)
    assert raised.value.reason == "InvalidParameters"
    assert said in raised.value.message


def test_an_integer_does_where_a_number_is_asked_for() -> None:
    assert run({"ratio": 3})["ratio"] == 3


def test_an_output_is_what_others_would_read_of_it() -> None:
    class Odd(Output):
        pairs: Json

    @node(traits=(), examples=(Example(output={}), Example(output={})))
    async def odd(params: Params, ctx: Context) -> Odd:
        return Odd(pairs={1: (1, 2)})

    assert asyncio.run(run_node(odd)) == {"pairs": {"1": [1, 2]}}


def test_a_definition_says_all_that_a_node_type_does() -> None:
    assert isinstance(everything, NodeDefinition)
    assert (everything.params, everything.output, everything.version) == (AllParams, AllOutput, 1)


def test_an_example_gives_something_or_fails() -> None:
    with pytest.raises(ValueError, match="has an output, or says with which reason it fails"):
        Example()
    with pytest.raises(ValueError, match="is no reason"):
        NodeError("not a reason", "…")
