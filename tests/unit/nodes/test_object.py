"""`object` and `merge`: fields by their paths, and objects over one another."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.node_calls import fail, give

NAMES = st.text("abc", min_size=1, max_size=2)
TREES = st.dictionaries(
    NAMES,
    st.recursive(st.integers() | st.text("xy"), lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3)),
    max_size=4,
)
DOCUMENT = {"id": 7, "a": {"b": [1, {"c": 2}], "content-type": "x"}, "n": None}


@given(TREES)
def test_what_is_flattened_can_be_made_whole_again(tree: dict[str, Any]) -> None:
    flat = give("object", operation="flatten", value=tree)
    assert flat["keys"] == list(flat["value"])
    assert all(not isinstance(value, dict) for value in flat["value"].values())
    assert give("object", operation="unflatten", value=flat["value"])["value"] == tree


@given(TREES)
def test_entries_make_the_object_again(tree: dict[str, Any]) -> None:
    entries = give("object", operation="entries", value=tree)["value"]
    assert give("object", operation="fromEntries", entries=entries)["value"] == tree


@given(TREES, st.lists(NAMES, min_size=1, max_size=3))
def test_what_is_set_is_got_and_what_is_removed_is_gone(tree: dict[str, Any], names: list[str]) -> None:
    path = ".".join(names)
    if any(isinstance(one, int | str) for one in on_the_way(tree, names)):
        assert "only an object has fields" in fail("object", operation="set", value=tree, path=path, to=99).message
        return
    changed = give("object", operation="set", value=tree, path=path, to=99)["value"]
    assert give("object", operation="get", value=changed, path=path)["value"] == 99
    removed = give("object", operation="remove", value=changed, path=path)["value"]
    assert fail("object", operation="get", value=removed, path=path).reason == "NoValue"


def on_the_way(tree: Any, names: list[str]) -> Iterator[Any]:
    """What is passed on the way along a path, the last step left out."""
    for name in names[:-1]:
        if not isinstance(tree, dict) or name not in tree:
            return
        tree = tree[name]
        yield tree


@pytest.mark.parametrize(
    ("given_", "value"),
    [
        ({"operation": "pick", "paths": ["id", "a.b", "missing.x"]}, {"id": 7, "a": {"b": [1, {"c": 2}]}}),
        (
            {"operation": "omit", "paths": ["id", "a.b[1].c", "a.b[0]", "x"]},
            {"a": {"b": [{}], "content-type": "x"}, "n": None},
        ),
        ({"operation": "get", "path": 'a["content-type"]'}, "x"),
        ({"operation": "get", "path": "a.b[1].c"}, 2),
        ({"operation": "get", "path": "n", "default": 0}, 0),
        (
            {"operation": "set", "path": "a.b[1].c", "to": 3},
            {**DOCUMENT, "a": {"b": [1, {"c": 3}], "content-type": "x"}},
        ),
        ({"operation": "rename", "names": {"id": "n0", "x": "y"}}, {"n0": 7, "a": DOCUMENT["a"], "n": None}),
        ({"operation": "flatten", "separator": "/"}, {"id": 7, "a/b": [1, {"c": 2}], "a/content-type": "x", "n": None}),
    ],
)
def test_operations(given_: dict[str, Any], value: Any) -> None:
    assert give("object", value=DOCUMENT, **given_)["value"] == value


@pytest.mark.parametrize(
    ("given_", "reason", "said"),
    [
        ({"operation": "get", "path": "ID"}, "NoValue", "did you mean `id`?"),
        ({"operation": "get", "path": "a.zzz"}, "NoValue", "or give a `default`"),
        ({"operation": "get"}, "InvalidParameters", "`path` is missing"),
        ({"operation": "get", "path": "a..b"}, "InvalidPath", "is no path"),
        ({"operation": "set", "path": "a.b[9]", "to": 1}, "NoSuchPlace", "there is no item 9, it is a list of 2"),
        ({"operation": "set", "path": "id.x", "to": 1}, "NoSuchPlace", "cannot be put into an integer"),
        ({"operation": "rename", "names": {"id": "a"}}, "NameTaken", "two fields would be called `a`"),
        ({"operation": "pick", "paths": ["a.b[0]"]}, "InvalidPath", "pick the whole list"),
        ({"operation": "fromEntries"}, "InvalidParameters", "`entries` is missing"),
        ({"operation": "get", "path": ".".join("a" * 60)}, "InvalidPath", "has 60 steps"),
    ],
)
def test_what_is_wrong_is_said(given_: dict[str, Any], reason: str, said: str) -> None:
    error = fail("object", value=DOCUMENT, **given_)
    assert (error.reason, said in error.message) == (reason, True), error.message


def test_names_that_meet_are_refused() -> None:
    assert fail("object", operation="unflatten", value={"a": 1, "a.b": 2}).reason == "NameTaken"
    assert fail("object", operation="flatten", value={"a.b": 1, "a": {"b": 2}}).reason == "NameTaken"


@given(TREES, TREES, TREES)
def test_merging_is_associative_and_the_last_wins(
    one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]
) -> None:
    def merge(*values: Any, deep: bool) -> Any:
        return give("merge", values=list(values), deep=deep)["value"]

    assert merge(one, two, deep=False) == {**one, **two}
    assert merge(merge(one, two, deep=True), three, deep=True) == merge(one, two, three, deep=True)
    assert merge(one, one, deep=True) == one


OLD, NEW = {"a": {"x": 1, "l": [1, 2]}, "k": 1}, {"a": {"y": 2, "l": [2, 3]}, "k": 2}


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({}, NEW),
        ({"onConflict": "first"}, OLD),
        ({"deep": True}, {"a": {"x": 1, "y": 2, "l": [2, 3]}, "k": 2}),
        ({"deep": True, "lists": "append"}, {"a": {"x": 1, "y": 2, "l": [1, 2, 2, 3]}, "k": 2}),
        ({"deep": True, "lists": "unique"}, {"a": {"x": 1, "y": 2, "l": [1, 2, 3]}, "k": 2}),
        ({"deep": True, "onConflict": "first"}, {"a": {"x": 1, "y": 2, "l": [1, 2]}, "k": 1}),
    ],
)
def test_ways_to_merge(options: dict[str, Any], value: Any) -> None:
    assert give("merge", values=[OLD, None, NEW], **options) == {"value": value}


def test_lists_are_joined_or_matched_by_a_field() -> None:
    left = [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]
    right = [{"id": 2, "m": "c"}, {"id": 3, "m": "d"}]
    both = {"id": 2, "n": "b", "m": "c"}
    assert give("merge", values=[left, right])["value"] == left + right
    assert give("merge", values=[left, right], by="id")["value"] == [left[0], both, right[1]]
    assert give("merge", values=[left, right], by="id", keep="first")["value"] == [left[0], both]
    assert give("merge", values=[left, right], by="id", keep="common")["value"] == [both]


@pytest.mark.parametrize(
    ("given_", "reason", "said"),
    [
        ({"values": [{}, []]}, "NotMergeable", "values[0] is an object, values[1] is a list"),
        ({"values": [1]}, "NotMergeable", "values[0] is an integer"),
        ({"values": [None]}, "NotMergeable", "all of them are null"),
        ({"values": [[{"id": 1}], [{}]], "by": "id"}, "NotMergeable", "values[1][0] has no `id`"),
        ({"values": [{}], "by": "id"}, "InvalidParameters", "leave it out"),
        ({"values": [OLD, NEW], "deep": True, "onConflict": "fail"}, "Conflict", "`a.l` differs"),
        ({"values": [[0] * 15_000] * 2}, "TooLarge", "30,000 items"),
    ],
)
def test_what_cannot_be_merged_is_told(given_: dict[str, Any], reason: str, said: str) -> None:
    error = fail("merge", given_)
    assert (error.reason, said in error.message) == (reason, True), error.message
