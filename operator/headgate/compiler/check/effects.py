"""Nodes with an effect that forgot an approval (LANGUAGE §3.4): they use what a gate shows, and do not wait for it, or
they wait, and use what was there before people corrected it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headgate.compiler.build.needs import ROOTS
from headgate.compiler.build.reading import Keys, Place, Read
from headgate.compiler.build.survey import Draft
from headgate.compiler.check.approvals import Gates, approval_gates, gates_before, has_effect
from headgate.compiler.check.dependence import Way, dependence
from headgate.compiler.check.subject import Subject
from headgate.compiler.graph import Graph, Role
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem, Severity, Span
from headgate_lang.paths import spell


@dataclass(frozen=True, slots=True)
class Shown:
    """A value that a gate shows."""

    gate: str
    bit: Gates
    keys: Keys
    corrected: Keys | None
    """Where it can be read as people corrected it: `values`, `notes`. None if they could not."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A value that a node reads, and the gates that show it, or something that it was made of.

    An input is shown by many, and made by nobody: it taints nothing.
    """

    place: Place
    read: Read
    number: int
    """Which of the expression's references it is."""
    direct: tuple[Shown, ...]
    gates: Gates


def check_effects(subject: Subject) -> Iterator[Problem]:
    graph, drafts = subject.graph, subject.survey.drafts
    gates = approval_gates(graph)
    if not gates:
        return
    shown = _shown(subject, gates)
    before, after = gates_before(graph, gates), _gates_after(graph, gates)
    carried: dict[str, Gates] = {}
    """By node: the gates that show what its output was made of, and that it does not come after. What people answer at
    a gate is their own."""
    for node in graph:
        if node.role is Role.GATE or node.name not in drafts:
            continue
        draft = drafts[node.name]
        seen = list(_seen(draft, shown, carried))
        carried[node.name] = _all_gates(seen) & ~before[node.name]
        if has_effect(node):
            yield from _bypasses(draft, seen, gates, carried[node.name] & ~after[node.name])
            yield from _unapproved(draft, seen, before[node.name])


def _shown(subject: Subject, gates: Mapping[str, Gates]) -> Mapping[str, list[Shown]]:
    """By node: what of its output gates show."""
    found: dict[str, list[Shown]] = {}
    for gate, bit in gates.items():
        draft = subject.survey.drafts[gate]
        for place in draft.places:
            corrected = _corrected(draft, place)
            for read in place.reading.expressions:
                for root, keys in read.paths:
                    found.setdefault(root, []).append(Shown(gate, bit, keys, corrected))
    return found


def _corrected(gate: Draft, place: Place) -> Keys | None:
    """Where a gate gives what it shows at a place: its output has the type of a parameter (`x-type-of: with.edit`)."""
    for name, schema in gate.use.output.items():
        own = dependence(schema)
        if own is not None and own.way is Way.TYPE:
            begin = ("with", *own.keys)
            below = place.steps[len(begin) : len(begin) + 1]
            if place.steps[: len(begin)] == begin and below:
                return (name, str(below[0]))
    return None


def _seen(draft: Draft, shown: Mapping[str, list[Shown]], carried: Mapping[str, Gates]) -> Iterator[Seen]:
    for place in draft.places:
        for read in place.reading.expressions:
            for number, (root, keys) in enumerate(read.paths):
                direct = tuple(one for one in shown.get(root, ()) if _overlap(one.keys, keys))
                gates = carried.get(root, 0)
                for one in direct if root not in ROOTS else ():
                    gates |= one.bit
                if gates or direct:
                    yield Seen(place, read, number, direct, gates)


def _overlap(one: Keys, other: Keys) -> bool:
    """Whether one path leads into the other."""
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=False))


def _all_gates(seen: list[Seen]) -> Gates:
    gates = 0
    for one in seen:
        gates |= one.gates
    return gates


def _gates_after(graph: Graph, gates: Mapping[str, Gates]) -> Mapping[str, Gates]:
    """By node: the gates that come after it."""
    found = dict.fromkeys(graph.by_name, 0)
    for node in reversed(graph.nodes):
        bits = found[node.name] | gates.get(node.name, 0)
        for need in node.needs:
            found[need] |= bits
    return found


def _bypasses(draft: Draft, seen: list[Seen], gates: Mapping[str, Gates], past: Gates) -> Iterator[Problem]:
    for gate, bit in gates.items() if past else ():
        first = next((one for one in seen if one.gates & bit & past), None)
        if first is not None:
            corrected = next((one.corrected for one in first.direct if one.gate == gate and one.corrected), None)
            remedy = f"use {spell(gate, list(corrected))}" if corrected else f"write `after: {{{gate}: Succeeded}}`"
            message = (
                f"`{draft.name}` uses {_spelled(first)}, which `{gate}` asks people about, and does not wait for them"
            )
            yield _warning(draft, first, ProblemReason.BYPASSES_GATE, message, remedy)


def _unapproved(draft: Draft, seen: list[Seen], before: Gates) -> Iterator[Problem]:
    for one in seen:
        for shown in one.direct:
            keys = shown.corrected
            if keys is not None and shown.bit & before and not _falls_back(one.read, shown.gate, keys):
                message = f"`{shown.gate}` lets people correct `{keys[-1]}`, `{draft.name}` sends what was there before"
                remedy = f"use {spell(shown.gate, list(keys))}"
                yield _warning(draft, one, ProblemReason.USES_UNAPPROVED, message, remedy)
                break


def _falls_back(read: Read, gate: str, corrected: Keys) -> bool:
    """Whether the expression reads what was approved, and the other only where the gate was skipped."""
    return any(root == gate and keys[: len(corrected)] == corrected for root, keys in read.paths)


def _spelled(seen: Seen) -> str:
    root, keys = seen.read.paths[seen.number]
    return spell(root, list(keys))


def _warning(draft: Draft, seen: Seen, reason: ProblemReason, message: str, remedy: str) -> Problem:
    reference = seen.read.references[seen.number]
    span = Span(seen.read.start + reference.start, seen.read.start + reference.end)
    return Problem(draft.at(*seen.place.steps), reason, message, remedy, Severity.WARNING, span)
