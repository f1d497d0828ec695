"""One `up` or `down` at a time on a machine: the second waits for the first."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from cluster.errors import ClusterError
from cluster.settings import Settings


@contextmanager
def hold(settings: Settings) -> Iterator[None]:
    """The folder around our state is what is locked: `down` leaves it, and a lock on it leaves nothing behind."""
    around = settings.state.parent
    try:
        folder = os.open(around, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ClusterError(
            f"{around} cannot be opened ({error}): set HEADGATE_STATE to a folder inside one."
        ) from error
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another command is at work on the cluster; waiting for it.", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
