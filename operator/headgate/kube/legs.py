"""Argo Workflows as the operator sees them: what is kept of one in memory, and what of it decides about a Run.

Outputs can be large. The cache leaves out those that are, and says so; then the leg is read once more when it counts.
"""

import base64
import re
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from headgate.compiler.emit.identity import CLAIMS, LEG, RESUMED_AT, RUN_UID, SHUT_DOWN_AT
from headgate.kube.answers import parse
from headgate.kube.kinds import Object
from headgate.kube.times import read_time
from headgate.lifecycle import moments
from headgate.lifecycle.observed import ObservedLeg, ObservedPod

LARGEST_KEPT = 2048
"""Of an output, in characters. A report of a few nodes is smaller."""
_LARGEST_STATUS = 16 * 2**20
_LEFT_OUT = "leftOut"
_DEADLINE = "deadline"
_NOTES = (CLAIMS, SHUT_DOWN_AT, RESUMED_AT)
_POSITION = re.compile(r"n(0|[1-9][0-9]{0,4})")
_TYPES = frozenset({"Pod", "Skipped"})


def trim_leg(leg: Object) -> Object:
    """What the cache keeps: nothing of what was asked, and of what came of it only what decides."""
    metadata, spec, status = leg["metadata"], leg.get("spec") or {}, leg.get("status") or {}
    names = ("name", "namespace", "uid", "resourceVersion", "labels", "creationTimestamp", "deletionTimestamp")
    kept = {name: metadata[name] for name in names if name in metadata}
    noted = metadata.get("annotations") or {}
    kept["annotations"] = {CLAIMS: "", **{name: noted[name] for name in _NOTES if name in noted}}
    nodes = [_trim_node(node) for node in _pods(leg)]
    said = {name: status[name] for name in ("phase", "message", "startedAt", "finishedAt") if name in status}
    return {
        "metadata": kept,
        "spec": {name: spec[name] for name in ("suspend", "shutdown") if name in spec},
        "status": {**said, "nodes": nodes},
    }


def is_whole(leg: Object) -> bool:
    """Whether the cache left nothing out."""
    return not any(node.get(_LEFT_OUT) for node in leg["status"]["nodes"])


def read_leg(leg: Object, *, trimmed: bool = True) -> ObservedLeg:
    """From what the cache keeps, or from a leg that was just read (`trimmed=False`)."""
    if not trimmed:
        nodes = _pods(leg)
        leg = {**trim_leg(leg), "status": {**(leg.get("status") or {}), "nodes": nodes}}
    metadata, spec, status = leg["metadata"], leg["spec"], leg["status"]
    labels = metadata.get("labels") or {}
    number = str(labels.get(LEG, ""))
    return ObservedLeg(
        name=metadata["name"],
        uid=metadata["uid"],
        number=int(number) if number.isdecimal() and len(number) < 10 else 0,
        run_uid=str(labels.get(RUN_UID, "")),
        claims=metadata["annotations"][CLAIMS],
        phase=status.get("phase", ""),
        message=status.get("message", ""),
        pods=dict(_pod(node) for node in status["nodes"] if _POSITION.fullmatch(node.get("displayName", ""))),
        suspended=bool(spec.get("suspend")),
        shutdown=spec.get("shutdown", ""),
        shut_down_at=moments.parse(metadata["annotations"].get(SHUT_DOWN_AT)),
        resumed_at=moments.parse(metadata["annotations"].get(RESUMED_AT)),
        deleting="deletionTimestamp" in metadata,
        created_at=_time(metadata, "creationTimestamp"),
        started_at=_time(status, "startedAt"),
        ended_at=_time(status, "finishedAt"),
    )


def _pods(leg: Object) -> list[Object]:
    """Of its nodes those that are pods, each with the deadline of its template."""
    templates = [one for one in (leg.get("spec") or {}).get("templates") or () if isinstance(one, dict)]
    deadlines = {one.get("name"): one.get("activeDeadlineSeconds") for one in templates}
    nodes = [node for node in _nodes(leg.get("status") or {}).values() if node.get("type") in _TYPES]
    return [{**node, _DEADLINE: deadlines.get(node.get("displayName"))} for node in nodes]


def _nodes(status: Mapping[str, Any]) -> Mapping[str, Any]:
    """Argo compresses them when they are many."""
    packed = status.get("compressedNodes")
    if not packed:
        return status.get("nodes") or {}
    unpack = zlib.decompressobj(wbits=31)
    text = unpack.decompress(base64.b64decode(packed), _LARGEST_STATUS)
    if unpack.unconsumed_tail:
        raise ValueError(f"the status of an Argo Workflow has more than {_LARGEST_STATUS} bytes")
    nodes: Mapping[str, Any] = parse(text)
    return nodes


def _trim_node(node: Mapping[str, Any]) -> Object:
    names = ("type", "displayName", "phase", "message", "startedAt", "finishedAt", "taskResultSynced", "hostNodeName")
    kept: Object = {name: node[name] for name in names if name in node}
    outputs = node.get("outputs") or {}
    parameters = outputs.get("parameters") or ()
    small = [
        {"name": one["name"], "value": one.get("value", "")}
        for one in parameters
        if len(one.get("value", "")) <= LARGEST_KEPT
    ]
    if len(small) < len(parameters):
        kept[_LEFT_OUT] = True
    if node.get(_DEADLINE):
        kept[_DEADLINE] = node[_DEADLINE]
    kept["outputs"] = {
        "parameters": small,
        "artifacts": [{"name": one["name"]} for one in outputs.get("artifacts") or ()],
    }
    return kept


def _pod(node: Mapping[str, Any]) -> tuple[int, ObservedPod]:
    outputs = node.get("outputs") or {}
    started_at = _time(node, "startedAt")
    return int(node["displayName"][1:]), ObservedPod(
        phase=node.get("phase", ""),
        message=node.get("message", ""),
        outputs={one["name"]: one.get("value", "") for one in outputs.get("parameters") or ()},
        artifacts=frozenset(one["name"] for one in outputs.get("artifacts") or ()),
        started_at=started_at,
        ended_at=_time(node, "finishedAt"),
        due_at=_due_at(started_at, str(node.get(_DEADLINE, ""))),
        was_placed=bool(node.get("hostNodeName")),
        synced=node.get("taskResultSynced") is not False,
    )


def _due_at(started_at: datetime | None, seconds: str) -> datetime | None:
    if started_at is None or not seconds.isdecimal() or len(seconds) > 9:
        return None
    return started_at + timedelta(seconds=int(seconds))


def _time(said: Mapping[str, Any], name: str) -> datetime | None:
    return read_time(said[name]) if said.get(name) else None
