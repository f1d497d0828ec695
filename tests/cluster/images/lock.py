"""Lets one build at a time into the cache: two `make images`, or one and a starting cluster, must not meet in it."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from cluster.images.image import ImagesError, format_size
from cluster.images.settings import Settings

NEEDED_SPACE = 3_000_000_000


@contextmanager
def hold(settings: Settings) -> Iterator[None]:
    """Wait for the cache to be ours; the lock ends with the process, however that ends."""
    settings.cache.mkdir(parents=True, exist_ok=True)
    with (settings.cache / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def require_space(settings: Settings) -> None:
    """Refuse before anything is begun rather than fail in the middle."""
    free = shutil.disk_usage(settings.cache).free
    if free < NEEDED_SPACE:
        needed = format_size(NEEDED_SPACE)
        raise ImagesError(f"{settings.cache} has {format_size(free)} free and images need {needed}: make room")
