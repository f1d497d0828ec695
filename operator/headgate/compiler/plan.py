"""`plan(graph, known) → Plan`: the heart of a Run. Asked after each settling; retry, skip and replay ask the same.

One walk in topological order. At each node: has it ended, and if not, have all its needs? Then `fate` decides. A node
whose needs have ended, or end within the very legs that are being planned, joins them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from headgate.api.workflow import OnError
from headgate.compiler import loop as loops
from headgate.compiler import sizes
from headgate.compiler.bundle import bundle
from headgate.compiler.graph import Graph, Loop, Node, Role
from headgate.compiler.known import Instance, Known, Settled
from headgate.compiler.leg import Leg, Plan
from headgate.compiler.legs import cut
from headgate_lang.fate import Fate, Outcome, fate
from headgate_lang.reasons import Reason


def plan(graph: Graph, known: Known, *, stopping: bool = False) -> Plan:
    """Say what is due now. `stopping`: nothing of `nodes` starts any more; what runs may end, and `finally` follows."""
    walk = _Walk(graph, known, stopping)
    walk.visit(node for node in graph if not node.final and node.role is not Role.RENDER)
    walk.stopping = False
    if walk.everything_ended:
        walk.visit(node for node in graph if node.final)
    walk.visit(node for node in graph if node.role is Role.RENDER)
    return Plan(
        settled=walk.settled,
        legs=_legs(graph, walk.ready),
        gates=tuple(walk.gates),
        children=tuple(walk.children),
        questions=tuple(walk.questions),
    )


def seen(node: Node, outcome: Outcome) -> Outcome:
    """How an end looks to the other nodes: a failure under `onError: Continue` is forgiven."""
    if outcome is Outcome.FAILED and node.on_error is OnError.CONTINUE:
        return Outcome.FORGIVEN
    return outcome


def approvals_lacking(graph: Graph, known: Known, node: Node) -> frozenset[str]:
    """The policies that credentials of a node stand behind, and by which nobody has approved at a gate before it. Asked
    again when its leg is created."""
    if not node.behind:
        return node.behind
    before = (known.settled.get(Instance(name)) for name in graph.before(node.name))
    return node.behind - {end.approved_under for end in before if end and end.outcome is Outcome.SUCCEEDED}


def _lets_go_on(node: Node, prepared: Settled) -> bool:
    return prepared.outcome is Outcome.SUCCEEDED or (node.asks_anyway and prepared.outcome is Outcome.FAILED)


def _legs(graph: Graph, ready: list[Instance]) -> tuple[Leg, ...]:
    return cut(graph, bundle(graph, ready)) if ready else ()


@dataclass
class _Walk:
    """One walk over the graph, and what it finds due."""

    graph: Graph
    known: Known
    stopping: bool
    ended: dict[str, Outcome] = field(default_factory=dict)
    """Nodes that have ended, as they look to others."""
    joining: set[str] = field(default_factory=set)
    """Nodes that end within the legs being planned."""
    room: int = sizes.MAX_LEG
    """What a leg could still hold of those that wait for others of the legs being planned, in bytes."""
    visited: int = 0
    settled: dict[Instance, Settled] = field(default_factory=dict)
    ready: list[Instance] = field(default_factory=list)
    gates: list[Instance] = field(default_factory=list)
    children: list[Instance] = field(default_factory=list)
    questions: list[Instance] = field(default_factory=list)

    @property
    def everything_ended(self) -> bool:
        return len(self.ended) == self.visited

    def visit(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self.visited += 1
            whole = Instance(node.name)
            end = self.known.settled.get(whole)
            if end is not None:
                self._note(node, end)
            elif whole not in self.known.claimed:
                self._decide(node)

    def _note(self, node: Node, end: Settled) -> None:
        if end.outcome is Outcome.FAILED and node.on_error is OnError.ASK and not end.answered:
            self.questions.append(Instance(node.name))
        else:
            self.ended[node.name] = seen(node, end.outcome)

    def _settle(self, node: Node, end: Settled) -> None:
        self.settled[Instance(node.name)] = end
        self._note(node, end)

    def _decide(self, node: Node) -> None:
        unended = [need for need in node.needs if need not in self.ended]
        if unended:
            if not self.stopping and self._may_join(node, unended):
                already = len(self.ready)
                self._start(node, needs_ended=False)
                self.room -= sizes.least_bytes(node, len(self.ready) - already)
            return
        verdict, cause = fate(node.needs, self.ended)
        if verdict is not Fate.RUN:
            self._settle(node, self._not_run(verdict, cause))
        elif self._lacks_approval(node):
            self._settle(node, Settled(Outcome.FAILED, Reason.NOT_BEHIND_GATE))
        else:
            self._start(node, needs_ended=True)

    def _may_join(self, node: Node, unended: list[str]) -> bool:
        """Whether it can run in the legs being planned. What has ended must not have decided against it already: then
        there is nothing to run, and it settles when the others have ended. No more of these than a leg could hold: who
        comes after so many is planned again before its turn comes."""
        if self.room <= 0:
            return False
        if not all(need in self.joining for need in unended) or self._lacks_approval(node):
            return False
        return all(self.ended[need] & accepted for need, accepted in node.needs.items() if need in self.ended)

    def _not_run(self, verdict: Fate, cause: str | None) -> Settled:
        if verdict is Fate.OMITTED:
            return Settled(Outcome.OMITTED, Reason.NEED_FAILED, cause)
        came_well = cause is not None and bool(self.ended[cause] & Outcome.SUCCEEDED)
        return Settled(Outcome.SKIPPED, Reason.NOT_NEEDED if came_well else Reason.NEED_SKIPPED, cause)

    def _lacks_approval(self, node: Node) -> bool:
        return bool(approvals_lacking(self.graph, self.known, node))

    def _start(self, node: Node, *, needs_ended: bool) -> None:
        """Start what can start of it: what prepares it, then its items or itself."""
        prepare = Instance(node.name, prepare=True)
        prepared = self.known.settled.get(prepare)
        if prepared is not None and not _lets_go_on(node, prepared):
            self._settle(node, prepared)
        elif node.prepares and prepared is None:
            self._run(node, prepare)
        elif node.loop is not None and node.is_expanded:
            self._start_items(node, node.loop, prepared, needs_ended=needs_ended)
        elif self._run(node, Instance(node.name), needs_ended=needs_ended):
            self.joining.add(node.name)

    def _start_items(self, node: Node, loop: Loop, prepared: Settled | None, *, needs_ended: bool) -> None:
        progress = loops.progress_of(node, loops.length_of(loop, prepared), self.known)
        end = loops.end_of(loop, progress) if needs_ended else None
        if end is not None:
            self._settle(node, end)
        elif self.stopping and progress.running:
            return
        else:
            items = loops.startable(node, loop, progress)
            started = [self._run(node, Instance(node.name, index), needs_ended=needs_ended) for index in items]
            if all(started) and len(items) == len(progress.waiting) > 0 and not progress.running:
                self.joining.add(node.name)

    def _run(self, node: Node, instance: Instance, *, needs_ended: bool = True) -> bool:
        """Put an instance to where it runs; say whether it ends within the legs being planned."""
        if instance in self.known.claimed:
            return False
        if self.stopping:
            self._settle(node, Settled(Outcome.OMITTED, Reason.STOPPED))
        elif instance.prepare or node.role in (Role.WORK, Role.RENDER):
            self.ready.append(instance)
            return not instance.prepare
        elif needs_ended:
            (self.gates if node.role is Role.GATE else self.children).append(instance)
        return False
