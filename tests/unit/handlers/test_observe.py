"""What is gathered about a Run: it keeps to what was pinned of its own workflow, whatever another's is called."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.handlers.catalogue import Models
from headgate.handlers.guard import Guard
from headgate.handlers.observe import Observer
from headgate.handlers.siblings import Siblings
from headgate.handlers.world import REVISION_LABEL, build_world
from headgate.kube.client import Client
from headgate.names import API_VERSION
from support.fake_api import run_fake_api
from support.world import SETTINGS

NOW = datetime(2026, 11, 26, 15, 0, 0, tzinfo=UTC)
REVISION = "9b1de77c02aa"


def revision(workflow: str) -> dict[str, Any]:
    labels = {REVISION_LABEL: REVISION, "headgate.dev/workflow": workflow}
    metadata = {"name": f"{workflow}-{REVISION}", "namespace": "docs", "labels": labels, "resourceVersion": "7"}
    return {"metadata": {**metadata, "uid": workflow}, "data": {"name": workflow}}


def run_of(workflow: str) -> dict[str, Any]:
    metadata = {"name": "r", "namespace": "docs", "uid": "u", "resourceVersion": "8"}
    head = {"apiVersion": API_VERSION, "kind": "Run", "metadata": metadata}
    return {**head, "spec": {"workflow": workflow}, "status": {"revision": REVISION}}


def pinned(workflow: str, *revisions: dict[str, Any]) -> Any:
    async def play() -> Any:
        world = build_world()
        world.runs.put(run_of(workflow))
        for one in revisions:
            world.revisions.put(one)
        async with run_fake_api() as api, Client(api.access) as client:
            observer = Observer(
                world=world,
                siblings=Siblings(),
                client=client,
                settings=SETTINGS,
                models=Models(),
                guard=Guard(world, client, "headgate", "headgate"),
                hears_since=lambda: NOW,
            )
            observed = await observer.observe("docs", "r")
            assert observed is not None
            return observed.pinned

    return asyncio.run(play())


@pytest.mark.parametrize("workflow", ["release", "another"])
def test_of_two_workflows_whose_revisions_are_called_alike_each_run_keeps_to_its_own(workflow: str) -> None:
    """Twelve digits are few: whoever writes two workflows finds two of one revision in a minute."""
    assert pinned(workflow, revision("another"), revision("release")) == {"name": workflow}


def test_what_was_pinned_of_another_workflow_alone_is_nothing_to_a_run() -> None:
    assert pinned("release", revision("another")) is None
