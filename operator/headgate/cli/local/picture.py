"""The live tree of `watch`, for a local Run: a question stands still below it, and waits count down."""

from collections.abc import Callable, Mapping
from datetime import datetime

from headgate.api.run import NodePhase, Run
from headgate.cli.cluster.showing import Screen
from headgate.cli.command import Streams
from headgate.cli.runs import amounts
from headgate.compiler.graph import Graph


class Picture:
    """`wakes`: when each Run goes on by itself."""

    def __init__(
        self,
        streams: Streams,
        graph: Graph,
        now: Callable[[], datetime],
        wakes: Mapping[str, datetime],
        *,
        plain: bool,
    ) -> None:
        self._is_live = streams.out.isatty()
        self._screen = Screen(streams, "headgate", plain=plain, now=now)
        self._graph = graph
        self._now = now
        self._wakes = wakes
        self._was_asking = False

    def draw(self, run: Run, asking: bool) -> None:
        """Not while somebody is asked: it would overwrite the question."""
        if asking and self._was_asking:
            return
        if self._was_asking:
            self._screen.start_anew()
        self._was_asking = asking
        self._screen.draw(self._as_shown(run), self._graph)

    def written(self) -> None:
        """Something else was written below it."""
        self._screen.start_anew()

    def _as_shown(self, run: Run) -> Run:
        """Without the commands by which a request is answered on a cluster."""
        if run.status is None:
            return run
        wake = self._wakes.get(run.metadata.name or "") if self._is_live else None
        left = "" if wake is None else f", {amounts.long(max(0.0, (wake - self._now()).total_seconds()))} left"
        nodes = {}
        for name, node in run.status.nodes.items():
            is_timer = node.phase is NodePhase.WAITING and node.request is None and node.child is None
            message = f"{node.message}{left}" if is_timer and node.message else node.message
            nodes[name] = node.model_copy(update={"request": None, "message": message})
        return run.model_copy(update={"status": run.status.model_copy(update={"nodes": nodes})})
