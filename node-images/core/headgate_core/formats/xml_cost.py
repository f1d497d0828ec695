"""What a search in a document can cost at most, reckoned before it begins. Used by `xpath` and `html_reading`.

libxml2 cannot be stopped while it searches, and a search inside of a search (`//a[.//b]`) multiplies: by the whole
document for each element, or by its neighbours where only they are looked at.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from headgate_node import NodeError

MAX_STEPS = 20_000_000
MAX_DESCENTS = 10

_TEXTS = re.compile(r"\"[^\"]*\"|'[^']*'")
_TOKENS = re.compile(
    r"[\[\]]|//|\.\.|(?:descendant|following|preceding|ancestor|parent)[a-z-]*\s*::|(?<![\w\])*.:@-])\s*/"
)
_DESCENTS = re.compile(r"//|descendant[a-z-]*\s*::")
_SIDEWAYS = re.compile(r"(?:following|preceding)[a-z-]*\s*::")
_NEAR = re.compile(r"\.\.|parent\s*::|(?:following|preceding)-sibling\s*::")


@dataclass(frozen=True)
class Extent:
    """How large a document is."""

    elements: int
    neighbours: float
    """How many elements stand beside one, on average over all elements."""


def measure(root: Any) -> Extent:
    parents = Counter(element.getparent() for element in root.iter())
    elements = sum(parents.values())
    return Extent(elements, sum(number**2 for number in parents.values()) / elements)


def check_cost(place: str, expression: str, extent: Extent, told: str | None = None) -> None:
    """Raises NodeError TooExpensive; `told` is the expression as people wrote it."""
    bare = _TEXTS.sub('""', expression)
    told = (told or expression)[:100]
    if len(_DESCENTS.findall(bare)) > MAX_DESCENTS:
        message = f"{place}: {told!r} searches all that is below more than {MAX_DESCENTS} times: take fewer steps"
        raise NodeError("TooExpensive", message)
    if max(_cost(part, extent) for part in _split(bare)) > MAX_STEPS:
        message = f"{place}: {told!r} may search the document again for each of its {extent.elements:,} elements"
        raise NodeError("TooExpensive", f"{message}: find in two steps, or in a smaller document")


def _split(expression: str) -> list[str]:
    """The alternatives at the top, which are searched one after the other."""
    depth, parts = 0, [""]
    for letter in expression:
        depth += (letter in "[(") - (letter in "])")
        if letter == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _cost(part: str, extent: Extent) -> float:
    """The elements, once more for every wide step that is taken for each of them."""
    depth, cost = 0, float(extent.elements)
    for mark in _TOKENS.findall(part):
        depth += (mark == "[") - (mark == "]")
        if mark not in ("[", "]") and (depth > 0 or _SIDEWAYS.fullmatch(mark)):
            cost *= max(extent.neighbours, 1) if _NEAR.fullmatch(mark) else extent.elements
    return 0 if cost == extent.elements else cost
