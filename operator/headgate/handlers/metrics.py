"""What Prometheus can ask. Names and labels are part of the contract: operator/docs/metrics.md lists them.

Counted where things happen; what the caches know anyway is summed up when somebody asks.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client import Counter as Counted
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from headgate.api.approvalrequest import NoticePhase
from headgate.api.run import Phase
from headgate.kube.reflector import Reflector
from headgate.kube.times import read_time
from headgate.kube.wire import Call

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
_LONG = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.run_seconds = Histogram(
            "headgate_run_seconds",
            "How long Runs took that have ended, waiting included.",
            ["phase"],
            buckets=_LONG,
            registry=self.registry,
        )
        self.reconcile_seconds = Histogram(
            "headgate_reconcile_seconds",
            "How long it took to gather, decide and act once.",
            ["about", "result"],
            buckets=_FAST,
            registry=self.registry,
        )
        self.queue_wait_seconds = Histogram(
            "headgate_queue_wait_seconds",
            "How long a key was due before it was looked at.",
            buckets=_FAST,
            registry=self.registry,
        )
        self.actions = Counted(
            "headgate_actions", "What was carried out.", ["action", "result"], registry=self.registry
        )
        self.api_seconds = Histogram(
            "headgate_api_request_seconds",
            "Requests to the API server. Code 0: no answer.",
            ["verb", "resource", "code"],
            buckets=_FAST,
            registry=self.registry,
        )
        self.reviews = Counted(
            "headgate_admission_reviews", "What admission answered.", ["kind", "allowed"], registry=self.registry
        )
        self.problems_refused = Counted(
            "headgate_admission_problems", "Problems that admission told.", ["reason"], registry=self.registry
        )
        self.audit_entries = Counted(
            "headgate_audit_entries", "Entries of the audit log that were written.", ["action"], registry=self.registry
        )
        self.audit_head = Gauge("headgate_audit_head", "The number of the last entry.", registry=self.registry)
        self.audit_pending = Gauge("headgate_audit_pending", "Facts that wait to be recorded.", registry=self.registry)
        self.audit_flaws = Gauge(
            "headgate_audit_flaws", "What was wrong with the audit log when it was read.", registry=self.registry
        )
        self.notifications = Counted(
            "headgate_notification_attempts",
            "Attempts to tell a webhook, by what became of the line.",
            ["moment", "phase"],
            registry=self.registry,
        )
        self.leads = Gauge("headgate_leader", "1 if this replica leads.", registry=self.registry)
        ProcessCollector(registry=self.registry)

    def note_call(self, call: Call) -> None:
        self.api_seconds.labels(call.verb, call.kind.plural, str(call.code)).observe(call.seconds)

    def note_end(self, status: Mapping[str, Any]) -> None:
        """A Run has ended."""
        if status.get("startedAt") and status.get("endedAt"):
            seconds = read_time(status["endedAt"]) - read_time(status["startedAt"])
            self.run_seconds.labels(status["phase"]).observe(seconds.total_seconds())

    def watch(self, state: "State") -> None:
        self.registry.register(state)

    def render(self) -> bytes:
        return generate_latest(self.registry)


class State:
    """What is summed up when somebody asks."""

    def __init__(
        self,
        phases: Callable[[], Iterable[str]],
        problems: Callable[[], Iterable[str]],
        queue: Callable[[], tuple[int, int]],
        reflectors: Iterable[Reflector],
        clock: Callable[[], float],
        notices: Callable[[NoticePhase], int],
    ) -> None:
        self._phases = phases
        self._problems = problems
        self._queue = queue
        self._reflectors = reflectors
        self._clock = clock
        self._notices = notices

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked before the caches are full."""
        return ()

    def collect(self) -> Iterator[Metric]:
        runs = GaugeMetricFamily("headgate_runs", "Runs by phase.", labels=["phase"])
        counts = Counter(self._phases())
        for phase in Phase:
            runs.add_metric([phase.value], counts[phase.value])
        yield runs
        problems = GaugeMetricFamily("headgate_workflow_problems", "Problems of workflows.", labels=["reason"])
        for reason, count in sorted(Counter(self._problems()).items()):
            problems.add_metric([reason], count)
        yield problems
        notices = GaugeMetricFamily("headgate_notifications", "Lines to be told by webhook.", labels=["phase"])
        for stands in NoticePhase:
            notices.add_metric([stands.value], self._notices(stands))
        yield notices
        due, sleeping = self._queue()
        yield GaugeMetricFamily("headgate_queue_due", "Keys that wait to be looked at.", value=due)
        yield GaugeMetricFamily("headgate_queue_sleeping", "Keys that wake by themselves.", value=sleeping)
        yield from self._watches()

    def _watches(self) -> Iterator[Metric]:
        silence = GaugeMetricFamily("headgate_watch_silence_seconds", "Since a watch was heard.", labels=["resource"])
        relists = GaugeMetricFamily("headgate_watch_lists", "How often a kind was listed.", labels=["resource"])
        frozen = GaugeMetricFamily("headgate_watch_frozen", "How often a watch froze.", labels=["resource"])
        objects = GaugeMetricFamily("headgate_cache_objects", "Objects in a cache.", labels=["resource"])
        for reflector in self._reflectors:
            kind = reflector.cache.kind
            name = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
            silence.add_metric([name], self._clock() - reflector.heard_at)
            relists.add_metric([name], reflector.relists)
            frozen.add_metric([name], reflector.frozen)
            objects.add_metric([name], len(reflector.cache))
        yield from (silence, relists, frozen, objects)
