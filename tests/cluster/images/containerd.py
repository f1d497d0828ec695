"""Puts images into a containerd of ours, and takes out those that nobody needs any more.

Called by the cluster when it starts, and by `make images` when a cluster runs.
"""

import socket
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from cluster.commands import run
from cluster.images.image import Image, ImagesError, Say

NAMESPACE = "k8s.io"


def import_images(images: Iterable[Image], containerd_socket: Path, ctr: str = "ctr", say: Say = print) -> list[Image]:
    """Import what containerd does not have under both its names already; return what was imported."""
    ask = _build_command(containerd_socket, ctr)
    missing = choose_missing(list(images), list_images(containerd_socket, ctr))
    for image in missing:
        run([*ask, "images", "import", image.archive])
        say(f"{image.name}: imported as {image.reference}")
    return missing


def remove_obsolete(kept: Collection[Image], containerd_socket: Path, ctr: str = "ctr") -> list[str]:
    """Forget older images of the same names; whatever runs from one goes on running."""
    obsolete = choose_obsolete(kept, list_images(containerd_socket, ctr))
    if obsolete:
        run([*_build_command(containerd_socket, ctr), "images", "rm", *obsolete])
    return obsolete


def list_images(containerd_socket: Path, ctr: str = "ctr") -> dict[str, str]:
    """What containerd has: digest by reference."""
    if not is_listening(containerd_socket):
        raise ImagesError(f"no containerd listens at {containerd_socket}: start the cluster first, `make cluster`")
    return parse_list(run([*_build_command(containerd_socket, ctr), "images", "ls"]))


def is_listening(containerd_socket: Path) -> bool:
    """Whether anybody answers; a containerd that was killed leaves its socket behind."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(containerd_socket)) == 0


def parse_list(table: str) -> dict[str, str]:
    """Read the table that `ctr images ls` prints: a heading, then reference, type, digest, …"""
    rows = (line.split() for line in table.splitlines()[1:])
    return {row[0]: row[2] for row in rows if len(row) > 2}


def choose_missing(images: Iterable[Image], present: Mapping[str, str]) -> list[Image]:
    return [
        image
        for image in images
        if any(present.get(name) != image.digest for name in (image.reference, image.by_digest))
    ]


def choose_obsolete(kept: Collection[Image], present: Mapping[str, str]) -> list[str]:
    """References of the same repositories as the kept images that are not among them."""
    names = {name for image in kept for name in (image.reference, image.by_digest)}
    repositories = {image.repository for image in kept}
    return sorted(name for name in present if name not in names and _repository(name) in repositories)


def _repository(reference: str) -> str:
    return reference.partition("@")[0] if "@" in reference else reference.rpartition(":")[0]


def _build_command(containerd_socket: Path, ctr: str) -> list[str | Path]:
    return [ctr, "--address", containerd_socket, "--namespace", NAMESPACE]
