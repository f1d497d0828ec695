"""The word for the policies that guard votes: the same across releases, another when somebody changed one."""

from typing import Any

import pytest

from headgate.handlers.guard import NEEDED, RECORDED, build_guard, hash_spec

SPECS: dict[str, Any] = {
    f"{kind}{suffix}.headgate-{name}": {"says": f"{name}{suffix}", "to": ["ä", 1]}
    for name, kind in NEEDED.items()
    for suffix in ("", "Binding")
}
RECORD = {name: hash_spec(spec) for name, spec in SPECS.items()}


def test_policies_that_a_release_recorded_have_one_word_whatever_they_say() -> None:
    later = {name: {**spec, "more": True} for name, spec in SPECS.items()}
    assert build_guard(SPECS, "headgate", RECORD) == RECORDED
    assert build_guard(later, "headgate", {name: hash_spec(spec) for name, spec in later.items()}) == RECORDED


@pytest.mark.parametrize("changed", SPECS)
def test_one_that_somebody_changed_gives_another_word(changed: str) -> None:
    specs = {**SPECS, changed: {"says": "anybody"}}
    word = build_guard(specs, "headgate", RECORD)
    assert word not in (None, RECORDED)
    assert word != build_guard({**SPECS, changed: {"says": "somebody"}}, "headgate", RECORD)


@pytest.mark.parametrize("missing", SPECS)
def test_without_one_of_them_there_is_no_word(missing: str) -> None:
    assert build_guard({name: spec for name, spec in SPECS.items() if name != missing}, "headgate", RECORD) is None


def test_those_of_another_release_are_not_ours() -> None:
    assert build_guard(SPECS, "another", RECORD) is None


def test_what_nobody_recorded_has_a_word_of_its_own() -> None:
    assert (build_guard(SPECS, "headgate", {}) or "").startswith("sha256:")
