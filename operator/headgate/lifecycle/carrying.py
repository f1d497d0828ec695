"""What a leg reads and no Secret holds yet: what child Runs and people gave, and what a leg gave that still runs. A
little of it stands in the leg itself. More is kept first, and read from there: a leg, and each of its pods, is bounded.
"""

from collections.abc import Mapping
from typing import Any

from headgate.api.run import NodePhase
from headgate.compiler.emit import Document, Inline, InSecret
from headgate.compiler.known import Instance
from headgate.compiler.sizes import KIB
from headgate.lifecycle.actions import KeepOutputs
from headgate.lifecycle.case import Case
from headgate.lifecycle.entries import Entries, encode
from headgate.lifecycle.legview import kept_labels
from headgate.lifecycle.observed import ENTRIES
from headgate.lifecycle.portions import portions
from headgate.names import child_name
from headgate_lang import documents

MOST_INLINE = 16 * KIB
"""Of all that a leg reads so."""
_NO_LEG = 0
"""What is kept so tells of no leg how it ended."""


def carry(case: Case, read: Mapping[Instance, Document]) -> tuple[Mapping[Instance, Document], tuple[KeepOutputs, ...]]:
    """Where a leg finds what it reads, and what is to be kept before it is created."""
    inline = {one: _own(one, place) for one, place in read.items() if isinstance(place, Inline)}
    sizes = {one: len(documents.encode(value)) for one, value in inline.items()}
    if sum(sizes.values()) <= MOST_INLINE:
        return read, ()
    found, keeps = dict(read), []
    for portion in portions(sizes):
        keep, places = _keep(case, {one: inline[one] for one in portion})
        found.update(places)
        keeps.append(keep)
    return found, tuple(keeps)


def _own(instance: Instance, place: Inline) -> Any:
    """Items share a document, by index."""
    return place.value if instance.index is None else {str(instance.index): place.value[str(instance.index)]}


def _keep(case: Case, given: Mapping[Instance, Any]) -> tuple[KeepOutputs, Mapping[Instance, InSecret]]:
    """Under a name that says what is in it: made again, it finds the same."""
    keys = {node: f"d{place}" for place, node in enumerate(dict.fromkeys(one.node for one in given))}
    values: dict[str, Any] = {}
    for instance, value in given.items():
        values.setdefault(keys[instance.node], {}).update(value)
    texts = {key: documents.encode(value) for key, value in values.items()}
    digest = documents.digest(texts).removeprefix("sha256:")[:12]
    name = child_name(case.name, case.uid[:8], digest, "read")
    keep = KeepOutputs(
        name, kept_labels(case.uid, _NO_LEG), {ENTRIES: encode(Entries(NodePhase.SUCCEEDED.value)), **texts}
    )
    return keep, {instance: InSecret(name, keys[instance.node]) for instance in given}
