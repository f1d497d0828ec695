"""A fact, and the entry that it becomes in the chain: its fields, how it is written, what its hash covers.

An entry is one line of JSON: sorted keys, no blanks, and nothing in it that an editor would hide. Its hash is that of
the same line without the field `hash`, so `jq -cS 'del(.hash)'` and `sha256sum` are all that it takes to check one.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from headgate_lang import documents

MAX_TEXT = 400
"""Of one text, in characters."""
MAX_LINE = 64 * 1024
"""Of an entry, in characters: more than all its fields can take."""
MAX_LIST = 64

Scalar = str | int | bool | list[str]


class Actor(StrEnum):
    USER = "User"
    """The API server has proved who it was."""
    HEADGATE = "Headgate"
    UNKNOWN = "Unknown"
    """The object does not say; the API server's own audit log does."""


class Action(StrEnum):
    RUN_CREATED = "RunCreated"
    RUN_DECLARED = "RunDeclared"
    """Somebody changed `state` or `attempt`."""
    RUN_STARTED = "RunStarted"
    """It keeps to a revision from now on, or to another attempt."""
    LEG_STARTED = "LegStarted"
    RUN_ENDED = "RunEnded"
    RUN_DELETED = "RunDeleted"
    ASKED = "Asked"
    VOTED = "Voted"
    DECIDED = "Decided"
    DECISION_USED = "DecisionUsed"
    """Something goes on because of it."""
    REQUEST_DELETED = "RequestDeleted"
    CREDENTIAL_USED = "CredentialUsed"
    """Pods of a leg are given it."""
    DEFINED = "Defined"
    """A policy, credential or workflow was seen for the first time."""
    CHANGED = "Changed"
    REMOVED = "Removed"
    OPERATOR_LEADS = "OperatorLeads"
    """A replica began to lead. Before it there may have been none: what happened then was recorded afterwards."""
    PRUNED = "Pruned"
    """A segment of the log itself was taken away, as its settings demand."""
    CHAIN_BROKEN = "ChainBroken"
    """The log was found to be shorter than it had been, or another."""


@dataclass(frozen=True)
class Fact:
    """Something that happened. With the same `uid` and `key` it is the same fact, whenever it is told."""

    action: Action
    key: str
    """What tells it from others about the same object."""
    kind: str
    name: str
    uid: str
    namespace: str = ""
    at: str = ""
    """When it happened, as far as anybody knows; empty: when it was recorded."""
    who: str = ""
    actor: Actor = Actor.UNKNOWN
    run: str = ""
    outcome: str = ""
    detail: Mapping[str, Scalar] = field(default_factory=dict)
    documents: Mapping[str, Any] = field(default_factory=dict)
    """What may be secret or large: of these the entry has the digest."""

    @cached_property
    def id(self) -> str:
        return hashlib.sha256(f"{self.uid}/{self.key}".encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    id: str
    at: str
    seen: str
    """When it was recorded."""
    namespace: str
    who: str
    actor: str
    action: str
    kind: str
    name: str
    uid: str
    run: str
    outcome: str
    detail: Mapping[str, Scalar]
    previous: str
    """The hash of the entry before."""
    hash: str


FIELDS = tuple(Entry.__dataclass_fields__)


class MalformedEntryError(ValueError):
    """A line that is no entry."""


def build_entry(fact: Fact, number: int, previous: str, seen: str) -> Entry:
    detail = {clean(name, 64): _tidy(value) for name, value in fact.detail.items()}
    detail.update({name: documents.digest(document) for name, document in fact.documents.items()})
    said: dict[str, Any] = {
        "number": number,
        "id": fact.id,
        "at": clean(fact.at or seen),
        "seen": seen,
        "namespace": clean(fact.namespace),
        "who": clean(fact.who),
        "actor": str(fact.actor),
        "action": str(fact.action),
        "kind": fact.kind,
        "name": clean(fact.name),
        "uid": clean(fact.uid),
        "run": clean(fact.run),
        "outcome": clean(fact.outcome),
        "detail": detail,
        "previous": previous,
    }
    return Entry(**said, hash=hash_of(said))


def hash_of(said: Mapping[str, Any]) -> str:
    """Of all fields but `hash`."""
    return f"sha256:{hashlib.sha256(_dump(said).encode()).hexdigest()}"


def fields_of(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in FIELDS}


def encode(entry: Entry) -> str:
    """Its line, without the end of the line."""
    return _dump(fields_of(entry))


def decode(line: str) -> Entry:
    """Raises MalformedEntryError. Whether its hash is right is another question: `is_intact`."""
    if len(line) > MAX_LINE:
        raise MalformedEntryError(f"it is longer than {MAX_LINE} characters")
    try:
        read = json.loads(line)
    except (ValueError, RecursionError):
        raise MalformedEntryError("it is no JSON") from None
    if not isinstance(read, dict) or set(read) != set(FIELDS):
        raise MalformedEntryError("it has not the fields of an entry")
    if type(read["number"]) is not int or read["number"] < 1:
        raise MalformedEntryError("its number is none")
    if not isinstance(read["detail"], dict) or not all(map(_is_scalar, read["detail"].values())):
        raise MalformedEntryError("its detail is none")
    if not all(isinstance(read[name], str) for name in FIELDS if name not in ("number", "detail")):
        raise MalformedEntryError("its fields are not texts")
    return Entry(**read)


def is_intact(entry: Entry, line: str) -> bool:
    """Whether this very line is what was written: not a blank of it may change."""
    said = fields_of(entry)
    del said["hash"]
    try:
        return hash_of(said) == entry.hash and encode(entry) == line
    except UnicodeEncodeError:
        return False


_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def clean(text: str, most: int = MAX_TEXT) -> str:
    """Without what an editor would hide, and bounded."""
    text = _HIDDEN.sub("\ufffd", text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _tidy(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        more = [f"and {len(value) - MAX_LIST} more"] if len(value) > MAX_LIST else []
        return [clean(one, 100) for one in value[:MAX_LIST]] + more
    return value


def _is_scalar(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str | int)


def _dump(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
