"""How documents travel inside Argo Workflows: as ASCII JSON that no template engine on the way can find anything in.

Argo expands `{{…}}` and the kubelet `$(VAR)`, wherever they occur; a raw U+007F breaks the one, a newline at the end is
trimmed by the other. So `{`, `$` and U+007F inside strings are escaped, and `{{` cannot occur between them either.
Written by the runtime and the operator's `emit`, read by both.
"""

import hashlib
import json
import math
import re
from typing import Any


class DocumentError(ValueError):
    """A text that is no document, or a value that cannot be one."""


def encode(document: Any) -> str:
    """A JSON document as text that passes through Argo unchanged. Raises DocumentError."""
    return _guarded(_dump(document, sort_keys=False))


def decode(text: str | bytes) -> Any:
    """Read a document back. Raises DocumentError."""
    try:
        return json.loads(text, parse_float=_finite, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"not a JSON document: {error}") from None


def size(document: Any) -> int:
    """How many bytes a document takes inside Argo."""
    return len(encode(document))


def digest(document: Any) -> str:
    """The same for equal documents, whatever the order of their keys."""
    return f"sha256:{hashlib.sha256(_dump(document, sort_keys=True).encode()).hexdigest()}"


def _dump(document: Any, sort_keys: bool) -> str:
    try:
        return json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":"), sort_keys=sort_keys)
    except (TypeError, ValueError, RecursionError) as error:
        raise DocumentError(f"no JSON document can hold this: {error}") from None


_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')


def _guarded(text: str) -> str:
    """Escape what templates begin with. `$` and U+007F occur in strings only; `{` also begins an object."""
    text = text.replace("$", r"\u0024").replace("\x7f", r"\u007f")
    return _STRING.sub(lambda string: string[0].replace("{", r"\u007b"), text)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is beyond a double")
    return number


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
