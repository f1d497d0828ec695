"""The Debian packages that the cluster stands on, installed when they are missing.

`up` calls `missing_packages` while it looks at the machine and `install_packages` once nothing speaks against it.
"""

from collections.abc import Sequence
from pathlib import Path

from cluster.commands import run

NEEDED = (
    "buildah",
    "conntrack",
    "containerd",
    "containernetworking-plugins",
    "debootstrap",
    "iproute2",
    "iptables",
    "runc",
    "socat",
)
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
"""RUNLEVEL=1 keeps the packages' own services, such as the system's containerd, from being started."""


def missing_packages(needed: Sequence[str] = NEEDED) -> list[str]:
    listed = run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *needed], check=False)
    return decide_missing(needed, listed)


def decide_missing(needed: Sequence[str], listed: str) -> list[str]:
    """A removed package may still be listed, by its configuration files."""
    installed = {line.split()[0] for line in listed.splitlines() if line.endswith(" installed")}
    return [name for name in needed if name not in installed]


def install_packages(names: Sequence[str], log: Path) -> None:
    run(["apt-get", "update", "-qq"], environment=QUIET, log=log)
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names], environment=QUIET, log=log)
