"""What stands too deep is cut out of a text of JSON, and all else is read as it was."""

import json
from typing import Any

import pytest

from headgate.kube.answers import parse
from headgate.kube.pruning import CUT, MAX_DEPTH, prune


def nested(depth: int, core: str = "1", opens: str = '{"a":', closes: str = "}") -> str:
    return opens * depth + core + closes * depth


def pruned(text: str, most: int) -> Any:
    return json.loads(prune(text.encode(), most))


@pytest.mark.parametrize(
    "text", ['{"a": [1, {"b": 2}]}', '"[[[[["', "7", "", '{"a": "[[\\"[["}', "[[[", "]]]]]]", '["broken off \\', '"\\']
)
def test_what_is_flat_enough_is_the_very_same_text(text: str) -> None:
    whole = text.encode()
    assert prune(whole, 3) is whole


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[[[]]]", [["…"]]),
        ("[[[], 1, {}], 2]", [["…", 1, "…"], 2]),
        ('[[{"a": "] and }, and so on, and \\" so on"}, "]"], {"x": [1]}]', [[CUT, "]"], {"x": "…"}]),
        (f"[[{nested(50)}]]", [[CUT]]),
        ('{"a\\"[": {"b": {"ä": "ö"}}}', {'a"[': {"b": "…"}}),
    ],
)
def test_what_stands_deeper_is_told_in_its_place(text: str, left: Any) -> None:
    assert pruned(text, 2) == left


def test_an_object_that_is_nested_too_deep_keeps_all_the_rest_of_it() -> None:
    inputs = f'{{"n": {nested(9_000)}, "m": {nested(9_000, "[]", "[", "]")}, "plain": "x"}}'
    thing = parse(f'{{"metadata": {{"uid": "u"}}, "spec": {{"inputs": {inputs}}}, "status": {{"b": [2]}}}}'.encode())
    assert (thing["metadata"], thing["status"], thing["spec"]["inputs"]["plain"]) == ({"uid": "u"}, {"b": [2]}, "x")
    depth, value = 3, thing["spec"]["inputs"]["n"]
    while isinstance(value, dict):
        depth, value = depth + 1, value["a"]
    assert (depth, value) == (MAX_DEPTH, CUT)


@pytest.mark.parametrize(
    "text", ["{", "[1,]", nested(300)[:-1], nested(300) + "}", f"[{nested(300)}, nul]", "[" * 9_999, nested(30_000)]
)
def test_what_is_no_json_is_an_error_however_deep(text: str) -> None:
    with pytest.raises(ValueError, match="column"):
        parse(text.encode())


def test_many_small_things_that_are_cut_out_do_not_make_the_text_grow() -> None:
    text = f"[[{','.join(['[]'] * 1000)}]]".encode()
    assert len(prune(text, 2)) <= 2 * len(text)
