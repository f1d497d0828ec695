"""One `up` or `down` at a time: the second waits for the first."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from cluster.errors import ClusterError
from cluster.settings import Settings


@contextmanager
def hold(settings: Settings) -> Iterator[None]:
    try:
        settings.cache.mkdir(parents=True, exist_ok=True)
        file = (settings.cache / "cluster.lock").open("w")
    except OSError as error:
        raise ClusterError(
            f"{settings.cache} cannot be written ({error}): set XDG_CACHE_HOME to a folder that can."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another command is at work on the cluster; waiting for it.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
