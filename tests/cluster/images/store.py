"""Remembers what was built: beside each archive a record of the image and of what it was made from.

Records are keyed by content, so two checkouts share them, and going back to an older branch builds nothing.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.images.image import Image

KEPT = 2
"""Archives kept of an image: this one, and that of the branch that one comes from and goes back to."""


@dataclass(frozen=True)
class Record:
    """An image, and the hash of each part it was made from."""

    image: Image
    parts: Mapping[str, str]


class Store:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def archive(self, name: str, key: str) -> Path:
        """Where the archive of an image belongs."""
        return self._folder / name / f"{key[:12]}.tar"

    def load(self, name: str, key: str) -> Record | None:
        """The record of an image made from exactly this, if its archive is still there."""
        return self._read(self.archive(name, key))

    def newest(self, name: str) -> Record | None:
        """The record last built or used, to tell what has changed since."""
        archives = self._by_age(name)
        return self._read(archives[-1]) if archives else None

    def list_kept(self, name: str) -> list[Image]:
        """Every image of that name that is kept, newest last."""
        records = (self._read(archive) for archive in self._by_age(name))
        return [record.image for record in records if record is not None]

    def save(self, record: Record, keep: int = KEPT) -> None:
        """Remember an image whose archive is in place, and let go of the oldest ones."""
        image = record.image
        document = {
            "reference": image.reference,
            "digest": image.digest,
            "size": image.size,
            "parts": dict(record.parts),
        }
        path = _beside(image.archive)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(document, indent=2) + "\n")
        unfinished.replace(path)
        for old in self._by_age(image.archive.parent.name)[:-keep]:
            _beside(old).unlink(missing_ok=True)
            old.unlink(missing_ok=True)

    def touch(self, record: Record) -> None:
        """Mark as in use, so that it is not the next to be let go of."""
        os.utime(record.image.archive)

    def _by_age(self, name: str) -> list[Path]:
        archives = (self._folder / name).glob("*.tar")
        return sorted(archives, key=lambda path: path.stat().st_mtime_ns)

    def _read(self, archive: Path) -> Record | None:
        try:
            document = json.loads(_beside(archive).read_text())
            image = Image(document["reference"], archive, document["digest"], document["size"])
            record = Record(image, document["parts"])
        except (FileNotFoundError, ValueError, KeyError):
            return None
        return record if archive.exists() else None


def _beside(archive: Path) -> Path:
    return archive.with_suffix(".json")
