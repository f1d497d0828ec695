"""The Headgate objects of a file, each with its tree, and what else stands there. `workspace` gathers them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from headgate.api.common import Resource
from headgate.api.kinds import BY_NAME
from headgate.cli.reading.decoding import decode
from headgate.cli.reading.finding import Finding
from headgate.cli.reading.places import place_of
from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.source import Place, Source
from headgate.cli.reading.syntax import read_documents
from headgate.cli.reading.tree import Mapping, Node, Scalar, Sequence
from headgate.cli.reading.values import as_data
from headgate.compiler.parse import parse
from headgate.errors import Path, Problem
from headgate.names import API_VERSION, GROUP


@dataclass(frozen=True, slots=True)
class Given:
    """One object, as it was given. With problems, the model is what could be saved of it, or nothing."""

    source: Source
    root: Mapping
    model: Resource | None

    @property
    def kind(self) -> str:
        return _text(self.root, "kind")

    @property
    def name(self) -> str:
        metadata = self.root.entry("metadata")
        held = metadata.value if metadata and isinstance(metadata.value, Mapping) else Mapping(0)
        return _text(held, "name") or _text(held, "generateName")

    @property
    def subject(self) -> str:
        return f"{self.kind} {self.name}"

    def finding(self, problem: Problem) -> Finding:
        return Finding(problem, self.source, place_of(self.source, self.root, problem), self.subject)


@dataclass
class Objects:
    given: list[Given] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    """Kinds of objects that are none of ours."""


def read_objects(name: str, data: bytes) -> Objects:
    """Read a file: the objects in it, as far as they can be understood, and every problem met on the way."""
    source, unreadable = decode(name, data)
    if unreadable:
        return Objects(findings=unreadable)
    reading = read_documents(source)
    objects = Objects(findings=reading.findings)
    for root in (root for document in reading.roots for root in _unlist(document)):
        if not isinstance(root, Mapping) or not (root.entry("apiVersion") or root.entry("kind")):
            remedy = f"an object begins with `apiVersion: {API_VERSION}` and `kind:`"
            problem = Problem(Path(), FileReason.NOT_AN_OBJECT, "this is no object of Kubernetes", remedy)
            objects.findings.append(Finding(problem, source, Place(root.start, source.line_end(root.start))))
        elif _is_ours(root):
            parsed = parse(as_data(root))
            given = Given(source, root, parsed.model)
            objects.given.append(given)
            objects.findings += [given.finding(problem) for problem in parsed.problems]
        else:
            objects.foreign.append(_text(root, "kind") or _text(root, "apiVersion"))
    return objects


def _unlist(root: Node) -> Iterator[Node]:
    """What `kubectl get -o yaml` prints is one list of objects."""
    items = root.entry("items") if isinstance(root, Mapping) and _text(root, "kind") == "List" else None
    if items and isinstance(items.value, Sequence):
        yield from items.value.items
    else:
        yield root


def _is_ours(root: Mapping) -> bool:
    """Whether the object is Headgate's, or would be if its author had written the version."""
    version = _text(root, "apiVersion")
    return version.partition("/")[0] == GROUP or (not version and _text(root, "kind") in BY_NAME)


def _text(mapping: Mapping, key: str) -> str:
    entry = mapping.entry(key)
    return entry.value.text if entry and isinstance(entry.value, Scalar) else ""
