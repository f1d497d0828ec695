"""Shows a tree, again and again while a Run goes on: a terminal is redrawn, a pipe gets a line a change."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from headgate.api.run import Phase, Run
from headgate.cli.cluster.reading import fetch_graph
from headgate.cli.cluster.session import Session
from headgate.cli.command import CANCELLED, GOOD, PROBLEMS, TIMED_OUT, Streams
from headgate.cli.printing.paint import Paint, paint_for
from headgate.cli.printing.redraw import Redraw
from headgate.cli.runs.sketch import as_text, changed
from headgate.cli.runs.tree import Tree, build_tree
from headgate.compiler.graph import Graph

EXIT_CODES = {
    Phase.SUCCEEDED: GOOD,
    Phase.FAILED: PROBLEMS,
    Phase.CANCELLED: CANCELLED,
    Phase.TIMED_OUT: TIMED_OUT,
}
"""Of a Run that has ended; a phase that is not here has not."""


def _real_now() -> datetime:
    return datetime.now(UTC)


class Screen:
    """`program`, `at`: how the person calls us and where, for the commands that are shown."""

    def __init__(
        self, streams: Streams, program: str, at: str = "", *, plain: bool, now: Callable[[], datetime] = _real_now
    ) -> None:
        self._program, self._at = program, at
        self._out = streams.out
        self._plain = plain
        self._now = now
        self._paint: Paint = paint_for(self._out, streams.environment)
        self._redraw = Redraw(self._out)
        self._last: Tree | None = None

    def draw_once(self, run: Run, graph: Graph | None) -> None:
        """The whole of it, terminal or not."""
        tree = build_tree(run, graph, self._now(), self._program, self._at)
        self._out.write(as_text(tree, self._paint, plain=self._plain))

    def start_anew(self) -> None:
        """Leave what is drawn as it is: something else was written below it."""
        self._redraw = Redraw(self._out)

    def draw(self, run: Run, graph: Graph | None) -> None:
        tree = build_tree(run, graph, self._now(), self._program, self._at)
        if self._out.isatty():
            text = as_text(tree, self._paint, width=self._redraw.width, plain=self._plain)
            self._redraw.draw(text.splitlines())
        else:
            for line in changed(self._last, tree):
                self._out.write(f"{line}\n")
        self._out.flush()
        self._last = tree


async def follow(session: Session, runs: AsyncIterator[Run], *, plain: bool) -> int:
    """Show a Run until it ends; gives the exit code that its end means."""
    screen, graph = Screen(session.streams, session.program, session.at, plain=plain), None
    async for run in runs:
        graph = graph or await fetch_graph(session, run)
        screen.draw(run, graph)
        phase = run.status.phase if run.status else None
        if phase in EXIT_CODES:
            return EXIT_CODES[phase]
    session.streams.err.write("the Run is gone: somebody deleted it\n")
    return PROBLEMS
