"""What the admin of a namespace settles about HTTP from nodes. Read once at the start of a pod, frozen after.

The five lists are asked in this order, and `policy` says so in code: the first two refuse whatever the third opens.

- `clusterAddresses`: pods, services and nodes of the cluster. Platform services are reached by another path.
- `denyAddresses`, `denyHosts`: refused.
- `openAddresses`: reached although they are special: `10.20.0.0/16` for an office's own servers.
- `onlyHosts`: when there are any, no other host is reached.

`insecureHosts` opens nothing: it says of which hosts nobody can prove that they are who they say.
"""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt
from pydantic.alias_generators import to_camel

_PATTERN = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:]+")


def _check_pattern(pattern: str) -> str:
    if not _PATTERN.fullmatch(pattern):
        raise ValueError(f"`{pattern}` is no host: write `api.example.com`, or `*.example.com` for all below it")
    return pattern


HostPattern = Annotated[str, AfterValidator(_check_pattern)]
"""`api.example.com` is this host, `*.example.com` every host below it, but not `example.com` itself."""

Networks = tuple[IPv4Network | IPv6Network, ...]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Timeouts(_Frozen):
    """Seconds. `connect` counts from the look-up of the name; `read` is for one piece of the body."""

    connect: PositiveFloat = 10
    tls: PositiveFloat = 10
    header: PositiveFloat = 10
    read: PositiveFloat = 10
    total: PositiveFloat = 30


@dataclass(frozen=True, slots=True)
class Tls:
    """What a node may ask of encryption. Less than the default only with hosts that the settings call insecure."""

    verify: bool = True
    authority: str | None = field(default=None, repr=False)
    """Certificates in PEM: trusted instead of the public ones."""
    at_least: Literal["1.2", "1.3"] = "1.2"

    @property
    def proves_the_host(self) -> bool:
        """Whether it is the admin's authorities that say who the host is, and not the node."""
        return self.verify and self.authority is None


USUAL_TLS = Tls()


class HttpSettings(_Frozen):
    cluster_addresses: Networks = ()
    deny_addresses: Networks = ()
    deny_hosts: tuple[HostPattern, ...] = ()
    open_addresses: Networks = ()
    only_hosts: tuple[HostPattern, ...] = ()
    insecure_hosts: tuple[HostPattern, ...] = ()
    """May be asked without their certificate being checked, and sent credentials without encryption."""
    timeouts: Timeouts = Timeouts()
    max_body_bytes: PositiveInt = 10_000_000
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 10
    """0: none is followed."""
    ca_file: str | None = None
    """Certificates to trust besides the public ones."""
