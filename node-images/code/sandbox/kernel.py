"""System calls for which Python has no function, on the two processors that our images are built for.

Used by `filter`, `landlock` and `child`, all in the child and before it has read any code.
"""

import ctypes
import os

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class UnavailableError(Exception):
    """This kernel lacks what the sandbox stands on. The text is one sentence for whoever runs the cluster."""


def call(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call. Raises OSError."""
    done: int = _libc.syscall(ctypes.c_long(number), *map(_widen, arguments))
    if done < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return done


def prctl(option: int, value: int) -> None:
    """Change a trait of this process. Raises OSError."""
    if _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def _widen(argument: int | bytes | ctypes.Array[ctypes.c_char] | None) -> object:
    """A variadic C function takes plain numbers as 32 bits."""
    return ctypes.c_long(argument) if isinstance(argument, int) else argument
