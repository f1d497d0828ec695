"""The word for the policies that guard what people do: the same across releases, another when somebody changed one."""

from typing import Any

import pytest
import yaml

from headgate.handlers.guard import NEEDED, build_guard, hash_spec
from support.examples import DOCS

THINGS: dict[str, Any] = {
    f"{kind}{suffix}.headgate-{name}": {
        "metadata": {"uid": f"uid of {name}{suffix}"},
        "spec": {"says": f"{name}{suffix}", "to": ["ä", 1]},
    }
    for name, kind in NEEDED.items()
    for suffix in ("", "Binding")
}


def record(things: dict[str, Any]) -> dict[str, str]:
    return {name: hash_spec(one["spec"]) for name, one in things.items()}


RECORDED = build_guard(THINGS, "headgate", record(THINGS))


def test_every_policy_of_the_chart_is_needed() -> None:
    chart = [*(DOCS.parents[1] / "charts" / "headgate" / "admission").glob("*.yaml")]
    said = {path.stem: line for path in chart for line in path.read_text().splitlines() if line.startswith("kind: ")}
    assert {name: yaml.safe_load(line)["kind"] for name, line in said.items()} == NEEDED


def test_policies_that_a_release_recorded_have_one_word_whatever_they_say() -> None:
    later = {name: {**one, "spec": {**one["spec"], "more": True}} for name, one in THINGS.items()}
    assert RECORDED is not None
    assert build_guard(later, "headgate", record(later)) == RECORDED


@pytest.mark.parametrize("changed", THINGS)
def test_one_that_somebody_changed_gives_another_word(changed: str) -> None:
    def says(text: str) -> dict[str, Any]:
        return {**THINGS, changed: {**THINGS[changed], "spec": {"says": text}}}

    word = build_guard(says("anybody"), "headgate", record(THINGS))
    assert word not in (None, RECORDED)
    assert word != build_guard(says("somebody"), "headgate", record(THINGS))


@pytest.mark.parametrize("again", THINGS)
def test_one_that_was_taken_away_and_made_again_gives_another_word(again: str) -> None:
    things = {**THINGS, again: {**THINGS[again], "metadata": {"uid": "another"}}}
    assert build_guard(things, "headgate", record(THINGS)) not in (None, RECORDED)


@pytest.mark.parametrize("missing", THINGS)
def test_without_one_of_them_there_is_no_word(missing: str) -> None:
    things = {name: one for name, one in THINGS.items() if name != missing}
    assert build_guard(things, "headgate", record(THINGS)) is None


def test_those_of_another_release_are_not_ours() -> None:
    assert build_guard(THINGS, "another", record(THINGS)) is None


def test_what_nobody_recorded_has_a_word_of_its_own() -> None:
    assert build_guard(THINGS, "headgate", {}) not in (None, RECORDED)
