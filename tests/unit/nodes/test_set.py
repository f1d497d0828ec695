"""`set`: every value comes out as it went in."""

import asyncio

from headgate_node.testing import run_node


def test_names_that_mean_something_to_python_are_names_like_others() -> None:
    given = {"copy": 1, "json": 2, "model_config": {"a": [1.0, 1]}, "self": True, "values": "x"}
    assert asyncio.run(run_node("set", given)) == given


def test_order_and_inner_nulls_arrive_as_they_were() -> None:
    given = {"b": {"z": None, "a": [None]}, "a": 10**30}
    output = asyncio.run(run_node("set", given))
    assert (output, list(output)) == (given, ["b", "a"])


def test_what_is_null_as_a_whole_is_absent() -> None:
    assert asyncio.run(run_node("set", {"a": None, "b": 1})) == {"b": 1}
