"""Makes the image that stands in for `debian:bookworm-slim` where no registry can be reached.

debootstrap's minbase with a few packages, brought up to date and trimmed. Called by the build when no base with these
packages is in the cache yet, or when a fresh one is asked for.
"""

import platform
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from cluster.commands import run
from cluster.images import debian, oci
from cluster.images.content import hash_file, hash_parts
from cluster.images.image import Image, Say, build_reference
from cluster.images.settings import Settings
from cluster.images.store import Record, Store

SUITE = "bookworm"
PYTHON = "3.11"
"""The version of SUITE's python3: packages are fetched for it, whatever runs this."""
NEWEST_GLIBC = 36
"""The minor version of SUITE's glibc: wheels for this and older ones run in an image."""

CONFIG = {
    "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"],
    "Cmd": ["/bin/sh"],
}
EMPTIED = (
    "boot", "dev", "proc", "run", "sys", "tmp", "usr/lib/*/gconv", "usr/share/bash-completion", "usr/share/info",
    "usr/share/lintian", "usr/share/locale", "usr/share/man", "usr/share/zoneinfo/right", "var/cache/apt",
    "var/cache/debconf", "var/cache/ldconfig", "var/lib/apt/lists", "var/log", "var/tmp",
)  # fmt: skip
KEPT = 8
"""Bases in the cache: one for each set of packages that images ask for."""

BLANKED = ("etc/hostname", "etc/machine-id", "etc/resolv.conf", "etc/apt/sources.list")
"""Files that debootstrap copies from this machine."""


def build_parts(packages: Sequence[str]) -> dict[str, str]:
    """What a base is made from; the packages' versions are not part of it, a fresh base is asked for by hand."""
    return {
        "suite": SUITE,
        "packages": " ".join(sorted(packages)),
        "trimmed": " ".join((*EMPTIED, *BLANKED, "doc")),
        "config": repr(CONFIG),
        "architecture": platform.machine(),
    }


def ensure_base(packages: Sequence[str], settings: Settings, say: Say, *, fresh: bool = False) -> Image:
    """The base with these packages, from the cache or made now."""
    store = Store(settings.records)
    parts = build_parts(packages)
    key = hash_parts(parts)
    known = store.load("base", key)
    if known is not None and not fresh:
        store.touch(known)
        return known.image
    work = settings.work / "base"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        layer = _make_layer(packages, work, settings.logs / "base.log", say)
        contents = oci.build_contents([layer], CONFIG)
        # Named by what came out: a fresh base has the same parts, and is another image.
        reference = build_reference("base", hash_file(layer))
        image = oci.write_archive(contents, reference, store.archive("base", key))
    finally:
        shutil.rmtree(work)
    store.save(Record(image, parts), keep=KEPT)
    return image


def find_base(packages: Sequence[str], store: Store) -> Image | None:
    known = store.load("base", hash_parts(build_parts(packages)))
    return known.image if known else None


def _make_layer(packages: Sequence[str], work: Path, log: Path, say: Say) -> Path:
    debian.install_build_tools(log, say)
    debian.update_lists(log)
    sources = debian.fetch_sources(SUITE)
    root, layer = work / "root", work / "layer.tar"
    mirror = [source.address for source in sources if source.release == SUITE][:1]
    # A mount namespace of its own: what debootstrap mounts is gone when it ends, however it ends.
    private = ["unshare", "--mount", "--propagation", "private"]
    wanted = ["--variant=minbase", f"--include={','.join(packages)}"]
    run([*private, "debootstrap", *wanted, SUITE, root, *mirror], log=log)
    if sources:
        _apply_updates(root, sources, work, log)
    else:
        say(f"base: this machine has no package lists of {SUITE}: made without security updates")
    trim(root)
    run(["tar", "--sort=name", "--numeric-owner", "-C", root, "-cf", layer, "."], log=log)
    return layer


def _apply_updates(root: Path, sources: Sequence[debian.Source], work: Path, log: Path) -> None:
    """debootstrap reads one repository, so security updates come after it, fetched by this machine's own apt."""
    listed = work / "sources.list"
    listed.write_text("".join(f"{source.line}\n" for source in sources))
    archives = root / "var/cache/apt/archives"
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    for package in archives.glob("*.deb"):
        package.unlink()
    options = {
        "Dir::Etc::sourcelist": listed,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::status": root / "var/lib/dpkg/status",
        "Dir::State::extended_states": "/dev/null",
        "Dir::Cache::archives": archives,
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "APT::Sandbox::User": "root",
    }
    flags = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    run(["apt-get", *flags, "-y", "--download-only", "upgrade"], log=log)
    inside = [f"/var/cache/apt/archives/{package.name}" for package in sorted(archives.glob("*.deb"))]
    if inside:
        environment = {"DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        run(["chroot", root, "dpkg", "--install", *inside], environment=environment, log=log)


def trim(root: Path) -> None:
    """Take out what only an installed machine needs, and every bit that lets a program run as another user."""
    for pattern in EMPTIED:
        for folder in root.glob(pattern):
            _empty(folder)
    for name in BLANKED:
        if (root / name).is_file():
            (root / name).write_bytes(b"")
    for path in (root / "usr/share/doc").rglob("*"):
        if path.is_symlink() or (path.is_file() and path.name != "copyright"):
            path.unlink()
    for path in root.rglob("*"):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
            path.chmod(stat.S_IMODE(mode) & 0o777)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
