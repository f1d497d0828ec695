"""The operator whole, as one of several replicas: who leads acts, who stops or dies is followed and told of."""

import pytest

from headgate.handlers.outbox import Outbox
from headgate.handlers.recorder import Recorder
from support.fake_api import answer
from support.operator_scene import Scene, check_end, play, start


@pytest.mark.parametrize(("part", "method"), [("recording", "keep"), ("telling", "work")])
def test_what_dies_beside_the_workers_of_a_leader_ends_the_replica(
    part: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(_: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(Recorder if part == "recording" else Outbox, method, die)

    async def test(scene: Scene) -> None:
        await scene.until(lambda: f"the task {part} has ended" in scene.operator.alive().problems)

    play(test)


def test_one_that_no_longer_leads_is_alive() -> None:
    async def test(scene: Scene) -> None:
        scene.api.standing = answer(503)
        await scene.until(lambda: not scene.operator.leads)
        assert scene.operator.alive().is_good
        scene.api.standing = None
        await scene.until(lambda: scene.operator.leads)
        assert scene.operator.alive().is_good

    play(test)


def test_a_replica_that_stops_is_followed_by_another_at_once() -> None:
    async def test(scene: Scene) -> None:
        second = scene.build("replica-2")
        await second.start()
        assert not second.leads
        await scene.operator.stop()
        await scene.until(lambda: second.leads, 1)
        start(scene)
        check_end(scene, await scene.end("r"))
        await second.stop()
        scene.operator = scene.build("replica-3")
        await scene.operator.start()

    play(test)


def test_a_leader_whose_lease_is_taken_stops_acting() -> None:
    async def test(scene: Scene) -> None:
        lease = scene.api.things["coordination.k8s.io/leases", "headgate", "headgate-operator"]
        taken = {**lease["spec"], "holderIdentity": "another"}
        scene.api.put("coordination.k8s.io/leases", {**lease, "metadata": dict(lease["metadata"]), "spec": taken})
        await scene.until(lambda: not scene.operator.leads)
        await scene.until(lambda: scene.operator.leads, 3)

    play(test)


def test_what_leading_died_of_is_told_and_the_replica_is_not_alive(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(scene: Scene) -> None:
        second = scene.build("replica-2")

        def break_down() -> None:
            raise KeyError("a mistake of ours")

        monkeypatch.setattr(second._dispatcher, "queue_everything", break_down)
        await second.start()
        await scene.operator.stop()
        await scene.until(lambda: not second.alive().is_good, 3)
        assert second.alive().problems == ("the task leading has ended",)
        told = [record for record in caplog.records if record.message == "a task has ended"]
        assert [record.exc_info[0] for record in told if record.exc_info] == [KeyError]
        await second.stop()

    play(test)
