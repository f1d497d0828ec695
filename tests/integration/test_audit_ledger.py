"""The ledger against an API server in memory that fails, and against others that believe that they lead as well.

Whatever happens, the chain has one end, and each fact stands in it once.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from headgate.audit import segments
from headgate.audit.entry import Action, Fact
from headgate.audit.retention import Retention
from headgate.audit.verifying import Fault
from headgate.handlers.ledger import Ledger
from headgate.kube.errors import KubeError
from support.fake_api import answer, reset
from support.figures import record
from support.ledger_scene import Scene, facts, play


def test_facts_become_entries_in_their_order_and_twice_told_they_are_there_once() -> None:
    async def test(scene: Scene) -> None:
        ledger = scene.ledger()
        await ledger.append(facts(range(5)))
        await ledger.append(facts(range(8)))
        await scene.ledger().append(facts(range(8)))
        entries, verified = scene.read()
        assert [entry.uid for entry in entries] == [f"uid-{number}" for number in range(8)]
        assert (verified.flaws, verified.head) == ((), ledger.head)
        writes = len(scene.api.writes)
        await scene.ledger().append(facts(range(8)))
        assert len(scene.api.writes) == writes, "what is recorded is not written again"

    play(test)


@pytest.mark.parametrize("fault", [answer(409, "Conflict"), answer(429), answer(500), answer(504), reset])
def test_whichever_write_fails_nothing_is_lost_and_nothing_doubled(fault: Any) -> None:
    async def test(scene: Scene) -> None:
        for number in range(6):
            ledger = scene.ledger()
            await ledger.load()
            scene.api.faults = [fault]
            await until_written(ledger, facts(range(number + 1)))
        assert set(scene.keys().values()) == {1}
        assert len(scene.keys()) == 6
        assert scene.read()[1].flaws == ()

    play(test)


async def until_written(ledger: Ledger, wanted: list[Fact]) -> None:
    while True:
        try:
            await ledger.append(wanted)
        except KubeError:
            continue
        return


def test_replies_that_are_lost_double_nothing() -> None:
    async def test(scene: Scene) -> None:
        scene.api.loses_replies = True
        ledger = scene.ledger()
        for number in range(12):
            await until_written(ledger, facts([number]))
        assert scene.api.lost > 3
        assert scene.keys() == Counter({f"uid-{number}": 1 for number in range(12)})
        assert scene.read(ledger.head)[1].flaws == ()

    play(test)


def test_one_that_dies_before_or_after_any_of_its_writes_is_followed_by_one_that_records_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every write of every life: the first segment, appends, the last of a segment, the next segment."""
    monkeypatch.setattr(segments, "MAX_BYTES", 1500)

    async def test(scene: Scene) -> None:
        deaths = 0
        for number in range(24):
            for is_done in (False, True):
                dying = scene.ledger()
                await dying.load()
                scene.api.standing = die(scene, is_done=is_done)
                with pytest.raises(KubeError):
                    await dying.append(facts(range(number + 1)))
                scene.api.standing = None
                deaths += 1
                if is_done:
                    assert scene.keys()[f"uid-{number}"] == 1
        await scene.ledger().append(facts(range(24)))
        record("audit_write_deaths", deaths, ">= 40", "writes", note="before and after: nothing lost, nothing doubled")
        assert scene.keys() == Counter({f"uid-{number}": 1 for number in range(24)})
        assert scene.read()[1].flaws == ()
        assert len(scene.segments) > 3

    play(test)


def die(scene: Scene, *, is_done: bool) -> Callable[[web.Request], Awaitable[web.StreamResponse | None]]:
    """A write breaks off, and with it the life of whoever wrote; `is_done`: after the API server has done it."""

    async def fault(request: web.Request) -> web.StreamResponse | None:
        if request.method == "GET":
            return None
        if is_done:
            await scene.api._carry_out(request)
        return await reset(request)

    return fault


def test_two_that_believe_that_they_lead_write_one_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MAX_BYTES", 3000)

    async def test(scene: Scene) -> None:
        both = [scene.ledger(), scene.ledger()]

        async def write(ledger: Ledger, first: int) -> None:
            for number in range(first, 40, 2):
                await until_written(ledger, facts([number, number + 1]))

        await asyncio.gather(write(both[0], 0), write(both[1], 1))
        assert scene.keys() == Counter({f"uid-{number}": 1 for number in range(41)})
        assert scene.read(both[0].head, both[1].head)[1].flaws == ()

    play(test)


def test_what_is_old_or_too_much_goes_in_whole_segments_and_the_log_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MAX_BYTES", 2000)

    async def test(scene: Scene) -> None:
        ledger = scene.ledger(Retention(keep=3600.0))
        for number in range(20):
            await ledger.append(facts([number]))
        head, before = ledger.head, len(scene.segments)
        await ledger.prune()
        assert len(scene.segments) == before, "nothing is old yet"
        scene.now += timedelta(hours=2)
        await ledger.append(facts([20]))
        await ledger.prune()
        entries, verified = scene.read(head, ledger.head)
        assert verified.flaws == ()
        assert {entry.action for entry in entries} >= {"Pruned"}
        assert entries[0].number > 1
        assert len(scene.segments) < before
        fresh = scene.ledger()
        await fresh.load()
        assert (fresh.head, fresh.floor) == (ledger.head, entries[0].seen)

    play(test)


def test_with_a_segment_goes_what_was_known_of_things_that_last_and_nothing_that_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(segments, "MAX_BYTES", 2000)

    async def test(scene: Scene) -> None:
        ledger = scene.ledger(Retention(keep=3600.0))
        used = [Fact(Action.CREDENTIAL_USED, f"used/{number}", "Credential", "blog", "u") for number in range(12)]
        for number, fact in enumerate(used):
            if number == 8:
                scene.now += timedelta(hours=2)
            await ledger.append([fact, *facts([number])])
        await ledger.prune()
        kept = {entry.id for entry in scene.read()[0]}
        assert 0 < len([fact for fact in used if fact.id in kept]) < len(used)
        assert [ledger.known.has(fact) for fact in used] == [fact.id in kept for fact in used]
        assert all(map(ledger.known.has, facts(range(12))))

    play(test)


def test_a_pruning_that_was_begun_is_ended_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MAX_BYTES", 2000)

    async def test(scene: Scene) -> None:
        ledger = scene.ledger(Retention(keep=3600.0))
        for number in range(10):
            await ledger.append(facts([number]))
        scene.now += timedelta(hours=2)

        async def refuse(request: web.Request) -> web.StreamResponse | None:
            return await reset(request) if request.method == "DELETE" else None

        scene.api.standing = refuse
        with pytest.raises(KubeError):
            await ledger.prune()
        assert scene.read()[1].flaws == (), "recorded and not yet gone is no flaw"
        scene.api.standing = None
        fresh = scene.ledger()
        await fresh.load()
        await fresh.prune()
        entries, verified = scene.read()
        assert (entries[0].number > 1, verified.flaws) == (True, ())
        assert Counter(entry.name for entry in entries if entry.action == "Pruned").most_common(1)[0][1] == 1

    play(test)


def test_a_log_that_was_cut_behind_our_back_keeps_its_hole_for_all_to_see() -> None:
    async def test(scene: Scene) -> None:
        ledger = scene.ledger()
        await ledger.append(facts(range(3)))
        await ledger.append(facts(range(6)))
        segment = scene.segments[0]
        data = {min(segment["data"]): segment["data"][min(segment["data"])]}
        scene.api.put("configmaps", {**segment, "metadata": dict(segment["metadata"]), "data": data})
        await ledger.append(facts(range(7)))
        entries, verified = scene.read()
        assert [flaw.fault for flaw in verified.flaws] == [Fault.MISSING]
        assert [entry.action for entry in entries[3:]] == ["ChainBroken", "Voted"]

    play(test)


def test_a_log_that_was_cut_while_nobody_ran_is_told_by_the_end_that_the_lease_remembers() -> None:
    async def test(scene: Scene) -> None:
        ledger = scene.ledger()
        await ledger.append(facts(range(3)))
        head = ledger.head
        scene.api.drop("configmaps", "headgate", "headgate-audit-00000001")
        fresh = scene.ledger()
        await fresh.load(head)
        await fresh.append(facts([9]))
        entries, verified = scene.read(head)
        assert entries[0].action == "ChainBroken"
        assert {flaw.fault for flaw in verified.flaws} == {Fault.CUT_AT_START}
        assert verified.unchecked == (head,)

    play(test)


def test_a_hole_that_was_made_behind_our_back_is_recorded_once() -> None:
    async def test(scene: Scene) -> None:
        ledger = scene.ledger()
        for number in range(5):
            await ledger.append(facts([number]))
        scene.cut(3)
        await ledger.append(facts([5]))
        for number in range(6, 9):
            await scene.ledger().append(facts([number]))
        entries, verified = scene.read()
        assert [flaw.message for flaw in verified.flaws] == ["entry 3 is missing"]
        assert Counter(entry.action for entry in entries)["ChainBroken"] == 1
        assert scene.keys()["uid-5"] == 1

    play(test)


def test_that_the_log_is_broken_is_recorded_even_if_the_first_write_of_it_fails() -> None:
    async def test(scene: Scene) -> None:
        ledger = scene.ledger()
        for number in range(5):
            await ledger.append(facts([number]))
        scene.cut(3)
        await ledger.load()
        scene.api.faults = [answer(500)] * 2
        with pytest.raises(KubeError):
            await ledger.append(facts([5]))
        scene.api.faults = []
        await ledger.append(facts([5]))
        assert Counter(entry.action for entry in scene.read()[0])["ChainBroken"] == 1

    play(test)


def test_what_is_gone_is_recorded_once_and_then_forgotten() -> None:
    async def test(scene: Scene) -> None:
        ledger = scene.ledger()
        gone = [Fact(Action.RUN_DELETED, "deleted", "Run", f"r{number}", f"uid-{number}") for number in range(3)]
        for _ in range(2):
            await ledger.append([*facts(range(3)), *gone])
        assert scene.keys() == Counter({f"uid-{number}": 2 for number in range(3)})
        assert list(ledger.known.gone((), {"Run", "ApprovalRequest"})) == []

    play(test)


def test_entries_as_large_as_can_be_fit_into_segments() -> None:
    async def test(scene: Scene) -> None:
        large = ["\U0001f642\\" * 50] * 64
        many = [
            Fact(
                Action.LEG_STARTED, f"leg/{number}", "Run", "r", f"uid-{number}", detail={"nodes": large, "more": large}
            )
            for number in range(60)
        ]
        await scene.ledger().append(many)
        entries, verified = scene.read()
        assert (len(entries), verified.flaws) == (60, ())
        sizes = [len(str(segment["data"]).encode()) for segment in scene.segments]
        assert max(sizes) < 300_000, "a ConfigMap holds a mebibyte"

    play(test)
