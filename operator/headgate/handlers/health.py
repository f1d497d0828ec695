"""Whether this replica is alive, and whether it is of use. Pure; asked by the probes.

Not alive is what a restart mends: a task that died, a circle of a watch that no longer turns. An API server that cannot
be reached is not that: it makes us unready, and we go on trying.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from headgate.kube.reflector import Reflector, Rhythm

_UNTURNED = 60.0
"""A circle turns at least once in a watch's life; listing ten thousand objects takes a while longer."""


@dataclass(frozen=True, slots=True)
class Health:
    problems: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.problems


def check_alive(reflectors: Iterable[Reflector], dead: Iterable[str], now: float, rhythm: Rhythm) -> Health:
    """`dead`: the names of tasks that ended, which none of them ever should."""
    stuck = (
        f"the watch of {one.cache.kind.plural} has not turned for {now - one.turned_at:.0f} s"
        for one in reflectors
        if now - one.turned_at > rhythm.silence + _UNTURNED
    )
    return Health((*(f"the task {name} has ended" for name in dead), *stuck))


def check_ready(reflectors: Iterable[Reflector], now: float, rhythm: Rhythm) -> Health:
    """Whether it knows the cluster. A replica that does not lead is ready too: it answers admission."""
    problems = []
    for one in reflectors:
        kind = one.cache.kind.plural
        if not one.cache.synced:
            problems.append(f"{kind} have not been listed yet")
        elif now - one.heard_at > rhythm.silence:
            problems.append(f"nothing was heard of {kind} for {now - one.heard_at:.0f} s")
    return Health(tuple(problems))
