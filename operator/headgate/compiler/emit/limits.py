"""How large a document may be that travels inside Argo, so that whatever the nodes answer, the leg keeps its bounds.

A document stands in the Workflow once for the pod that wrote it and once for each pod that reads it; and in the
template of each reader, which Argo hands to it as one environment variable. What nobody reads gets what is left over.
"""

from collections.abc import Callable, Sequence

from headgate.compiler import sizes
from headgate.compiler.emit.context import Context
from headgate.compiler.emit.wiring import Pod

Limit = Callable[[Pod, int], int]
"""Of the document of a pod's member, by its number."""


def build_limits(pods: Sequence[Pod], context: Context) -> Limit:
    inputs = _inputs_bytes(context)
    room = sizes.MAX_LEG - sum([_bytes(pod, inputs) for pod in pods])
    copies = sum([sum(pod.readers.values()) + sum([part.is_read for part in pod.parts]) for pod in pods])
    others = sum([len(pod.parts) for pod in pods]) - sum([part.is_read for pod in pods for part in pod.parts])
    common = min(sizes.MAX_DOCUMENT, max(sizes.MIN_DOCUMENT, room // (copies + others or 1)))
    left_over = min(sizes.MAX_DOCUMENT, max(0, room - copies * common) // (others or 1))
    shares = _shares(pods, inputs)

    def limit(pod: Pod, number: int) -> int:
        if not pod.parts[number].is_read:
            return left_over
        return max(sizes.MIN_DOCUMENT, min(common, shares.get((pod.position, number), common)))

    return limit


def _inputs_bytes(context: Context) -> int:
    given = (context.inputs, context.vars)
    return sizes.value_bytes(given) * 4 // 3 if any(given) else 0


def _bytes(pod: Pod, inputs: int) -> int:
    nodes = [part.node for part in pod.parts]
    return sizes.pod_bytes(nodes, pod.instances, len(pod.waits_for)) + inputs


def _shares(pods: Sequence[Pod], inputs: int) -> dict[tuple[int, int], int]:
    """Document → how large it may be for the template of the reader that reads the most."""
    shares: dict[tuple[int, int], int] = {}
    for pod in pods:
        places = [place for need in pod.reads for place in pod.needs[need]]
        if places:
            free = sizes.MAX_TEMPLATE - sizes.task_bytes([part.node for part in pod.parts]) - inputs
            share = int(free / sizes.ESCAPING) // len(places)
            for place in places:
                shares[place] = min(share, shares.get(place, share))
    return shares
