"""`from`: what a new Run takes over from an old one. Its outputs are copied, so that the old one may go.

What is taken over stands in the new Run as legs of its own that have ended: the first numbers are theirs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from headgate.api.run import LegStatus, NodePhase, RunStatus
from headgate.compiler.graph import Node, Role
from headgate.compiler.known import Instance, Known
from headgate.compiler.plan import plan
from headgate.compiler.rerun import take_over
from headgate.lifecycle.actions import Copied, KeepOutputs
from headgate.lifecycle.case import Case
from headgate.lifecycle.children import view_children
from headgate.lifecycle.entries import Entries, KeptEntry, Live, Stored, Told, encode
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.legview import kept_labels, secret_name
from headgate.lifecycle.observed import ENTRIES, Reference
from headgate_lang import documents
from headgate_lang.fate import Outcome
from headgate_lang.report import Entry, Phase


@dataclass(frozen=True, slots=True)
class Taken:
    keeps: tuple[KeepOutputs, ...]
    legs: tuple[LegStatus, ...]


def take(case: Case, old: Case, old_facts: Facts) -> Taken:
    """`old_facts`: what the old Run's legs told. Its gates are not looked at: they ask again."""
    facts = _known(old, old_facts)
    wanted = case.spec.from_
    assert wanted is not None
    mine, theirs = case.status.inputs, old.status.inputs
    changed = frozenset(name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name))
    restart = frozenset(wanted.restart) | _other_nodes(case, old)
    kept = take_over(
        case.graph,
        Known({one: end for one, end in facts.settled.items() if one.node in case.graph.by_name}),
        restart=restart,
        skip={name: skip.output is not None for name, skip in wanted.skip.items()},
        changed_inputs=changed,
    )
    stands = {one for one in kept.settled if one.node not in wanted.skip}
    return _copy(case, {one: told for one, told in _told(facts) if one in stands})


def _known(old: Case, facts: Facts) -> Facts:
    for instance, child in view_children(old, facts):
        if child.end is not None:
            facts.end(instance, child.end)
    facts.claimed.clear()
    while due := plan(old.graph, facts.known).settled:
        facts.settled.update(due)
    return facts


def _other_nodes(case: Case, old: Case) -> frozenset[str]:
    """Those that are others in this revision, or under these constants: what they gave says nothing any more."""
    if (case.vars, case.spec.environment) != (old.vars, old.spec.environment):
        return frozenset(case.graph.by_name)
    return frozenset(node.name for node in case.graph if not _is_same(node, case, old))


def _is_same(node: Node, case: Case, old: Case) -> bool:
    """Whether it does the same with the same. What its credentials demand, and who serves its models, is asked anew."""
    other = old.graph.by_name.get(node.name)
    if other is None or replace(other, behind=node.behind, models=node.models) != node:
        return False
    if node.role is not Role.CHILD:
        return True
    name = node.use.removeprefix("workflow/")
    return case.pinned.of_child(name).digest == old.pinned.of_child(name).digest


def _told(facts: Facts) -> Iterator[tuple[Instance, Told]]:
    yield from facts.told.items()
    for instance, end in facts.ends.items():
        if end.settled.outcome is Outcome.SUCCEEDED:
            yield instance, Told(Entry(Phase.SUCCEEDED), 0, Live(documents.encode(end.output)))


def _copy(case: Case, told: Mapping[Instance, Told]) -> Taken:
    """A Secret for each of the old ones, and one for what came from child Runs and from people."""
    by_source: dict[str, dict[Instance, Told]] = {}
    for instance, one in told.items():
        source = one.place.secret if isinstance(one.place, Reference) else ""
        by_source.setdefault(source, {})[instance] = one
    keeps, legs = [], []
    for number, source in enumerate(sorted(by_source), 1):
        name = secret_name(case.name, case.uid, number)
        data, entries = _contents(by_source[source])
        keep = KeepOutputs(name, kept_labels(case.uid, number), {ENTRIES: encode(entries), **data})
        keeps.append(keep)
        legs.append(LegStatus(number=number, argo=source or name, phase=NodePhase.SUCCEEDED))
    return Taken(tuple(keeps), tuple(legs))


def _contents(told: Mapping[Instance, Told]) -> tuple[dict[str, str | Copied], Entries]:
    data: dict[str, str | Copied] = {}
    kept: dict[str, KeptEntry] = {}
    for instance, one in told.items():
        key = store = None
        if isinstance(one.place, Reference):
            key = one.place.key
            data[key] = Copied(one.place)
        elif isinstance(one.place, Live):
            key = f"c{len(data)}"
            data[key] = _by_index(instance, one.place.text)
        elif isinstance(one.place, Stored):
            store = one.place.key
        kept[str(instance)] = KeptEntry(one.entry, key, store)
    return data, Entries(NodePhase.SUCCEEDED.value, kept)


def _by_index(instance: Instance, text: str) -> str:
    """The document of an item is an object by index."""
    if instance.index is None:
        return text
    return documents.encode({str(instance.index): documents.decode(text)})


def initial(status: RunStatus, taken: Taken) -> RunStatus:
    return status.model_copy(update={"legs": taken.legs})
