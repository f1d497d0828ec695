"""The pods as bundles of a leg, in topological order. Asked by `bundle` when all is decided."""

import heapq

from headgate.compiler.bundle.pods import Pods
from headgate.compiler.leg import Bundle


def lay_out(pods: Pods) -> tuple[Bundle, ...]:
    needs = {}
    for unit, pod in enumerate(pods.pod_of):
        if unit == pod:
            needs[pod] = pods.needs_of(pods.members(pod))
            needs[pod].discard(pod)
    positions = {pod: position for position, pod in enumerate(_in_order(needs))}
    units = pods.units
    return tuple(
        Bundle(
            tuple([member for unit in pods.members(pod) for member in units[unit].members]),
            tuple(sorted([positions[need] for need in needs[pod]])),
            units[pod].at_once,
        )
        for pod in positions
    )


def _in_order(needs: dict[int, set[int]]) -> list[int]:
    """Topological order, ties in the order of the pods' first units."""
    if all(need < pod for pod, its_needs in needs.items() for need in its_needs):
        return list(needs)
    waiting = {pod: len(its_needs) for pod, its_needs in needs.items()}
    waiters: dict[int, list[int]] = {pod: [] for pod in needs}
    for pod, its_needs in needs.items():
        for need in its_needs:
            waiters[need].append(pod)
    ready = [pod for pod, count in waiting.items() if count == 0]
    order = []
    while ready:
        pod = heapq.heappop(ready)
        order.append(pod)
        for waiter in waiters[pod]:
            waiting[waiter] -= 1
            if waiting[waiter] == 0:
                heapq.heappush(ready, waiter)
    return order
