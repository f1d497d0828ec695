"""What has been recorded of objects that are still there, so that nothing is recorded twice. Kept by the ledger.

Eight bytes a fact: ten thousand Runs that are kept must cost next to nothing. Of the few objects of which there is much
to tell, as a credential that every leg uses, it is a set, up to eighteen times as large; there, what was pruned is
forgotten.
"""

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from sys import intern

from headgate.audit.entry import Action, Entry, Fact

_WIDTH = 8
_MANY = 1000
"""Facts of one object, above which they are looked up in a set."""
_PARTED = 1000
_HASHED = frozenset({Action.DEFINED, Action.CHANGED})
_GONE = frozenset({Action.RUN_DELETED, Action.REQUEST_DELETED, Action.REMOVED})


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of which something was recorded."""

    kind: str
    namespace: str
    name: str
    uid: str
    run: str
    seen: str
    """When something of it was recorded last."""


class Known:
    def __init__(self) -> None:
        self._ids: dict[str, bytes | set[bytes]] = {}
        self._things: dict[str, Thing] = {}
        self._parted: dict[str, None] = {}
        """What is gone, since when it is: for a while it may be told again."""
        self.hashes: dict[str, str] = {}
        """Uid of a policy, credential or workflow → the hash of its spec that was recorded last."""

    def has(self, fact: Fact) -> bool:
        mark, marks = _mark_of(fact.id), self._ids.get(fact.uid, b"")
        return mark in marks if isinstance(marks, set) else _find(mark, marks) >= 0

    def add(self, entry: Entry) -> None:
        try:
            mark = _mark_of(entry.id)
        except ValueError:
            return  # somebody has written there: the verifier tells of it
        marks = self._ids.get(entry.uid, b"")
        if isinstance(marks, set):
            marks.add(mark)
        elif len(marks) < _MANY * _WIDTH:
            self._ids[entry.uid] = marks + mark
        else:
            self._ids[entry.uid] = {mark, *(marks[place : place + _WIDTH] for place in range(0, len(marks), _WIDTH))}
        if entry.action in _GONE:
            self._part(entry.uid)
        elif entry.uid not in self._parted:
            self._keep(entry)

    def _keep(self, entry: Entry) -> None:
        kind, namespace = intern(entry.kind), intern(entry.namespace)
        self._things[entry.uid] = Thing(kind, namespace, entry.name, entry.uid, entry.run, entry.seen)
        recorded = entry.detail.get("hash")
        if entry.action in _HASHED and isinstance(recorded, str):
            self.hashes[entry.uid] = recorded

    def _part(self, uid: str) -> None:
        self._things.pop(uid, None)
        self.hashes.pop(uid, None)
        self._parted[uid] = None

    def trim(self, waiting: Collection[str] = ()) -> None:
        """Forget what has been gone for longest. `waiting`: uids of which something is still to be recorded."""
        for uid in list(islice(self._parted, max(0, len(self._parted) - _PARTED))):
            if uid not in waiting:
                self.forget(uid)

    def forget(self, uid: str) -> None:
        """Nothing more will be told of it, and nothing that was told waits: it would be recorded again."""
        self._ids.pop(uid, None)
        self._things.pop(uid, None)
        self._parted.pop(uid, None)
        self.hashes.pop(uid, None)

    def drop(self, entry: Entry) -> None:
        """It was pruned, and nobody tells it again."""
        with contextlib.suppress(ValueError):
            mark, marks = _mark_of(entry.id), self._ids.get(entry.uid, b"")
            if isinstance(marks, set):
                marks.discard(mark)
            elif (place := _find(mark, marks)) >= 0:
                marks = self._ids[entry.uid] = marks[:place] + marks[place + _WIDTH :]
            if not marks:
                self._ids.pop(entry.uid, None)

    def gone(self, there: Collection[str], kinds: Collection[str]) -> Iterator[Thing]:
        """Of these kinds, what is recorded and no longer there."""
        for uid, thing in list(self._things.items()):
            if thing.kind in kinds and uid not in there:
                yield thing


def _mark_of(id_: str) -> bytes:
    return bytes.fromhex(id_)[:_WIDTH].ljust(_WIDTH, b"\0")


def _find(mark: bytes, marks: bytes) -> int:
    """Where it begins; -1: nowhere. What only looks like it lies across two of them."""
    place = marks.find(mark)
    while place > 0 and place % _WIDTH:
        place = marks.find(mark, place + 1)
    return place
