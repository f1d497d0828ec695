"""The folders of a pod. Its own file system is read-only; what it writes outlives its process, and not the pod."""

from typing import Any

from headgate.compiler.emit.context import Platform
from headgate.compiler.emit.files import KEPT, Files
from headgate.compiler.emit.scheduling import count_gpus
from headgate.compiler.emit.wiring import Pod
from headgate_lang.task import IN, OUT

_SHARED_MEMORY = "/dev/shm"  # noqa: S108 for GPUs: processes pass tensors by way of it
_TEMPORARY = "/tmp"  # noqa: S108 an empty volume, not the node's


def build_shared_volumes(platform: Platform) -> list[dict[str, Any]]:
    """Those that every pod of a leg can have: declared once, each pod gets its own."""
    empty = {"emptyDir": {"sizeLimit": platform.scratch}}
    memory = {"emptyDir": {"medium": "Memory", "sizeLimit": platform.shared_memory}}
    return [
        {"name": "in", **empty},
        {"name": "out", **empty},
        {"name": "tmp", **empty},
        {"name": "shm", **memory},
    ]


def build_own_volumes(files: Files) -> dict[str, Any]:
    sources = [{"secret": {"name": name, "items": items}} for name, items in files.kept.items()]
    return {"volumes": [{"name": "kept", "projected": {"sources": sources}}]} if sources else {}


def build_mounts(pod: Pod, files: Files) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = [{"name": "out", "mountPath": OUT}, {"name": "tmp", "mountPath": _TEMPORARY}]
    if files.passed or files.artifacts:
        mounts.append({"name": "in", "mountPath": IN})
    if files.kept:
        mounts.append({"name": "kept", "mountPath": KEPT, "readOnly": True})
    if count_gpus(pod.leader):
        mounts.append({"name": "shm", "mountPath": _SHARED_MEMORY})
    return mounts
