"""A status within its bounds: 256 KiB ever. What is only nice to know goes first, what has to be remembered never.

Whole outputs lie elsewhere, and so does how each instance ended: a status is for people, and for what nothing else
says.
"""

import json
from collections.abc import Callable
from typing import Any

from headgate.api.run import NodePhase, NodeStatus, RunStatus
from headgate.lifecycle.status.folding import fold

MAX_STATUS = 240 * 1024
"""Less than the bound by what a request adds."""
MAX_OUTPUTS = 48 * 1024
"""Of all outputs of a Run together."""
TYPICAL = 32 * 1024
"""Beyond which previews are shortened."""

_Cut = Callable[[NodeStatus], NodeStatus | None]
_UNSAID = dict.fromkeys(("reason", "message", "needs", "items", "given_by"))
_QUIET = frozenset({NodePhase.SUCCEEDED, NodePhase.SKIPPED, NodePhase.PENDING, NodePhase.OMITTED})


class TooLargeStatusError(Exception):
    """What has to be remembered of a Run is more than a status holds."""


def plain(status: RunStatus) -> dict[str, Any]:
    return status.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)


def size(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())


def bound(status: RunStatus) -> RunStatus:
    most = most_of(status)
    taken = size(plain(status))
    if taken > TYPICAL:
        status = _cut(status, _short_preview)
        taken = size(plain(status))
    for step in (_no_previews, fold, _no_figures, _no_messages, _not_quiet, _as_many_as_fit):
        if taken <= most:
            break
        status = step(status)
        taken = size(plain(status))
    return status


def most_of(status: RunStatus) -> int:
    """What it may take now: what the Run gives back is to find room at its end."""
    return MAX_STATUS if status.ended_at is not None else MAX_STATUS - MAX_OUTPUTS


def fits(status: RunStatus) -> bool:
    """Whether it is within its bound, with all that has to be remembered."""
    return size(plain(status)) <= most_of(status)


def _cut(status: RunStatus, cut: _Cut) -> RunStatus:
    nodes = {name: kept for name, node in status.nodes.items() if (kept := cut(node)) is not None}
    return status.model_copy(update={"nodes": nodes})


def _short_preview(node: NodeStatus) -> NodeStatus:
    if node.preview is None or len(node.preview) <= 120:
        return node
    return node.model_copy(update={"preview": f"{node.preview[:119]}…"})


def _no_previews(status: RunStatus) -> RunStatus:
    return _cut(status, lambda node: node.model_copy(update={"preview": None}))


def _no_figures(status: RunStatus) -> RunStatus:
    """Where its output lies, `headgate output` finds by the labels of the Secrets as well."""
    return _cut(status, _without_figures)


def _without_figures(node: NodeStatus) -> NodeStatus:
    cut: dict[str, Any] = {"seconds": None, "usage": None, "output": None}
    if node.request is None and node.child is None and node.phase is not NodePhase.WAITING and node.leg is not None:
        cut |= {"started_at": None, "attempts": None}
    return node.model_copy(update=cut)


def _no_messages(status: RunStatus) -> RunStatus:
    return _cut(status, _with_short_message)


def _with_short_message(node: NodeStatus) -> NodeStatus:
    message = node.message if node.message is None or len(node.message) <= 80 else f"{node.message[:79]}…"
    needs = node.needs if node.needs is None or len(node.needs) <= 40 else f"{node.needs[:39]}…"
    return node.model_copy(update={"message": message, "needs": needs})


def _not_quiet(status: RunStatus) -> RunStatus:
    """With thousands of nodes, only those are told that people have to know of, or that say what nothing else says."""
    return _cut(status, lambda node: node if _remembers(node) or node.phase not in _QUIET else None)


def _remembers(node: NodeStatus) -> bool:
    return any(
        (node.since, node.retried, node.request, node.child, node.answered, node.started_at and node.leg is None)
    )


def _as_many_as_fit(status: RunStatus) -> RunStatus:
    """What has to be remembered; and of the others as many as there is room for, first those that failed or wait."""
    kept = {name: node.model_copy(update=_UNSAID) for name, node in status.nodes.items() if _remembers(node)}
    room = most_of(status) - size(plain(status.model_copy(update={"nodes": kept})))
    others = [(name, node) for name, node in status.nodes.items() if name not in kept]
    for name, node in sorted(others, key=lambda one: one[1].phase is NodePhase.RUNNING):
        room -= size({name: node.model_dump(mode="json", by_alias=True, exclude_none=True)}) + 1
        if room < 0:
            break
        kept[name] = node
    return status.model_copy(update={"nodes": {name: kept[name] for name in status.nodes if name in kept}})
