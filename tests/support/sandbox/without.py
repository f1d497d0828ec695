"""Runs the driver on a kernel that seems to lack one system call: `without.py NUMBER DRIVER`."""

import ctypes
import os
import runpy
import struct
import sys

from sandbox import kernel
from sandbox.filter import ALLOW, SECCOMP, SET_MODE_FILTER

NO_SUCH_CALL = 0x00050000 | 38  # ENOSYS


def main() -> None:
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, int(sys.argv[1])), (0x06, 0, 0, NO_SUCH_CALL), (0x06, 0, 0, ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    program = struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code))
    kernel.call(SECCOMP[os.uname().machine], SET_MODE_FILTER, 0, program)
    runpy.run_path(sys.argv[2], run_name="__main__")


if __name__ == "__main__":
    main()
