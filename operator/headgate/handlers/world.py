"""Everything that the operator knows of the cluster: a cache a kind. Filled by reflectors and our own writes.

`build_world` says, for each kind, what of it is kept and how it is found. Gathering reads here and nowhere else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from headgate.compiler.emit.identity import RUN_UID
from headgate.kube import kinds
from headgate.kube.cache import Cache
from headgate.kube.kinds import Object
from headgate.kube.legs import trim_leg
from headgate.lifecycle.observed import ENTRIES
from headgate.names import API_VERSION, GROUP

UID, OWNER, RUN, REVISION = "uid", "owner", "run", "revision"
REVISION_LABEL = f"{GROUP}/revision"

ADMISSION_LABEL = f"{GROUP}/admission"

SELECTORS: Mapping[str, str] = {
    "legs": RUN_UID,
    "kept": RUN_UID,
    "revisions": REVISION_LABEL,
    "validating": ADMISSION_LABEL,
    "validating_bindings": ADMISSION_LABEL,
    "mutating": ADMISSION_LABEL,
    "mutating_bindings": ADMISSION_LABEL,
}
"""Cache → the label that all its objects have: of others nothing is heard."""


@dataclass(frozen=True, slots=True)
class World:
    runs: Cache
    legs: Cache
    kept: Cache
    """Secrets with outputs of legs: what is in them, not the outputs."""
    revisions: Cache
    requests: Cache
    workflows: Cache
    node_types: Cache
    policies: Cache
    models: Cache
    knowledge_bases: Cache
    credentials: Cache
    validating: Cache
    """The admission policies of the chart, for the guard of votes; three more go with them."""
    validating_bindings: Cache
    mutating: Cache
    mutating_bindings: Cache

    def __iter__(self) -> Iterator[tuple[str, Cache]]:
        return ((field.name, getattr(self, field.name)) for field in fields(self))

    @property
    def synced(self) -> bool:
        return all(cache.synced for _, cache in self)


def build_world() -> World:
    return World(
        runs=Cache(kinds.RUN, indexes={UID: uid, OWNER: owners}),
        legs=Cache(kinds.LEG, trim=trim_leg, indexes={RUN: run_label}),
        kept=Cache(kinds.SECRET, trim=trim_kept, indexes={RUN: run_label}),
        revisions=Cache(kinds.REVISION, indexes={REVISION: revision_label}),
        requests=Cache(kinds.APPROVAL_REQUEST, indexes={OWNER: owners}),
        workflows=Cache(kinds.WORKFLOW),
        node_types=Cache(kinds.NODE_TYPE),
        policies=Cache(kinds.APPROVAL_POLICY),
        models=Cache(kinds.MODEL),
        knowledge_bases=Cache(kinds.KNOWLEDGE_BASE),
        credentials=Cache(kinds.CREDENTIAL),
        validating=Cache(kinds.VALIDATING_POLICY),
        validating_bindings=Cache(kinds.VALIDATING_BINDING),
        mutating=Cache(kinds.MUTATING_POLICY),
        mutating_bindings=Cache(kinds.MUTATING_BINDING),
    )


def trim_kept(secret: Object) -> Object:
    """What `_kept` of the observer and `_keep` of the executor read: there is one for each leg of each Run."""
    data, metadata = secret.get("data") or {}, secret["metadata"]
    known = {name: metadata[name] for name in ("name", "namespace", "labels", "resourceVersion") if name in metadata}
    return {"metadata": known, "data": {ENTRIES: data[ENTRIES]} if ENTRIES in data else {}}


def uid(thing: Object) -> Iterable[str]:
    return (thing["metadata"]["uid"],)


def owners(thing: Object) -> Iterable[str]:
    """The uid of the Run that owns it."""
    references = thing["metadata"].get("ownerReferences") or ()
    runs = (one for one in references if (one.get("apiVersion"), one.get("kind")) == (API_VERSION, kinds.RUN.name))
    return (one["uid"] for one in runs if one.get("controller"))


def run_label(thing: Object) -> Iterable[str]:
    found = (thing["metadata"].get("labels") or {}).get(RUN_UID)
    return () if found is None else (found,)


def revision_label(thing: Object) -> Iterable[str]:
    found = (thing["metadata"].get("labels") or {}).get(REVISION_LABEL)
    return () if found is None else (f"{thing['metadata']['namespace']}/{found}",)
