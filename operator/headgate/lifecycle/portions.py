"""What is too much for one Secret, divided among several: what child Runs gave, of which there may be many."""

from collections.abc import Iterator, Mapping

from headgate.compiler.known import Instance

MOST = 512 * 1024
"""Bytes of texts in one Secret, which takes 1 MiB in base64, and names and labels beside them."""


def portions(sizes: Mapping[Instance, int]) -> Iterator[tuple[Instance, ...]]:
    """In their order, as many together as one Secret holds."""
    portion: list[Instance] = []
    taken = 0
    for instance, size in sizes.items():
        if portion and taken + size > MOST:
            yield tuple(portion)
            portion, taken = [], 0
        portion.append(instance)
        taken += size
    if portion:
        yield tuple(portion)
