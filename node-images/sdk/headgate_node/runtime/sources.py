"""What others left: how the nodes outside this pod ended that its members need, and their outputs. Read at the start.

Whoever wrote it may have been anybody's image: what cannot be read is told to those who need it, and ends nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from headgate_lang import documents, report, strict
from headgate_lang.fate import Outcome
from headgate_lang.report import End
from headgate_lang.task import Source, Task
from headgate_node.runtime.folders import Folders
from headgate_node.runtime.loops import build_output, combine
from headgate_node.runtime.roots import build_error


@dataclass(frozen=True)
class Outside:
    """The nodes outside this pod."""

    ends: dict[str, End] = field(default_factory=dict)
    """Those that have ended. Of any other it is open: whoever needs it cannot be decided here."""
    documents: dict[str, Any] = field(default_factory=dict)
    """What expressions read of them."""
    faults: dict[str, str] = field(default_factory=dict)
    """Node → why its output cannot be read."""


def read_sources(task: Task, folders: Folders) -> Outside:
    outside = Outside()
    for node, source in task.sources.items():
        _read(node, source, folders, outside)
    return outside


def _read(node: str, source: Source, folders: Folders, outside: Outside) -> None:
    try:
        left = list(_read_documents(source, folders))
    except (OSError, documents.DocumentError) as error:
        left, outside.faults[node] = [], f"the output of `{node}` cannot be read: {error}"
    ends = [source.end] if source.end else [_read_end(node, path, folders) for path in source.ends]
    told = [end for end in ends if end is not None]
    if len(told) < len(ends) or not told:
        return
    end: End | None = told[0]
    outputs = None
    if source.items is not None:
        outputs = _by_index(left) if source.documents else None
        if source.end is None:
            end = combine(source.items, told, outputs)
    if end is None:
        return
    outside.ends[node] = end
    if end.outcome & Outcome.FAILED:
        outside.documents[node] = build_error(end)
    elif end.outcome is Outcome.SUCCEEDED and (source.documents or source.items) and node not in outside.faults:
        _place(node, source, left, outputs, outside)


def _place(node: str, source: Source, left: list[Any], outputs: dict[int, Any] | None, outside: Outside) -> None:
    if source.items is not None:
        outside.documents[node] = build_output(outputs or {}, outside.ends[node].failed)
    elif isinstance(left[-1], dict):
        outside.documents[node] = left[-1]
    else:
        outside.faults[node] = f"`{node}` has succeeded, and its output is not there"


def _read_documents(source: Source, folders: Folders) -> Iterator[Any]:
    for path in source.documents:
        yield documents.decode(folders.read(path))


def _by_index(left: list[Any]) -> dict[int, Any]:
    """The later ones over the earlier: what ran again has its output there."""
    objects = [document for document in left if isinstance(document, dict)]
    return {int(index): output for one in objects for index, output in one.items() if index.isdecimal()}


def _read_end(node: str, path: str, folders: Folders) -> End | None:
    try:
        return report.decode_ends(folders.read(path).decode()).get(node)
    except (OSError, UnicodeDecodeError, strict.MalformedError):
        return None
