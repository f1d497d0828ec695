"""Everything that code might try, tried by a user without rights. In a child each, and in a pod: tests/e2e."""

from typing import Any

import pytest

from support.sandbox.drive import drive
from support.sandbox.probe import Probe, build_shared, judge, read_probes, read_shared

HERE = [probe for probe in read_probes() if not probe.pod]
ALONE = [probe for probe in HERE if probe.alone]
TOGETHER = [probe for probe in HERE if not probe.alone]
BARE = [probe for probe in HERE if probe.bare]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return drive([*ALONE, build_shared(TOGETHER)])


@pytest.fixture(scope="module")
def outcomes(found: dict[str, Any]) -> dict[str, Any]:
    *alone, shared = found["outcomes"]
    assert not shared["reason"], shared
    probes, ended = [*ALONE, *TOGETHER], [*alone, *read_shared(shared["result"])]
    return {probe.name: outcome for probe, outcome in zip(probes, ended, strict=True)}


@pytest.mark.parametrize("probe", HERE, ids=lambda probe: probe.name)
def test_nothing_is_reached_by_code_that(probe: Probe, outcomes: dict[str, Any]) -> None:
    assert judge(probe, outcomes[probe.name]) == ""


def test_a_child_leaves_no_process_and_no_file(found: dict[str, Any]) -> None:
    assert found["left_processes"] == []
    assert found["left_files"] == ["neighbour"]


def test_without_the_sandbox_the_same_code_does_reach_it() -> None:
    outcomes = drive(BARE, bare=True)["outcomes"]
    vain = [(probe.name, outcome) for probe, outcome in zip(BARE, outcomes, strict=True) if not outcome.get("result")]
    assert vain == []


def test_every_probe_has_a_name_of_its_own() -> None:
    names = [probe.name for probe in read_probes()]
    assert len(names) == len(set(names))
