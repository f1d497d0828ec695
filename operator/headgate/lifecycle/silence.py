"""What to make of an Argo that says nothing of a leg: what people are told, and from when. Asked by `live`.

Its controller may be down, or not be there; or it runs the pods, and may not write what it knows. From here nobody can
tell which, so people are told all that it can be. A leg that was shut down is waited for as long, then given up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from headgate.lifecycle import moments
from headgate.lifecycle.hearing import Interruption
from headgate.lifecycle.observed import Observed, ObservedLeg, ObservedPod
from headgate_lang.reasons import Reason

GIVEN_UP = Interruption(
    Reason.OUTCOME_UNKNOWN,
    "it was to be ended, and Argo has not said what became of it: its pod is deleted now, if there is one",
    is_final=True,
)
NOT_INSTALLED = (
    "Argo Workflows is not installed: the API server knows no `workflows.argoproj.io`. Install it, and the Run goes "
    "on: nothing of it is lost"
)
LOOK_AGAIN = timedelta(seconds=10)
"""For an Argo that is not installed."""
_IS_IT_RUNNING = "is its controller running? Ask: kubectl get pods -A -l app=workflow-controller"


@dataclass(frozen=True, slots=True)
class Silence:
    since: datetime
    told: str
    """What people are told when it has lasted too long."""

    def too_long_at(self, observed: Observed) -> datetime:
        """While we heard nothing ourselves, neither did Argo, most likely."""
        since = max(self.since, observed.hears_since or self.since)
        return moments.shift(since, observed.settings.argo_timeout)


def find_silence(number: int, leg: ObservedLeg, open_pods: Iterable[ObservedPod]) -> Silence | None:
    """What Argo should have done about a leg that goes on, and has not. None: it is nobody's turn, or the pods'."""
    if leg.suspended or leg.has_ended:
        return None
    if leg.shutdown:
        return _unended(number, leg)
    if not leg.phase and not leg.pods:
        return _untouched(number, leg)
    pods = list(open_pods)
    if not pods:
        return _idle(number, leg)
    running = [pod.due_at for pod in pods if pod.phase == "Running" and pod.due_at is not None]
    return _overrun(number, min(running)) if len(running) == len(pods) else None


def _unended(number: int, leg: ObservedLeg) -> Silence | None:
    since = leg.shut_down_at
    return None if since is None else Silence(since, f"Argo has not ended leg {number}")


def _untouched(number: int, leg: ObservedLeg) -> Silence | None:
    since = _last(leg.created_at, leg.resumed_at)
    if since is None or leg.created_at is None:
        return None
    told = (
        f"Argo has not taken up leg {number}, made at {moments.tell(leg.created_at)} UTC: its controller is not "
        "running, does not watch this namespace, or lacks in `admission.argo` of Headgate's values (then its log says: "
        "denied)"
    )
    return Silence(since, told)


def _idle(number: int, leg: ObservedLeg) -> Silence | None:
    since = _last(leg.started_at or leg.created_at, leg.resumed_at, *(pod.ended_at for pod in leg.pods.values()))
    if since is None:
        return None
    told = f"Argo has done nothing about leg {number} since {moments.tell(since)} UTC"
    return Silence(since, f"{told}: {_IS_IT_RUNNING}")


def _last(*known: datetime | None) -> datetime | None:
    return max((moment for moment in known if moment is not None), default=None)


def _overrun(number: int, due_at: datetime) -> Silence:
    told = f"Argo has not said how leg {number} ended, whose pods can only run until {moments.tell(due_at)} UTC"
    return Silence(due_at, f"{told}: {_IS_IT_RUNNING}")
