"""The images that a cluster needs before anything of ours runs: pause, argoexec, and a box of tools for tests.

Written straight from files: no image builder, no Debian base. Called by the cluster when it starts.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cluster.commands import run
from cluster.images import debian, oci
from cluster.images.content import hash_file, hash_files, hash_parts
from cluster.images.image import Image, Say, build_reference, format_size
from cluster.images.lock import hold
from cluster.images.oci import Entry
from cluster.images.settings import Settings, read_settings
from cluster.images.store import Record, Store
from cluster.tools import BUILD_FLAGS, ENVIRONMENT

PAUSE_SOURCE = Path(__file__).with_name("pause")
NOBODY = "65532:65532"
ACCOUNTS = "root:x:0:0:root:/:/bin/sh\nnonroot:x:65532:65532:nonroot:/home/nonroot:/bin/sh\n"
GROUPS = "root:x:0:\nnonroot:x:65532:\n"
TESTBOX_LAYOUT = "1"
"""Raised when the testbox's folders or settings change: its files come from Debian's busybox-static."""

Gather = Callable[[Path], Sequence[Entry]]
"""Lays out an image's files, with a folder to work in."""


def ensure_system_images(argoexec_binary: Path, settings: Settings | None = None, say: Say = print) -> list[Image]:
    """Every image that the cluster itself needs, made only if what they are made from has changed."""
    settings = settings or read_settings()
    return [
        _ensure_pause(settings, say),
        _ensure_argoexec(argoexec_binary, settings, say),
        _ensure_testbox(settings, say),
    ]


def _ensure_pause(settings: Settings, say: Say) -> Image:
    sources = [Path("go.mod"), Path("main.go")]

    def gather(work: Path) -> Sequence[Entry]:
        environment = {**ENVIRONMENT, "GOCACHE": str(settings.go_cache)}
        compile_pause = ["go", "build", *BUILD_FLAGS, "-ldflags=-s -w", "-o", str(work / "pause"), "."]
        run(compile_pause, environment=environment, folder=PAUSE_SOURCE, log=settings.logs / "pause.log")
        return [Entry("pause", source=work / "pause")]

    parts = {"sources": hash_files(PAUSE_SOURCE, sources)}
    return _ensure("pause", parts, {"User": "65535:65535", "Entrypoint": ["/pause"]}, gather, settings, say)


def _ensure_argoexec(binary: Path, settings: Settings, say: Say) -> Image:
    """As upstream's: root unless the pod says otherwise, for it must read what any main container wrote."""
    entries = [
        Entry("bin"), Entry("bin/argoexec", source=binary),
        Entry("etc"), Entry("etc/passwd", 0o644, content=ACCOUNTS.encode()),
        Entry("tmp", 0o1777),
    ]  # fmt: skip
    config = {"Env": ["PATH=/bin"], "Entrypoint": ["argoexec"]}
    return _ensure("argoexec", {"binary": hash_file(binary)}, config, lambda _: entries, settings, say)


def _ensure_testbox(settings: Settings, say: Say) -> Image:
    def gather(work: Path) -> Sequence[Entry]:
        package = debian.download("busybox-static", work, settings.logs / "testbox.log")
        run(["dpkg-deb", "--extract", package, work])
        busybox = work / "bin/busybox"
        applets = run([busybox, "--list"]).split()
        return list_testbox(busybox, [applet for applet in applets if applet != "busybox"])

    config = {"User": NOBODY, "Env": ["PATH=/bin", "HOME=/home/nonroot"], "Cmd": ["sh"], "WorkingDir": "/home/nonroot"}
    return _ensure("testbox", {"layout": TESTBOX_LAYOUT}, config, gather, settings, say)


def list_testbox(busybox: Path, applets: Sequence[str]) -> list[Entry]:
    """A shell, wget, nc, nslookup, httpd and the rest of busybox under their usual names, and nothing else."""
    return [
        Entry("bin"), Entry("bin/busybox", source=busybox),
        *(Entry(f"bin/{applet}", target="busybox") for applet in sorted(applets)),
        Entry("etc"), Entry("etc/passwd", 0o644, content=ACCOUNTS.encode()),
        Entry("etc/group", 0o644, content=GROUPS.encode()),
        Entry("home"), Entry("home/nonroot", 0o1777), Entry("tmp", 0o1777),
    ]  # fmt: skip


def _ensure(
    name: str, sources: Mapping[str, str], config: Mapping[str, Any], gather: Gather, settings: Settings, say: Say
) -> Image:
    store = Store(settings.records)
    parts = {**sources, "config": repr(config), "architecture": os.uname().machine}
    key = hash_parts(parts)
    known = store.load(name, key)
    if known is not None:
        store.touch(known)
        return known.image
    with hold(settings):  # not before: whoever only looks never waits for a build
        image = _make(name, key, config, gather, settings)
        store.save(Record(image, parts))
    say(f"{name:<12} {format_size(image.size):>9}  {image.reference}")
    return image


def _make(name: str, key: str, config: Mapping[str, Any], gather: Gather, settings: Settings) -> Image:
    work = settings.work / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        oci.write_layer(work / "layer.tar", gather(work))
        contents = oci.build_contents([work / "layer.tar"], config)
        return oci.write_archive(contents, build_reference(name, key), Store(settings.records).archive(name, key))
    finally:
        shutil.rmtree(work)
