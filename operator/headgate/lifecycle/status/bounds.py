"""A status within its bounds: 256 KiB ever. What is only nice to know goes first, what has to be remembered never.

Whole outputs lie elsewhere, and so does how each instance ended: a status is for people, and for what nothing else
says.
"""

import json
from collections.abc import Callable
from typing import Any

from headgate.api.run import NodePhase, NodeStatus, RunStatus

MAX_STATUS = 240 * 1024
"""Less than the bound by what a request adds."""
TYPICAL = 32 * 1024
"""Beyond which previews are shortened."""

_Cut = Callable[[NodeStatus], NodeStatus | None]
_QUIET = frozenset({NodePhase.SUCCEEDED, NodePhase.SKIPPED, NodePhase.PENDING, NodePhase.OMITTED})


def plain(status: RunStatus) -> dict[str, Any]:
    return status.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)


def size(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())


def bound(status: RunStatus) -> RunStatus:
    taken = size(plain(status))
    if taken > TYPICAL:
        status = _cut(status, _short_preview)
        taken = size(plain(status))
    for cut in (_no_preview, _no_figures, _no_message, _not_quiet):
        if taken <= MAX_STATUS:
            break
        status = _cut(status, cut)
        taken = size(plain(status))
    return status


def _cut(status: RunStatus, cut: _Cut) -> RunStatus:
    nodes = {name: kept for name, node in status.nodes.items() if (kept := cut(node)) is not None}
    return status.model_copy(update={"nodes": nodes})


def _short_preview(node: NodeStatus) -> NodeStatus:
    if node.preview is None or len(node.preview) <= 120:
        return node
    return node.model_copy(update={"preview": f"{node.preview[:119]}…"})


def _no_preview(node: NodeStatus) -> NodeStatus:
    return node.model_copy(update={"preview": None})


def _no_figures(node: NodeStatus) -> NodeStatus:
    """Where its output lies, `headgate output` finds by the labels of the Secrets as well."""
    cut: dict[str, Any] = {"seconds": None, "usage": None, "output": None}
    if node.request is None and node.child is None and node.phase is not NodePhase.WAITING and node.leg is not None:
        cut |= {"started_at": None, "attempts": None}
    return node.model_copy(update=cut)


def _no_message(node: NodeStatus) -> NodeStatus:
    message = node.message if node.message is None or len(node.message) <= 80 else f"{node.message[:79]}…"
    needs = node.needs if node.needs is None or len(node.needs) <= 40 else f"{node.needs[:39]}…"
    return node.model_copy(update={"message": message, "needs": needs})


def _not_quiet(node: NodeStatus) -> NodeStatus | None:
    """With thousands of nodes, only those are told that people have to know of, or that say what nothing else says."""
    remembers = (node.since, node.retried, node.request, node.child, node.started_at and node.leg is None)
    return node if any(remembers) or node.phase not in _QUIET else None
