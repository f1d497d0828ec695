"""Why a Credential is not for a node: its own rules, asked by lint and admission, and again before a leg is created."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from headgate.api.credential import CredentialSpec
from headgate.api.nodetype import NodeTypeSpec

NEEDED: Mapping[str, tuple[str, ...]] = {
    "apiKey": ("key",),
    "basic": ("username", "password"),
    "bearer": ("token",),
}
"""Type → the values that no credential of it works without. Types of one's own say nothing here: their node does."""

_HOST = re.compile(r"https?://(?P<host>[^/?#$\s]+)(?=[/?#]|$)")


@dataclass(frozen=True, slots=True)
class Wish:
    """A node that names a credential."""

    use: str
    """Its type, without the version."""
    accepts: Any = None
    """Which types of credentials its parameter takes (`x-accepts`)."""
    workflow: str | None = None
    host: str | None = None
    """Where it calls, as far as that is written out."""


def refusals(found: CredentialSpec, wish: Wish) -> Iterator[tuple[str, str]]:
    """Why it does not serve the node, and what to do."""
    if isinstance(wish.accepts, list) and found.type not in wish.accepts:
        yield f"is of type {found.type}", f"`{wish.use}` takes {' or '.join(map(str, wish.accepts))}"
    if wish.use not in found.node_types:
        allowed = ", ".join(found.node_types)
        yield f"is for {allowed}, not for `{wish.use}`", "take another, or ask its owner to allow this type"
    if found.workflows and wish.workflow and wish.workflow not in found.workflows:
        remedy = "take another, or ask its owner to allow this workflow"
        yield f"is for other workflows: {', '.join(found.workflows)}", remedy
    if wish.host and found.hosts and not any(_matches(wish.host, allowed) for allowed in found.hosts):
        remedy = "take another, or ask its owner to allow this host"
        yield f"may be sent to {', '.join(found.hosts)}, not to {wish.host}", remedy


def keys_needed(found: CredentialSpec) -> tuple[str, ...]:
    """The keys that its Secret must have."""
    if found.fields is not None:
        return tuple(dict.fromkeys(found.fields.values()))
    return NEEDED.get(found.type, ())


def host_called(type_: NodeTypeSpec | None, params: Mapping[str, Any]) -> str | None:
    """The host that a node calls, where the address is written out that far."""
    for name, schema in (type_.params if type_ else {}).items():
        address = params.get(name)
        if isinstance(schema, dict) and schema.get("format") == "uri" and isinstance(address, str):
            match = _HOST.match(address)
            return match["host"].lower() if match else None
    return None


def _matches(host: str, allowed: str) -> bool:
    bare = host if ":" in allowed else host.partition(":")[0]
    return bare.endswith(allowed[1:]) if allowed.startswith("*.") else bare == allowed
