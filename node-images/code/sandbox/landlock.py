"""Landlock: the kernel lets the child open the files named to it and no others. Installed by `child`, unprivileged.

Any version will do. What the first one lacks, and later ones watch, the seccomp filter refuses whole: sockets, signals,
devices, `truncate` by path, and moving files between folders.
"""

import os
import struct
from collections.abc import Iterable
from typing import Final

from sandbox import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every processor
_VERSION = 1
_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_REG: Final = 1 << 8
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15

READ: Final = READ_FILE | READ_DIR
FLAT_FOLDER: Final = READ | WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE
"""What may be done in scratch: everything with files, nothing with folders, links or devices."""

_OF_FILES: Final = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV


def probe_version() -> int:
    """Which Landlock this kernel has. Raises UnavailableError."""
    try:
        return kernel.call(CREATE_RULESET, None, 0, _VERSION)
    except OSError as error:
        raise kernel.UnavailableError(
            f"this node's kernel has no Landlock ({error.strerror}): it needs Linux 5.13, CONFIG_SECURITY_LANDLOCK, "
            "`landlock` among its security modules, and a seccomp profile that lets it be used"
        ) from error


def build_ruleset(version: int) -> bytes:
    """Take charge of all that this version knows: what nobody then allows is refused."""
    files = (1 << 13) - 1
    files |= REFER if version >= 2 else 0
    files |= TRUNCATE if version >= 3 else 0
    files |= IOCTL_DEV if version >= 5 else 0
    network = 0b11 if version >= 4 else 0  # TCP: bind, connect
    scope = 0b11 if version >= 6 else 0  # abstract unix sockets, signals
    fields = [files, *([network] if version >= 4 else []), *([scope] if version >= 6 else [])]
    return struct.pack(f"={len(fields)}Q", *fields)


def restrict(rules: Iterable[tuple[str, int]]) -> None:
    """Leave this process the paths given, with the rights given, for good. Raises UnavailableError."""
    ruleset = build_ruleset(probe_version())
    handled = int.from_bytes(ruleset[:8], "little")
    try:
        handle = kernel.call(CREATE_RULESET, ruleset, len(ruleset), 0)
        for path, rights in rules:
            _allow(handle, path, rights & handled)
        kernel.call(RESTRICT_SELF, handle, 0)
        os.close(handle)
    except OSError as error:
        raise kernel.UnavailableError(f"Landlock could not be set up: {error}") from error


def _allow(ruleset: int, path: str, rights: int) -> None:
    """A path that is not there needs no rule."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rights &= ~0 if os.path.isdir(path) else _OF_FILES  # noqa: PTH112 - importing pathlib takes 5 ms of a start
        kernel.call(ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)
