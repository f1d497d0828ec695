"""What a leg claims, as its status and its annotation hold it: items of loops that follow each other are one text."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from headgate.compiler.known import Instance

Positions = Sequence[tuple[Instance, ...]]
"""By position of the pod: the instances that run in it."""

_RANGE = re.compile(r"([a-z][a-z0-9_]{0,39})\[(\d{1,6})-(\d{1,6})\]")


def spell(instances: Iterable[Instance]) -> tuple[str, ...]:
    """`fetch[0]`, `fetch[1]`, `fetch[2]` are `fetch[0-2]`: a status has to hold them."""
    texts: list[str] = []
    first = last = None
    for instance in (*instances, None):
        if last is not None and instance is not None and _follows(last, instance):
            last = instance
            continue
        if first is not None and last is not None:
            texts.append(str(first) if first == last else f"{first.node}[{first.index}-{last.index}]")
        first = last = instance
    return tuple(texts)


def read(texts: Iterable[str]) -> tuple[Instance, ...]:
    return tuple(instance for text in texts for instance in _expand(text))


def read_annotation(text: str) -> Positions | None:
    """What stands on a leg; None if it is not what `emit` writes."""
    try:
        written = json.loads(text)
        return [tuple(Instance.parse(member) for member in members) for members in written]
    except (ValueError, TypeError, RecursionError):
        return None


def are_same(some: Iterable[Instance], others: Iterable[Instance]) -> bool:
    """Which pod an instance shares is not claimed: a leg that is made again may divide a loop otherwise."""
    return Counter(some) == Counter(others)


def _follows(last: Instance, instance: Instance) -> bool:
    return last.index is not None and instance == Instance(last.node, last.index + 1)


def _expand(text: str) -> Iterator[Instance]:
    match = _RANGE.fullmatch(text)
    if match is None:
        yield Instance.parse(text)
    else:
        yield from (Instance(match[1], index) for index in range(int(match[2]), int(match[3]) + 1))
