"""The files of one call, read: their objects, checked against each other. Every command begins here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from headgate.cli.command import WrongUseError
from headgate.cli.offline import OfflineCatalogue
from headgate.cli.reading.finding import Finding
from headgate.cli.reading.objects import Given, Objects, read_objects
from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.source import STDIN, CannotReadError, Place, Source, read_bytes
from headgate.errors import Path, Problem, Severity
from headgate.names import API_VERSION

METADATA_NAME = Path(("metadata", "name"))


@dataclass(frozen=True, slots=True)
class Workspace:
    files: Sequence[str]
    given: Sequence[Given]
    findings: Sequence[Finding]
    """What is wrong with the files, and with each object by itself."""
    foreign: Sequence[str]
    catalogue: OfflineCatalogue


def read_workspace(prog: str, names: Sequence[str], stdin: BinaryIO) -> Workspace:
    """Read the files; one that cannot be read is wrong use, anything that stands in one is a finding."""
    contents = {}
    for name in names:
        try:
            contents["<stdin>" if name == STDIN else name] = read_bytes(name, stdin)
        except CannotReadError as error:
            raise WrongUseError(f"{prog}: {error}") from None
    return build_workspace({name: read_objects(name, data) for name, data in contents.items()})


def build_workspace(read: dict[str, Objects]) -> Workspace:
    given = [one for objects in read.values() for one in objects.given]
    findings = [finding for objects in read.values() for finding in objects.findings]
    foreign = [kind for objects in read.values() for kind in objects.foreign]
    if not given and not findings:
        findings = [_nothing(next(iter(read), ""), foreign)]
    models = [one.model for one in given if one.model is not None]
    return Workspace(list(read), given, [*findings, *_duplicates(given)], foreign, OfflineCatalogue(models))


def _nothing(name: str, foreign: Sequence[str]) -> Finding:
    message = f"no object of Headgate is here, only {', '.join(dict.fromkeys(foreign))}"
    remedy = f"a workflow begins with `apiVersion: {API_VERSION}`"
    if "Kustomization" in foreign:
        remedy = "check what it builds: `kubectl kustomize FOLDER | headgate lint -`"
    return Finding(Problem(Path(), FileReason.NOTHING_TO_CHECK, message, remedy), Source(name, ""), Place(0, 1))


def _duplicates(given: Iterable[Given]) -> list[Finding]:
    found = []
    first: dict[tuple[str, str, str], Given] = {}
    for one in given:
        namespace = (one.model.metadata.namespace or "") if one.model else ""
        other = first.setdefault((one.kind, namespace, one.name), one)
        if other is not one and one.name:
            where = f"{other.source.name}:{other.source.position(other.root.start).line}"
            message, remedy = f"{one.subject} stands twice", f"the other is in {where}; the last one applied stays"
            problem = Problem(METADATA_NAME, FileReason.DUPLICATE_OBJECT, message, remedy, Severity.WARNING)
            found.append(one.finding(problem))
    return found
