"""Content keys change with what goes into an image, and with nothing else."""

import os
from pathlib import Path

import pytest

from cluster.images.content import hash_files, hash_parts, list_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.sh").write_text("b")
    return tmp_path


def test_lists_what_counts(folder: Path) -> None:
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__/a.cpython-311.pyc").write_bytes(b"")
    assert list_files(folder) == [Path("a.txt"), Path("sub/b.sh")]


def test_times_do_not_matter(folder: Path) -> None:
    before = hash_files(folder, list_files(folder))
    os.utime(folder / "a.txt", (1, 1))
    assert hash_files(folder, reversed(list_files(folder))) == before


@pytest.mark.parametrize("change", ["content", "name", "mode", "more"])
def test_everything_else_does(folder: Path, change: str) -> None:
    before = hash_files(folder, list_files(folder))
    match change:
        case "content":
            (folder / "a.txt").write_text("c")
        case "name":
            (folder / "a.txt").rename(folder / "c.txt")
        case "mode":
            (folder / "sub/b.sh").chmod(0o755)
        case _:
            (folder / "empty").write_text("")
    assert hash_files(folder, list_files(folder)) != before


def test_parts_are_named() -> None:
    assert hash_parts({"a": "1", "b": "2"}) == hash_parts({"b": "2", "a": "1"})
    assert hash_parts({"a": "1", "b": "2"}) != hash_parts({"a": "2", "b": "1"})
