"""Measures the one folder that code can write to. Asked by `run`, again and again while the code runs."""

import os
from pathlib import Path

from sandbox.limits import Limits

_BLOCK = 512


def is_within(folder: Path, limits: Limits) -> bool:
    """Whether what is in there may be there. The folder is flat: the child's locks see to that.

    A file that was removed while open is not seen. What such files can take is bounded by how many can be open, each
    by its size, and by the address space that can map them.
    """
    taken = files = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                taken += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
            except FileNotFoundError:
                continue
            files += 1
            if files > limits.scratch_files or taken > limits.scratch_bytes:
                return False
    return True
