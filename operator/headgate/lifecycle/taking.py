"""`from`: what a new Run takes over from an old one. Its outputs are copied, so that the old one may go.

What is taken over stands in the new Run as legs of its own that have ended: the first numbers are theirs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from headgate.api.run import LegStatus, NodePhase, RunStatus
from headgate.api.workflow import OnError
from headgate.compiler.graph import Node, Role, Way
from headgate.compiler.known import Instance, Known
from headgate.compiler.passing import around
from headgate.compiler.plan import plan
from headgate.compiler.rerun import reads_of_run, take_over
from headgate.lifecycle.actions import Copied, KeepOutputs
from headgate.lifecycle.case import Case
from headgate.lifecycle.children import view_children
from headgate.lifecycle.entries import Entries, KeptEntry, Live, Stored, Told, encode
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.legview import kept_labels, secret_name
from headgate.lifecycle.observed import ENTRIES, Reference
from headgate.lifecycle.pinned import Pinned
from headgate.lifecycle.portions import portions
from headgate_lang import documents, strict
from headgate_lang.fate import Outcome
from headgate_lang.report import Entry, Phase


@dataclass(frozen=True, slots=True)
class Taken:
    keeps: tuple[KeepOutputs, ...]
    legs: tuple[LegStatus, ...]
    next: int
    """The number of the first leg that is the Run's own."""


def take(case: Case, old: Case, old_facts: Facts) -> Taken:
    """`old_facts`: what the old Run's legs told. Its gates are not looked at: they ask again."""
    facts = _known(old, old_facts)
    wanted = case.spec.from_
    assert wanted is not None
    mine, theirs = case.status.inputs, old.status.inputs
    changed = frozenset(name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name))
    restart = frozenset(wanted.restart) | _other_nodes(case, old) | (_given(old, facts) & case.graph.by_name.keys())
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


def _given(old: Case, facts: Facts) -> frozenset[str]:
    """In whose place people gave something: that was let in for the old Run, and so was what came of it."""
    skipped = old.spec.from_.skip if old.spec.from_ is not None else ()
    return frozenset(name for name in skipped if Instance(name) not in facts.settled)


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
    if not _was_held(node, case, old) or _is_for_others(node, case, old):
        return False
    return node.role is not Role.CHILD or _child(node, case).digest == _child(node, old).digest


def _child(node: Node, case: Case) -> Pinned:
    return case.pinned.of_child(node.use.removeprefix("workflow/"))


def _is_for_others(node: Node, case: Case, old: Case) -> bool:
    """Whether it asks who asked for the Run, or of which workflow that is, and these are others now."""
    fields = (name for name in ("requester", "workflow") if getattr(case.spec, name) != getattr(old.spec, name))
    if not (others := frozenset(fields)):
        return False
    written: list[Any] = [node.when, node.params, node.loop.items if node.loop is not None else None]
    if node.role is Role.CHILD:
        child = _child(node, case)
        written += [one.model_dump(mode="json") for one in (child.workflow, *child.workflows.values())]
    return reads_of_run(written, others)


def _was_held(node: Node, case: Case, old: Case) -> bool:
    """Whether people could answer for its failures, or for those in it, no more freely than here: what they gave or
    edited there, under another workflow, would pass the gates that this one has."""
    if node.on_error is not OnError.ASK and node.role is not Role.CHILD:
        return True
    return around(case.graph, node.name) - {Way.BEFORE} <= around(old.graph, node.name)


def _told(facts: Facts) -> Iterator[tuple[Instance, Told]]:
    yield from facts.told.items()
    for instance, end in facts.ends.items():
        if end.settled.outcome is Outcome.SUCCEEDED:
            yield instance, Told(Entry(Phase.SUCCEEDED), 0, Live(documents.encode(end.output)))


def _copy(case: Case, told: Mapping[Instance, Told]) -> Taken:
    """A Secret for each of the old ones, and as many as it takes for what came from child Runs and from people."""
    keeps, legs = [], []
    parts = [(source, *_contents(part)) for source, part in _by_source(told)]
    first = _first_number(case, [encode(entries) for _, _, entries in parts])
    for number, (source, data, entries) in enumerate(parts, first):
        name = secret_name(case.name, case.uid, number)
        keep = KeepOutputs(name, kept_labels(case.uid, number), {ENTRIES: encode(entries), **data})
        keeps.append(keep)
        legs.append(LegStatus(number=number, argo=source or name, phase=NodePhase.SUCCEEDED))
    return Taken(tuple(keeps), tuple(legs), first + len(parts))


def _first_number(case: Case, wanted: Sequence[str]) -> int:
    """What was copied before, without a status that says so, stands: a kept Secret is never written again. If the old
    Run has gone on since, what is copied now goes behind it."""
    there = {one.leg: one.data.get(ENTRIES) for one in case.observed.kept}
    if all(0 < leg <= len(wanted) and text == wanted[leg - 1] for leg, text in there.items()):
        return 1
    return max(there) + 1


def _by_source(told: Mapping[Instance, Told]) -> Iterator[tuple[str, Mapping[Instance, Told]]]:
    by_source: dict[str, dict[Instance, Told]] = {}
    for instance, one in told.items():
        source = one.place.secret if isinstance(one.place, Reference) else ""
        by_source.setdefault(source, {})[instance] = one
    new = by_source.pop("", {})
    for part in portions({instance: _size(one) for instance, one in new.items()}):
        yield "", {instance: new[instance] for instance in part}
    yield from sorted(by_source.items(), key=itemgetter(0))


def _size(told: Told) -> int:
    entry = documents.encode(strict.encode(told.entry))
    return len(entry) + (len(told.place.text) if isinstance(told.place, Live) else 0)


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
