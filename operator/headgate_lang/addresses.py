"""Which addresses are no part of the public Internet: a table of our own, from IANA's special-purpose registries.

Our own, because the standard library's `is_global` changes between versions of Python. Asked by the http client of
nodes (`policy`) and by the operator, before it sends a notification.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

METADATA: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "100.100.100.200/32",  # Alibaba
        "168.63.129.16/32",  # Azure: a public address that only its virtual machines can reach
        "169.254.0.0/16",  # AWS, GCP, Azure, OpenStack and others, and the agents beside them
        "192.0.0.192/32",  # Oracle
        "fd00:ec2::/32",  # AWS
        "fd00:42::42/128",  # Scaleway
        "fd20:ce::/32",  # GCP
    )
)
"""Where clouds hand out a machine's identity. No setting opens these."""

_SPECIAL: dict[int, tuple[tuple[Network, str], ...]] = {
    4: tuple(
        (ip_network(text), what)
        for text, what in (
            ("0.0.0.0/8", "this very host"),
            ("10.0.0.0/8", "a private network"),
            ("100.64.0.0/10", "a provider's shared network"),
            ("127.0.0.0/8", "this very host"),
            ("169.254.0.0/16", "the local link"),
            ("172.16.0.0/12", "a private network"),
            ("192.0.0.0/24", "addresses kept for protocols"),
            ("192.0.2.0/24", "addresses for documentation"),
            ("192.31.196.0/24", "the AS112 service"),
            ("192.52.193.0/24", "multicast tunnels"),
            ("192.88.99.0/24", "6to4 relays"),
            ("192.168.0.0/16", "a private network"),
            ("192.175.48.0/24", "the AS112 service"),
            ("198.18.0.0/15", "networks for benchmarks"),
            ("198.51.100.0/24", "addresses for documentation"),
            ("203.0.113.0/24", "addresses for documentation"),
            ("224.0.0.0/4", "multicast"),
            ("255.255.255.255/32", "broadcast"),
            ("240.0.0.0/4", "addresses kept for the future"),
        )
    ),
    6: tuple(
        (ip_network(text), what)
        for text, what in (
            ("::1/128", "this very host"),
            ("::/128", "this very host"),
            ("::ffff:0:0/96", "IPv4 addresses in disguise"),
            ("::ffff:0:0:0/96", "translated IPv4 addresses"),
            ("::/96", "IPv4 addresses in disguise"),
            ("64:ff9b:1::/48", "translated IPv4 addresses"),
            ("100::/64", "addresses that discard"),
            ("100:0:0:1::/64", "addresses that discard"),
            ("2001::/32", "Teredo tunnels"),
            ("2001::/23", "addresses kept for protocols"),
            ("2001:db8::/32", "addresses for documentation"),
            ("2002::/16", "6to4 tunnels"),
            ("2620:4f:8000::/48", "the AS112 service"),
            ("3fff::/20", "addresses for documentation"),
            ("5f00::/16", "segment routing"),
            ("fc00::/7", "a private network"),
            ("fe80::/10", "the local link"),
            ("fec0::/10", "a private network"),
            ("ff00::/8", "multicast"),
        )
    ),
}
"""In the order in which they are asked: the first that holds an address names it."""

_PUBLIC_IPV6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_IPV4_AT_THE_END = tuple(IPv6Network(text) for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b:1::/48"))
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})


def is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def find_special_range(address: Address) -> str | None:
    """Say what an address is kept for; None if it is a public one."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return "the local link"
    for network, what in _SPECIAL[address.version]:
        if address in network:
            return what
    if address.version == 4:
        return None
    if address not in _PUBLIC_IPV6:
        return "addresses that nobody has been given"
    hidden = find_hidden_ipv4(address)
    return find_special_range(hidden) if hidden else None


def translate_nat64(address: Address) -> Address:
    """Take an IPv4 address out of the well-known prefix by which clusters without IPv4 reach it; others stay."""
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else address


def find_hidden_ipv4(address: Address) -> IPv4Address | None:
    """Find the IPv4 address to which a gateway or tunnel would carry what is sent to this one."""
    if isinstance(address, IPv4Address):
        return None
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    interface = int(address) >> 32 & 0xFFFF_FFFF
    if address in _NAT64 or is_in(address, _IPV4_AT_THE_END) or interface in _ISATAP:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def why_refused(
    address: Address, opened: Iterable[Network], closed: Iterable[tuple[Iterable[Network], str]] = ()
) -> str | None:
    """Say what an address belongs to that is not to be reached; None if it may be. `closed`: networks, each with what
    they are, that are refused whatever is opened, as metadata services are."""
    closed = ((METADATA, "a cloud's metadata service or the local link"), *closed)
    for one in (address, find_hidden_ipv4(address)):
        for networks, what in closed if one is not None else ():
            if one is not None and is_in(one, networks):
                return what
    meant = translate_nat64(address)
    return None if is_in(meant, opened) else find_special_range(meant)


def read_address(text: str) -> Address | None:
    """Read an address in its one plain form; None if the text is anything else."""
    try:
        return ip_address(text)
    except ValueError:
        return None
