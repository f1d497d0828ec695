"""Whom nodes may send requests to, and how much they may read: what is said of all namespaces, and of each.

Read once at the start of the operator, which refuses to start with rules that a pod could not read. The guarded client
in the pods keeps to them; `headgate_node.http.settings` says what each means.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import Any

from headgate_lang import durations
from headgate_lang.task import NO_RULES, Http

_HOST = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:]+")
_PHASES = frozenset({"connect", "tls", "header", "read", "total"})
_DENIALS = ("cluster_addresses", "deny_addresses", "deny_hosts")


@dataclass(frozen=True, slots=True)
class HttpRules:
    default: Http = NO_RULES
    namespaces: Mapping[str, Http] = field(default_factory=dict)
    """What is denied everywhere is denied here too; any other field takes the place of the one from everywhere."""

    def of(self, namespace: str) -> Http:
        return self.namespaces.get(namespace, self.default)


NO_HTTP_RULES = HttpRules()


def read_http_rules(text: str) -> HttpRules:
    """Raises ValueError with the first thing that is wrong, and where."""
    if not text:
        return NO_HTTP_RULES
    document = _object(json.loads(text), "it", {"default", "namespaces"})
    default = _rules(document.get("default", {}), "default", NO_RULES)
    given = _object(document.get("namespaces", {}), "namespaces", None)
    return HttpRules(default, {name: _rules(one, f"namespaces.{name}", default) for name, one in given.items()})


def _rules(document: Any, path: str, default: Http) -> Http:
    found: dict[str, Any] = {}
    for name, value in _object(document, path, _FIELDS.keys()).items():
        field_name, read = _FIELDS[name]
        found[field_name] = read(value, f"{path}.{name}")
    for name in _DENIALS:
        found[name] = tuple(dict.fromkeys((*getattr(default, name), *found.get(name, ()))))
    return replace(default, **found)


def _object(value: Any, path: str, known: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"is wrong: {path} is no object")  # noqa: TRY004 - as all that is wrong with the text
    unknown = [] if known is None else sorted(value.keys() - known)
    if unknown:
        raise ValueError(f"is wrong: {path} has {unknown[0]}, and takes {', '.join(sorted(known))}")
    return value


def _texts(value: Any, path: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"is wrong: {path} is no list of texts")
    return tuple(value)


def _networks(value: Any, path: str) -> tuple[str, ...]:
    for one in _texts(value, path):
        try:
            ip_network(one)
        except ValueError as error:
            raise ValueError(f"is wrong: {path}: {error}: write it like 10.20.0.0/16") from None
    return tuple(value)


def _hosts(value: Any, path: str) -> tuple[str, ...]:
    for one in _texts(value, path):
        if not _HOST.fullmatch(one):
            raise ValueError(f"is wrong: {path}: `{one}` is no host: write `api.example.com`, or `*.example.com`")
    return tuple(value)


def _timeouts(value: Any, path: str) -> dict[str, float]:
    found = {}
    for phase, written in _object(value, path, _PHASES).items():
        try:
            found[phase] = durations.parse(written)
        except (ValueError, TypeError):
            raise ValueError(f"is wrong: {path}.{phase} is no duration: write it like 30s") from None
        if found[phase] <= 0:
            raise ValueError(f"is wrong: {path}.{phase} must be more than nothing")
    return found


def _count(least: int, most: int) -> Callable[[Any, str], int]:
    def read(value: Any, path: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"is wrong: {path} is no number from {least} to {most}")
        return value

    return read


_FIELDS: Mapping[str, tuple[str, Callable[[Any, str], Any]]] = {
    "clusterAddresses": ("cluster_addresses", _networks),
    "denyAddresses": ("deny_addresses", _networks),
    "denyHosts": ("deny_hosts", _hosts),
    "openAddresses": ("open_addresses", _networks),
    "onlyHosts": ("only_hosts", _hosts),
    "insecureHosts": ("insecure_hosts", _hosts),
    "timeouts": ("timeouts", _timeouts),
    "maxBodyBytes": ("max_body_bytes", _count(1, 2**31 - 1)),
    "maxRedirects": ("max_redirects", _count(0, 20)),
}
