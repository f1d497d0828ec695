"""`bundle(graph, instances) → Bundles`: which nodes share a pod. Asked by `plan` for everything that can run now.

A pod costs seconds, most nodes milliseconds. So light nodes share one, as long as **nobody waits longer for it**:

1. Whoever outside waits for a member comes after all Light members anyway; and for every pod that the bundle waits for,
   after a member that comes after that pod.
2. Every Light member comes after every pod that the bundle waits for.

Then, however long the nodes take, a bundle ends no later than the last of its members would in a pod of its own, and
whoever waits for the bundle would have waited for that member. `sharing` says who may share at all, `alike` finds what
satisfies both rules by its place in the graph, `joining` adds Instant nodes where the rules allow it.
"""

from collections.abc import Iterable

from headgate.api.workflow import Bundling
from headgate.compiler.bundle.alike import divide
from headgate.compiler.bundle.joining import join
from headgate.compiler.bundle.layout import lay_out
from headgate.compiler.bundle.pods import Pods
from headgate.compiler.bundle.sharing import Terms, build_units
from headgate.compiler.graph import Graph
from headgate.compiler.known import Instance
from headgate.compiler.leg import Bundle


def bundle(graph: Graph, instances: Iterable[Instance]) -> tuple[Bundle, ...]:
    """Group what can run now into pods, in topological order.

    The instances come in topological order, and need nothing that is neither settled nor among them. With `bundling:
    Never` each has a pod of its own, but for the items of a light loop: their pods are how it keeps its parallelism.
    """
    pods = Pods(graph, tuple(build_units(graph, instances)))
    if graph.bundling is Bundling.AUTO:
        _share(pods)
    return lay_out(pods)


def _share(pods: Pods) -> None:
    alike: dict[Terms, list[int]] = {}
    for position, unit in enumerate(pods.units):
        if unit.terms is not None:
            alike.setdefault(unit.terms, []).append(position)
    for terms, block in alike.items():
        for part in divide(block, pods):
            if len(part) > 1:
                pods.merge(part, terms)
    if alike:
        join(pods)
