"""What the nodes of a leg are granted: credentials, keys of models, the network. Or why one of them is refused, also
because what it reads is not there any more.

Asked by `deciding` when a leg is about to be created: the Credential as it is at that moment counts, and so do the
approvals, read from their requests. What was checked when the Run began is no promise.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from headgate.api.credential import CredentialSpec
from headgate.api.model import ModelSpec
from headgate.compiler.catalogue import Catalogue, Found
from headgate.compiler.credentials import Wish, host_called, keys_needed, refusals
from headgate.compiler.emit import Credential, models_named
from headgate.compiler.graph import Node
from headgate.compiler.known import Instance
from headgate.compiler.plan import approvals_lacking
from headgate.lifecycle.case import Case
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.legview import NeedsLooksError
from headgate.lifecycle.observed import Holder, Look, SecretSeen
from headgate.lifecycle.outputs import lost_outputs, not_behind
from headgate_lang.reasons import Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: Reason
    message: str


def refused(case: Case, facts: Facts, instances: Iterable[Instance]) -> Mapping[Instance, Refusal]:
    """Those of a leg that may not run, and why. Raises NeedsLooksError."""
    running = [one for one in instances if not one.prepare]
    nodes = [case.graph[name] for name in dict.fromkeys(one.node for one in running)]
    unseen = frozenset(look for node in nodes for look in _looks(case, node)) - case.observed.looked.keys()
    if unseen:
        raise NeedsLooksError(unseen)
    lost = lost_outputs(facts)
    refusals_ = ((node, chain(_refusals(case, facts, node), _unread(case, node, lost))) for node in nodes)
    found = {node.name: next(why, None) for node, why in refusals_}
    return {one: why for one in running if (why := found[one.node]) is not None}


def untrusted(case: Case) -> Iterator[tuple[str, Refusal]]:
    """The nodes that no approval and no other credential could help, and why: known before anything runs."""
    return ((node.name, why) for node in case.graph for why in _untrusted(case, node))


def credentials_for(nodes: Iterable[Node], catalogue: Catalogue) -> dict[str, Credential]:
    """Where the values lie of those that nodes name."""
    names = sorted({name for node in nodes for name in node.credentials})
    answers = ((name, catalogue.credential(name)) for name in names)
    return {
        name: Credential(found.type, found.secret, found.fields or {}, found.hosts)
        for name, answer in answers
        if isinstance(answer, Found) and (found := answer.value).secret is not None
    }


def _looks(case: Case, node: Node) -> Iterator[Look]:
    yield from (Look(Holder.CREDENTIAL, name) for name in node.credentials)
    yield from (Look(Holder.MODEL, name) for name in models_named(node, case.status.inputs))


def _refusals(case: Case, facts: Facts, node: Node) -> Iterator[Refusal]:
    """One is told: what the planner would have said first."""
    if lacking := approvals_lacking(case.graph, facts.known, node):
        yield Refusal(Reason.NOT_BEHIND_GATE, not_behind(lacking))
    yield from _untrusted(case, node)
    for name, accepts in _mentioned(node):
        yield from _of_credential(case, node, name, accepts)
    for name in models_named(node, case.status.inputs):
        yield from _of_model(case, name)


def _unread(case: Case, node: Node, lost: frozenset[str]) -> Iterator[Refusal]:
    """What it reads was only in the pod that has ended. It says where to begin, so that all of that is there again."""
    reached = set(node.reads & lost)
    ahead = [*reached]
    while ahead:
        before = (case.graph[ahead.pop()].reads & lost) - reached
        reached |= before
        ahead += before
    if reached:
        names = ", ".join(f"`{name}`" for name in sorted(node.reads & lost))
        begin = " ".join(f"--restart {name}" for name in sorted(reached) if not case.graph[name].reads & lost)
        message = (
            f"{names} gave more than is kept, and only the pod that ended had it: headgate retry {case.name} {begin}"
        )
        yield Refusal(Reason.OUTPUT_TOO_LARGE, message)


def _untrusted(case: Case, node: Node) -> Iterator[Refusal]:
    """What a type claims grants nothing: which images may have what, the installation says."""
    image = node.type.image if node.type else None
    if image is None:
        return
    runtime = case.settings.platform.runtime_image
    trusted = case.settings.trusted
    if (node.credentials or node.models) and not is_trusted(image, trusted.credentials, runtime):
        yield _not_trusted(image, "be given a credential, or the key of a model", "credentials")
    if node.reaches_out and not is_trusted(image, trusted.network, runtime):
        yield _not_trusted(image, "reach beyond the cluster", "network")


def _not_trusted(image: str, what: str, setting: str) -> Refusal:
    repository = image.partition("@")[0]
    remedy = f"whoever installs Headgate adds it to `trustedImages.{setting}`"
    return Refusal(Reason.IMAGE_NOT_TRUSTED, f"the image {repository} may not {what}: {remedy}")


def is_trusted(image: str, patterns: Iterable[str], runtime: str) -> bool:
    repository = image.partition("@")[0]
    if repository == runtime.partition("@")[0]:
        return True
    return any(
        repository.startswith(pattern[:-1]) if pattern.endswith("/*") else pattern in (repository, image)
        for pattern in patterns
    )


def _mentioned(node: Node) -> Iterator[tuple[str, Any]]:
    """The credentials that parameters of a node name, with what the parameter takes."""
    for parameter, schema in (node.type.params if node.type else {}).items():
        if isinstance(schema, dict) and schema.get("x-ref") == "Credential":
            name = node.params.get(parameter, schema.get("default"))
            if isinstance(name, str):
                yield name, schema.get("x-accepts")


def _of_credential(case: Case, node: Node, name: str, accepts: Any) -> Iterator[Refusal]:
    answer = case.observed.catalogue.credential(name)
    if not isinstance(answer, Found):
        yield Refusal(Reason.CREDENTIAL_MISSING, f"there is no Credential `{name}`: apply it")
        return
    found = answer.value
    host = host_called(node.type, node.params)
    wish = Wish(node.use.rpartition(".v")[0], accepts, case.spec.workflow, host)
    for why, remedy in refusals(found, wish):
        yield Refusal(Reason.CREDENTIAL_REFUSED, f"credential `{name}` {why}: {remedy}")
    seen = case.observed.looked[Look(Holder.CREDENTIAL, name)]
    if problem := problem_of(found, seen, case.run.metadata.namespace or ""):
        yield Refusal(Reason.CREDENTIAL_MISSING, f"credential `{name}`: {problem}")


def problem_of(found: CredentialSpec, seen: SecretSeen | None, namespace: str) -> str:
    """Why its values cannot be had, and the command that helps; empty: they can."""
    if found.secret is None:
        return "sealed values cannot be opened yet: put them into a Secret, and name that in `secret`"
    return _lacking(found.secret, keys_needed(found), seen, namespace)


def _of_model(case: Case, name: str) -> Iterator[Refusal]:
    answer = case.observed.catalogue.model(name)
    if not isinstance(answer, Found):
        yield Refusal(Reason.MODEL_MISSING, f"there is no Model `{name}`: apply it")
        return
    if answer.value.external is not None:
        seen = case.observed.looked[Look(Holder.MODEL, name)]
        if problem := problem_of_model(answer.value, seen, case.run.metadata.namespace or ""):
            yield Refusal(Reason.MODEL_MISSING, f"model `{name}`: {problem}")


def problem_of_model(found: ModelSpec, seen: SecretSeen | None, namespace: str) -> str:
    """Why nodes cannot be sent to a model, and what helps; empty: they can."""
    if found.external is None:
        return "vLLM is not started by Headgate yet: serve it yourself, and name its address with `engine: external`"
    key = found.external.key
    return _lacking(key.secret, (key.key,), seen, namespace) if key is not None else ""


def _lacking(secret: str, keys: tuple[str, ...], seen: SecretSeen | None, namespace: str) -> str:
    if seen is None or not seen.exists:
        values = " ".join(f"--from-literal={key}=…" for key in keys or ("key",))
        return f"there is no Secret `{secret}`: kubectl create secret generic {secret} -n {namespace} {values}"
    missing = [key for key in keys if seen.keys is not None and key not in seen.keys]
    if not missing:
        return ""
    patch = ",".join(f'"{key}":"…"' for key in missing)
    command = f"""kubectl patch secret {secret} -n {namespace} --type=merge -p '{{"stringData":{{{patch}}}}}'"""
    return f"the Secret `{secret}` has no key `{missing[0]}`: {command}"
