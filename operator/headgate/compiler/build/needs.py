"""References are edges, and the way they are written says what they need (LANGUAGE §1.1, §3.1)."""

from collections.abc import Iterable

from headgate.api.workflow import After
from headgate.compiler.build.reading import Place
from headgate_lang.fate import Outcome

ROOTS = frozenset({"inputs", "vars", "run", "item", "index"})
"""What expressions read that is no node."""

AFTER = {
    After.SUCCEEDED: Outcome.SUCCEEDED,
    After.NOT_FAILED: Outcome.NOT_FAILED,
    After.FAILED: Outcome.FAILED,
    After.ENDED: Outcome.ENDED,
}
"""What `after: {a: X}` accepts of a."""

Manner = int
"""How a node is read, by one reference or by several: the outcomes that are accepted, in bits, and whether any of the
references is plain. Bits, since `Flag` is ten times as slow, and there is one for every edge."""

_PLAIN: Manner = 16
OUTPUT: Manner = _PLAIN | Outcome.SUCCEEDED.value
OPTIONAL_OUTPUT: Manner = Outcome.NOT_FAILED.value
ERROR: Manner = _PLAIN | Outcome.FAILED.value
OPTIONAL_ERROR: Manner = Outcome.NOT_OMITTED.value

NEVER = Outcome(0)
ACCEPTED = tuple(Outcome(bits) for bits in range(_PLAIN)) * 2
"""By manner: what is accepted of a node. Nothing ever, where one reference reads the output and another the error."""


def together(one: Manner, other: Manner) -> Manner:
    """Two references to one node: a plain one decides, optional ones are united. Two plain ones may leave nothing."""
    if not (one | other) & _PLAIN:
        return one | other
    if one & other & _PLAIN:
        return one & other
    return one if one & _PLAIN else other


def nodes_read(places: Iterable[Place]) -> dict[str, Manner]:
    """What texts read that is no root of ours, in the order of reading, and in which manner."""
    found: dict[str, Manner] = {}
    for place in places:
        for read in place.reading.expressions:
            keys = read.keys
            if keys is not None:
                if read.root not in ROOTS:
                    manner = ERROR if keys and keys[0] == "error" else OUTPUT
                    found[read.root] = together(found[read.root], manner) if read.root in found else manner
                continue
            for reference in read.computed:
                if reference.root not in ROOTS:
                    if reference.is_error:
                        manner = OPTIONAL_ERROR if reference.is_optional else ERROR
                    else:
                        manner = OPTIONAL_OUTPUT if reference.is_optional else OUTPUT
                    known = found.get(reference.root)
                    found[reference.root] = manner if known is None else together(known, manner)
    return found


def inputs_read(places: Iterable[Place]) -> frozenset[str]:
    """The inputs that texts read."""
    found = set()
    for place in places:
        for read in place.reading.expressions:
            if read.keys is not None:
                if read.root == "inputs" and read.keys:
                    found.add(str(read.keys[0]))
            else:
                for reference in read.computed:
                    if reference.root == "inputs" and reference.steps:
                        found.add(str(reference.steps[0].key))
    return frozenset(found) if found else NOTHING


NOTHING: frozenset[str] = frozenset()
