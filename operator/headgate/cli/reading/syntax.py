"""From the text of a file to its YAML documents, as trees. A document that is not YAML hides none of the others.

Own composition rather than PyYAML's, since that forgets duplicate keys, recurses, and expands what anchors repeat.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from headgate.cli.reading.compose import Composer
from headgate.cli.reading.explain import explain, template_finding
from headgate.cli.reading.finding import Finding
from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.source import Place, Source
from headgate.cli.reading.tree import Node, Scalar
from headgate.errors import Path, Problem

_MARKER = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_ONLY_PRELUDE = re.compile(r"(?:[ \t]*(?:#.*)?(?:\r?\n|\Z)|%.*\n)*")


@dataclass
class Reading:
    roots: list[Node] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_documents(source: Source) -> Reading:
    """Find the documents of a file, and everything that keeps it from being YAML."""
    reading = Reading()
    for start, end in _chunks(source.text):
        chunk = _read_chunk(source, start, end)
        reading.roots += chunk.roots
        reading.findings += chunk.findings
    template = template_finding(source) if reading.findings else None
    if template is not None:
        return Reading([], [template])
    if not reading.roots and not reading.findings:
        message, remedy = "there is nothing in this file", "a workflow begins with `apiVersion: headgate.dev/v1alpha1`"
        problem = Problem(Path(), FileReason.EMPTY_FILE, message, remedy)
        reading.findings.append(Finding(problem, source, Place(0, 1)))
    return reading


def _read_chunk(source: Source, start: int, end: int) -> Reading:
    composer = Composer(source, start)
    try:
        for event in yaml.parse(source.text[start:end], Loader=yaml.CSafeLoader):
            composer.take(event)
            if composer.is_full:
                break
    except yaml.MarkedYAMLError as error:
        return Reading([], [*composer.findings, explain(source, error, start)])
    roots = [root for root in composer.roots if not _is_nothing(root)]
    return Reading(roots, composer.findings)


def _is_nothing(root: Node) -> bool:
    return isinstance(root, Scalar) and not root.style and not root.text


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """Cut where a line begins with `---`, which always begins a document, even inside of a text."""
    start = 0
    for marker in _MARKER.finditer(text):
        if _ONLY_PRELUDE.fullmatch(text, start, marker.start()) is None:
            yield start, marker.start()
            start = marker.start()
    yield start, len(text)
