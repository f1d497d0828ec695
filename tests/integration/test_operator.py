"""The operator whole, against an API server that fails in every way: each Run ends, and no node runs twice."""

import asyncio
import base64
from datetime import timedelta

import pytest
from aiohttp import web

from headgate.compiler.catalogue import builtin
from headgate.kube import reflector
from headgate.kube.legs import LARGEST_KEPT
from headgate.lifecycle import legs
from support.fake_api import Fault, answer, reset, run_fake_api
from support.fake_argo import LEGS
from support.operator_scene import (
    CHAIN,
    RUNS,
    SECRETS,
    WORKFLOWS,
    Scene,
    check_end,
    play,
    staged,
    start,
    whole,
    workflow,
)

CALLS = """
nodes:
- {name: first, use: set, with: {text: world}}
- {name: call, use: workflow/chain, with: {name: "${first.text}"}}
outputs: {text: "${call.text}"}
"""


def test_a_run_goes_from_its_creation_to_its_end() -> None:
    async def test(scene: Scene) -> None:
        start(scene)
        check_end(scene, await scene.end("r"))
        await scene.until(lambda: not any(kind == LEGS for kind, _, _ in scene.api.things))
        secrets = [thing for (kind, _, _), thing in scene.api.things.items() if kind == SECRETS]
        assert len(secrets) == 1
        assert secrets[0]["immutable"]
        await scene.until(lambda: {"Started", "LegSucceeded"} <= scene.events)
        await scene.until(lambda: scene.api.things[WORKFLOWS, "docs", "chain"].get("status", {}).get("lastRun") == "r")
        found = scene.api.things[WORKFLOWS, "docs", "chain"]["status"]
        assert found["conditions"][0]["status"] == "True"
        assert found["revision"] == scene.status("r")["revision"]

    play(test)


def test_outputs_that_the_caches_leave_out_are_read_when_they_count() -> None:
    async def test(scene: Scene) -> None:
        long = "x" * 3 * LARGEST_KEPT
        scene.api.put(WORKFLOWS, workflow("chain", CHAIN))
        scene.api.put(RUNS, whole("Run", "r", {"workflow": "chain", "inputs": {"name": long}}))
        status = await scene.end("r")
        assert status["phase"] == "Succeeded"
        secret = next(thing for (kind, _, _), thing in scene.api.things.items() if kind == SECRETS)
        assert max(len(base64.b64decode(text)) for text in secret["data"].values()) > len(long)
        assert any(call.startswith("GET") and "argoproj.io" in call for call in scene.api.calls)

    play(test)


def test_a_run_that_is_terminated_ends_without_an_argo_that_answers() -> None:
    async def test(scene: Scene) -> None:
        scene.argo.cancel()
        start(scene)
        await scene.until(lambda: scene.status("r").get("legs"))
        await scene.until(lambda: any(kind == LEGS for kind, _, _ in scene.api.things))
        run = scene.api.things[RUNS, "docs", "r"]
        scene.api.put(RUNS, {**run, "spec": {**run["spec"], "state": "Terminated"}})
        assert (await scene.end("r"))["phase"] == "Cancelled"
        await scene.until(lambda: not any(kind == LEGS for kind, _, _ in scene.api.things))
        await scene.until(lambda: "LegGivenUp" in scene.events)

    play(test)


def test_what_was_copied_and_not_noted_keeps_no_run_from_taking_over_what_came_since() -> None:
    """The operator dies between the copies and the status that says so, or that is refused; the old Run goes on."""

    async def test(scene: Scene) -> None:
        refused: list[str] = []

        async def hinder(request: web.Request) -> web.StreamResponse | None:
            """The second leg of the old Run waits for the copies, and the status of the new one for that leg."""
            is_second = request.method == "POST" and "argoproj" in request.path and scene.ran and not refused
            is_begun = request.method == "PUT" and request.path.endswith("runs/r2/status")
            if is_begun and scene.status("r").get("phase") != "Succeeded":
                refused.append(request.path)
                return await answer(409, "Conflict")(request)
            return await answer(503)(request) if is_second else None

        scene.api.put(WORKFLOWS, workflow("chain", CHAIN))
        scene.api.put(WORKFLOWS, workflow("calls", CALLS))
        scene.api.standing = hinder
        scene.api.put(RUNS, whole("Run", "r", {"workflow": "calls"}))
        await scene.until(lambda: any(kind == SECRETS for kind, _, _ in scene.api.things))
        scene.api.put(RUNS, whole("Run", "r2", {"workflow": "calls", "from": {"run": "r"}}))
        await scene.end("r")
        assert refused
        ran = list(scene.ran)
        status = await scene.end("r2")
        assert (status["phase"], status["outputs"]) == ("Succeeded", {"text": "world!"}), status
        assert scene.ran == ran, "all of it is taken over"

    play(test)


def test_a_workflow_is_not_written_for_each_of_its_runs() -> None:
    async def test(scene: Scene) -> None:
        start(scene)
        await scene.end("r")
        await scene.until(lambda: "lastRun" in scene.api.things[WORKFLOWS, "docs", "chain"].get("status", {}))
        before = scene.api.writes.count("PUT /apis/headgate.dev/v1alpha1/namespaces/docs/workflows/chain/status")
        for number in range(5):
            scene.api.put(RUNS, whole("Run", f"r{number}", {"workflow": "chain", "inputs": {"name": "Ana"}}))
            await scene.end(f"r{number}")
        after = scene.api.writes.count("PUT /apis/headgate.dev/v1alpha1/namespaces/docs/workflows/chain/status")
        assert after <= before + 1

    play(test)


def test_people_find_no_annotation_and_no_finalizer_of_ours_on_their_objects() -> None:
    async def test(scene: Scene) -> None:
        start(scene)
        await scene.end("r")
        for key in ((RUNS, "docs", "r"), (WORKFLOWS, "docs", "chain")):
            metadata = scene.api.things[key]["metadata"]
            assert metadata.keys() <= {"name", "namespace", "generation", "uid", "creationTimestamp", "resourceVersion"}

    play(test)


def test_policies_and_node_types_say_whether_they_make_sense_and_are_written_no_more() -> None:
    async def test(scene: Scene) -> None:
        def valid(kind: str, namespace: str, name: str) -> str:
            status = scene.api.things[f"headgate.dev/{kind}", namespace, name].get("status") or {"conditions": ({},)}
            found: str = status["conditions"][0].get("status", "")
            return found

        stage = {"name": "owners", "users": ["ana"]}
        scene.api.put("headgate.dev/approvalpolicies", whole("ApprovalPolicy", "good", {"stages": [stage]}))
        alone = {"stages": [{**stage, "votes": 2}]}
        scene.api.put("headgate.dev/approvalpolicies", whole("ApprovalPolicy", "bad", alone))
        await scene.until(lambda: valid("approvalpolicies", "docs", "bad") == "False")
        await scene.until(lambda: valid("approvalpolicies", "docs", "good") == "True")
        await scene.until(lambda: all(valid("nodetypes", "", str(one.metadata.name)) == "True" for one in builtin()))
        policy = scene.api.things["headgate.dev/approvalpolicies", "docs", "bad"]
        assert "asks 2 votes of 1 user" in policy["status"]["conditions"][0]["message"]
        assert policy["metadata"].keys() <= {"name", "namespace", "generation", "uid", "creationTimestamp"} | {
            "resourceVersion"
        }
        mended = {**policy, "metadata": {**policy["metadata"], "generation": 2}, "spec": {"stages": [stage]}}
        scene.api.put("headgate.dev/approvalpolicies", mended)
        await scene.until(lambda: valid("approvalpolicies", "docs", "bad") == "True")
        written = [call for call in scene.api.writes if "/approvalpolicies/" in call or "/nodetypes/" in call]
        assert len(written) == 3 + len(builtin()), written

    play(test)


def test_nothing_is_written_once_everything_is_said() -> None:
    async def test(scene: Scene) -> None:
        start(scene)
        await scene.end("r")
        await scene.until(lambda: len(scene.operator.queue) == 0 and scene.operator.recorder.pending == 0)
        await asyncio.sleep(0.3)
        before = [call for call in scene.api.writes if "leases" not in call]
        await asyncio.sleep(1.0)
        assert [call for call in scene.api.writes if "leases" not in call] == before

    play(test)


class Hits:
    """A fault that stays, and hits the n-th write of a Run and no other."""

    def __init__(self, number: int, fault: Fault, *, after: bool = False) -> None:
        self.number, self.fault, self.after = number, fault, after
        self.writes = 0
        self.hit = ""

    async def __call__(self, request: web.Request) -> web.StreamResponse | None:
        is_write = request.method != "GET" and "leases" not in request.path and "/events" not in request.path
        if is_write and not self.hit:
            self.writes += 1
            if self.writes == self.number:
                self.hit = f"{request.method} {request.path}"
                return await self.fault(request)
        return None


@pytest.mark.parametrize("fault", [answer(409, "Conflict"), answer(429), answer(500), answer(504), reset])
def test_whichever_write_fails_the_run_ends_and_no_node_runs_twice(fault: Fault) -> None:
    """Each write in turn, until there is none of that number."""

    async def test(scene: Scene) -> None:
        number, hits = 0, Hits(0, fault)
        while number == 0 or hits.hit:
            number += 1
            scene.ran.clear()
            hits = Hits(number, fault)
            scene.api.standing = hits
            scene.api.put(WORKFLOWS, workflow(f"w{number}", CHAIN))
            scene.api.put(RUNS, whole("Run", f"r{number}", {"workflow": f"w{number}", "inputs": {"name": "Ana"}}))
            check_end(scene, await scene.end(f"r{number}"))
            await scene.until(lambda: not any(kind == LEGS for kind, _, _ in scene.api.things))
        assert number > 5

    play(test)


def test_a_reply_that_is_lost_after_the_write_is_found_out() -> None:
    async def test(scene: Scene) -> None:
        scene.api.loses_replies = True
        start(scene)
        check_end(scene, await scene.end("r"))
        assert scene.api.lost > 3

    play(test)


def test_a_cluster_without_argo_is_told_and_runs_go_on_once_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflector, "_UNSERVED_PAUSE", 0.1)
    monkeypatch.setattr(legs, "LOOK_AGAIN", timedelta(seconds=0.2))

    async def unknown(request: web.Request) -> web.StreamResponse | None:
        return web.Response(status=404, text="404 page not found") if "argoproj.io" in request.path else None

    async def whole_play() -> None:
        async with run_fake_api() as api:
            api.standing = unknown
            async with staged(api) as scene:
                start(scene)
                await scene.until(lambda: "Argo Workflows is not installed" in scene.status("r").get("message", ""))
                written = [call for call in api.writes if "leases" not in call]
                await asyncio.sleep(1)
                again = [call for call in api.writes if "leases" not in call][len(written) :]
                assert not [call for call in again if "events" not in call], "nothing is tried again and again"
                api.standing = None
                check_end(scene, await scene.end("r"))

    asyncio.run(whole_play())


def test_a_run_that_cannot_go_on_is_told_and_does_not_keep_others() -> None:
    async def forbidden(request: web.Request) -> web.StreamResponse | None:
        is_leg = request.method == "POST" and "argoproj.io" in request.path and "/bad/" in request.path
        return await answer(403, "Forbidden", message="not here")(request) if is_leg else None

    async def test(scene: Scene) -> None:
        scene.api.standing = forbidden
        for namespace in ("bad", "docs"):
            for thing in (
                workflow("chain", CHAIN),
                whole("Run", "r", {"workflow": "chain", "inputs": {"name": "Ana"}}),
            ):
                kind = f"headgate.dev/{thing['kind'].lower()}s"
                scene.api.put(kind, {**thing, "metadata": {**thing["metadata"], "namespace": namespace}})
        check_end(scene, await scene.end("r"))
        await scene.until(
            lambda: any(
                thing["reason"] == "CannotGoOn" and "not here" in thing["message"]
                for (kind, _, _), thing in scene.api.things.items()
                if kind == "events"
            )
        )

    play(test)
