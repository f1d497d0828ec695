"""The one reading of a webhook's address, where the operator itself sends: nothing reads the text a second time.

Strict: what programs read in different ways is refused, with the plain way to write it. Lint and admission ask it, and
so does the operator before it sends. Nodes have a client of their own, which also takes what authors compute.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from headgate_lang.addresses import Address, read_address

MAX_LENGTH = 1024
_URL = re.compile(
    r"(?P<scheme>https?)://(?:\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<host>[a-z0-9._-]+))(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/[A-Za-z0-9/?:@!$&'()*+,;=._~%-]*)?"
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Endpoint:
    scheme: str
    host: str
    """A name in lower case, or an address."""
    port: int
    path: str
    """With the query."""

    @property
    def address(self) -> Address | None:
        return read_address(self.host)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class BadEndpoint:
    message: str
    remedy: str


def read_endpoint(text: str) -> Endpoint | BadEndpoint:
    if len(text) > MAX_LENGTH:
        return BadEndpoint(f"the address has {len(text)} characters", f"at most {MAX_LENGTH} are taken")
    parts = _URL.fullmatch(text)
    if parts is None:
        message = f"`{text[:200]}` is no plain address of a webhook"
        return BadEndpoint(message, "write `https://host/path`, in lower case, without user, password and `#`")
    port = int(parts["port"]) if parts["port"] else 443 if parts["scheme"] == "https" else 80
    host = _host(parts["ipv6"], parts["host"])
    if host is None or port > 65535:
        what = "port" if host is not None else "host"
        return BadEndpoint(f"`{text[:200]}` has no plain {what}", "write a name, or an address in its plain form")
    return Endpoint(parts["scheme"], host, port, parts["path"] or "/")


def _host(ipv6: str | None, name: str | None) -> str | None:
    if ipv6 is not None:
        address = read_address(ipv6)
        return str(address) if address is not None and address.version == 6 else None
    assert name is not None
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return name if read_address(name) is not None else None
    return name if len(name) <= 253 and all(_LABEL.fullmatch(label) for label in labels) else None


def matches(host: str, patterns: Iterable[str]) -> bool:
    """`api.example.com` is this host, `*.example.com` every host below it."""
    return any(host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern for pattern in patterns)
