"""Segments: a part of the chain as one ConfigMap, a key a batch, a line an entry. Sealed once it is large or old.

The number of a segment is in its name, and a segment is created once: two that believe they lead cannot both go on.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from headgate.audit.entry import Entry, encode
from headgate.lifecycle import moments
from headgate.names import GROUP

LABEL = f"{GROUP}/audit"
"""On each segment, with the release's name."""
MAX_BYTES = 64 * 1024
"""A segment that has grown so large is sealed: each append writes it anew in etcd."""
MAX_BATCH = 32 * 1024
MAX_AGE = timedelta(days=7)
"""So is one whose first entry is older: only whole segments are pruned."""
_NAME = re.compile(r"(?P<release>.+)-audit-(?P<number>[0-9]{8})")

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    segment: str
    text: str


def segment_name(release: str, number: int) -> str:
    return f"{release}-audit-{number:08d}"


def number_of(name: str) -> int | None:
    found = _NAME.fullmatch(name)
    return int(found["number"]) if found else None


def key_of(entry: Entry) -> str:
    """Of the batch that begins with this entry: keys sort as numbers do."""
    return f"{entry.number:012d}"


def build_batch(entries: Iterable[Entry]) -> str:
    return "".join(f"{encode(entry)}\n" for entry in entries)


def build_segment(release: str, number: int, data: Mapping[str, str]) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": segment_name(release, number), "labels": {LABEL: release}},
        "data": dict(data),
    }


def lines_of(segment: Object) -> Iterator[Line]:
    """In the order in which they were written."""
    name = segment["metadata"]["name"]
    for _, text in sorted((segment.get("data") or {}).items()):
        yield from (Line(name, line) for line in text.split("\n") if line)


def in_order(segments: Iterable[Object]) -> list[Object]:
    """By their numbers; whatever only wears the label is last, and tells that it is no segment."""
    return sorted(segments, key=lambda one: (number_of(one["metadata"]["name"]) or 10**9, one["metadata"]["name"]))


def is_full(size: int, first_seen: str, now: datetime) -> bool:
    """Whether nothing more should come into it."""
    began = moments.parse(first_seen)
    return size >= MAX_BYTES or (began is not None and now - began >= MAX_AGE)
