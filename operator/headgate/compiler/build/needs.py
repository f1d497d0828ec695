"""References are edges, and the way they are written says what they need (LANGUAGE §1.1, §3.1)."""

from collections.abc import Iterable

from headgate.api.workflow import After
from headgate.compiler.build.reading import Place
from headgate_lang.fate import Outcome
from headgate_lang.paths import Reference

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


def read_by(places: Iterable[Place], every: Iterable[str]) -> tuple[dict[str, Manner], frozenset[str]]:
    """What texts read: nodes (whatever is no root of ours), in the order of reading and in which manner; and inputs,
    all of `every` where it is computed which."""
    nodes: dict[str, Manner] = {}
    inputs: set[str] = set()
    for place in places:
        for read in place.reading.expressions:
            keys = read.keys
            if keys is None:
                for reference in read.computed:
                    _note(reference, nodes, inputs, every)
            elif read.root not in ROOTS:
                manner = ERROR if keys and keys[0] == "error" else OUTPUT
                known = nodes.get(read.root)
                nodes[read.root] = manner if known is None else together(known, manner)
            elif read.root == "inputs":
                inputs.update([keys[0]] if keys and isinstance(keys[0], str) else every)
    return nodes, frozenset(inputs) if inputs else NOTHING


def _note(reference: Reference, nodes: dict[str, Manner], inputs: set[str], every: Iterable[str]) -> None:
    if reference.root not in ROOTS:
        if reference.is_error:
            manner = OPTIONAL_ERROR if reference.is_optional else ERROR
        else:
            manner = OPTIONAL_OUTPUT if reference.is_optional else OUTPUT
        known = nodes.get(reference.root)
        nodes[reference.root] = manner if known is None else together(known, manner)
    elif reference.root == "inputs":
        key = reference.steps[0].key if reference.steps else None
        inputs.update([key] if isinstance(key, str) else every)


NOTHING: frozenset[str] = frozenset()
