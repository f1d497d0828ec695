"""Finds what a node gave, wherever the operator keeps it. `output` asks.

What ended lies in the Secrets that the operator made of its legs. A document of the artifact store is named, not
fetched: whoever may read there has the tools for it.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from headgate.api.run import NodePhase, NodeStatus, Run
from headgate.cli.cluster.session import Session, StoppedError
from headgate.compiler.emit.identity import LEG, RUN_UID
from headgate.compiler.known import Instance
from headgate.kube.kinds import APPROVAL_REQUEST, RUN, SECRET, Object
from headgate.lifecycle import entries
from headgate.lifecycle.observed import ENTRIES
from headgate_lang import documents
from headgate_lang.report import Phase
from headgate_lang.strict import MalformedError


@dataclass(frozen=True, slots=True)
class Found:
    """What a node gave: a document, or where one lies."""

    value: Any = None
    store: str = ""
    """The key in the artifact store."""


@dataclass
class _Kept:
    """What the Secrets of a Run hold of one node. Later legs come over earlier ones."""

    whole: Found | None = None
    items: dict[int, Found] = field(default_factory=dict)


async def fetch_output(session: Session, run: Run, node: str) -> Found:
    """Raises StoppedError where there is none, saying why."""
    status = run.status.nodes[node] if run.status else None
    if status is None or status.phase is not NodePhase.SUCCEEDED:
        raise StoppedError(f"{node} gave nothing: it is {status.phase if status else 'not started'}")
    if status.request:
        return Found(await _answer(session, status))
    if status.child:
        child = await session.client.get(RUN, status.child, session.namespace)
        return Found((child.get("status") or {}).get("outputs") or {})
    labels = f"{RUN_UID}={run.metadata.uid}"
    kept = _read(await session.client.list_all(SECRET, session.namespace, labels=labels), node, status)
    if kept.whole is not None:
        return kept.whole
    if kept.items:
        return Found({"outputs": [one.value for _, one in sorted(kept.items.items())]})
    raise StoppedError(
        f"what {node} gave is not kept yet: its part of the graph still runs; try again when it has ended"
    )


async def _answer(session: Session, status: NodeStatus) -> dict[str, Any]:
    request = await session.client.get(APPROVAL_REQUEST, status.request or "", session.namespace)
    spec, decided = request["spec"], request.get("status") or {}
    return {"values": spec.get("values") or {}, "decidedAt": decided.get("decidedAt")}


def _read(secrets: Iterable[Object], node: str, status: NodeStatus) -> _Kept:
    kept = _Kept()
    for secret in sorted(secrets, key=_leg_of):
        if _leg_of(secret) >= (status.since or 0):
            _take(secret, node, kept)
    return kept


def _leg_of(secret: Object) -> int:
    text = (secret["metadata"].get("labels") or {}).get(LEG, "")
    return int(text) if text.isdecimal() else 0


def _take(secret: Object, node: str, kept: _Kept) -> None:
    data: Mapping[str, str] = secret.get("data") or {}
    try:
        told = entries.decode(_text(data[ENTRIES])).told
    except (KeyError, MalformedError):
        return  # no Secret of the operator's
    for path, one in told.items():
        instance = Instance.parse(path)
        if instance.node != node or instance.prepare or one.entry.phase is not Phase.SUCCEEDED:
            continue
        found = _found(data, one)
        if instance.index is None:
            kept.whole = found
        elif isinstance(found.value, dict):
            kept.items[instance.index] = Found(found.value.get(str(instance.index)), found.store)
        else:
            kept.items[instance.index] = found


def _found(data: Mapping[str, str], one: entries.KeptEntry) -> Found:
    if one.key is None or one.key not in data:
        return Found(store=one.store or "")
    return Found(documents.decode(_text(data[one.key])))


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode()
