"""The graph of a leg, as Argo sees it: tasks, what they wait for, what they are passed."""

from collections.abc import Sequence
from typing import Any

from headgate.compiler.emit.files import Files
from headgate.compiler.emit.outputs import go_file
from headgate.compiler.emit.wiring import Pod


def build_task_in_graph(pod: Pod, pods: Sequence[Pod], files: Files) -> dict[str, Any]:
    """A pod starts if all that it waits for have reported, and none of them says that there is nothing to run.

    One that ended without a report may have to run again: then so must whoever waits for it, in another leg.
    """
    task: dict[str, Any] = {"name": pod.name, "template": pod.name}
    if pod.waits_for:
        task["depends"] = " && ".join(f"n{position}.Succeeded" for position in pod.waits_for)
    deciding = [position for position in pod.waits_for if pod.position in pods[position].go]
    if deciding:
        says_go = (f"{_go_of(position, pod.position)} == 'true'" for position in deciding)
        task["when"] = f"{{{{={' && '.join(says_go)}}}}}"
    if files.passed:
        artifacts = [{"name": name, "raw": {"data": value}} for name, value in files.passed.items()]
        task["arguments"] = {"artifacts": artifacts}
    return task


def _go_of(position: int, later: int) -> str:
    return f"(tasks?.n{position}?.outputs?.parameters?.['{go_file(later)}'] ?? 'false')"
