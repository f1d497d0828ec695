"""System images come from files alone, and only once."""

from pathlib import Path

import pytest

from cluster.images import system
from cluster.images.oci import Entry
from cluster.images.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(repository=tmp_path, cache=tmp_path / "cache", containerd_socket=tmp_path / "none.sock")


def test_is_made_once_for_the_same_binary(settings: Settings, tmp_path: Path) -> None:
    binary, told = tmp_path / "argoexec", list[str]()
    binary.write_bytes(b"one")
    first = system._ensure_argoexec(binary, settings, told.append)
    assert system._ensure_argoexec(binary, settings, told.append) == first
    assert len(told) == 1
    binary.write_bytes(b"two")
    assert system._ensure_argoexec(binary, settings, told.append).reference != first.reference


def test_nothing_is_left_of_a_failure(settings: Settings) -> None:
    def fail(_: Path) -> list[Entry]:
        raise RuntimeError("no compiler")

    with pytest.raises(RuntimeError):
        system._ensure("pause", {}, {}, fail, settings, print)
    assert not list(settings.work.iterdir())
    assert not list(settings.cache.rglob("*.tar"))


def test_the_testbox_has_its_tools_by_name() -> None:
    entries = {entry.name: entry for entry in system.list_testbox(Path("busybox"), ["wget", "sh"])}
    assert entries["bin/sh"].target == "busybox"
    assert entries["tmp"].mode == 0o1777
    assert "bin/gcc" not in entries
