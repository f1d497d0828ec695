"""The roots of an expression renamed by their position: `r0`, `r1`, … as fields of one variable. Used by `checker`.

Expressions that differ only in the names of nodes become the same, and what the engine says of one holds for all.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from headgate_lang.paths import Reference

VARIABLE = "__roots"
"""The one variable of every expression that is checked. Not a name that people give."""


@dataclass(frozen=True, slots=True)
class Renamed:
    source: str
    roots: tuple[str, ...]
    """What `r0`, `r1`, … are called in the original."""
    _starts: tuple[int, ...]
    _originals: tuple[int, ...]

    def original(self, offset: int) -> int:
        """Where in the original text this offset of the renamed one lies; inside a new name, where the old begins."""
        piece = bisect_right(self._starts, offset) - 1
        start, original = self._starts[piece], self._originals[piece]
        return original + (offset - start if piece % 2 == 0 else 0)


def rename(source: str, references: Iterable[Reference]) -> Renamed:
    """Pieces of the text and new names take turns, beginning with a piece."""
    roots: dict[str, int] = {}
    text, starts, originals, done = "", [0], [0], 0
    for reference in sorted(references, key=lambda one: one.start):
        if reference.start < done:  # the same place, which `optMap` had read twice
            continue
        number = roots.setdefault(reference.root, len(roots))
        text += source[done : reference.start]
        starts.append(len(text))
        originals.append(reference.start)
        text += f"{VARIABLE}.r{number}"
        done = reference.root_end
        starts.append(len(text))
        originals.append(done)
    return Renamed(text + source[done:], tuple(roots), tuple(starts), tuple(originals))
