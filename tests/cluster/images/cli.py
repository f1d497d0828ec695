"""The command line of this package: `python -m cluster.images build`, which `make images` calls, and `list`."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cluster.errors import ClusterError
from cluster.images.build import build_images, find_image
from cluster.images.containerd import import_images, is_listening, remove_obsolete
from cluster.images.image import Image, ImagesError
from cluster.images.settings import Settings, read_settings
from cluster.images.specs import find_specs
from cluster.images.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _build_parser().parse_args(arguments)
    settings = read_settings()
    try:
        if chosen.command == "build":
            _build(chosen, settings)
        else:
            _list(settings)
    except ClusterError as error:
        print(f"images: {error}", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        print(f"images: {error.filename} is not on this machine: install it and try again", file=sys.stderr)
        return 1
    return 0


def _build(chosen: argparse.Namespace, settings: Settings) -> None:
    started = time.monotonic()
    if os.geteuid() != 0:
        raise ImagesError("building images needs root: run `sudo make images`")
    images = build_images(settings, names=chosen.images, fresh_base=chosen.fresh_base)
    socket = chosen.containerd or settings.containerd_socket
    if chosen.containerd or is_listening(socket):
        import_images(images, socket, chosen.ctr)
        remove_obsolete(list_kept(images, settings), socket, chosen.ctr)
    print(f"{len(images)} images in {time.monotonic() - started:.1f} s")


def list_kept(images: Sequence[Image], settings: Settings) -> list[Image]:
    """The images given and the older ones of the same names that could still be imported."""
    store = Store(settings.records)
    return [*images, *(kept for image in images for kept in store.list_kept(image.name))]


def _list(settings: Settings) -> None:
    for spec in find_specs(settings.repository):
        image = find_image(spec.name, settings)
        print(f"{image.reference}\t{image.by_digest}\t{image.archive}")


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cluster.images", description="Headgate's container images.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build what changed, and import it into a running cluster")
    build.add_argument("images", nargs="*", help="only these")
    build.add_argument("--fresh-base", action="store_true", help="make the Debian base anew, with today's updates")
    build.add_argument("--containerd", type=Path, help="socket to import to; our cluster's when that is running")
    build.add_argument("--ctr", default="ctr", help="containerd's own client")
    commands.add_parser("list", help="print the built images: reference, reference by digest, archive")
    return parser
