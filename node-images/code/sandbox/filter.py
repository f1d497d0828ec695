"""The seccomp filter: a program in the kernel that lets the child make the listed system calls and no other.

`child` installs it last of all, and it cannot be taken off again. It is a list of what is allowed: a system call that
the kernel learns tomorrow is refused today. Refusal is EPERM, which Python tells as a PermissionError on the person's
own line; only a call in the convention of another processor, whose numbers mean other things, kills.
"""

import ctypes
import fcntl
import os
import struct
from typing import Final

from sandbox import kernel
from sandbox.syscalls import ALLOWED

AUDIT_ARCH: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SECCOMP: Final = {"x86_64": 317, "aarch64": 277}
SET_MODE_FILTER: Final = 1

KILL_PROCESS: Final = 0x80000000
ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000 | 1  # EPERM

O_TMPFILE: Final = 0o20000000
FUTEX_FLAGS: Final = 128 | 256  # private, realtime clock

# call: (argument, the bits of it that count, the values they may have)
CHECKED: Final[dict[str, tuple[int, int, tuple[int, ...]]]] = {
    # a file without a name is missed when the scratch folder is measured
    "openat": (2, O_TMPFILE, (0,)),
    # never F_SETOWN, which has signals sent, nor F_SETFL, which changes what others see
    "fcntl": (1, 0xFFFFFFFF, (fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_DUPFD_CLOEXEC)),
    # close-on-exec, which the kernel settles before any device is asked
    "ioctl": (1, 0xFFFFFFFF, (0x5450, 0x5451)),
    # wait and wake, plain and by bits: the rest of futex is for several threads, and has a history
    "futex": (1, 0xFFFFFFFF ^ FUTEX_FLAGS, (0, 1, 9, 10)),
}

_LOAD, _AND, _EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data


def build(machine: str) -> bytes:
    """The program for a processor, as the kernel reads it."""
    code = [_step(_LOAD, _ARCH), _step(_EQUAL, AUDIT_ARCH[machine], 1, 0), _step(_RETURN, KILL_PROCESS)]
    code.append(_step(_LOAD, _NUMBER))
    for name, numbers in ALLOWED.items():
        number = numbers[machine != "x86_64"]
        if number is not None:
            body = _build_check(*CHECKED[name]) if name in CHECKED else [_step(_RETURN, ALLOW)]
            code += [_step(_EQUAL, number, 0, len(body)), *body]
    return b"".join([*code, _step(_RETURN, REFUSE)])


def install() -> None:
    """Put the filter on this process, for good. Raises UnavailableError."""
    machine = os.uname().machine
    if machine not in AUDIT_ARCH:
        known = " and ".join(AUDIT_ARCH)
        raise kernel.UnavailableError(f"code runs only on {known} nodes, and this is {machine}: give it a nodeSelector")
    code = build(machine)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    try:
        kernel.call(SECCOMP[machine], SET_MODE_FILTER, 0, program)
    except OSError as error:
        raise kernel.UnavailableError(
            f"this node's kernel takes no seccomp filter ({error.strerror}): it needs CONFIG_SECCOMP_FILTER"
        ) from error


def _build_check(argument: int, mask: int, values: tuple[int, ...]) -> list[bytes]:
    """Judge one argument by its low half: the kernel, too, takes those that are checked here for 32 bits."""
    code = [_step(_LOAD, _ARGUMENTS + 8 * argument), _step(_AND, mask)]
    for value in values:
        code += [_step(_EQUAL, value, 0, 1), _step(_RETURN, ALLOW)]
    return [*code, _step(_RETURN, REFUSE)]


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", operation, if_true, if_false, value)
