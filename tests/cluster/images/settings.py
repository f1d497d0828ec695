"""Where images are made and kept: a folder of the cluster's cache."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.settings import REPOSITORY, settings_from


@dataclass(frozen=True)
class Settings:
    """Folders of this package. Everything under `cache` can be deleted at any time and is made again."""

    repository: Path
    cache: Path
    containerd_socket: Path

    @property
    def records(self) -> Path:
        return self.cache / "built"

    @property
    def storage(self) -> Path:
        return self.cache / "storage"

    @property
    def wheelhouses(self) -> Path:
        return self.cache / "wheels"

    @property
    def work(self) -> Path:
        return self.cache / "work"

    @property
    def logs(self) -> Path:
        return self.cache / "logs"

    @property
    def go_cache(self) -> Path:
        return self.cache.parent / "go-build"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    cluster = settings_from(os.environ if environment is None else environment)
    return Settings(REPOSITORY, cluster.cache / "images", cluster.containerd_socket)
