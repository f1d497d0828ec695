"""Decides whether an image must be built, and why. Pure: the build gathers hashes, this compares them."""

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.images.content import hash_parts


@dataclass(frozen=True)
class Step:
    """What is to be done about one image."""

    key: str
    build: bool
    reason: str


def decide_step(parts: Mapping[str, str], *, built: Mapping[str, str] | None, last: Mapping[str, str] | None) -> Step:
    """Compare what an image would be made from with what there is.

    `built` are the parts of the image kept under this key, `last` those of the newest image of that name.
    """
    key = hash_parts(parts)
    if built is not None:
        return Step(key, build=False, reason="unchanged")
    if last is None:
        return Step(key, build=True, reason="first build")
    changed = sorted(part for part in {*parts, *last} if parts.get(part) != last.get(part))
    return Step(key, build=True, reason=f"{', '.join(changed)} changed" if changed else "its archive was gone")
