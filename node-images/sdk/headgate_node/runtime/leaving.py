"""Writes what the later pods of the leg ask for. Called at the end by the worker, or by the supervisor if that died."""

from collections.abc import Mapping

from headgate_lang import report
from headgate_lang.report import Entry
from headgate_lang.task import Task
from headgate_node.runtime.conclusion import build_ends, build_go
from headgate_node.runtime.folders import Folders


def leave(task: Task, entries: Mapping[str, Entry], folders: Folders) -> None:
    ends = build_ends(task, entries)
    if task.tells:
        folders.write_ends(report.encode_ends({node: ends[node] for node in task.tells if node in ends}))
    for name, go in build_go(task, ends).items():
        folders.write_out(name, "true" if go else "false")
