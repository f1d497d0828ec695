"""Names that exist in the cluster now, for whoever types one. Quick or not at all: shell completion asks."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from headgate.cli.completing.position import Kind, Position
from headgate.kube.access import NoAccessError, read_access
from headgate.kube.client import Client, Patience
from headgate.kube.errors import KubeError
from headgate.kube.kinds import APPROVAL_REQUEST, NAMESPACE, RUN, WORKFLOW, Object

_SECONDS = 2.0
_KINDS = {Kind.RUN: RUN, Kind.WORKFLOW: WORKFLOW, Kind.REQUEST: APPROVAL_REQUEST, Kind.NAMESPACE: NAMESPACE}


def find_names(position: Position, environment: Mapping[str, str]) -> dict[str, str]:
    """Name → what it is; nothing where the cluster does not answer in time."""
    told = {**environment, **({"KUBECONFIG": position.where["kubeconfig"]} if "kubeconfig" in position.where else {})}
    if position.kind is Kind.CONTEXT:
        return _contexts(told)
    if position.kind is not Kind.NODE and position.kind not in _KINDS:
        return {}
    try:
        return asyncio.run(_ask(position, told))
    except (KubeError, NoAccessError, TimeoutError, OSError):
        return {}


async def _ask(position: Position, environment: Mapping[str, str]) -> dict[str, str]:
    access = read_access(environment, position.where.get("context"))
    namespace = position.where.get("namespace") or access.namespace
    async with (
        asyncio.timeout(_SECONDS),
        Client(access, agent="headgate-cli", patience=Patience(attempts=1, seconds=_SECONDS)) as client,
    ):
        if position.kind is Kind.NODE:
            run = await client.find(RUN, position.run or "", namespace)
            nodes = ((run or {}).get("status") or {}).get("nodes") or {}
            return {name: str(node.get("phase", "")) for name, node in nodes.items()}
        kind = _KINDS[position.kind]
        page = await client.list_page(kind, namespace if kind.namespaced else None)
        return dict(_told(position.kind, thing) for thing in page.items if _is_offered(position.kind, thing))


def _is_offered(kind: Kind, thing: Object) -> bool:
    """Of requests, those that can still be answered."""
    return kind is not Kind.REQUEST or (thing.get("status") or {}).get("phase", "Open") == "Open"


def _told(kind: Kind, thing: Object) -> tuple[str, str]:
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    about: Any = {
        Kind.RUN: status.get("phase", "Pending"),
        Kind.WORKFLOW: spec.get("description", ""),
        Kind.REQUEST: spec.get("message", ""),
    }.get(kind, "")
    return str(thing["metadata"]["name"]), " ".join(str(about).split())[:60]


def _contexts(environment: Mapping[str, str]) -> dict[str, str]:
    home = Path(environment.get("HOME", "/")) / ".kube/config"
    files = [Path(part) for part in environment.get("KUBECONFIG", "").split(":") if part] or [home]
    found: dict[str, str] = {}
    for file in files:
        try:
            read = yaml.safe_load(file.read_text(encoding="utf-8"))
            found.update((str(one["name"]), "") for one in read["contexts"])
        except (OSError, yaml.YAMLError, KeyError, TypeError):
            continue
    return found
