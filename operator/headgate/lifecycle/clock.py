"""How long nodes worked and gates waited, and when the Run's time is over. All of it follows from what was told, so
that a restart of the operator changes nothing."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from headgate.api.workflow import WorkflowSpec
from headgate.lifecycle import moments
from headgate.lifecycle.entries import Told
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.legview import LegView
from headgate.lifecycle.moments import Span
from headgate.lifecycle.observed import Settings
from headgate_lang import durations


def work_spans(views: Iterable[LegView], now: datetime, *, first_leg: int = 0) -> list[Span]:
    """When a node was executing, in any leg from this one on."""
    return [span for view in views if view.number >= first_leg for span in _spans(view, now)]


def _spans(view: LegView, now: datetime) -> Iterator[Span]:
    for told in view.told.values():
        span = span_of(told)
        if span is not None:
            yield span
    for started_at in view.running.values():
        yield (started_at, now)


def span_of(told: Told) -> Span | None:
    started_at = moments.parse(told.entry.started_at)
    if started_at is None or told.entry.seconds is None:
        return None
    return (started_at, moments.shift(started_at, told.entry.seconds))


def wait_spans(facts: Facts) -> Iterator[Span]:
    """When people, time or events were waited for. A question that is open counts once it has ended."""
    for waiting in (*facts.gates.values(), *facts.questions.values()):
        if waiting.end is not None and waiting.end.ended_at is not None:
            yield (waiting.started_at, waiting.end.ended_at)


def limit_of(workflow: WorkflowSpec, settings: Settings) -> float:
    written = workflow.execution.timeout if workflow.execution else None
    return durations.parse(written) if written else settings.run_timeout


def is_working(views: Iterable[LegView]) -> bool:
    return any(view.running for view in views)
