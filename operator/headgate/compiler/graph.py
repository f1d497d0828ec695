"""The graph of one workflow, under one environment, with every node's type resolved: what the planner works on.

Immutable data and the questions that only need the data. `build` makes it, `plan`, `bundle` and `emit` read it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cached_property
from typing import Any

from headgate.api.nodetype import Gate, NodeTypeSpec, Trait
from headgate.api.pod import Pod
from headgate.api.workflow import Bundling, OnError
from headgate_lang.fate import Outcome
from headgate_lang.task import NO_RETRY, NO_TOLERANCE, Retry, Tolerance


class Role(StrEnum):
    """Who carries a node out."""

    WORK = "Work"
    """A pod."""
    GATE = "Gate"
    """People, time or an event; no pod waits meanwhile."""
    CHILD = "Child"
    """A Run of another workflow."""
    RENDER = "Render"
    """A pod that evaluates the workflow's `outputs`, where copying plain paths does not do. People did not write it."""


@dataclass(frozen=True, slots=True)
class Loop:
    items: Any
    """What `forEach.in` says: a list, or the text of an expression."""
    parallelism: int
    tolerate: Tolerance = NO_TOLERANCE


@dataclass(slots=True)
class Node:
    """One node with everything that applies to it: defaults, environment and type are worked in.

    Nobody changes what it says. Not frozen, since that takes twice the time to make one, and a graph may have 10,000.
    """

    name: str
    role: Role
    use: str
    """As it is pinned: `http.v2`, `workflow/translated-text`."""
    needs: Mapping[str, Outcome] = field(default_factory=dict)
    """What it waits for, and which ends of it are accepted. Roots of the graph have none."""
    reads: frozenset[str] = frozenset()
    """The nodes whose output or error its expressions read: a part of what it needs."""
    inputs: frozenset[str] = frozenset()
    """The inputs of the Run that its expressions read."""
    params: Mapping[str, Any] = field(default_factory=dict)
    when: str | None = None
    loop: Loop | None = None
    type: NodeTypeSpec | None = None
    """Absent for a child, whose type is another workflow."""
    timeout: float = 60.0
    retry: Retry = NO_RETRY
    on_error: OnError = OnError.FAIL
    pod: Pod | None = None
    final: bool = False
    """Stands in `finally`: waits for all other nodes to end, and accepts whatever end of those it reads."""
    prepares: bool = False
    """Something of it must be computed by a pod before it can start: what a gate shows, what a child is given, or how
    long the list of a loop is."""
    credentials: tuple[str, ...] = ()
    policy: str | None = None
    """The ApprovalPolicy that a gate asks under."""
    gates: frozenset[Gate] = frozenset()
    """What kind of gate it is; of a workflow, the kinds of all gates in it, however deep."""
    rule: str | None = None
    """The expression by which that policy approves without asking people."""
    asks_anyway: bool = False
    """A gate that only a rule needs a pod for: whatever becomes of that, it can ask people."""
    behind: frozenset[str] = frozenset()
    """Policies that its credentials demand an approval by, before it may be planned."""
    models: frozenset[str] = frozenset()
    """The Models that it names and somebody else serves: it reaches beyond the cluster, and may be given their keys."""
    size: int | None = field(default=None, init=False, repr=False, compare=False)
    """What it adds to a task document, in bytes, once `sizes` was asked: each plan asks again."""

    @property
    def traits(self) -> frozenset[Trait]:
        return frozenset(self.type.traits) if self.type else frozenset()

    @property
    def is_expanded(self) -> bool:
        """Whether its items are planned one by one. A loop of an Instant type runs whole, in one place."""
        return self.loop is not None and Trait.INSTANT not in self.traits

    @property
    def reaches_out(self) -> bool:
        """Whether its pod must reach beyond the cluster."""
        return Trait.INTERNET in self.traits or bool(self.models)


Part = tuple[str | int | None, ...]
"""The way from an output to what is read of it: nothing for all of it, None for a step that is computed."""


class Way(Enum):
    """How a node stands to a gate."""

    HOLDS = "Holds"
    """It is one, or a workflow that holds one."""
    AFTER = "After"
    BEFORE = "Before"
    """The gate would be skipped with it."""
    DECIDES = "Decides"
    """What it gives may decide whether the gate asks."""
    UNSEEN = "Unseen"
    """What it gives goes to what comes after the gate, which does not show it, or only another part of it."""


PEOPLE = frozenset({Gate.APPROVAL, Gate.CLARIFICATION})
"""The gates that ask people."""
OUTPUTS = "$outputs"
"""The name of the one node with the role Render."""


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order (ties in the order in which they were written), those of `finally` after all others,
    and last the one that renders the outputs, if they need a pod."""

    nodes: tuple[Node, ...]
    bundling: Bundling = Bundling.AUTO
    parallelism: int | None = None
    """How many nodes may run at a time."""
    around: frozenset[Way] = frozenset()
    """How all of it stands to gates that ask people, in the Run that it is a part of."""
    returned: Mapping[str, frozenset[Part]] = field(default_factory=dict)
    """Of a part: what its outputs read of which node, or the one that computes them. That goes out of it."""

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __getitem__(self, name: str) -> Node:
        return self.by_name[name]

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        return {node.name: node for node in self.nodes}

    @cached_property
    def dependents(self) -> Mapping[str, tuple[str, ...]]:
        """Who waits for a node directly."""
        found: dict[str, list[str]] = {node.name: [] for node in self.nodes}
        for node in self.nodes:
            for need in node.needs:
                found[need].append(node.name)
        return {name: tuple(names) for name, names in found.items()}

    @cached_property
    def levels(self) -> Mapping[str, int]:
        """How deep each node stands, from 1: nodes of one level do not wait for each other. `finally` stands below
        all else."""
        found: dict[str, int] = {}
        for node in self.nodes:
            waits_for = found if node.final else node.needs
            found[node.name] = 1 + max([found[need] for need in waits_for if not self[need].final], default=0)
        return found

    @cached_property
    def ambiguous(self) -> frozenset[str]:
        """Names from which another goes on after a `_`: `sub` with a number may come to what `sub_0` comes to."""
        names = sorted(self.by_name, key=lambda name: name.replace("_", "\0"))
        found, open_ = set[str](), list[str]()
        for name in names:
            while open_ and not name.startswith(f"{open_[-1]}_"):
                open_.pop()
            found.update(open_)
            open_.append(name)
        return frozenset(found)

    def is_read_outside(self, name: str, group: frozenset[str]) -> bool:
        """Whether the output of a node is read by any that is not of this group."""
        return any(other not in group and name in self[other].reads for other in self.dependents[name])

    def after(self, names: frozenset[str]) -> frozenset[str]:
        """The nodes that come after any of these: of themselves, those that come after another of them."""
        found: set[str] = set()
        for node in self.nodes:
            if any(need in names or need in found for need in node.needs):
                found.add(node.name)
        return frozenset(found)

    def gate_before(self, name: str, kinds: frozenset[Gate] = frozenset(Gate)) -> Node | None:
        """The gate that holds a node back, or a workflow that holds one; of several, the first. Not the node itself."""
        before = self.before(name)
        return next((node for node in self.nodes if node.gates & kinds and node.name in before), None)

    @cached_property
    def held_back(self) -> frozenset[str]:
        """The gates, what holds one, and all that comes after."""
        gates = frozenset(node.name for node in self.nodes if node.gates)
        return gates | self.after(gates)

    def readers(self, *names: str) -> frozenset[str]:
        """The nodes that read what any of these gives, or what others made of it."""
        found = set(names)
        for node in self.nodes:
            if not node.reads.isdisjoint(found):
                found.add(node.name)
        return frozenset(found.difference(names))

    def before(self, *names: str) -> frozenset[str]:
        """The nodes that come before any of these; of themselves, those that come before another."""
        found = set(names)
        before = set[str]()
        for node in reversed(self.nodes):
            if node.name in found:
                found.update(node.needs)
                before.update(node.needs)
        return frozenset(before)
