"""A Run as rows, one a node in topological order: what `watch` and `get` draw. LANGUAGE §4.5 shows it.

Not a tree with branches: a graph is none. Without the graph (its revision cannot be read) the rows are those of the
status, in the order of their names.
"""

from dataclasses import dataclass
from datetime import datetime

from headgate.api.run import NodePhase, NodeStatus, Phase, Run, Usage
from headgate.cli.drawing import words
from headgate.cli.runs import amounts
from headgate.compiler.graph import Graph, Node, Role

ENDED = (NodePhase.SUCCEEDED, NodePhase.SKIPPED, NodePhase.FAILED, NodePhase.OMITTED)
_PENDING = NodeStatus(phase=NodePhase.PENDING)
_BAR = 16


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    phase: NodePhase
    final: bool
    use: str
    took: str
    """How long it has taken so far."""
    says: str
    command: str = ""
    """What a person can type about it, on a line of its own."""


@dataclass(frozen=True, slots=True)
class Tree:
    title: tuple[str, ...]
    """What stands in the first line, from the name on."""
    phase: Phase
    rows: tuple[Row, ...]


def build_tree(run: Run, graph: Graph | None, now: datetime, program: str, at: str = "") -> Tree:
    """`program`, `at`: how the person calls us and where, for the commands that are shown."""
    status = run.status
    known = status.nodes if status else {}
    phase = (status.phase if status else None) or Phase.PENDING
    nodes = dict.fromkeys(sorted(known)) if graph is None else {one.name: one for one in words.drawn(graph)}
    ask = f"{program} approvals show {{}}{at}"
    rows = tuple(_row(name, known.get(name, _PENDING), node, now, ask) for name, node in nodes.items())
    return Tree(_title(run, phase, now), phase, rows)


def _title(run: Run, phase: Phase, now: datetime) -> tuple[str, ...]:
    status, spec = run.status, run.spec
    said = [run.metadata.name or "", str(phase)]
    if status and status.progress:
        said.append(status.progress)
    times = []
    if status and status.work_seconds is not None:
        times.append(f"{amounts.short(status.work_seconds)} of work")
    if status and (waited := _waited(run, phase, now)) >= 1:
        times.append(f"{amounts.short(waited)} waiting")
    if times:
        said.append(", ".join(times))
    if spec.environment:
        said.append(f"environment {spec.environment}")
    if spec.requester:
        said.append(f"asked by {spec.requester}")
    return tuple(said)


def _waited(run: Run, phase: Phase, now: datetime) -> float:
    """Nothing is written while people think: the time since the last change counts on here."""
    status = run.status
    if status is None:
        return 0.0
    waited = status.wait_seconds or 0.0
    if phase is Phase.WAITING:
        since = [node.started_at for node in status.nodes.values() if node.phase is NodePhase.WAITING]
        waited = max(waited, amounts.until(now, min((one for one in since if one), default=None)))
    return waited


def _row(name: str, status: NodeStatus, node: Node | None, now: datetime, ask: str) -> Row:
    running = status.phase in (NodePhase.RUNNING, NodePhase.WAITING)
    seconds = status.seconds if status.seconds is not None else amounts.until(now, status.started_at) if running else 0
    started = status.seconds is not None or (running and status.started_at is not None)
    asks = status.phase is NodePhase.WAITING and status.request
    return Row(
        name=name,
        phase=status.phase,
        final=node is not None and node.final,
        use=words.type_of(node) if node else "",
        took=amounts.short(seconds) if started else "",
        says=_says(status, node),
        command=ask.format(status.request) if asks else "",
    )


def _says(status: NodeStatus, node: Node | None) -> str:
    match status.phase:
        case NodePhase.PENDING:
            return _pending(status, node)
        case NodePhase.OMITTED:
            return f"omitted: {status.needs} failed" if status.needs else f"omitted: {status.message or status.reason}"
        case NodePhase.SKIPPED:
            return f"skipped: {why_skipped(status)}"
        case NodePhase.FAILED:
            return why_failed(status)
        case NodePhase.RUNNING:
            return _running(status, node)
        case NodePhase.WAITING:
            return status.message or ""
        case NodePhase.SUCCEEDED:
            given = [f"given by {status.given_by}"] if status.given_by else []
            return ", ".join([*_items(status, node), *_used(status.usage, node), *given])


def _pending(status: NodeStatus, node: Node | None) -> str:
    if node is not None and node.final:
        return "finally"
    if status.message:
        return status.message
    only = words.needs(node) if node else []
    return ", ".join(only) or (f"needs {status.needs}" if status.needs else "")


def why_skipped(status: NodeStatus) -> str:
    if status.needs:
        return f"{status.needs} was" if status.reason == "NeedSkipped" else f"{status.needs} did not fail"
    return "its `when` is false" if status.reason == "WhenFalse" else status.message or status.reason or ""


def why_failed(status: NodeStatus) -> str:
    """`Timeout: its time was over`; `Rejected by bob@example.com: too soon`, which says the reason itself."""
    reason, message = status.reason or "", status.message or ""
    if not message or not reason or message.lower().startswith(reason.lower()):
        return f"{message[:1].upper()}{message[1:]}" or reason
    return f"{reason}: {message}"


def _running(status: NodeStatus, node: Node | None) -> str:
    said = _items(status, node)
    if status.attempts and status.attempts > 1:
        most = f" of {node.retry.limit + 1}" if node else ""
        said.append(f"attempt {status.attempts}{most}")
    if status.message:
        said.append(status.message)
    return ", ".join(said)


def _items(status: NodeStatus, node: Node | None) -> list[str]:
    """How far a loop is: a bar while it runs, and what failed."""
    items = status.items
    if items is None or (status.phase is NodePhase.SUCCEEDED and not items.failed):
        return []
    done = items.succeeded + items.failed
    bar = ""
    if status.phase is NodePhase.RUNNING and items.total:
        full = round(_BAR * done / items.total)
        bar = f" {'▓' * full}{'░' * (_BAR - full)}"
    tolerated = node.loop.tolerate.of(items.total) if node and node.loop else 0
    failed = f" {items.failed} failed, {tolerated} tolerated" if items.failed else ""
    return [f"{done}/{items.total}{bar}{failed}"]


def _used(usage: Usage | None, node: Node | None) -> list[str]:
    if usage is None or not (usage.prompt_tokens or usage.output_tokens):
        return []
    model = node.params.get("model") if node and node.role is Role.WORK else None
    named = [model] if isinstance(model, str) and "${" not in model else []
    return [*named, f"{usage.prompt_tokens or 0:,} tokens in", f"{usage.output_tokens or 0:,} out"]
