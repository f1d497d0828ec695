"""The Runs of each workflow as limits see them: whatever becomes of them, those who queue are in order."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headgate.handlers.siblings import Siblings
from headgate.kube import kinds
from headgate.kube.cache import Cache
from headgate.lifecycle.starting import NEAR

FAMILY = ("docs", "w")
NAMES = [f"r{number}" for number in range(2 * NEAR)]


def a_run(name: str, second: int = 0, phase: str = "", state: str = "Running", uid: str = "", version: int = 1) -> Any:
    metadata = {
        "name": name,
        "namespace": "docs",
        "uid": uid or name,
        "creationTimestamp": f"2026-11-21T05:30:{second:02}Z",
        "resourceVersion": str(version),
    }
    return {"metadata": metadata, "spec": {"workflow": "w", "state": state}, "status": {"phase": phase}}


def heard() -> tuple[Cache, Siblings, list[bool]]:
    """A cache, what is known of its Runs, and whether others moved up, a change each."""
    cache, siblings, moves = Cache(kinds.RUN), Siblings(), list[bool]()
    cache.listener = lambda change: moves.append(siblings.note(change))
    return cache, siblings, moves


changes = st.tuples(
    st.sampled_from(NAMES),
    st.integers(0, 5),
    st.sampled_from(["", "Pending", "Running", "Waiting", "Succeeded"]),
    st.sampled_from(["Running", "Paused"]),
    st.booleans(),
)


@given(st.lists(changes, max_size=60))
def test_those_at_the_head_of_the_queue_are_the_oldest_of_all_that_queue(story: list[Any]) -> None:
    cache, siblings, _ = heard()
    born = dict[str, int]()
    for version, (name, second, phase, state, goes) in enumerate(story, 1):
        if goes:
            cache.forget("docs", name)
            born.pop(name, None)
        else:
            since = born.setdefault(name, second)
            cache.put(a_run(name, since, phase, state, uid=f"{name}-{since}", version=version))
    queued = [
        (run["metadata"]["creationTimestamp"], run["metadata"]["name"])
        for run in cache
        if run["status"]["phase"] in ("", "Pending") and run["spec"]["state"] == "Running"
    ]
    assert siblings.next(FAMILY) == [name for _, name in sorted(queued)][: NEAR + 1]
    assert sorted(siblings.phases()) == sorted(run["status"]["phase"] or "Pending" for run in cache)


def test_a_run_made_anew_under_its_name_leaves_nothing_behind_though_nobody_heard_that_it_went() -> None:
    cache, siblings, moves = heard()
    cache.put(a_run("r1", phase="Running", uid="old"))
    cache.put(a_run("r1", phase="", uid="new", version=9))
    assert [one.uid for one in siblings.of(FAMILY, "")] == ["new"]
    assert moves == [False, True, False], "who waits for the place that the old one had moves up"
