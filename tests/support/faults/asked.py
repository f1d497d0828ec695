"""What a request to the API server is about, in two words: `update runs.headgate.dev/status`.

The proxy counts by them.
"""

import json
import re
from typing import Any

_PATH = re.compile(
    r"/api(?:s/(?P<group>[^/]+))?/v[^/]+(?:/namespaces/[^/]+)?/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?(?:/(?P<part>[a-z]+))?"
)
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def resource_of(path: str) -> str:
    """Empty for what is no object."""
    found = _PATH.fullmatch(path)
    if found is None:
        return ""
    return f"{found['plural']}.{found['group']}" if found["group"] else found["plural"]


def kind_of_write(method: str, path: str, body: bytes) -> str:
    """Verb and resource, and of a patch what it changes, since suspending a leg is another thing than resuming it."""
    found = _PATH.fullmatch(path)
    part = f"/{found['part']}" if found is not None and found["part"] else ""
    changed = f" ({_changed(json.loads(body))})" if method == "PATCH" else ""
    return f"{_VERBS[method]} {resource_of(path)}{part}{changed}"


def _changed(change: Any) -> str:
    spec = change.get("spec") or {}
    if "shutdown" in spec:
        return "shutdown"
    if "suspend" in spec:
        return "suspend" if spec["suspend"] else "resume"
    if "renewTime" in spec:
        return "renew"
    return ", ".join(sorted(spec or change.keys() - {"metadata"})) or "metadata"
