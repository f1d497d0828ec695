"""Chance that can be had again: the same seed gives the same, in every version of Python and on every machine.

SHA-256 of the seed and a counter. Good for choices and test data; what must stay secret is drawn elsewhere. Used by
`random` and `uuid`.
"""

import hashlib
import math
from collections.abc import MutableSequence
from typing import Any


class Chance:
    def __init__(self, seed: str, purpose: str) -> None:
        self._key = hashlib.sha256(f"headgate {purpose}\0{seed}".encode(errors="surrogatepass")).digest()
        self._counter = 0
        self._drawn = b""
        self._used = 0

    def bytes(self, count: int) -> bytes:
        while len(self._drawn) - self._used < count:
            fresh = (
                hashlib.sha256(self._key + (self._counter + more).to_bytes(8, "big")).digest() for more in range(32)
            )
            self._drawn, self._used = self._drawn[self._used :] + b"".join(fresh), 0
            self._counter += 32
        self._used += count
        return self._drawn[self._used - count : self._used]

    def below(self, most: int) -> int:
        """A whole number from 0 to before `most`, each as likely as another."""
        bits = (most - 1).bit_length()
        size = (bits + 7) // 8
        while True:
            drawn = int.from_bytes(self.bytes(size), "big") >> (size * 8 - bits)
            if drawn < most:
                return drawn

    def share(self) -> float:
        """From 0 to before 1, of 53 bits."""
        return (int.from_bytes(self.bytes(7), "big") >> 3) / (1 << 53)

    def normal(self) -> float:
        """Around 0 with a deviation of 1: Box and Muller."""
        return math.sqrt(-2 * math.log(1 - self.share())) * math.cos(2 * math.pi * self.share())

    def shuffle(self, items: MutableSequence[Any], first: int | None = None) -> None:
        """Fisher and Yates; of the first so many places only, if asked."""
        for place in range(min(len(items) - 1, len(items) if first is None else first)):
            other = place + self.below(len(items) - place)
            items[place], items[other] = items[other], items[place]
