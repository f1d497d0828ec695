"""The store finds an image by what it was made from, and lets go of the oldest."""

import os
from pathlib import Path

import pytest

from cluster.images.image import Image, build_reference
from cluster.images.store import Record, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def put(store: Store, key: str, age: int, keep: int = 2) -> Record:
    archive = store.archive("core", key)
    archive.parent.mkdir(exist_ok=True)
    archive.write_text(key)
    os.utime(archive, (age, age))
    record = Record(Image(build_reference("core", key), archive, f"sha256:{key}", 3), {"lock": key})
    store.save(record, keep=keep)
    return record


def test_finds_what_was_saved(store: Store) -> None:
    record = put(store, "k" * 64, 1)
    assert store.load("core", "k" * 64) == record
    assert store.load("core", "x" * 64) is None
    assert store.load("other", "k" * 64) is None


def test_the_tag_is_the_content(store: Store) -> None:
    assert put(store, "0123456789abcdef", 1).image.reference == "localhost/headgate/core:0123456789ab"


def test_a_record_without_its_archive_is_none(store: Store) -> None:
    put(store, "a" * 64, 1).image.archive.unlink()
    assert store.load("core", "a" * 64) is None


def test_a_torn_record_is_none(store: Store) -> None:
    put(store, "a" * 64, 1).image.archive.with_suffix(".json").write_text('{"reference": ')
    assert store.load("core", "a" * 64) is None


def test_keeps_the_ones_last_used(store: Store) -> None:
    first, second = put(store, "a" * 64, 1), put(store, "b" * 64, 2)
    store.touch(first)
    third = put(store, "c" * 64, 3)
    assert store.newest("core") == first
    assert store.list_kept("core") == [third.image, first.image]
    assert store.load("core", "b" * 64) is None
    assert not second.image.archive.exists()
