"""On what terms instances may share a pod, and how the items of a loop are dealt out to pods. Asked by `bundle`.

Equal terms are what makes sharing harmless; whether anybody would wait longer for it, is the other question.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from headgate.api.nodetype import Trait
from headgate.api.pod import Pod
from headgate.compiler.graph import Graph, Loop, Node, Role
from headgate.compiler.known import Instance

SHARDS = 8
"""In how many pods the items of a light loop run, at most: how many pods there are is not for a list to decide."""


class Terms(NamedTuple):
    """What must be alike. An image of which several nodes share a pod carries our runtime."""

    image: str | None
    command: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()
    """Credentials, and models that may come with a key."""
    internet: bool = False
    user_code: bool = False
    pod: str | None = None

    def meet(self, other: "Terms") -> "Terms | None":
        """The terms of a pod for both, or None if there can be none."""
        if self == other:
            return self
        if self == EVALUATION and not other.user_code:
            return other
        if other == EVALUATION and not self.user_code:
            return self
        return None


EVALUATION = Terms(image=None)
"""Of what the runtime does itself: it evaluates expressions for a gate, a child, a loop or the outputs. It does so for
every node, so any of its pods will do, but for those where a user's code could tamper with what people are shown."""


class Unit(NamedTuple):
    """What is never divided among pods: an instance, or those items of a loop that share one."""

    members: tuple[Instance, ...]
    node: Node
    terms: Terms | None
    """None: has a pod of its own."""
    is_light: bool = False
    """Takes time, though hardly any CPU."""
    at_once: int | None = None

    @property
    def prepares(self) -> bool:
        return self.members[0].prepare


def build_units(graph: Graph, instances: Iterable[Instance]) -> Iterator[Unit]:
    """Take instances together that always share a pod. They come in topological order, the items of a loop in a row."""
    for name, group in groupby(instances, key=attrgetter("node")):
        node, members = graph[name], tuple(group)
        if members[0].index is None:
            yield from (_unit(node, member) for member in members)
        elif node.loop is not None and Trait.LIGHT in node.traits:
            yield from _shards(node, node.loop, members)
        else:
            yield from (Unit((member,), node, terms=None) for member in members)


def _unit(node: Node, instance: Instance) -> Unit:
    if instance.prepare and node.rule is not None:
        return Unit((instance,), node, terms=None)  # it decides in people's place: nothing of others runs beside it
    if instance.prepare or node.role is Role.RENDER:
        return Unit((instance,), node, EVALUATION)
    traits = node.traits
    is_light = Trait.LIGHT in traits
    if not is_light and Trait.INSTANT not in traits:
        return Unit((instance,), node, terms=None)
    return Unit((instance,), node, _terms(node, traits), is_light)


def _terms(node: Node, traits: frozenset[Trait]) -> Terms | None:
    user_code = Trait.USER_CODE in traits
    secrets = frozenset((*node.credentials, *(f"model/{name}" for name in node.models)))
    if (user_code and secrets) or Trait.GPU in traits or (node.pod and _asks_for_room(node.pod)):
        return None
    image, command = (node.type.image, node.type.command) if node.type else (None, ())
    settings = node.pod.model_dump_json(exclude_defaults=True) if node.pod else None
    return Terms(image, command, secrets, node.reaches_out, user_code, settings)


def _asks_for_room(pod: Pod) -> bool:
    return pod.resources is not None or pod.gpu is not None


def _shards(node: Node, loop: Loop, items: tuple[Instance, ...]) -> Iterator[Unit]:
    """Deal the items out in turn, and the loop's parallelism with them."""
    shards = min(len(items), loop.parallelism, SHARDS)
    each, rest = divmod(loop.parallelism, shards)
    for shard in range(shards):
        yield Unit(items[shard::shards], node, terms=None, is_light=True, at_once=each + (shard < rest))
