"""When Kubernetes ends a pod that the runtime did not: late. A node's own timeout counts in the runtime."""

from math import ceil

from headgate.compiler.emit.wiring import Part, Pod

_SLACK = 600
"""For the start of the pod, and for its end."""
_ITEMS = 1000
"""In a loop whose list is computed."""


def build_deadline(pod: Pod) -> int:
    """Seconds: as if all members ran one after the other, with every retry."""
    return _SLACK + 2 * ceil(sum(_longest(part, pod.at_once) for part in pod.parts))


def _longest(part: Part, at_once: int | None) -> float:
    node = part.node
    once = part.timeout * (1 + part.retry.limit) + part.retry.cap * part.retry.limit
    if node.loop is None or part.prepares:
        return once
    items = part.instances if part.only else len(node.loop.items) if isinstance(node.loop.items, list) else _ITEMS
    return once * ceil(items / (at_once or node.loop.parallelism))
