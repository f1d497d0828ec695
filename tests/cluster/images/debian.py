"""Asks apt for what building needs: tools, single packages as files, and where security updates come from."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from cluster import packages
from cluster.commands import run
from cluster.images.image import Say

BUILD_TOOLS = ("buildah", "debootstrap")


@dataclass(frozen=True)
class Source:
    """A repository that this machine's apt already trusts and has lists of."""

    address: str
    release: str
    component: str

    @property
    def line(self) -> str:
        return f"deb {self.address} {self.release} {self.component}"


def install_build_tools(log: Path, say: Say) -> None:
    missing = packages.missing_packages(BUILD_TOOLS)
    if missing:
        say(f"installing {', '.join(missing)}")
        packages.install_packages(missing, log)


def update_lists(log: Path) -> None:
    run(["apt-get", "update", "-qq"], log=log)


def download(package: str, folder: Path, log: Path) -> Path:
    """Fetch one package as a file, checked by apt, without installing it."""
    update_lists(log)
    run(["apt-get", "download", "-o", "APT::Sandbox::User=root", package], folder=folder, log=log)
    return next(folder.glob(f"{package}_*.deb"))


def parse_sources(targets: str, suite: str) -> list[Source]:
    """Debian's own repositories for `suite` and its updates, out of `apt-get indextargets`."""
    found = []
    for line in targets.splitlines():
        match line.split(maxsplit=3):
            case [address, release, component, "Debian"] if release in (suite, f"{suite}-updates", f"{suite}-security"):
                found.append(Source(address, release, component))
    return found


def fetch_sources(suite: str) -> list[Source]:
    """Where this machine gets `suite` from; nothing when it runs another distribution or release."""
    if shutil.which("apt-get") is None:
        return []
    layout = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)"
    return parse_sources(run(["apt-get", "indextargets", "--format", layout, "Created-By: Packages"]), suite)
