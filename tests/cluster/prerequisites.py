"""What the machine must be before anything is changed: gathered first, then judged, every problem at once.

`up` calls both halves; a problem is one sentence that says what to do.
"""

import ipaddress
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cluster import cgroups
from cluster.builds import go_version
from cluster.settings import HOST_LINK, Network, Settings

GO = (1, 26)
CAPABILITIES = {"CAP_NET_ADMIN": 12, "CAP_SYS_ADMIN": 21}
CONTROLLERS = frozenset({"cpu", "cpuset", "memory", "pids"})
MEMORY_GB = 3.5
BUILD_DISK_GB = 14.0
RUN_DISK_GB = 3.0
GB = 1e9


@dataclass(frozen=True)
class Machine:
    """What was found out about the machine."""

    root: bool
    capabilities: int
    apt: bool
    openable: bool
    """Whether namespaces can be entered and made: unshare and nsenter are there."""
    go: str
    memory: int
    cache_free: int
    state_free: int
    controllers: frozenset[str]
    routes: tuple[str, ...]
    """Networks that the machine already reaches by another way than our link."""


def gather_machine(settings: Settings) -> Machine:
    return Machine(
        root=os.geteuid() == 0,
        capabilities=_capabilities(Path("/proc/self/status").read_text()),
        apt=shutil.which("apt-get") is not None and shutil.which("dpkg-query") is not None,
        openable=shutil.which("unshare") is not None and shutil.which("nsenter") is not None,
        go=go_version(),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        cache_free=_free(settings.cache),
        state_free=_free(settings.state),
        controllers=_controllers(Path("/proc/mounts").read_text()),
        routes=_routes(Path("/proc/net/route").read_text()),
    )


def check_machine(machine: Machine, settings: Settings, *, building: bool) -> list[str]:
    """Every reason why the cluster cannot be brought up here, in the order in which a person would mend them."""
    problems = []
    lacking = [name for name, bit in CAPABILITIES.items() if not machine.capabilities >> bit & 1]
    if not machine.root:
        problems.append("The cluster needs root for containers and networks: run the command with sudo.")
    elif lacking:
        problems.append(f"Root here lacks {' and '.join(lacking)}: run on a machine or in a privileged container.")
    if not machine.apt:
        problems.append("apt-get is not here: use Debian 12 or later, whose packages the cluster stands on.")
    if not machine.openable:
        problems.append("unshare or nsenter is not here: install the package util-linux.")
    if not _is_recent(machine.go):
        found = f"Go is {machine.go}" if machine.go else "Go is not here"
        problems.append(f"{found}: install Go {GO[0]}.{GO[1]} or later and put `go` on the PATH.")
    if machine.memory < MEMORY_GB * GB:
        problems.append(f"{machine.memory / GB:.1f} GB of memory is too little: use a machine with {MEMORY_GB} GB.")
    problems += _check_disk(machine, settings, building=building)
    if missing := sorted(CONTROLLERS - machine.controllers):
        problems.append(f"The control groups {', '.join(missing)} are not mounted: mount /sys/fs/cgroup with them.")
    for route in find_overlaps(settings.network, machine.routes):
        problems.append(
            f"The machine already has a route to {route}, inside the cluster's {settings.network.whole}: "
            "set HEADGATE_NETWORK to a private /16 that is free."
        )
    return problems


def _check_disk(machine: Machine, settings: Settings, *, building: bool) -> list[str]:
    wanted = {
        settings.cache: (machine.cache_free, BUILD_DISK_GB if building else 0.0),
        settings.state: (machine.state_free, RUN_DISK_GB),
    }
    return [
        f"{path} has {free / GB:.1f} GB free and needs {need:.0f} GB: free some space, or set {variable}."
        for (path, (free, need)), variable in zip(wanted.items(), ("XDG_CACHE_HOME", "HEADGATE_STATE"), strict=True)
        if free < need * GB
    ]


def _is_recent(version: str) -> bool:
    found = re.match(r"go(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) >= GO


def find_overlaps(network: Network, routes: Iterable[str]) -> list[str]:
    """A default route overlaps with everything and means nothing; every other one inside our /16 is a clash."""
    nets = [ipaddress.IPv4Network(route) for route in routes]
    return [str(net) for net in nets if net.prefixlen and net.overlaps(network.whole)]


def _routes(table: str) -> tuple[str, ...]:
    """The kernel's table has addresses as numbers in the machine's byte order."""
    found = []
    for line in table.splitlines()[1:]:
        link, destination, mask = (line.split()[column] for column in (0, 1, 7))
        if link != HOST_LINK:
            address, bits = (int.from_bytes(bytes.fromhex(part)[::-1], "big") for part in (destination, mask))
            found.append(f"{ipaddress.IPv4Address(address)}/{bits.bit_count()}")
    return tuple(found)


def _controllers(mounts: str) -> frozenset[str]:
    found = cgroups.hierarchies(mounts)
    if len(found) == 1 and (found[0] / "cgroup.controllers").exists():
        return frozenset((found[0] / "cgroup.controllers").read_text().split())
    return frozenset(name for path in found for name in path.name.split(","))


def _capabilities(status: str) -> int:
    found = re.search(r"^CapEff:\s*(\w+)", status, re.MULTILINE)
    return int(found[1], 16) if found else 0


def _free(path: Path) -> int:
    there = next(parent for parent in [path, *path.parents] if parent.exists())
    return shutil.disk_usage(there).free
