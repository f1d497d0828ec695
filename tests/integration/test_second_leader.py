"""What an operator that still believes it leads does beside the one that does: nothing that the other has to suffer."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from headgate.compiler.emit.identity import LEG, RUN_UID
from headgate.handlers.operator import Operator
from headgate.kube.errors import ConflictError
from headgate.lifecycle.actions import KeepOutputs
from headgate.lifecycle.decide import decide
from headgate.lifecycle.observed import ENTRIES
from headgate.settings import read_settings
from support.fake_api import FakeApi, run_fake_api

RUNS = "headgate.dev/runs"
SETTINGS = {"HEADGATE_RUNTIME_IMAGE": "headgate/core@sha256:1", "HEADGATE_STATUS_PORT": "0"}


def play(test: Callable[[FakeApi, Operator], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with run_fake_api() as api:
            operator = Operator(read_settings(SETTINGS), api.access, decide)
            async with operator.client:
                await test(api, operator)

    asyncio.run(whole())


def put_run(api: FakeApi, **status: Any) -> dict[str, Any]:
    head = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Run"}
    metadata = {"name": "r", "namespace": "docs", "uid": "u1", "creationTimestamp": "2026-11-25T21:00:00Z"}
    return api.put(RUNS, {**head, "metadata": metadata, "spec": {"workflow": "w"}, "status": status})


def test_what_is_looked_at_freshly_is_no_younger_than_what_was_read_first() -> None:
    async def test(api: FakeApi, operator: Operator) -> None:
        first = put_run(api)
        read = first["metadata"]["resourceVersion"]

        async def meanwhile(request: web.Request) -> web.StreamResponse | None:
            """The other one writes, and the watch of Runs says so before that of Secrets does."""
            if "secrets" in request.path and api.things[RUNS, "docs", "r"]["metadata"]["resourceVersion"] == read:
                operator.world.runs.put(put_run(api, legs=[{"number": 1, "argo": "r-1", "phase": "Succeeded"}]))
            return None

        api.standing = meanwhile
        observed = await operator._engine.observer.observe("docs", "r", freshly=True)
        assert observed is not None
        assert observed.run.metadata.resource_version == read
        assert operator.world.runs.version(("docs", "r")) > int(read)

    play(test)


def test_outputs_that_another_kept_otherwise_stand_and_are_read_anew() -> None:
    async def test(api: FakeApi, operator: Operator) -> None:
        run = put_run(api)
        labels = {RUN_UID: "u1", LEG: "1"}
        data = {ENTRIES: base64.b64encode(b"theirs").decode()}
        api.put("secrets", {"metadata": {"name": "kept", "namespace": "docs", "labels": labels}, "data": data})
        keep = operator._engine.executor.carry_out
        await keep(run, KeepOutputs("kept", labels, {ENTRIES: "theirs"}))
        with pytest.raises(ConflictError, match="ended otherwise"):
            await keep(run, KeepOutputs("kept", labels, {ENTRIES: "ours"}))
        kept = operator.world.kept.get("docs", "kept")
        assert kept is not None
        assert kept["data"] == data

    play(test)
