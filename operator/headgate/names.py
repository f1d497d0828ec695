"""Names: what people may call things, and what we call what we make of them.

Names of children are deterministic, lower case, at most 63 characters, and end in a hash where they are cut.
"""

import hashlib
import re

GROUP = "headgate.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

NODE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_RUN_NAME = 40
MAX_CHILD_NAME = 63

_CEL_RESERVED = frozenset(
    "as break const continue else for function if import in let loop namespace package return var void while".split()
)
_CEL_TYPES = frozenset("bool bytes double dyn int list map null_type optional_type string type uint".split())
YAML_WORDS = frozenset("false n no null off on true y yes".split())
_ROOTS = frozenset("index inputs item run vars".split())


def why_refused(name: str) -> str | None:
    """Say why a node, an input or a variable may not have this name; None if it may."""
    if not NODE_NAME.fullmatch(name):
        return "a name starts with a lower-case letter and goes on with at most 39 of a-z, 0-9 and _"
    if name in _CEL_RESERVED:
        return f"`{name}` is a reserved word of CEL, so no expression could read it"
    if name in _CEL_TYPES:
        return f"`{name}` is a type of CEL, and no expression of the workflow would compile"
    if name in YAML_WORDS:
        return f"kubectl reads `{name}` as a boolean or as nothing"
    if name in _ROOTS:
        return f"`{name}` is what expressions call something else"
    return None


def child_name(*parts: str, limit: int = MAX_CHILD_NAME) -> str:
    """Name an object after what it belongs to; a name too long is cut and ends in a hash of the whole."""
    whole = "-".join(parts).replace("_", "-").lower()
    if len(whole) <= limit:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: limit - 9].rstrip('-.')}-{digest}"


def label_of(name: str) -> str:
    """As much of an object's name as a label holds: 63 characters, the last of them a letter or a digit."""
    return name[:63].rstrip("-.")
