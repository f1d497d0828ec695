"""Keeps the audit log in the cluster: segments, one after the other, in ConfigMaps of the operator's own namespace.

A segment is created under its number, and appended to at the version that was read. So it does not matter how many
believe that they lead, nor after which write one of them dies: the chain has one end, and a fact stands in it once, as
long as nothing is forgotten of what somebody still waits to append: `Recorder` sees to that.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice, takewhile
from typing import Any

from headgate.audit.chain import START, Head, extend, head_of
from headgate.audit.entry import Action, Actor, Entry, Fact, encode, fields_of
from headgate.audit.known import Known
from headgate.audit.retention import CHAIN, Retention, build_pruned, decide_pruning
from headgate.audit.segments import (
    LABEL,
    MAX_BATCH,
    Object,
    build_batch,
    build_segment,
    in_order,
    is_full,
    key_of,
    lines_of,
    number_of,
    segment_name,
)
from headgate.audit.shelf import Shelf, Tail
from headgate.audit.story.definitions import LASTING
from headgate.audit.verifying import Fault, Flaw, Verifier
from headgate.handlers.logs import AUDIT_LOGGER
from headgate.handlers.metrics import Metrics
from headgate.kube import kinds
from headgate.kube.client import Client
from headgate.kube.errors import AlreadyExistsError, ConflictError, InvalidError, NotFoundError, UnavailableError
from headgate.lifecycle.moments import spell_exactly

log = logging.getLogger(__name__)
exported = logging.getLogger(AUDIT_LOGGER)

_PAGE = 20
"""Segments at a time: a log may be as large as the rest of what the operator knows."""
_TRIES = 10
_MOST_FLAWS = 5
_BATCH = 64
"""Entries in one write, at most."""


class Ledger:
    def __init__(
        self,
        client: Client,
        namespace: str,
        release: str,
        retention: Retention,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._release = release
        self._retention = retention
        self._metrics = metrics
        self._now = now
        self._lock = asyncio.Lock()
        self._shelf = Shelf()
        self._unsaid: list[Fact] = []
        """About the log itself, for the next write that succeeds."""
        self.known = Known()
        self.head = START
        self.is_loaded = False
        self.floor = ""
        """When the first entry that is kept was recorded, if others before it were pruned."""

    def has(self, fact: Fact) -> bool:
        return self.is_loaded and self.known.has(fact)

    async def load(self, expected: Head | None = None) -> None:
        """Read the whole log, and check it. `expected`: an end that it must reach, as far as somebody remembers."""
        async with self._lock:
            await self._load(expected or self.head)

    async def append(self, facts: Iterable[Fact]) -> None:
        """When this returns, all of them stand in the chain. Raises KubeError."""
        async with self._lock:
            await self._append(list(facts))

    async def prune(self) -> None:
        """Take away what is too old or too much. What was begun and not ended is ended."""
        async with self._lock:
            sealed = self._shelf.sealed
            chosen = decide_pruning(sealed, self._shelf.tail.size, self._retention, self._now())
            begun = takewhile(lambda one: self.has(build_pruned(one)), sealed)  # the oldest go first, so they are there
            for one in {segment.number: segment for segment in (*begun, *chosen)}.values():
                await self._append([build_pruned(one)])
                found = await self._client.find(kinds.CONFIG_MAP, one.name, self._namespace)
                with contextlib.suppress(NotFoundError):
                    await self._client.delete(kinds.CONFIG_MAP, one.name, self._namespace)
                self._shelf.drop(one.number)
                if found is not None:
                    self._forget(found)

    def _forget(self, pruned: Object) -> None:
        """Runs, and what belongs to them, tell all of theirs again until they are gone; of the rest, much may be."""
        for entry in _entries(Verifier(), pruned):
            if entry.kind in LASTING:
                self.known.drop(entry)

    async def _load(self, expected: Head) -> None:
        """All of it, or nothing changes: half a log that counts as read would be written on from its middle."""
        verifier, known, shelf = Verifier([expected]), Known(), Shelf()
        async for segment in self._segments():
            for entry in _entries(verifier, segment):
                known.add(entry)
            shelf.read(segment)
            if not self.is_loaded:  # else somebody may wait with what is gone by now
                known.trim()
            await asyncio.sleep(0)
        verified = verifier.finish()
        self.known, self._shelf, self.head = known, shelf, verified.head
        self.floor = verified.first.seen if verified.first and verified.first.number > 1 else ""
        self._metrics.audit_flaws.set(0)
        if verified.flaws:
            self._break(expected, verified.head, verified.flaws)
        self.is_loaded = True
        self._metrics.audit_head.set(self.head.number)

    async def _segments(self) -> AsyncIterator[Object]:
        start = ""
        while True:
            labels = f"{LABEL}={self._release}"
            page = await self._client.list_page(
                kinds.CONFIG_MAP, self._namespace, labels=labels, start=start, limit=_PAGE
            )
            for segment in in_order(page.items):
                name = segment["metadata"]["name"]
                if name == segment_name(self._release, number_of(name) or 0):
                    yield segment
            start = page.next
            if not start:
                return

    async def _append(self, facts: Sequence[Fact]) -> None:
        failures, left = 0, {fact.id: fact for fact in facts}
        while failures < _TRIES:
            if not self.is_loaded:
                await self._load(self.head)
            self._unsaid = [fact for fact in self._unsaid if not self.known.has(fact)]
            told = {**{fact.id: fact for fact in self._unsaid}, **left}
            left = {id_: fact for id_, fact in told.items() if not self.known.has(fact)}
            if not left:
                return
            entries = _fitting(extend(self.head, islice(left.values(), _BATCH), spell_exactly(self._now())))
            try:
                await self._write(entries)
                left = {id_: fact for id_, fact in left.items() if id_ not in {entry.id for entry in entries}}
            except (ConflictError, AlreadyExistsError, NotFoundError, InvalidError) as error:
                failures += 1
                log.info("read the end of the audit log again", extra={"error": str(error)})
                await self._read_on()
        raise UnavailableError("write the audit log", "others write it all the time")

    async def _write(self, entries: Sequence[Entry]) -> None:
        text, tail = build_batch(entries), self._shelf.tail
        size, data = len(text.encode()), {key_of(entries[0]): text}
        if tail.is_sealed:
            if tail.number:  # what is pruned meanwhile, the next number with it, must not be written anew
                await self._client.get(kinds.CONFIG_MAP, segment_name(self._release, tail.number), self._namespace)
            number = tail.number + 1
            segment = build_segment(self._release, number, data)
            written = await self._client.create(kinds.CONFIG_MAP, segment, self._namespace)
            tail = Tail(number, "", 0, entries[0].number, entries[0].seen, is_sealed=False)
        else:
            change: Object = {"metadata": {"resourceVersion": tail.version}, "data": data}
            if is_full(tail.size + size, tail.first_seen, self._now()):
                change["immutable"] = True
            name = segment_name(self._release, tail.number)
            written = await self._client.patch(kinds.CONFIG_MAP, name, self._namespace, change)
        self._take(entries)
        self._shelf.note(written, tail.size + size, tail.first, tail.first_seen)

    def _take(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self.known.add(entry)
            self.head = head_of(entry)
            self._metrics.audit_entries.labels(entry.action).inc()
            exported.info("recorded", extra={"entry": fields_of(entry)})
        self._metrics.audit_head.set(self.head.number)

    async def _read_on(self) -> None:
        """Somebody has written, or it was us and the reply was lost: take over what stands after our end."""
        last = self._shelf.tail.number
        number = max(last, 1)
        found = await self._client.find(kinds.CONFIG_MAP, segment_name(self._release, number), self._namespace)
        if found is None or number > last:
            await self._load(self.head)
            return
        while found is not None:
            self._read_segment(found)
            number += 1
            found = await self._client.find(kinds.CONFIG_MAP, segment_name(self._release, number), self._namespace)

    def _read_segment(self, segment: Object) -> None:
        verifier = Verifier([self.head])
        for entry in _entries(verifier, segment):
            if entry.number == self.head.number + 1 and entry.previous == self.head.hash:
                self._take([entry])
        verified = verifier.finish()
        flaws = [flaw for flaw in verified.flaws if flaw.fault is not Fault.CUT_AT_START]  # it is but a part
        if flaws:
            self._break(self.head, verified.head, flaws)
        self._shelf.read(segment)

    def _break(self, expected: Head, found: Head, flaws: Sequence[Flaw]) -> None:
        """Go on from where we were: the hole stays to be seen by everybody. The same flaws are recorded once."""
        self._metrics.audit_flaws.set(len(flaws))
        log.error("the audit log is not as it was written", extra={"flaws": _few(flaws)})
        if expected.number > found.number or (expected.number == found.number and expected != found):
            self.head = expected
        detail: dict[str, Any] = {"known": str(expected), "found": str(found), "flaws": _few(flaws)}
        fact = Fact(
            Action.CHAIN_BROKEN,
            f"broken/{'/'.join(_few(flaws))}",
            "ConfigMap",
            segment_name(self._release, self._shelf.tail.number or 1),
            CHAIN,
            who="headgate",
            actor=Actor.HEADGATE,
            detail=detail,
        )
        self._unsaid.append(fact)


def _entries(verifier: Verifier, segment: Object) -> Iterator[Entry]:
    for line in lines_of(segment):
        entry = verifier.read(line.text, line.segment)
        if entry is not None:
            yield entry


def _fitting(entries: Sequence[Entry]) -> Sequence[Entry]:
    """As many of them as one write may hold, and one at least."""
    size = 0
    for place, entry in enumerate(entries):
        size += len(encode(entry).encode())
        if size > MAX_BATCH and place:
            return entries[:place]
    return entries


def _few(flaws: Sequence[Flaw]) -> list[str]:
    return [str(flaw) for flaw in flaws[:_MOST_FLAWS]]
