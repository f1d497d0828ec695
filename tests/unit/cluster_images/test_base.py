"""The stand-in for Debian: where its updates come from, and what is left of it after trimming."""

import stat
from pathlib import Path

import pytest

from cluster.images.base import build_parts, trim
from cluster.images.debian import Source, parse_sources
from cluster.images.wheels import list_platforms

TARGETS = """\
http://mirror/debian/ bookworm main Debian
http://mirror/debian/ bookworm-updates main Debian
http://mirror/security/ bookworm-security main Debian
http://mirror/debian/ trixie main Debian
http://elsewhere/apt cloud main Somebody Else
http://elsewhere/apt bookworm main
http://elsewhere/apt bookworm main Debian Backports
"""


def test_takes_debian_and_its_updates_alone() -> None:
    sources = parse_sources(TARGETS, "bookworm")
    assert [source.release for source in sources] == ["bookworm", "bookworm-updates", "bookworm-security"]
    assert sources[2].line == "deb http://mirror/security/ bookworm-security main"
    assert parse_sources("", "bookworm") == []
    assert parse_sources(TARGETS, "trixie") == [Source("http://mirror/debian/", "trixie", "main")]


def test_the_order_of_packages_does_not_matter() -> None:
    assert build_parts(["a", "b"]) == build_parts(["b", "a"]) != build_parts(["a"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "etc/resolv.conf": "nameserver 10.0.0.1",
        "etc/passwd": "root",
        "usr/bin/su": "su",
        "usr/lib/x86_64-linux-gnu/gconv/UTF-7.so": "",
        "usr/lib/x86_64-linux-gnu/libc.so.6": "",
        "usr/share/doc/bash/README": "",
        "usr/share/doc/bash/copyright": "GPL",
        "usr/share/man/man1/sh.1": "",
        "usr/share/zoneinfo/Europe/Berlin": "",
        "usr/share/zoneinfo/right/UTC": "",
        "var/lib/apt/lists/x_Packages": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "usr/bin/su").chmod(0o4755)
    (tmp_path / "usr/share/doc/link").symlink_to("bash")
    return tmp_path


def test_trims_what_only_a_machine_needs(root: Path) -> None:
    trim(root)
    left = {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}
    assert left == {
        "etc/passwd",
        "etc/resolv.conf",
        "usr/bin/su",
        "usr/lib/x86_64-linux-gnu/libc.so.6",
        "usr/share/doc/bash/copyright",
        "usr/share/zoneinfo/Europe/Berlin",
    }
    assert (root / "etc/resolv.conf").read_text() == ""
    assert (root / "usr/share/man").is_dir()
    assert stat.S_IMODE((root / "usr/bin/su").stat().st_mode) == 0o755


def test_wheels_for_newer_systems_are_not_taken() -> None:
    platforms = list_platforms("x86_64")
    assert platforms[0] == "manylinux_2_36_x86_64"
    assert "manylinux2014_x86_64" in platforms
