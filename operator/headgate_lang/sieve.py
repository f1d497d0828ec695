"""Whether a later pod can have anything to run, given what has ended in this one. Asked by the runtime, for `go`.

It may be wrong in one direction only: what it stops, `fate` would stop as well, whatever becomes of all the rest.
"""

from collections.abc import Mapping, Sequence

from headgate_lang.fate import Outcome
from headgate_lang.task import Follower

_ANY = (Outcome.SUCCEEDED, Outcome.SKIPPED, Outcome.FAILED, Outcome.OMITTED, Outcome.FORGIVEN)
_NOT_RUN = (Outcome.SKIPPED, Outcome.OMITTED)


def can_run(followers: Sequence[Follower], ended: Mapping[str, Outcome]) -> bool:
    """False only if none of them can run. They come in topological order; `ended` is how the nodes of this pod look to
    others. A node that neither ended here nor is one of the followers has no answer, and who needs it cannot run yet.
    """
    possible: dict[str, tuple[Outcome, ...]] = {node: (outcome,) for node, outcome in ended.items()}
    answer = False
    for follower in followers:
        met = all(_can_meet(accepted, possible.get(need, ())) for need, accepted in follower.needs.items())
        possible[follower.node] = _ANY if met else _NOT_RUN
        answer = answer or met
    return answer


def _can_meet(accepted: Outcome, ends: tuple[Outcome, ...]) -> bool:
    return any(end & accepted for end in ends)
