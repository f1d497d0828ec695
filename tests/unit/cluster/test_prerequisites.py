"""A machine that will not do is told why, all at once, before anything is changed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cluster.errors import PrerequisiteError
from cluster.prerequisites import CONTROLLERS, Machine, check_machine, find_overlaps
from cluster.settings import settings_from

SETTINGS = settings_from({"HOME": "/home/somebody"})
GOOD = Machine(
    root=True,
    capabilities=(1 << 41) - 1,
    apt=True,
    openable=True,
    go="go1.26.8",
    memory=8 * 10**9,
    cache_free=50 * 10**9,
    state_free=50 * 10**9,
    controllers=frozenset(CONTROLLERS),
    routes=("0.0.0.0/0", "192.0.2.0/24"),
)


def problems(building: bool = True, **changes: Any) -> list[str]:
    return check_machine(replace(GOOD, **changes), SETTINGS, building=building)


def test_a_good_machine_has_no_problem() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"root": False}, "run the command with sudo"),
        ({"capabilities": 0}, "CAP_NET_ADMIN and CAP_SYS_ADMIN"),
        ({"apt": False}, "use Debian 12"),
        ({"openable": False}, "util-linux"),
        ({"go": ""}, "Go is not here: install Go 1.26"),
        ({"go": "go1.25.9"}, "Go is go1.25.9: install Go 1.26"),
        ({"memory": 2 * 10**9}, "2.0 GB of memory is too little"),
        ({"cache_free": 10**9}, "XDG_CACHE_HOME"),
        ({"state_free": 10**9}, "HEADGATE_STATE"),
        ({"controllers": CONTROLLERS - {"pids"}}, "control groups pids are not mounted"),
        ({"routes": ("10.213.4.0/24",)}, "HEADGATE_NETWORK"),
    ],
)
def test_each_problem_is_one_sentence_that_says_what_to_do(changes: dict[str, Any], said: str) -> None:
    found = problems(**changes)
    assert len(found) == 1
    assert said in found[0]


def test_several_problems_are_listed_at_once() -> None:
    error = PrerequisiteError(problems(root=False, go="", memory=0))
    assert len(error.problems) == 3
    assert str(error).startswith("Nothing was changed.")


def test_disk_for_building_is_wanted_only_when_building() -> None:
    assert problems(cache_free=10**9, building=False) == []


def test_newer_go_is_fine() -> None:
    assert problems(go="go1.27rc1") == []
    assert problems(go="go2.0") == []


def test_overlap_means_any_part_of_our_network() -> None:
    assert find_overlaps(SETTINGS.network, ["10.0.0.0/8", "10.214.0.0/16", "0.0.0.0/0"]) == ["10.0.0.0/8"]


def test_paths_follow_from_the_environment() -> None:
    settings = settings_from({"XDG_CACHE_HOME": "/c", "HEADGATE_STATE": "/s", "KUBECONFIG": "/k:/other"})
    assert (settings.cache, settings.state, settings.kubeconfig) == (Path("/c/headgate"), Path("/s"), Path("/k"))
