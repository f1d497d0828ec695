"""Where a pod finds what others wrote: the files, and how they get there. Asked for its task and for its template.

What another pod of the leg writes travels as a parameter of Argo, and as an artifact if it was too large. What is there
from earlier legs comes inline, out of the Secret that the operator keeps it in, or out of the artifact store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headgate.compiler.emit.context import Context, Document, Inline, InSecret
from headgate.compiler.emit.wiring import Pod
from headgate_lang import documents
from headgate_lang.task import ENDS, IN, LARGE

KEPT = "/kept"
"""Where the Secrets of earlier legs are mounted."""


@dataclass(slots=True)
class Files:
    """What one pod reads."""

    ends: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Node → files that say how it ended."""
    documents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Node → files with its output."""
    passed: dict[str, str] = field(default_factory=dict)
    """What the leg passes on from pod to pod: name → the expression of Argo that it is."""
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    """What is there before the leg: artifacts of the template."""
    kept: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """And Secret → its keys as files in `KEPT`."""


def store_key(context: Context, position: int, number: int) -> str:
    """Where a document goes that is too large for Argo. Known beforehand, so that its readers can fetch it there."""
    return f"{context.platform.store_prefix}/{context.run.uid}/{context.number}/n{position}/o{number}"


def build_files(pod: Pod, context: Context, earlier: Mapping[str, Sequence[Document]]) -> Files:
    """`earlier`: node → the documents that it left in earlier legs."""
    files = Files()
    for need, places in pod.needs.items():
        if places:
            files.ends[need] = tuple(_pass_on(files, position, ENDS) for position, _ in places)
        if need in pod.reads:
            old = [_fetch(files, document) for document in earlier.get(need, ())]
            new = [_pass_document_on(files, position, number, context) for position, number in places]
            files.documents[need] = (*old, *new)
    return files


def _pass_on(files: Files, position: int, parameter: str) -> str:
    """`?.` and `??`: a reference to what is not there would be tried again for ever."""
    name = f"n{position}-{parameter}"
    files.passed[name] = f"{{{{=tasks?.n{position}?.outputs?.parameters?.{parameter} ?? 'null'}}}}"
    return f"{IN}/{name}"


def _pass_document_on(files: Files, position: int, number: int, context: Context) -> str:
    path = _pass_on(files, position, f"o{number}")
    if context.platform.store_prefix is not None:
        name = f"n{position}-o{number}"
        large = _stored(f"{name}-{LARGE}", f"{IN}/{LARGE}/{name}", store_key(context, position, number))
        files.artifacts.append({**large, "optional": True})
    return path


def _fetch(files: Files, document: Document) -> str:
    if isinstance(document, InSecret):
        path = f"{document.name}/{document.key}"
        files.kept.setdefault(document.name, []).append({"key": document.key, "path": path})
        return f"{KEPT}/{path}"
    name = f"d{len(files.artifacts)}"
    path = f"{IN}/{name}"
    if isinstance(document, Inline):
        files.artifacts.append({"name": name, "path": path, "raw": {"data": documents.encode(document.value)}})
    else:
        files.artifacts.append(_stored(name, path, document.key))
    return path


def _stored(name: str, path: str, key: str) -> dict[str, Any]:
    return {"name": name, "path": path, "s3": {"key": key}, "archive": {"none": {}}}
