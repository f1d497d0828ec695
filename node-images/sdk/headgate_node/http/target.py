"""The one reading of a URL: where a request goes is decided here, and nothing reads the text a second time.

Parsers disagree about what is not plain, and that disagreement is what attacks live on. So whatever is not plain is
refused, with the plain way to write it. `request`, `redirect` and `transport` call this.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from headgate_lang.addresses import Address, read_address
from headgate_node.http.failure import Failure, Reason

MAX_LENGTH = 8192
PORTS = {"http": 80, "https": 443}

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_URL = re.compile(r"[A-Za-z]+://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?:#.*)?")
_AUTHORITY = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]]+))(?::(?P<port>[1-9][0-9]{0,4}))?")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED_AND_MORE = "/?:@!$&'()*+,;=-._~%"
_SEPARATORS_AND_CONTROLS = ("Z", "C")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `host` is a name in lower-case ASCII or an address, `path` begins with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def address(self) -> Address | None:
        """The address that the host is, if it is no name."""
        return read_address(self.host)

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """What stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def shown(self) -> str:
        """For messages: without the query, where tokens may be."""
        return self.url.partition("?")[0]


def parse_target(url: str) -> Target | Failure:
    """Read an absolute URL, or say why it is not read."""
    if failure := _check_characters(url):
        return failure
    scheme = _SCHEME.match(url)
    if scheme is None:
        return _refuse("is no absolute URL", "write it whole: https://api.example.com/items")
    if scheme[1].lower() not in PORTS:
        message = f"nodes speak http and https, not `{scheme[1]}`"
        return Failure(Reason.SCHEME_REFUSED, message, "use the node type that is made for it, if there is one")
    parts = _URL.fullmatch(url)
    if parts is None or not parts["authority"]:
        return _refuse("names no host", "write it whole: https://api.example.com/items")
    place = _read_authority(parts["authority"])
    if isinstance(place, Failure):
        return place
    host, port = place
    query = parts["query"] or ""
    path = quote(_BARE_PERCENT.sub("%25", (parts["path"] or "/") + query), safe=_UNRESERVED_AND_MORE)
    name = scheme[1].lower()
    return Target(name, host, port or PORTS[name], path)


def join_target(base: Target, location: str) -> Target | Failure:
    """Read what a Location header says, as seen from the page that said it."""
    if failure := _check_characters(location):
        return failure
    if location.startswith("//"):  # a host: read here like any other, before `urljoin` makes something of it
        location = f"{base.scheme}:{location}"
    return parse_target(location if _SCHEME.match(location) else urljoin(base.url, location))


def _check_characters(url: str) -> Failure | None:
    if len(url) > MAX_LENGTH:
        return _refuse(f"has {len(url)} characters", f"at most {MAX_LENGTH} are sent: put the rest into the body")
    if "\\" in url:
        return _refuse("has a backslash, which programs read in two ways", "write /, or %5C for a real one")
    for character in url:
        if unicodedata.category(character).startswith(_SEPARATORS_AND_CONTROLS):
            what = f"has the invisible character U+{ord(character):04X}"
            return _refuse(what, "take it out, or write it percent-encoded")
    return None


def _read_authority(authority: str) -> tuple[str, int | None] | Failure:
    if "@" in authority:
        return _refuse("has a user or password before the host", "keep them in a Credential and name it in the node")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        what = "has a host or port that programs read in different ways"
        return _refuse(what, "write a plain name and a port from 1 to 65535, or an IPv6 address in brackets")
    port = int(parts["port"]) if parts["port"] else None
    if port is not None and port > 65535:
        return _refuse(f"has the port {port}", "the last one is 65535")
    if parts["ipv6"]:
        address = read_address(parts["ipv6"])
        if address is None or address.version != 6:
            return _refuse("has no IPv6 address in its brackets", "write it like [2606:4700::1111]")
        return str(address), port
    host = _read_name(parts["name"])
    return host if isinstance(host, Failure) else (host, port)


def _read_name(name: str) -> str | Failure:
    host = name.lower() if name.isascii() else _encode_name(name)
    if isinstance(host, Failure):
        return host
    if host.endswith("."):
        return _refuse("has a host that ends in a dot", "leave the dot out")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        if read_address(host) is None:
            what = f"has the host `{host}`, which some programs read as an address"
            return _refuse(what, "write an address as four decimal numbers: 93.184.215.14")
        return host
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return _refuse(f"has the host `{host}`, which is no name", "names have letters, digits, - and dots only")
    return host


def _encode_name(name: str) -> str | Failure:
    """Write a name of other letters in ASCII, by the strict rules of IDNA 2008: they know no look-alikes."""
    import idna  # noqa: PLC0415 - its tables cost 27 ms, and hardly any URL needs them

    plain = unicodedata.normalize("NFKC", name)
    if plain.isascii() or plain != unicodedata.normalize("NFC", name):
        return _refuse("has letters in its host that only look like others", f"if you mean `{plain}`, write that")
    try:
        return idna.encode(plain.lower(), strict=True, std3_rules=True).decode("ascii")
    except idna.IDNAError:
        return _refuse("has a host with letters that no name can have", "write it as xn--…, if there is such a name")


def _refuse(what: str, remedy: str) -> Failure:
    return Failure(Reason.INVALID_URL, f"the URL {what}", remedy)
