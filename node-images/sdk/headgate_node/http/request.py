"""What a node wants to send, checked: method, headers, body. Pure; `client` builds it, `redirect` makes the next one.

Secret headers are kept apart from the others as long as the request lives: they belong to one origin.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from headgate_node.http.failure import Failure, Reason
from headgate_node.http.settings import USUAL_TLS, Tls
from headgate_node.http.target import Target, parse_target

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")
_OURS = frozenset(
    "connection content-length expect host http2-settings keep-alive proxy-authorization proxy-connection te trailer"
    " transfer-encoding upgrade".split()
)
_DEFAULTS = {
    "accept": "*/*",
    "accept-encoding": "gzip, deflate, br, zstd",
    "user-agent": "headgate-node",
}


class Options(TypedDict, total=False):
    """What a node may say about a request beside its method and URL."""

    headers: Mapping[str, str]
    credentials: Mapping[str, str]
    """Headers whose values are secret: sent to the origin of the URL, and to no other."""
    content: bytes
    json: Any
    is_secret: bool
    """Whether the body holds a secret: it is guarded as `credentials` are."""
    timeout: float
    """Seconds for the whole of it, instead of the settings' `total`."""
    answer_within: float
    """Seconds in which the answer must begin, and each piece of it come, instead of the settings' `header`, `read`."""
    max_redirects: int
    """If that is less than the settings' bound; 0: an answer that leads elsewhere is the answer."""
    tls: Tls
    max_bytes: int
    """Of the decoded body, if that is less than the settings' bound."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Names of headers are in lower case."""

    method: str
    target: Target
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    is_secret: bool = False
    tls: Tls = USUAL_TLS

    def build_wire_headers(self) -> list[tuple[bytes, bytes]]:
        headers = {"host": self.target.authority, **_DEFAULTS, **self.headers, **self.credentials}
        if self.content or self.method in {"POST", "PUT", "PATCH"}:
            headers["content-length"] = str(len(self.content))
        return [(name.encode("ascii"), value.strip().encode("utf-8")) for name, value in headers.items()]


def build_request(method: str, url: str, options: Options) -> Request | Failure:
    """Check what a node wants to send."""
    if not _TOKEN.fullmatch(method) or method.upper() in {"CONNECT", "TRACE"}:
        return _refuse(f"`{method}` is no method that nodes send", "use GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS")
    target = parse_target(url)
    if isinstance(target, Failure):
        return target
    if "json" in options and "content" in options:
        return _refuse("a request has one body, here are `json` and `content`", "leave one of them out")
    headers = _lower(options.get("headers", {}))
    credentials = _lower(options.get("credentials", {}))
    for name, value in [*headers.items(), *credentials.items()]:
        if failure := _check_header(name, value):
            return failure
    content = options.get("content", b"")
    if "json" in options:
        try:
            content = json.dumps(options["json"], separators=(",", ":"), allow_nan=False).encode("ascii")
        except ValueError:
            return _refuse("`json` has a number that JSON cannot write, NaN or an infinity", "give a finite one")
        headers = {"content-type": "application/json", **headers}
    is_secret, tls = options.get("is_secret", False), options.get("tls", USUAL_TLS)
    return Request(method.upper(), target, headers, credentials, content, is_secret, tls)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _check_header(name: str, value: str) -> Failure | None:
    if not _TOKEN.fullmatch(name):
        return _refuse(f"`{name}` is no name of a header", "use letters, digits and -")
    if name in _OURS:
        return _refuse(f"the header `{name}` is not the node's to set", "leave it out: it follows from URL and body")
    if not _VALUE.fullmatch(value):
        return _refuse(
            f"the value of the header `{name}` has a line break or another character that none may have", "take it out"
        )
    return None


def _refuse(message: str, remedy: str) -> Failure:
    return Failure(Reason.INVALID_REQUEST, message, remedy)
