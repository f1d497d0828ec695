"""Graphs for tests, made directly of `Node`s: small builders, and strategies of random ones for property tests.

A node's name says where it stands in the topological order. Whatever a workflow could not say is never made either: no
gate in a loop or in `finally`, nothing that waits for `finally`, no failure of a gate that people are asked about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from headgate.api.nodetype import Gate, NodeTypeSpec, Trait
from headgate.api.workflow import OnError
from headgate.compiler.graph import OUTPUTS, Graph, Loop, Node, Role
from headgate_lang.fate import Outcome
from headgate_lang.task import Tolerance

T = TypeVar("T")

DIGEST = "0" * 64
CORE = f"registry.example/headgate/core@sha256:{DIGEST}"
DATA = f"registry.example/headgate/data@sha256:{DIGEST}"
CODE = f"registry.example/headgate/code@sha256:{DIGEST}"

ACCEPTED = (Outcome.SUCCEEDED, Outcome.NOT_FAILED, Outcome.FAILED, Outcome.NOT_OMITTED, Outcome.ENDED)
"""What a reference or an `after` can accept: `a.x`, `a.?x`, `a.error`, `a.?error`, `after: {a: Ended}`."""

INSTANT = frozenset({Trait.INSTANT, Trait.IDEMPOTENT})
LIGHT = frozenset({Trait.LIGHT, Trait.INTERNET})
HEAVY: frozenset[Trait] = frozenset()
USER_CODE = frozenset({Trait.USER_CODE})


@cache
def node_type(traits: frozenset[Trait] = INSTANT, image: str = CORE) -> NodeTypeSpec:
    return NodeTypeSpec(description="Made for a test.", image=image, traits=tuple(sorted(traits)), command=("node",))


@cache
def gate_type(gate: Gate = Gate.APPROVAL) -> NodeTypeSpec:
    return NodeTypeSpec(description="Made for a test.", gate=gate)


def work(
    name: str, *needs: str, traits: frozenset[Trait] = INSTANT, accepts: Outcome = Outcome.SUCCEEDED, **more: Any
) -> Node:
    """A node with a pod (of its own, or shared) that reads what it needs."""
    return _node(name, Role.WORK, "work.v1", needs, accepts, {"type": node_type(traits), **more})


def gate(name: str, *needs: str, accepts: Outcome = Outcome.SUCCEEDED, **more: Any) -> Node:
    more = {"type": gate_type(), "policy": "release", "gates": frozenset({Gate.APPROVAL}), **more}
    return _node(name, Role.GATE, "approval.v1", needs, accepts, more)


def child(name: str, *needs: str, accepts: Outcome = Outcome.SUCCEEDED, **more: Any) -> Node:
    return _node(name, Role.CHILD, "workflow/other", needs, accepts, more)


def render(*needs: str) -> Node:
    """The node that computes the workflow's `outputs`, out of whatever came of these."""
    return _node(OUTPUTS, Role.RENDER, OUTPUTS, needs, Outcome.ENDED, {})


def graph(*nodes: Node) -> Graph:
    return Graph(tuple(nodes))


def chain(length: int, traits: frozenset[Trait] = INSTANT) -> Graph:
    return graph(*(work(f"n{i}", *([f"n{i - 1}"] if i else []), traits=traits) for i in range(length)))


def wide(width: int, traits: frozenset[Trait] = INSTANT) -> Graph:
    return graph(*(work(f"n{i}", traits=traits) for i in range(width)))


def _node(name: str, role: Role, use: str, needs: tuple[str, ...], accepts: Outcome, more: dict[str, Any]) -> Node:
    wanted = more.pop("needs", dict.fromkeys(needs, accepts))
    more.setdefault("reads", frozenset(wanted))
    return Node(name=name, role=role, use=use, needs=wanted, **more)


@dataclass(frozen=True)
class Shape:
    """How large random graphs are, and what stands in them."""

    nodes: int = 12
    gates: bool = True
    children: bool = True
    loops: bool = True
    final: bool = True
    outputs: bool = True
    credentials: bool = True


EVERYTHING = Shape()
WORK_ONLY = Shape(gates=False, children=False, loops=False, final=False, outputs=False)


class Dice:
    """Many small choices out of one number: drawn one by one they would cost the most of a test's time."""

    def __init__(self, number: int) -> None:
        self._number = number

    def choose(self, options: Sequence[T]) -> T:
        self._number, choice = divmod(self._number, len(options))
        return options[choice]

    def one_in(self, sides: int) -> bool:
        return self.choose(range(sides)) == sides - 1


@st.composite
def graphs(draw: st.DrawFn, shape: Shape = EVERYTHING) -> Graph:
    """A random graph, in topological order."""
    numbers = draw(st.lists(st.integers(0, 2**60), min_size=2, max_size=shape.nodes + 1))
    nodes: list[Node] = []
    for number in numbers[1:]:
        nodes.append(_any_node(f"n{len(nodes)}", nodes, shape, Dice(number)))
    last = Dice(numbers[0])
    if shape.final and last.one_in(4):
        traits = last.choose((INSTANT, LIGHT, HEAVY))
        nodes.append(work(f"n{len(nodes)}", *_some(nodes, last), traits=traits, accepts=Outcome.ENDED, final=True))
    if shape.outputs and last.one_in(4):
        nodes.append(render(*_some(nodes, last)))
    return Graph(tuple(nodes))


def _any_node(name: str, before: list[Node], shape: Shape, dice: Dice) -> Node:
    needs = {need: dice.choose(ACCEPTED) for need in _some(before, dice)}
    more: dict[str, Any] = {"needs": needs, "reads": frozenset(need for need in needs if not dice.one_in(4))}
    role = dice.choose((Role.WORK,) * 4 + (Role.GATE,) * shape.gates + (Role.CHILD,) * shape.children)
    if role is Role.GATE:
        on_error = dice.choose((OnError.FAIL, OnError.CONTINUE))
        return gate(name, prepares=dice.one_in(2), on_error=on_error, **more)
    more["on_error"] = dice.choose((OnError.FAIL, OnError.CONTINUE, OnError.ASK))
    more["loop"] = _loop(dice) if shape.loops and dice.one_in(4) else None
    is_computed = more["loop"] is not None and isinstance(more["loop"].items, str)
    if role is Role.CHILD:
        more["gates"] = dice.choose((frozenset(), frozenset({Gate.APPROVAL})))
        return child(name, prepares=is_computed or dice.one_in(2), **more)
    traits = dice.choose((INSTANT, LIGHT, LIGHT, HEAVY, USER_CODE))
    if shape.credentials and traits == LIGHT and dice.one_in(4):
        more["credentials"] = (dice.choose(("blog", "slack")),)
        more["behind"] = dice.choose((frozenset(), frozenset({"release"})))
    kind = node_type(traits, dice.choose((CORE, CORE, CORE, DATA)))
    return work(name, type=kind, prepares=is_computed and Trait.INSTANT not in traits, **more)


def _loop(dice: Dice) -> Loop:
    """Over a list as it was written, or over one that a pod computes first."""
    items = dice.choose(("${inputs.list}", [], [1], [1, 2, 3], [1, 2, 3, 4, 5]))
    return Loop(items, dice.choose((1, 2, 3)), dice.choose((Tolerance(), Tolerance(1), Tolerance(percent=50))))


def _some(nodes: list[Node], dice: Dice) -> list[str]:
    """Up to three of the nodes that stand before, rather the near ones."""
    names = [node.name for node in nodes]
    if not names:
        return []
    some = {dice.choose(names[-4:] if dice.one_in(2) else names) for _ in range(dice.choose((1, 2, 3, 0)))}
    return sorted(some, key=names.index)
